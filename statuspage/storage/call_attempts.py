"""Attempts to reach somebody: whom, when, through what, and whether they were reached."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert, select

from statuspage.domain import CallAttempt
from statuspage.storage.tables import call_attempt as rows


def insert_attempt(tx: Connection, attempt: CallAttempt) -> None:
    """Stores an attempt."""
    tx.execute(insert(rows).values(asdict(attempt)))


def attempts_between(tx: Connection, begin: datetime, end: datetime) -> tuple[CallAttempt, ...]:
    """The attempts in this period, its ends included; oldest first."""
    query = select(rows).where(rows.c.at >= begin, rows.c.at <= end).order_by(rows.c.at, rows.c.id)
    return tuple(CallAttempt(row.at, row.person, row.actor, row.channel, row.was_reached) for row in tx.execute(query))
