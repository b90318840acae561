"""Parses PagerDuty's webhooks, version 3 (Generic Webhooks): one event about one incident.

The fields are those of its developer documentation ("Webhooks", Overview and Behavior). The incident's ``id`` is the
identity. It begins with ``created_at``, or with the event that reopens it: *resolved* and then *reopened* is a new
outage. Events that do not change an incident (notes, responders, a connection test) are accepted but not stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from statuspage.domain import MonitorAlert
from statuspage.integrations.monitors import authentication
from statuspage.integrations.monitors.monitor import Monitor
from statuspage.integrations.monitors.parsing import (
    MessagePart,
    browser_link,
    clean,
    clean_labels,
    parse_message,
    require_text,
    start_or_now,
)

SOURCE = "pagerduty"

FIRING_EVENTS = frozenset(
    f"incident.{action}"
    for action in ("triggered", "acknowledged", "unacknowledged", "escalated", "reassigned", "delegated", "reopened")
)
REOPENED = "incident.reopened"
RESOLVED = "incident.resolved"


class _Reference(MessagePart):
    summary: str | None = None


class _Incident(MessagePart):
    id: Annotated[str, Field(min_length=1, max_length=200)]
    title: str = ""
    html_url: str | None = None
    number: int | None = None
    urgency: str | None = None
    created_at: AwareDatetime | None = None
    service: _Reference | None = None
    priority: _Reference | None = None


class _PagerdutyEvent(MessagePart):
    id: Annotated[str, Field(min_length=1)]
    event_type: str
    occurred_at: AwareDatetime | None = None
    data: dict[str, Any] | None = None


class _Message(MessagePart):
    event: _PagerdutyEvent


class _OfIncident(MessagePart):
    data: _Incident


class _IncidentMessage(MessagePart):
    event: _OfIncident


def parse_pagerduty(body: bytes, now: datetime) -> tuple[MonitorAlert, ...]:
    """The incident as an alert; nothing for other events. Raises Unreadable if it is invalid."""
    event = parse_message(_Message, body).event
    if event.event_type not in FIRING_EVENTS | {RESOLVED}:
        return ()
    return (_alert_of(event, parse_message(_IncidentMessage, body).event.data, now),)


def _alert_of(event: _PagerdutyEvent, incident: _Incident, now: datetime) -> MonitorAlert:
    occurred_at = start_or_now(event.occurred_at, now)
    opened_at = occurred_at if event.event_type == REOPENED else start_or_now(incident.created_at, occurred_at)
    labels = {
        "service": (incident.service and incident.service.summary) or "",
        "urgency": incident.urgency or "",
        "priority": (incident.priority and incident.priority.summary) or "",
    }
    return MonitorAlert(
        source=SOURCE,
        identity=require_text(incident.id, "event.data.id"),
        title=clean(incident.title) or "PagerDuty",
        summary=f"#{incident.number}" if incident.number is not None else "",
        labels=clean_labels(labels),
        started_at=opened_at,
        ended_at=occurred_at if event.event_type == RESOLVED else None,
        url=browser_link(incident.html_url or ""),
    )


MONITOR = Monitor(parse_pagerduty, authentication.check_pagerduty)
