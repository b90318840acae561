"""The shape of a place beside this machine that the public page is carried to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """A place the public page is carried to, without its secrets. ``options`` are those of its type; what stands under
    ``keep`` at the target, and whatever is hidden there, is nobody's business of ours."""

    id: str
    type: str
    options: Mapping[str, str]
    keep: tuple[str, ...] = ()
