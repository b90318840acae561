"""The order of deliveries: in turn, when due, and when one gives way to a newer one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select, update

from statuspage.domain import CLOCK_TOLERANCE, SITE, DeliveryStatus
from statuspage.storage.tables import delivery

_column = delivery.c


STALE_AFTER = timedelta(hours=1)
"""After this long in the queue a message gives way to a newer one: the present state, not a burst."""


STALE_REASON = "stale"
"""The reason of a delivery that gave way to the newest."""


def has_unfinished_predecessor() -> ColumnElement[bool]:
    """Whether an earlier notice of the same incident still waits or is being sent there."""
    earlier = delivery.alias("earlier")
    return exists().where(
        _column.channel != SITE,
        same_stream(earlier),
        earlier.c.sequence < _column.sequence,
        earlier.c.end.in_([DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value]),
    )


def is_due(now: datetime) -> ColumnElement[bool]:
    """Due, or stored before the clock was set back: then nobody waits for the time to come round again."""
    ahead = now + CLOCK_TOLERANCE
    clock_moved_back = or_(
        and_(_column.attempts == 0, _column.queued > ahead), and_(_column.attempts > 0, _column.started > ahead)
    )
    return (_column.end == DeliveryStatus.WAITING.value) & ((_column.due <= now) | clock_moved_back)


def supersede_stale(tx: Connection, channel: str, now: datetime) -> None:
    """After an hour of silence the newest notice of an incident goes alone."""
    if channel == SITE:
        return
    newer, oldest, sent = (delivery.alias(name) for name in ("newer", "oldest", "sent"))
    has_newer = exists().where(
        same_stream(newer), newer.c.sequence > _column.sequence, newer.c.end == DeliveryStatus.WAITING.value
    )
    sent_since = exists().where(
        same_stream(sent, oldest), sent.c.sequence > oldest.c.sequence, sent.c.end == DeliveryStatus.DELIVERED.value
    )
    silent = exists().where(
        same_stream(oldest),
        oldest.c.sequence <= _column.sequence,
        oldest.c.queued < now - STALE_AFTER,
        or_(oldest.c.end == DeliveryStatus.WAITING.value, and_(oldest.c.reason == STALE_REASON, ~sent_since)),
    )
    stale = (_column.channel == channel) & (_column.end == DeliveryStatus.WAITING.value) & has_newer & silent
    finished = {"finished": now, "due": None}
    needs_review = {"end": DeliveryStatus.NEEDS_REVIEW.value, **finished}
    superseded = {"end": DeliveryStatus.SUPERSEDED.value, "reason": STALE_REASON, **finished}
    for id, unsure in tx.execute(select(_column.id, _column.unsure).where(stale)).all():
        tx.execute(update(delivery).where(_column.id == id).values(needs_review if unsure else superseded))


def same_stream(left: Any, right: Any = delivery) -> ColumnElement[bool]:
    return and_(*(left.c[name] == right.c[name] for name in ("incident", "channel", "language")))
