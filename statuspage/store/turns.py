"""What of a channel goes before a delivery that takes long."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists, select

from statuspage.deliveries import Delivery, End
from statuspage.store.deliveries import earlier_unfinished, is_due
from statuspage.store.schema import delivery as deliveries

_c = deliveries.c


def overtaken(tx: Connection, delivery: Delivery) -> bool:
    """Whether a newer notice of the same incident waits to be told there."""
    lane = (_c.incident == delivery.incident, _c.channel == delivery.channel, _c.language == delivery.language)
    newer = (_c.sequence > delivery.sequence, _c.end == End.WAITING.value)
    return tx.execute(select(exists().where(*lane, *newer))).scalar_one()


def others_due(tx: Connection, delivery: Delivery, now: datetime) -> bool:
    """Whether something of the same channel is due that nobody has tried yet."""
    fresh = (_c.channel == delivery.channel, _c.id != delivery.id, _c.attempts == 0)
    return tx.execute(select(exists().where(*fresh, is_due(now), ~earlier_unfinished()))).scalar_one()
