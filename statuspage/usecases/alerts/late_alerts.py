"""Alerts that joined an incident after its first notice and fired before the start that customers were told."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import Alert, AlertState, Incident
from statuspage.storage import alerts
from statuspage.storage.engine import Connection


def find_earlier_start(tx: Connection, incident: Incident, start: datetime) -> datetime | None:
    """When the first such alert fired, if that was before ``start``; None if there is none. What fired before the
    incident's clock started does not count: that was something else. A person decides whether customers were affected.
    """
    if not incident.notices:
        return None
    first_notice_at = incident.notices[0].recorded
    fired = (
        alert.t0
        for alert in alerts.alerts_of_incident(tx, incident.id)
        if alert.t0 >= incident.t0 and _joined_after(alert, first_notice_at)
    )
    earliest = min(fired, default=None)
    return earliest if earliest is not None and _minute(earliest) < _minute(start) else None


def _joined_after(alert: Alert, at: datetime) -> bool:
    return any(step.state is AlertState.CONFIRMED and step.at > at for step in alert.steps)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
