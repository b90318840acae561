"""The table of the secrets database, which no drill process is given. Change it with a migration."""

from __future__ import annotations

from sqlalchemy import Column, MetaData, String, Table, Text

from statuspage.storage.tables.metadata import NAMING_CONVENTION, Instant

secrets = MetaData(naming_convention=NAMING_CONVENTION)

secret = Table(
    "secret",
    secrets,
    Column("name", String(128), primary_key=True),  # as in the environment: STATUSPAGE_X_JA_ACCESS_TOKEN
    Column("token", Text, nullable=False),  # name and value, encrypted
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", String(128), nullable=False),
)
