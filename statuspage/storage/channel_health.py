"""The health of each channel, stored so that it survives a restart and is shared by several workers. A healthy channel
has no row."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from statuspage.domain import ChannelHealth
from statuspage.serialization import from_json_value
from statuspage.storage.tables import channel_health as rows


def read_health(tx: Connection, channel: str, *, lock: bool = False) -> ChannelHealth:
    """The health of this channel. ``lock`` keeps others from changing it until the transaction ends."""
    query = select(rows).where(rows.c.channel == channel)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return from_json_value(ChannelHealth, dict(row._mapping)) if row else ChannelHealth(channel)


def troubled_channels(tx: Connection) -> tuple[ChannelHealth, ...]:
    """Every unhealthy channel."""
    return tuple(
        from_json_value(ChannelHealth, dict(row._mapping)) for row in tx.execute(select(rows).order_by(rows.c.channel))
    )


def save_health(tx: Connection, health: ChannelHealth) -> None:
    """Stores the health of a channel."""
    if health == ChannelHealth(health.channel):
        tx.execute(delete(rows).where(rows.c.channel == health.channel))
        return
    change = update(rows).where(rows.c.channel == health.channel).values(asdict(health))
    if tx.execute(change).rowcount:
        return
    try:
        with tx.begin_nested():
            tx.execute(insert(rows).values(asdict(health)))
    except IntegrityError:
        tx.execute(change)  # another worker was the first to have a failure


def allow_probe(tx: Connection, channel: str, now: datetime) -> bool:
    """Lets one message of an unhealthy channel be tried at once. False if it was healthy."""
    return bool(
        tx.execute(update(rows).where(rows.c.channel == channel).values(closed_until=now, last_failure_at=now)).rowcount
    )
