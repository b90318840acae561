"""Parses Mackerel's webhook for alerts.

The fields are those of its help ("Webhook にアラートを通知する"; "Webhook notifications"). The alert's ``id`` is the
identity; ``openedAt`` and ``closedAt`` are Unix seconds, ``createdAt`` milliseconds. ``isOpen`` says whether something
is wrong, regardless of the status. The sample sent by its settings page, and host events, are accepted but not stored.
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
    check_time,
    clean,
    clean_labels,
    parse_message,
    require_text,
    start_or_now,
)

SOURCE = "mackerel"


class _Role(MessagePart):
    serviceName: str = ""
    roleName: str = ""


class _Host(MessagePart):
    name: str = ""
    roles: tuple[_Role, ...] = ()


class _Service(MessagePart):
    name: str = ""
    roles: tuple[_Role, ...] = ()


class _Alert(MessagePart):
    id: Annotated[str, Field(min_length=1, max_length=200)]
    isOpen: bool
    status: str = ""
    monitorName: str = ""
    metricLabel: str | None = None
    url: str = ""
    openedAt: AwareDatetime | None = None
    closedAt: AwareDatetime | None = None
    createdAt: AwareDatetime | None = None


class _EventType(MessagePart):
    event: str


class _Message(MessagePart):
    orgName: str = ""
    memo: str | None = None
    message: str | None = None
    host: _Host | None = None
    service: _Service | None = None
    alert: _Alert


def parse_mackerel(body: bytes, now: datetime) -> tuple[MonitorAlert, ...]:
    """The alert in the message; nothing for other events. Raises Unreadable if it is invalid."""
    if parse_message(_EventType, body).event != "alert":
        return ()
    message = parse_message(_Message, body)
    alert = message.alert
    opened_at = start_or_now(alert.openedAt or alert.createdAt, now)
    host, memo = message.host.name if message.host else "", message.memo or ""
    title = " ".join(filter(None, (alert.monitorName, host)))
    return (
        MonitorAlert(
            source=SOURCE,
            identity=require_text(alert.id, "alert.id"),
            title=clean(title) or "Mackerel",
            summary=clean(message.message or memo, TEXT_LIMIT),
            labels=clean_labels(_labels(message)),
            started_at=opened_at,
            ended_at=None if alert.isOpen else check_time(alert.closedAt or now, "alert.closedAt"),
            url=browser_link(alert.url),
        ),
    )


def _labels(message: _Message) -> dict[str, str]:
    roles = message.host.roles if message.host else message.service.roles if message.service else ()
    service_name = message.service.name if message.service else ""
    return {
        "monitor": message.alert.monitorName,
        "metric": message.alert.metricLabel or "",
        "status": message.alert.status,
        "host": message.host.name if message.host else "",
        "service": service_name or (roles[0].serviceName if roles else ""),
        "role": roles[0].roleName if roles else "",
    }


MONITOR = Monitor(parse_mackerel, secret_in_url=True)
