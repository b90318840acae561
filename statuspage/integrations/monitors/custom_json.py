"""Reads any monitor's JSON by the house's own map of it: ``[source.NAME]`` in ``content/alerts.toml``.

A place in the message is written with dots (``check.host.name``); a number picks from a list. What is there decides:
the same ``id`` is the same alert until a message says that it is over. Where the map names no time, our own clock does.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ValidationError

from statuspage.domain import JsonMapping, MonitorAlert
from statuspage.integrations.monitors.parsing import (
    TEXT_LIMIT,
    Unreadable,
    began,
    browser_link,
    clean,
    known,
    labelled,
    sane,
    sized,
)

MOST_ALERTS = 1000
"""Alerts that one message may hold."""


class _Time(BaseModel):
    at: AwareDatetime


def parse_custom_json(mapped: JsonMapping, body: bytes, now: datetime) -> tuple[MonitorAlert, ...]:
    """The alerts of one message, in its order. Raises Unreadable when the map does not fit it."""
    try:
        message = json.loads(sized(body))
    except (ValueError, RecursionError):
        raise Unreadable("The message is not valid JSON.") from None
    found = _at(message, mapped.alerts) if mapped.alerts else [message]
    if not isinstance(found, list) or not 0 < len(found) <= MOST_ALERTS:
        raise Unreadable(f"{mapped.alerts}: there should be a list of 1 to {MOST_ALERTS} alerts.")
    return tuple(_alert_of(mapped, one, now) for one in found)


def _alert_of(mapped: JsonMapping, one: Any, now: datetime) -> MonitorAlert:
    over = bool(mapped.state) and _text_at(one, mapped.state).lower() in mapped.over
    return MonitorAlert(
        source=mapped.name,
        identity=known(_text_at(one, mapped.id), mapped.id),
        title=known(_text_at(one, mapped.title), mapped.title),
        summary=clean(_text_at(one, mapped.text), TEXT_LIMIT),
        labels=labelled({label: _text_at(one, place) for label, place in mapped.labels.items()}),
        starts_at=began(_time(one, mapped.since), now),
        ends_at=sane(_time(one, mapped.until) or now, mapped.until) if over else None,
        url=browser_link(_text_at(one, mapped.link)),
    )


def _at(message: Any, place: str) -> Any:
    """What stands at this place; None where there is nothing."""
    for step in place.split("."):
        if isinstance(message, dict):
            message = message.get(step)
        elif isinstance(message, list) and step.isdecimal() and len(step) < 6 and int(step) < len(message):
            message = message[int(step)]
        else:
            return None
    return message


def _text_at(message: Any, place: str) -> str:
    """The text, number or truth at this place; "" for anything else, and where no place is named."""
    found = _at(message, place) if place else None
    if isinstance(found, bool):
        return str(found).lower()
    return str(found) if isinstance(found, str | int | float) else ""


def _time(message: Any, place: str) -> datetime | None:
    if not place or not _text_at(message, place):
        return None
    try:
        return _Time.model_validate({"at": _text_at(message, place)}).at
    except ValidationError:
        raise Unreadable(f"{place}: this is no time with a zone, nor seconds since 1970.") from None
