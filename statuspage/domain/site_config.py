"""The types of site settings: hosts, links and brand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostSpec:
    """A host to which the public page is uploaded, without its secrets. ``options`` are specific to its type. Paths
    below ``kept_paths`` at the host, and hidden ones, are never changed."""

    id: str
    type: str
    options: Mapping[str, str]
    kept_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Logo:
    """An image that can be embedded in a page: its media type, ``image/svg+xml`` or ``image/png``, and its bytes."""

    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """A link in the footer of each page, with its text in each language."""

    address: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Brand:
    """The branding of the page: ``accent`` is the colour of links, ``#rrggbb`` ("": the default). ``…_dark`` is for
    dark mode; a logo without a dark version is used for both."""

    logo: Logo | None = None
    logo_dark: Logo | None = None
    accent: str = ""
    accent_dark: str = ""
    links: tuple[Link, ...] = ()


NO_BRAND = Brand()
"""The default branding."""
