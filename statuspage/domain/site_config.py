"""The types of site settings: hosts, links and brand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostSpec:
    """A host that the public page is uploaded to, without its secrets. ``options`` are those of its type; paths under
    ``kept_paths`` at the host, and hidden ones, are never touched."""

    id: str
    type: str
    options: Mapping[str, str]
    kept_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that can stand inside a page: its media type, ``image/svg+xml`` or ``image/png``, and its bytes."""

    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """A link in the foot of each page, and its text in each language of the page."""

    address: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Brand:
    """The look of the organisation's pages: ``accent`` is the colour of links, ``#rrggbb`` ("": ours). ``…_dark`` is
    for dark pages; without a logo of their own they have the other one."""

    logo: Logo | None = None
    logo_dark: Logo | None = None
    accent: str = ""
    accent_dark: str = ""
    links: tuple[Link, ...] = ()


NO_BRAND = Brand()
"""The default look."""
