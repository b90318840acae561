"""Alerts that joined an incident after its first notice and fired before the start that customers were told."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import (
    MAINTENANCE_NOTICES,
    NOTICES_AFTER_END,
    Alert,
    AlertState,
    Incident,
    NoticeKind,
    Precision,
)
from statuspage.storage import alerts
from statuspage.storage.engine import Connection

_WITHOUT_START = (*MAINTENANCE_NOTICES, *NOTICES_AFTER_END, NoticeKind.WITHDRAWAL)


def find_earlier_start(
    tx: Connection, incident: Incident, notice_kind: NoticeKind, *, since_latest: bool = False
) -> datetime | None:
    """When the first such alert fired, for a notice of this kind; None if there is none. What fired before the
    incident's clock started does not count: that was something else. A person decides whether customers were affected.

    ``since_latest``: only alerts that joined after the latest notice, whose writer did not know of them.
    """
    told = incident.public_facts.start if incident.public_facts else None
    if not incident.notices or told is None or told.precision is Precision.NOTICED or notice_kind in _WITHOUT_START:
        return None
    known_until = incident.notices[-1 if since_latest else 0].recorded
    fired = (
        alert.t0
        for alert in alerts.alerts_of_incident(tx, incident.id)
        if alert.t0 >= incident.t0 and _joined_after(alert, known_until)
    )
    earliest = min(fired, default=None)
    return earliest if earliest is not None and _minute(earliest) < _minute(told.at) else None


def _joined_after(alert: Alert, at: datetime) -> bool:
    return any(step.state is AlertState.CONFIRMED and step.at > at for step in alert.steps)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
