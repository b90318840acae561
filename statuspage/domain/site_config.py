"""The shape of a place beside this machine that the public page is carried to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostSpec:
    """A place the public page is carried to, without its secrets. ``options`` are those of its type; what stands under
    ``keep`` at the target, and whatever is hidden there, is nobody's business of ours."""

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
    """Where else the foot of each page leads, and how it is called there in each language of the page."""

    address: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Brand:
    """How the house's pages look: ``accent`` is the colour of links, ``#rrggbb`` ("": ours). ``…_dark`` is for dark
    pages; without a logo of their own they have the other one."""

    logo: Logo | None = None
    logo_dark: Logo | None = None
    accent: str = ""
    accent_dark: str = ""
    links: tuple[Link, ...] = ()


NO_BRAND = Brand()
"""As we made it."""
