"""Operational metrics. The cost of those about everything that ever ended grows by one small row for each delivery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from statuspage.domain import OPEN_ALERTS, SITE, DeliveryStatus
from statuspage.storage.tables import alert as alerts
from statuspage.storage.tables import delivery as deliveries
from statuspage.storage.tables import entry as entries
from statuspage.storage.tables import incident as incidents
from statuspage.storage.tables import worker_heartbeat as heartbeats

UNSETTLED = (DeliveryStatus.WAITING, DeliveryStatus.SENDING, DeliveryStatus.NEEDS_REVIEW)
"""Statuses in which a person or the program still has to act."""

SAME_TIME = timedelta(minutes=1)
"""Workers seen within this long of each other run together."""

HEARTBEAT_RETENTION = timedelta(days=1)
"""A worker not seen for this long was stopped on purpose."""


def record_heartbeat(tx: Connection, worker: str, now: datetime, channels: Iterable[str] = ()) -> None:
    """Records that this worker is running and to which channels it can send. Those not seen for a day are deleted."""
    tx.execute(delete(heartbeats).where(heartbeats.c.last_seen < now - HEARTBEAT_RETENTION))
    query = update(heartbeats).where(heartbeats.c.worker == worker).values(last_seen=now, channels=" ".join(channels))
    if not tx.execute(query).rowcount:
        tx.execute(insert(heartbeats).values(worker=worker, last_seen=now, channels=" ".join(channels)))


def last_heartbeat(tx: Connection) -> datetime | None:
    """When any worker was last seen running; None if none was seen within a day."""
    last_seen: datetime | None = tx.execute(select(func.max(heartbeats.c.last_seen))).scalar_one()
    return last_seen


def list_heartbeats(tx: Connection) -> Mapping[str, datetime]:
    """When each worker was last seen running, within a day."""
    rows = tx.execute(select(heartbeats.c.worker, heartbeats.c.last_seen).order_by(heartbeats.c.worker))
    return {row.worker: row.last_seen for row in rows}


def worker_channels(tx: Connection) -> frozenset[str]:
    """The channels to which the workers seen last can send; empty if none was seen within a day."""
    rows = tx.execute(select(heartbeats.c.last_seen, heartbeats.c.channels)).all()
    newest = max((row.last_seen for row in rows), default=None)
    return frozenset(
        channel for row in rows if newest and row.last_seen >= newest - SAME_TIME for channel in row.channels.split()
    )


def queue_depths(tx: Connection) -> Mapping[tuple[str, str], int]:
    """The number of unsettled deliveries, by channel and status."""
    columns = deliveries.c
    condition = columns.status.in_([status.value for status in UNSETTLED])
    rows = tx.execute(
        select(columns.channel, columns.status, func.count()).where(condition).group_by(columns.channel, columns.status)
    )
    return {(channel, status): count for channel, status, count in rows}


def oldest_waiting(tx: Connection) -> datetime | None:
    """When the oldest unsent delivery was queued."""
    waiting = deliveries.c.status.in_([DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value])
    queued_at: datetime | None = tx.execute(select(func.min(deliveries.c.queued_at)).where(waiting)).scalar_one()
    return queued_at


def last_notice_at(tx: Connection) -> datetime | None:
    """When the newest notice was recorded."""
    condition = entries.c.type == "notice"
    recorded_at: datetime | None = tx.execute(select(func.max(entries.c.recorded)).where(condition)).scalar_one()
    return recorded_at


def count_open_incidents(tx: Connection) -> int:
    """The number of open incidents, without maintenance."""
    condition = incidents.c.is_over.is_(False) & incidents.c.maintenance_start.is_(None)
    return tx.execute(select(func.count()).select_from(incidents).where(condition)).scalar_one()


def count_open_alerts(tx: Connection) -> Mapping[str, int]:
    """The number of alerts that need attention, by state; every such state is listed."""
    states = [state.value for state in OPEN_ALERTS]
    rows = tx.execute(
        select(alerts.c.state, func.count().label("n")).where(alerts.c.state.in_(states)).group_by(alerts.c.state)
    )
    return {**dict.fromkeys(states, 0), **{row.state: row.n for row in rows}}


def count_settled(tx: Connection) -> Mapping[tuple[str, str], int]:
    """The number of deliveries that ended, by channel and status."""
    columns = deliveries.c
    condition = columns.status.not_in([status.value for status in UNSETTLED])
    rows = tx.execute(
        select(columns.channel, columns.status, func.count()).where(condition).group_by(columns.channel, columns.status)
    )
    return {(channel, status): count for channel, status, count in rows}


def alert_to_notice_seconds(tx: Connection) -> list[float]:
    """For each incident that began with an alert and was published: the seconds from the alert to the first notice."""
    columns = incidents.c
    condition = columns.first_notice_at.is_not(None) & columns.t0_source.in_(("alert", "received"))
    rows = tx.execute(select(columns.t0, columns.first_notice_at).where(condition))
    return [max((first_notice - t0).total_seconds(), 0.0) for t0, first_notice in rows]


def readable_seconds(tx: Connection) -> list[float]:
    """For each notice on the page: the seconds from its publication until it was read there."""
    columns = deliveries.c
    condition = (columns.channel == SITE) & (columns.status == DeliveryStatus.DELIVERED.value)
    rows = tx.execute(select(columns.queued_at, columns.finished_at).where(condition))
    return [max((finished - queued).total_seconds(), 0.0) for queued, finished in rows if finished]
