"""Takes what monitors send. The answer is what makes a monitor repeat itself: 200 only once it is stored."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from statuspage import desk, drills
from statuspage.alerts import SOURCES, Unreadable
from statuspage.incoming import Signal
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
        _refuse_denials(signals)
        taken = desk.take(here.world(), signals, now=here.now())
    except drills.Denies as denies:
        return _say(422, f"No alert of a drill may say “{denies.said}”. Nothing was stored.")
    except (Busy, Broken):
        return _say(503, "Nothing was stored. Send it again.")
    return jsonify({"alerts": [{"id": alert.id, "state": str(alert.state)} for alert in taken]}), 200


def _refuse_denials(signals: Iterable[Signal]) -> None:
    """An alert of a drill must not be taken for a real one; a real one is stored whatever it says."""
    if here.world().live_summary is not None:
        drills.refuse_denials(here.world(), *drills.texts_of(signals))


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
