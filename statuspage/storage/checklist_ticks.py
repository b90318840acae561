"""Checklist items ticked off beside an alert; on an incident they are events of its timeline."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from statuspage.domain import Tick
from statuspage.storage.tables import alert, alert_tick


def insert_tick(tx: Connection, alert_id: str, tick: Tick) -> None:
    """Somebody has checked this item, or takes that back."""
    next_number = select(func.coalesce(func.max(alert_tick.c.number), 0) + 1).where(alert_tick.c.alert == alert_id)
    number = tx.execute(next_number).scalar_one()
    row = {"alert": alert_id, "number": number, "text": tick.text, "done": tick.done, "at": tick.at, "by": tick.actor}
    tx.execute(insert(alert_tick).values(row))


def ticks_of_group(tx: Connection, lead: str) -> tuple[Tick, ...]:
    """The ticks beside the alerts of this group, in order."""
    alert_ids = select(alert.c.id).where((alert.c.id == lead) | (alert.c.lead == lead))
    query = (
        select(alert_tick)
        .where(alert_tick.c.alert.in_(alert_ids))
        .order_by(alert_tick.c.at, alert_tick.c.alert, alert_tick.c.number)
    )
    return tuple(Tick(row.text, row.done, row.by, row.at) for row in tx.execute(query))
