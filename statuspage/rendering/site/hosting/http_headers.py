"""The HTTP headers of each file: media type, caching, who may read and frame it. Everything else uses these."""

from __future__ import annotations

from collections.abc import Mapping

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""Media types by file name."""

FRESH = "no-cache"
"""Cached copies are revalidated every time, because an outdated status would be wrong."""

CACHED_FOR_A_DAY = "public, max-age=86400"
"""Images contain nothing that becomes outdated."""

EVERYWHERE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}

UNFRAMED = {"X-Frame-Options": "DENY", "Content-Security-Policy": "frame-ancestors 'none'"}
"""For pages. The page itself contains its policy, with the hashes of its own style and script."""

OPEN_TO_ALL_ORIGINS = {"Access-Control-Allow-Origin": "*"}
"""For files that scripts on other sites may read."""

READ_BY_SCRIPTS = (".json", ".rss", ".atom", ".ics")
FRAMED = "/embed.html"
"""The one page that other sites may frame."""

LASTING = (".png", ".ico", ".woff2")
"""Images and fonts, which are compressed already."""


def type_of(name: str) -> str:
    """The media type of a file; "" for a type that the site does not have."""
    return TYPES.get(f".{name.rpartition('.')[2]}", "")


def cache_control(name: str) -> str:
    """The ``Cache-Control`` of this file."""
    return CACHED_FOR_A_DAY if name.endswith(LASTING) else FRESH


def headers_of(name: str) -> Mapping[str, str]:
    """All headers of a file except its length."""
    headers = {"Cache-Control": cache_control(name), **EVERYWHERE}
    if type := type_of(name):
        headers["Content-Type"] = type
    if name.endswith(READ_BY_SCRIPTS):
        headers |= OPEN_TO_ALL_ORIGINS
    if name.endswith(".html") and not f"/{name}".endswith(FRAMED):
        headers |= UNFRAMED
    return headers
