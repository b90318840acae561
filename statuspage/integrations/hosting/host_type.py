"""The definition of a host type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from statuspage.domain import HostSpec
from statuspage.integrations.hosting.base import Host
from statuspage.integrations.hosting.options import Option


@dataclass(frozen=True, slots=True)
class HostType:
    """One type of host: its options in the content, the settings it needs, how it is opened (its spec, the settings,
    its own folder on this machine)."""

    options: Mapping[str, Option]
    secrets: tuple[str, ...]
    optional_secrets: tuple[str, ...]
    open: Callable[[HostSpec, Mapping[str, str], Path], Host]
