"""What each monitor sent: how many messages were taken and refused, and its heartbeats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, delete, func, insert, select, update

from statuspage.domain import AlertState
from statuspage.storage.tables import alert, intake_count, monitor_heartbeat

TAKEN = "taken"
"""The outcome of a message that was stored, was already known, or was not relevant; any other is a reason to refuse."""

MAX_HEARTBEATS = 50
"""The maximum number of heartbeats that are expected, because whoever has a monitor's secret can add some."""


@dataclass(frozen=True, slots=True)
class IntakeCount:
    """How many messages of this source ended so, and the newest of them: when, and from which network."""

    source: str
    outcome: str
    count: int
    last_at: datetime
    network: str = ""


@dataclass(frozen=True, slots=True)
class AlertCount:
    """How many alerts of this source arrived lately, how many of them were false alarms, and when the last one
    arrived."""

    source: str
    last_at: datetime
    count: int
    false_alarms: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The newest heartbeat of a monitor. ``name`` tells several of one kind apart, "" if there is only one."""

    source: str
    name: str
    last_at: datetime


def add_messages(tx: Connection, source: str, outcome: str, count: int, *, at: datetime, network: str) -> None:
    """Adds to the count of this source and outcome."""
    columns = intake_count.c
    query = update(intake_count).where(columns.source == source, columns.outcome == outcome)
    if not tx.execute(query.values(count=columns.count + count, last_at=at, network=network)).rowcount:
        values = {"source": source, "outcome": outcome, "count": count, "last_at": at, "network": network}
        tx.execute(insert(intake_count).values(values))


def list_counts(tx: Connection) -> tuple[IntakeCount, ...]:
    """All counts, by source and outcome."""
    columns = intake_count.c
    rows = tx.execute(select(intake_count).order_by(columns.source, columns.outcome)).mappings()
    return tuple(
        IntakeCount(row["source"], row["outcome"], row["count"], row["last_at"], row["network"]) for row in rows
    )


def list_alert_counts(tx: Connection, since: datetime) -> tuple[AlertCount, ...]:
    """For each source that ever sent an alert: when the last one arrived, how many have arrived since this time, and
    how many of those were false alarms."""
    is_recent = alert.c.received_at >= since
    is_false = is_recent & (alert.c.state == AlertState.FALSE_ALARM.value)
    columns = (func.max(alert.c.received_at), *(func.sum(case((each, 1), else_=0)) for each in (is_recent, is_false)))
    rows = tx.execute(select(alert.c.source, *columns).group_by(alert.c.source))
    return tuple(AlertCount(source, last_at, int(count), int(false)) for source, last_at, count, false in rows)


def record_heartbeat(tx: Connection, source: str, name: str, now: datetime) -> bool:
    """Records a heartbeat; the next one is expected from now on. False if there are too many others."""
    query = update(monitor_heartbeat).where(monitor_heartbeat.c.source == source, monitor_heartbeat.c.name == name)
    if tx.execute(query.values(last_at=now)).rowcount:
        return True
    if tx.execute(select(func.count()).select_from(monitor_heartbeat)).scalar_one() >= MAX_HEARTBEATS:
        return False
    tx.execute(insert(monitor_heartbeat).values(source=source, name=name, last_at=now))
    return True


def list_heartbeats(tx: Connection) -> tuple[Heartbeat, ...]:
    """All expected heartbeats, by source and name."""
    rows = tx.execute(select(monitor_heartbeat).order_by(monitor_heartbeat.c.source, monitor_heartbeat.c.name))
    return tuple(Heartbeat(row.source, row.name, row.last_at) for row in rows)


def forget_heartbeat(tx: Connection, source: str, name: str) -> None:
    """No longer expects this heartbeat, until it comes again."""
    tx.execute(delete(monitor_heartbeat).where(monitor_heartbeat.c.source == source, monitor_heartbeat.c.name == name))
