"""Parses Prometheus Alertmanager's webhook message, version 4.

The fields are those of its documentation ("Configuration", under webhook_config). A repeated alert keeps its
``fingerprint`` (a hash of its labels) and its ``startsAt``; the next outage with the same labels has another
``startsAt``. The two together therefore identify one alert. ``groupKey`` and ``status`` are not part of the identity,
because grouping may change and *resolved* is about the same alert. If ``startsAt`` is missing or Go's zero time, the
labels alone identify it, and it began when it reached us.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from statuspage.domain import MonitorAlert
from statuspage.integrations.monitors.monitor import Monitor
from statuspage.integrations.monitors.parsing import (
    TEXT_LIMIT,
    browser_link,
    check_time,
    clean,
    parse_message,
    require_text,
    start_or_now,
)

SOURCE = "alertmanager"

NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""Go's zero time, 0001-01-01T00:00:00Z, with which Alertmanager says that an alert has not ended."""

MAX_ANNOTATIONS = 12
NAME_LIMIT = 60
ANNOTATION_LIMIT = 500
"""How many further annotations of an alert are kept, and how many characters of a name and a text."""

_Labels = dict[str, str]


class _Alert(BaseModel):
    """One alert of the message."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    status: Literal["firing", "resolved"]
    labels: _Labels
    annotations: _Labels = {}
    startsAt: AwareDatetime | None = None
    endsAt: AwareDatetime = NEVER
    generatorURL: str = ""
    fingerprint: Annotated[str, Field(min_length=1, max_length=100)]


class Message(BaseModel):
    """The message of any version. Unknown fields are ignored, because newer releases add some."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    groupKey: str
    truncatedAlerts: int = 0
    status: Literal["firing", "resolved"]
    receiver: str
    groupLabels: _Labels
    commonLabels: _Labels
    commonAnnotations: _Labels
    externalURL: str
    alerts: Annotated[tuple[_Alert, ...], Field(min_length=1)]


class _Version4(Message):
    version: Literal["4"]


def parse_alertmanager(body: bytes, now: datetime) -> tuple[MonitorAlert, ...]:
    """The alerts of one message, in order. Raises Unreadable if it is invalid or too large."""
    return to_alerts(parse_message(_Version4, body), SOURCE, now)


def to_alerts(message: Message, source: str, now: datetime) -> tuple[MonitorAlert, ...]:
    """The alerts of one message, in order. Raises Unreadable for an invalid end."""
    return tuple(_alert_of(alert, index, source, now) for index, alert in enumerate(message.alerts, 1))


def _alert_of(alert: _Alert, index: int, source: str, now: datetime) -> MonitorAlert:
    started_at = start_or_now(alert.startsAt, now)
    suffix = f" {started_at.isoformat()}" if started_at is not now else ""
    has_ended = alert.status == "resolved" and alert.endsAt != NEVER
    ended_at = check_time(alert.endsAt, f"alerts.{index}.endsAt") if has_ended else None
    title = alert.annotations.get("summary") or alert.labels.get("alertname") or "Alert"
    return MonitorAlert(
        source=source,
        identity=f"{require_text(alert.fingerprint, 'fingerprint')}{suffix}",
        title=clean(title) or "Alert",
        summary=clean(alert.annotations.get("description", ""), TEXT_LIMIT),
        labels={clean(name): clean(value) for name, value in alert.labels.items()},
        started_at=started_at,
        ended_at=ended_at,
        url=browser_link(alert.generatorURL),
        runbook_url=browser_link(alert.annotations.get("runbook_url", "")),
        annotations=dict(list(_other_annotations(alert.annotations))[:MAX_ANNOTATIONS]),
    )


def _other_annotations(annotations: _Labels) -> Iterator[tuple[str, str]]:
    """Those that have no place of their own. A runbook that is no link is kept as a text."""
    for name, value in annotations.items():
        is_shown = name in ("summary", "description") or (name == "runbook_url" and browser_link(value))
        if not is_shown and (text := clean(value, ANNOTATION_LIMIT)):
            yield clean(name, NAME_LIMIT), text


MONITOR = Monitor(parse_alertmanager)
