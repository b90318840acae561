"""The desk's style sheet: its files joined into one response."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from flask import Blueprint, Response, request

from statuspage import bundled

pages = Blueprint("stylesheet", __name__)


@lru_cache(maxsize=1)
def joined_css() -> bytes:
    """All files of the style sheet, read once per process."""
    return bundled.desk_css().encode()


def fingerprint() -> str:
    """Changes with the style sheet; 12 hexadecimal digits."""
    return hashlib.sha256(joined_css()).hexdigest()[:12]


@pages.get("/static/desk.css")
def send_stylesheet() -> Response:
    """Sends the style sheet; browsers ask each time whether their copy is current, as for other static files."""
    response = Response(joined_css(), mimetype="text/css")
    response.cache_control.no_cache = True
    response.set_etag(fingerprint())
    response.make_conditional(request)
    return response
