"""What the public history needs to know of all incidents at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from statuspage.store.schema import incident as incidents


def first_told(tx: Connection) -> datetime | None:
    """When customers were first told of anything at all; None while they never were."""
    return tx.execute(select(func.min(incidents.c.told))).scalar_one()
