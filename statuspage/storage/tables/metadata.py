"""What the tables share: metadata and naming conventions, the type of a timestamp, and a queue's columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, DateTime, Dialect, Integer, MetaData, String, Text
from sqlalchemy.types import TypeDecorator

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


environment = MetaData(naming_convention=NAMING_CONVENTION)
accounts = MetaData(naming_convention=NAMING_CONVENTION)


class Instant(TypeDecorator[datetime]):
    """A timestamp: aware in the program, stored in UTC. SQLite stores no zone, so it is added when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Converts to UTC. Raises ValueError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be kept")
        at = value.astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        at: datetime = value
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """In SQLite the stored text becomes an aware time in one step: pages read tens of thousands of them."""
        if dialect.name == "sqlite":
            return lambda text: None if text is None else datetime.fromisoformat(f"{text}+00:00")
        return super().result_processor(dialect, coltype)


def queue_columns() -> tuple[Column[Any], ...]:
    """The columns of every queue: status, owner and schedule of a row; see ``domain.QueueItem``."""
    return (
        Column("status", String(16), nullable=False),
        Column("reason", String(32), nullable=False),
        Column("detail", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("queued_at", Instant, nullable=False),
        Column("retry_at", Instant),
        Column("started_at", Instant),
        Column("finished_at", Instant),
        Column("owner", String(64), nullable=False),
        Column("maybe_sent", Boolean(name="maybe_sent"), nullable=False),
        Column("receipt", JSON, nullable=False),
    )
