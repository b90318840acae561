"""The table of how often strangers were refused at the desk's door, part of the accounts database."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, String, Table, UniqueConstraint

from statuspage.storage.tables.column_types import Instant
from statuspage.storage.tables.metadata import accounts

refusal = Table(
    "refusal",
    accounts,
    Column("id", Integer, primary_key=True),
    Column("action", String(64), nullable=False),
    Column("account_id", String(32), nullable=False),  # the account they wanted into; "" where there is none
    Column("hour", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Column("networks", JSON, nullable=False),
    UniqueConstraint("hour", "action", "account_id"),
)
