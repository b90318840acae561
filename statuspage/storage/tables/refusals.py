"""The table of refused sign-ins of strangers, in the accounts database."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, String, Table, UniqueConstraint

from statuspage.storage.tables.column_types import Instant
from statuspage.storage.tables.metadata import accounts

refusal = Table(
    "refusal",
    accounts,
    Column("id", Integer, primary_key=True),
    Column("what", String(64), nullable=False),
    Column("account", String(32), nullable=False),  # the account they tried; "" if there is none
    Column("hour", Instant, nullable=False),
    Column("last", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Column("networks", JSON, nullable=False),
    UniqueConstraint("hour", "what", "account"),
)
