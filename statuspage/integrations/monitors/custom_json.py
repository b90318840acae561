"""Parses any monitor's JSON with the company's own mapping: ``[source.NAME]`` in ``content/alerts.toml``.

A path in the message is written with dots (``check.host.name``); a number is an index into a list. The same ``id`` is
the same alert until a message says that it is over. If the mapping has no time, our own clock counts.
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
    browser_link,
    check_size,
    check_time,
    clean,
    clean_labels,
    require_text,
    start_or_now,
)

MAX_ALERTS = 1000
"""The maximum number of alerts in one message."""


class _Time(BaseModel):
    at: AwareDatetime


def parse_custom_json(mapping: JsonMapping, body: bytes, now: datetime) -> tuple[MonitorAlert, ...]:
    """The alerts of one message, in order. Raises Unreadable if it does not fit the mapping."""
    try:
        message = json.loads(check_size(body))
    except (ValueError, RecursionError):
        raise Unreadable("The message is not valid JSON.") from None
    items = _value_at(message, mapping.alerts) if mapping.alerts else [message]
    if not isinstance(items, list) or not 0 < len(items) <= MAX_ALERTS:
        raise Unreadable(f"{mapping.alerts}: there should be a list of 1 to {MAX_ALERTS} alerts.")
    return tuple(_alert_of(mapping, item, now) for item in items)


def _alert_of(mapping: JsonMapping, item: Any, now: datetime) -> MonitorAlert:
    is_over = bool(mapping.state) and _text_at(item, mapping.state).lower() in mapping.resolved_values
    return MonitorAlert(
        source=mapping.name,
        identity=require_text(_text_at(item, mapping.id), mapping.id),
        title=require_text(_text_at(item, mapping.title), mapping.title),
        summary=clean(_text_at(item, mapping.summary), TEXT_LIMIT),
        labels=clean_labels({label: _text_at(item, path) for label, path in mapping.labels.items()}),
        started_at=start_or_now(_time_at(item, mapping.started_at), now),
        ended_at=check_time(_time_at(item, mapping.ended_at) or now, mapping.ended_at) if is_over else None,
        url=browser_link(_text_at(item, mapping.url)),
    )


def _value_at(message: Any, path: str) -> Any:
    """The value at this path; None if there is nothing."""
    for segment in path.split("."):
        if isinstance(message, dict):
            message = message.get(segment)
        elif isinstance(message, list) and segment.isdecimal() and len(segment) < 6 and int(segment) < len(message):
            message = message[int(segment)]
        else:
            return None
    return message


def _text_at(message: Any, path: str) -> str:
    """The text, number or boolean at this path; "" for anything else, and for an empty path."""
    value = _value_at(message, path) if path else None
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def _time_at(message: Any, path: str) -> datetime | None:
    if not path or not _text_at(message, path):
        return None
    try:
        return _Time.model_validate({"at": _text_at(message, path)}).at
    except ValidationError:
        raise Unreadable(f"{path}: this is no time with a zone, nor seconds since 1970.") from None
