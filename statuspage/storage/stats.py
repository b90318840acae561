"""Metrics of the program itself; what they cost does not grow with history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from statuspage.domain import OPEN_ALERTS, DeliveryStatus
from statuspage.storage.tables import alert, delivery, entry, incident, worker_heartbeat

UNSETTLED = (DeliveryStatus.WAITING, DeliveryStatus.SENDING, DeliveryStatus.NEEDS_REVIEW)
"""Statuses in which somebody or something still has to act."""

HEARTBEAT_RETENTION = timedelta(days=1)
"""A worker not seen for so long was stopped on purpose."""


def record_heartbeat(tx: Connection, worker: str, now: datetime) -> None:
    """Records that this worker is running. Those not seen for a day are deleted."""
    tx.execute(delete(worker_heartbeat).where(worker_heartbeat.c.at < now - HEARTBEAT_RETENTION))
    query = update(worker_heartbeat).where(worker_heartbeat.c.worker == worker).values(at=now)
    if not tx.execute(query).rowcount:
        tx.execute(insert(worker_heartbeat).values(worker=worker, at=now))


def last_heartbeat(tx: Connection) -> datetime | None:
    """When any worker was last seen running; None if none was within a day."""
    last_seen: datetime | None = tx.execute(select(func.max(worker_heartbeat.c.at))).scalar_one()
    return last_seen


def queue_depths(tx: Connection) -> Mapping[tuple[str, str], int]:
    """How many deliveries are not settled, by channel and status."""
    columns = delivery.c
    condition = columns.end.in_([status.value for status in UNSETTLED])
    rows = tx.execute(
        select(columns.channel, columns.end, func.count()).where(condition).group_by(columns.channel, columns.end)
    )
    return {(channel, status): count for channel, status, count in rows}


def oldest_waiting(tx: Connection) -> datetime | None:
    """When the oldest unsent delivery was queued."""
    waiting = delivery.c.end.in_([DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value])
    queued_at: datetime | None = tx.execute(select(func.min(delivery.c.queued)).where(waiting)).scalar_one()
    return queued_at


def last_notice_at(tx: Connection) -> datetime | None:
    """When the newest notice was recorded."""
    condition = entry.c.type == "notice"
    recorded_at: datetime | None = tx.execute(select(func.max(entry.c.recorded)).where(condition)).scalar_one()
    return recorded_at


def count_open_incidents(tx: Connection) -> int:
    """How many incidents are open, without planned work."""
    condition = incident.c.over.is_(False) & incident.c.planned.is_(None)
    return tx.execute(select(func.count()).select_from(incident).where(condition)).scalar_one()


def count_open_alerts(tx: Connection) -> Mapping[str, int]:
    """How many alerts still need somebody, by state; every such state is listed."""
    states = [state.value for state in OPEN_ALERTS]
    rows = tx.execute(
        select(alert.c.state, func.count().label("n")).where(alert.c.state.in_(states)).group_by(alert.c.state)
    )
    return {**dict.fromkeys(states, 0), **{row.state: row.n for row in rows}}
