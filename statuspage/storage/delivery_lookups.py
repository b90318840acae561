"""Lookups about deliveries: others of a channel, those never tried, and who has claimed some."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, select

from statuspage.domain import Delivery, DeliveryStatus, Receipt
from statuspage.serialization import from_json_value
from statuspage.storage.deliveries import AFTER_SITE
from statuspage.storage.delivery_order import has_unfinished_predecessor, is_due
from statuspage.storage.tables import delivery as deliveries

_column = deliveries.c


def is_superseded(tx: Connection, delivery: Delivery) -> bool:
    """Whether a newer notice of the same incident waits for the same channel."""
    same_stream = (
        _column.incident == delivery.incident,
        _column.channel == delivery.channel,
        _column.language == delivery.language,
    )
    newer = (_column.sequence > delivery.sequence, _column.status == DeliveryStatus.WAITING.value)
    return tx.execute(select(exists().where(*same_stream, *newer))).scalar_one()


def has_others_due(tx: Connection, delivery: Delivery, now: datetime) -> bool:
    """Whether an untried delivery of the same channel is due."""
    untried = (
        _column.channel == delivery.channel,
        _column.id != delivery.id,
        _column.attempts == 0,
    )
    return tx.execute(select(exists().where(*untried, is_due(now), ~has_unfinished_predecessor()))).scalar_one()


def other_remote_ids(tx: Connection, delivery: Delivery) -> frozenset[str]:
    """The other side's ids of the newest hundred messages of this channel, except this one."""
    condition = (
        (_column.channel == delivery.channel)
        & (_column.status == DeliveryStatus.DELIVERED.value)
        & (_column.id != delivery.id)
    )
    rows = tx.execute(select(_column.receipt).where(condition).order_by(_column.id.desc()).limit(100)).scalars()
    return frozenset(from_json_value(Receipt, row).remote_id for row in rows)


def is_newest(tx: Connection, channel: str, remote_id: str) -> bool:
    """Whether the message with this id of the other side is the channel's newest one of its incident."""
    condition = (_column.channel == channel) & (_column.status == DeliveryStatus.DELIVERED.value)
    rows = tx.execute(select(_column.incident, _column.receipt).where(condition).order_by(_column.id.desc()).limit(100))
    newest: dict[str, str] = {}
    for row in rows:
        newest.setdefault(row.incident, from_json_value(Receipt, row.receipt).remote_id)
    return remote_id in newest.values()


def count_untried(tx: Connection) -> int:
    """How many deliveries are untried, or being tried first just now; without those behind a failed one, or for an
    unhealthy channel."""
    condition = (_column.status == DeliveryStatus.SENDING.value) | and_(
        _column.status == DeliveryStatus.WAITING.value,
        _column.attempts == 0,
        _column.reason.in_(["", AFTER_SITE]),
        ~has_unfinished_predecessor(),
    )
    return tx.execute(select(func.count()).where(condition)).scalar_one()


def list_owners(tx: Connection) -> tuple[str, ...]:
    """The workers that have claimed something."""
    return tuple(
        tx.execute(select(_column.owner).where(_column.status == DeliveryStatus.SENDING.value).distinct()).scalars()
    )
