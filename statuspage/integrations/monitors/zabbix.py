"""Parses the messages of the webhook media type in ``docs/guides/monitors/zabbix.md``, made from Zabbix's macros.

Zabbix has no message format of its own; the script there sends the macros of its documentation ("Supported macros").
``{EVENT.ID}`` identifies the problem, in its recovery too. ``{EVENT.VALUE}`` is 1 for a problem and 0 for its recovery.
Dates and times are in the server's zone, which is not stated, so the script sends Unix seconds if it has them;
otherwise our own clock at the first message counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, field_validator

from statuspage.domain import MonitorAlert
from statuspage.integrations.monitors.monitor import Monitor
from statuspage.integrations.monitors.parsing import (
    TEXT_LIMIT,
    MessagePart,
    browser_link,
    check_time,
    clean,
    clean_labels,
    parse_message,
    require_text,
    start_or_now,
)

SOURCE = "zabbix"


class _Tag(MessagePart):
    tag: str
    value: str = ""


class _ZabbixEvent(MessagePart):
    event_id: Annotated[str, Field(min_length=1, max_length=100)]
    event_value: Literal["0", "1"]
    name: str
    message: str = ""
    severity: str = ""
    host: str = ""
    trigger_id: str = ""
    tags: tuple[_Tag, ...] = ()
    at: AwareDatetime | None = None
    recovered_at: AwareDatetime | None = None
    url: str = ""

    @field_validator("at", "recovered_at", mode="before")
    @classmethod
    def _drop_unexpanded_macro(cls, value: object) -> object:
        """A macro without a value stays unexpanded, or is empty."""
        return None if isinstance(value, str) and not value.strip().isdigit() else value


def parse_zabbix(body: bytes, now: datetime) -> tuple[MonitorAlert, ...]:
    """The problem in the message. Raises Unreadable if it is invalid or too large."""
    event = parse_message(_ZabbixEvent, body)
    ended_at = check_time(event.recovered_at or now, "recovered_at") if event.event_value == "0" else None
    labels = {
        **{tag.tag: tag.value or tag.tag for tag in event.tags},
        "host": event.host,
        "severity": event.severity,
        "trigger": event.trigger_id,
    }
    return (
        MonitorAlert(
            source=SOURCE,
            identity=require_text(event.event_id, "event_id"),
            title=clean(event.name) or "Zabbix",
            summary=clean(event.message, TEXT_LIMIT),
            labels=clean_labels(labels),
            started_at=start_or_now(event.at, now),
            ended_at=ended_at,
            url=browser_link(event.url),
        ),
    )


MONITOR = Monitor(parse_zabbix)
