"""What a channel has told, by the ids of the other side."""

from __future__ import annotations

from sqlalchemy import Connection, select

from statuspage.deliveries import Delivery, End, Receipt
from statuspage.records import load
from statuspage.store.schema import delivery as deliveries

_c = deliveries.c


def ids_of_others(tx: Connection, delivery: Delivery) -> frozenset[str]:
    """The other side's ids of the newest hundred messages of this channel that are not this one."""
    sent = (_c.channel == delivery.channel) & (_c.end == End.SENT.value) & (_c.id != delivery.id)
    rows = tx.execute(select(_c.receipt).where(sent).order_by(_c.id.desc()).limit(100)).scalars()
    return frozenset(load(Receipt, row).remote_id for row in rows)


def is_newest(tx: Connection, channel: str, remote_id: str) -> bool:
    """Whether the message with this id of the other side is the newest that this channel has told of its incident."""
    sent = (_c.channel == channel) & (_c.end == End.SENT.value)
    rows = tx.execute(select(_c.incident, _c.receipt).where(sent).order_by(_c.id.desc()).limit(100))
    newest: dict[str, str] = {}
    for row in rows:
        newest.setdefault(row.incident, load(Receipt, row.receipt).remote_id)
    return remote_id in newest.values()
