"""What every type of host says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from statuspage.domain import HostSpec
from statuspage.integrations.hosting.base import Host
from statuspage.integrations.hosting.options import Option


@dataclass(frozen=True, slots=True)
class HostType:
    """What is particular about one type of target: what content says of it, the settings it needs, how it is opened
    (its content, the settings, a folder of its own on this machine)."""

    options: Mapping[str, Option]
    secrets: tuple[str, ...]
    optional_secrets: tuple[str, ...]
    open: Callable[[HostSpec, Mapping[str, str], Path], Host]
