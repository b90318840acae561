"""The send hold: while the database is older than what was sent, nothing is sent until a person allows it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from statuspage.storage.tables import site


def find_hold_start(tx: Connection) -> datetime | None:
    """Since when sending is stopped; None if there is no hold."""
    held_since: datetime | None = tx.execute(select(site.c.held_since)).scalar_one()
    return held_since


def current_fence(tx: Connection) -> int:
    """The highest number issued so far for ordering what is published and sent."""
    highest: int = tx.execute(select(site.c.fence)).scalar_one()
    return highest


def begin_hold(tx: Connection, now: datetime) -> None:
    """Begins a hold; an existing one keeps its start time."""
    tx.execute(update(site).values(held_since=func.coalesce(site.c.held_since, now)))


def end_hold(tx: Connection, fence: int) -> None:
    """Ends the hold; numbers continue above ``fence``."""
    tx.execute(update(site).where(site.c.fence < fence).values(fence=fence))
    tx.execute(update(site).values(held_since=None))
