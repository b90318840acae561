"""The health of each channel, stored so that it survives a restart and several workers share it. A healthy channel has
no row."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from statuspage.domain import ChannelHealth
from statuspage.serialization import from_json_value
from statuspage.storage.tables import channel_health

_health_columns = channel_health.c


def read_health(tx: Connection, channel: str, *, lock: bool = False) -> ChannelHealth:
    """The health of this channel; ``lock`` keeps others from changing it meanwhile."""
    query = select(channel_health).where(_health_columns.channel == channel)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return from_json_value(ChannelHealth, dict(row._mapping)) if row else ChannelHealth(channel)


def troubled_channels(tx: Connection) -> tuple[ChannelHealth, ...]:
    """Every unhealthy channel."""
    return tuple(
        from_json_value(ChannelHealth, dict(row._mapping))
        for row in tx.execute(select(channel_health).order_by(_health_columns.channel))
    )


def save_health(tx: Connection, health: ChannelHealth) -> None:
    """Stores the health of a channel."""
    if health == ChannelHealth(health.channel):
        tx.execute(delete(channel_health).where(_health_columns.channel == health.channel))
        return
    change = update(channel_health).where(_health_columns.channel == health.channel).values(asdict(health))
    if tx.execute(change).rowcount:
        return
    try:
        with tx.begin_nested():
            tx.execute(insert(channel_health).values(asdict(health)))
    except IntegrityError:
        tx.execute(change)  # another worker stored its trouble first


def allow_probe(tx: Connection, channel: str, now: datetime) -> bool:
    """Lets one message of an unhealthy channel try again at once. False if it was healthy."""
    return bool(
        tx.execute(update(channel_health).where(_health_columns.channel == channel).values(until=now, at=now)).rowcount
    )
