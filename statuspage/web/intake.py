"""Takes what monitors send. The answer is what makes a monitor repeat itself: 200 only once it is stored."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from statuspage import desk
from statuspage.alerts import SOURCES, Unreadable
from statuspage.store import Broken, Busy
from statuspage.web import here

pages = Blueprint("intake", __name__)

LARGEST = 256 * 1024
"""Bytes of one message from a monitor."""


@pages.post("/intake/<source>")
def alerts(source: str) -> tuple[Response, int]:
    """Stores what this kind of monitor sent, all of it or nothing."""
    if source not in SOURCES:
        return _say(404, f"No monitor of the kind {source[:40]} is known here. Known: {', '.join(SOURCES)}.")
    if not _may():
        return _say(401, "The bearer secret is missing or wrong.")
    try:
        signals = SOURCES[source](_body())
    except RequestEntityTooLarge:
        return _say(413, f"More than {LARGEST} bytes.")
    except Unreadable as wrong:
        return _say(400, str(wrong))
    try:
        taken = desk.take(here.world(), signals, now=here.now())
    except (Busy, Broken):
        return _say(503, "Nothing was stored. Send it again.")
    return jsonify({"alerts": [{"id": alert.id, "state": str(alert.state)} for alert in taken]}), 200


def _may() -> bool:
    wanted = here.desk().intake_secret
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    return not wanted or hmac.compare_digest(given.encode(), wanted.encode())


def _body() -> bytes:
    if (request.content_length or 0) > LARGEST:
        raise RequestEntityTooLarge
    request.max_content_length = LARGEST
    return request.get_data()


def _say(status: int, reason: str) -> tuple[Response, int]:
    return jsonify({"error": reason}), status
