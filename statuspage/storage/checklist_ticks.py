"""Checklist items ticked for an alert. For an incident, they are events of its timeline instead."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from statuspage.domain import Tick
from statuspage.storage.tables import alert
from statuspage.storage.tables import alert_tick as ticks


def insert_tick(tx: Connection, alert_id: str, tick: Tick) -> None:
    """Stores that somebody ticked or unticked this item."""
    next_number = select(func.coalesce(func.max(ticks.c.number), 0) + 1).where(ticks.c.alert == alert_id)
    number = tx.execute(next_number).scalar_one()
    row = {
        "alert": alert_id,
        "number": number,
        "text": tick.text,
        "done": tick.done,
        "at": tick.at,
        "actor": tick.actor,
    }
    tx.execute(insert(ticks).values(row))


def ticks_of_group(tx: Connection, lead: str) -> tuple[Tick, ...]:
    """The ticks for the alerts of this group, in order."""
    alert_ids = select(alert.c.id).where((alert.c.id == lead) | (alert.c.group_lead == lead))
    query = select(ticks).where(ticks.c.alert.in_(alert_ids)).order_by(ticks.c.at, ticks.c.alert, ticks.c.number)
    return tuple(Tick(row.text, row.done, row.actor, row.at) for row in tx.execute(query))
