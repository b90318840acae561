"""Parses Datadog's webhook with the payload given in ``docs/guides/monitors/datadog.md``.

Datadog lets its users write the whole payload; ours consists of the variables in its documentation ("Webhooks",
Variables). ``$ALERT_CYCLE_KEY`` links the events of one alert from its trigger until it resolves, so it alone is the
identity: a re-trigger or renotification is the same alert, and the next failure of the monitor is another one.
``$ALERT_TRANSITION`` says what happened; ``$DATE`` when, in milliseconds since 1970. Only the *Triggered* message gives
the start, so an alert begins with the first message we get of its cycle.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from statuspage.domain import MonitorAlert
from statuspage.integrations.monitors.monitor import Monitor
from statuspage.integrations.monitors.parsing import (
    TEXT_LIMIT,
    MessagePart,
    browser_link,
    clean,
    clean_labels,
    parse_message,
    require_text,
    start_or_now,
)

SOURCE = "datadog"
RECOVERED = frozenset({"recovered"})
"""Transitions after which nothing is wrong any more, in lower case. All others mean that something is wrong."""


class _DatadogEvent(MessagePart):
    alert_cycle_key: Annotated[str, Field(min_length=1, max_length=200)]
    alert_transition: Annotated[str, Field(min_length=1)]
    alert_title: str = ""
    event_title: str = ""
    text: str = ""
    alert_id: str = ""
    alert_priority: str = ""
    alert_scope: str = ""
    hostname: str = ""
    tags: str = ""
    link: str = ""
    date: AwareDatetime | None = None


def parse_datadog(body: bytes, now: datetime) -> tuple[MonitorAlert, ...]:
    """The one alert of the message. Raises Unreadable if it is invalid or too large."""
    event = parse_message(_DatadogEvent, body)
    occurred_at = start_or_now(event.date, now)
    labels = {
        **_parse_tags(event.tags),
        **_parse_tags(event.alert_scope),
        "monitor": event.alert_id,
        "priority": event.alert_priority,
        "host": event.hostname,
    }
    is_over = event.alert_transition.strip().lower() in RECOVERED
    return (
        MonitorAlert(
            source=SOURCE,
            identity=require_text(event.alert_cycle_key, "alert_cycle_key"),
            title=clean(event.alert_title or event.event_title) or "Datadog",
            summary=clean(event.text, TEXT_LIMIT),
            labels=clean_labels(labels),
            started_at=occurred_at,
            ended_at=occurred_at if is_over else None,
            url=browser_link(event.link),
        ),
    )


def _parse_tags(text: str) -> dict[str, str]:
    """``env:prod, service:booking-api`` as labels; a tag without a value is its own value."""
    parts = (tag.strip().partition(":") for tag in text.split(","))
    return {name: value or name for name, _, value in parts if name}


MONITOR = Monitor(parse_datadog)
