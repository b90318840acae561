"""Queries about deliveries: what was sent before, other deliveries of a channel, and those never tried."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, exists, func, select

from statuspage.domain import SITE, Delivery, DeliveryStatus, Receipt, Thread
from statuspage.serialization import from_json_value
from statuspage.storage.deliveries import AFTER_SITE, QUEUE
from statuspage.storage.delivery_order import has_unfinished_predecessor, in_stream_of
from statuspage.storage.tables import delivery as deliveries
from statuspage.storage.tables import staff_notification

_column = deliveries.c


def is_superseded(tx: Connection, delivery: Delivery) -> bool:
    """Whether a newer notice of the same incident waits for the same channel."""
    newer = (_column.sequence > delivery.sequence, _column.status == DeliveryStatus.WAITING.value)
    return tx.execute(select(exists().where(in_stream_of(delivery), *newer))).scalar_one()


def find_site_receipt(tx: Connection, incident: str, sequence: int) -> Receipt | None:
    """The receipt of this notice's page; None if the notice has no delivery to the site."""
    is_site = (_column.incident == incident, _column.sequence == sequence, _column.channel == SITE)
    receipt = tx.execute(select(_column.receipt).where(*is_site).order_by(_column.id)).scalars().first()
    return None if receipt is None else from_json_value(Receipt, receipt)


def count_unsolved(tx: Connection, latest: Mapping[str, int]) -> Mapping[str, int]:
    """How many deliveries of each incident's latest notice need a person: failed, or perhaps sent. ``latest`` are the
    incidents' sequences; incidents without any are left out."""
    unsolved = (DeliveryStatus.FAILED.value, DeliveryStatus.NEEDS_REVIEW.value)
    condition = _column.incident.in_(latest) & _column.status.in_(unsolved)
    counted = select(_column.incident, _column.sequence, func.count()).where(condition)
    rows = tx.execute(counted.group_by(_column.incident, _column.sequence))
    return {incident: count for incident, sequence, count in rows if sequence == latest[incident]}


def find_thread(tx: Connection, delivery: Delivery) -> Thread | None:
    """This channel's earlier messages of this incident, to reply to; without those deleted since."""
    delivered = (_column.sequence < delivery.sequence, _column.status == DeliveryStatus.DELIVERED.value)
    earlier = select(_column.receipt, _column.payload).where(in_stream_of(delivery), *delivered)
    receipts: list[Receipt] = []
    for row in tx.execute(earlier.order_by(_column.sequence)):
        if row.payload.get("withdrawal"):
            receipts.clear()  # the withdrawn messages are deleted, or were edited into it
        receipts.append(from_json_value(Receipt, row.receipt))
    identified = tuple(receipt for receipt in receipts if receipt.remote_id)
    return Thread(identified) if identified else None


def last_delivered(tx: Connection) -> Mapping[str, datetime]:
    """When each channel last delivered something, by its id; staff channels and the site included."""
    found: dict[str, datetime] = {}
    for table in (deliveries, staff_notification):
        is_delivered = table.c.status == DeliveryStatus.DELIVERED.value
        rows = tx.execute(
            select(table.c.channel, func.max(table.c.finished_at)).where(is_delivered).group_by(table.c.channel)
        )
        found |= {channel: at for channel, at in rows if at is not None}
    return found


def has_others_due(tx: Connection, delivery: Delivery, now: datetime) -> bool:
    """Whether an untried delivery of the same channel is due."""
    untried = (
        _column.channel == delivery.channel,
        _column.id != delivery.id,
        _column.attempts == 0,
    )
    return tx.execute(select(exists().where(*untried, QUEUE.is_due(now), ~has_unfinished_predecessor()))).scalar_one()


def other_remote_ids(tx: Connection, delivery: Delivery) -> frozenset[str]:
    """The remote ids of the newest hundred messages of this channel, except this one."""
    condition = (
        (_column.channel == delivery.channel)
        & (_column.status == DeliveryStatus.DELIVERED.value)
        & (_column.id != delivery.id)
    )
    rows = tx.execute(select(_column.receipt).where(condition).order_by(_column.id.desc()).limit(100)).scalars()
    return frozenset(from_json_value(Receipt, row).remote_id for row in rows)


def is_newest(tx: Connection, channel: str, remote_id: str) -> bool:
    """Whether the message with this remote id is the channel's newest one of its incident."""
    condition = (_column.channel == channel) & (_column.status == DeliveryStatus.DELIVERED.value)
    rows = tx.execute(select(_column.incident, _column.receipt).where(condition).order_by(_column.id.desc()).limit(100))
    newest: dict[str, str] = {}
    for row in rows:
        newest.setdefault(row.incident, from_json_value(Receipt, row.receipt).remote_id)
    return remote_id in newest.values()


def count_untried(tx: Connection) -> int:
    """How many deliveries are untried, or in their first attempt; without those that wait for a failed one or an
    unhealthy channel."""
    return QUEUE.count_untried(tx, _column.reason.in_(["", AFTER_SITE]), ~has_unfinished_predecessor())
