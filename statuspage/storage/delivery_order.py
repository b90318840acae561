"""The order of deliveries, and when an old one is superseded by a newer one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select, update

from statuspage.domain import SITE, Delivery, DeliveryStatus
from statuspage.storage.tables import delivery as deliveries

_column = deliveries.c
_STREAM = ("incident", "channel", "language")


STALE_AFTER = timedelta(hours=1)
"""After this long in the queue a message is superseded by a newer one, so that only the present state is sent, not a
burst."""


STALE_REASON = "stale"
"""The reason of a delivery superseded by the newest one."""


def has_unfinished_predecessor() -> ColumnElement[bool]:
    """The condition that an earlier notice of the same incident still waits or is being sent to the same channel."""
    earlier = deliveries.alias("earlier")
    return exists().where(
        _column.channel != SITE,
        same_stream(earlier),
        earlier.c.sequence < _column.sequence,
        earlier.c.status.in_([DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value]),
    )


def supersede_stale(tx: Connection, channel: str, now: datetime) -> None:
    """Supersedes all but the newest notice of an incident once the oldest has waited for an hour."""
    if channel == SITE:
        return
    newer, oldest, sent = (deliveries.alias(name) for name in ("newer", "oldest", "sent"))
    has_newer = exists().where(
        same_stream(newer), newer.c.sequence > _column.sequence, newer.c.status == DeliveryStatus.WAITING.value
    )
    sent_since = exists().where(
        same_stream(sent, oldest), sent.c.sequence > oldest.c.sequence, sent.c.status == DeliveryStatus.DELIVERED.value
    )
    silent = exists().where(
        same_stream(oldest),
        oldest.c.sequence <= _column.sequence,
        oldest.c.queued_at < now - STALE_AFTER,
        or_(oldest.c.status == DeliveryStatus.WAITING.value, and_(oldest.c.reason == STALE_REASON, ~sent_since)),
    )
    stale = (_column.channel == channel) & (_column.status == DeliveryStatus.WAITING.value) & has_newer & silent
    ended = {"finished_at": now, "retry_at": None}
    needs_review = {"status": DeliveryStatus.NEEDS_REVIEW.value, **ended}
    superseded = {"status": DeliveryStatus.SUPERSEDED.value, "reason": STALE_REASON, **ended}
    for id, maybe_sent in tx.execute(select(_column.id, _column.maybe_sent).where(stale)).all():
        tx.execute(update(deliveries).where(_column.id == id).values(needs_review if maybe_sent else superseded))


def same_stream(left: Any, right: Any = deliveries) -> ColumnElement[bool]:
    return and_(*(left.c[name] == right.c[name] for name in _STREAM))


def in_stream_of(delivery: Delivery) -> ColumnElement[bool]:
    """The condition for messages of the same incident to the same channel in the same language."""
    return and_(*(_column[name] == getattr(delivery, name) for name in _STREAM))
