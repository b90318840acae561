"""What each database does in its own way, by SQLAlchemy's name of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from statuspage.store import sqlite

PREPARE: Mapping[str, Callable[[Engine], None]] = {"sqlite": sqlite.prepare}
"""Sets a new engine up: durability, locking, patience."""

IS_BUSY: Mapping[str, Callable[[DBAPIError], bool]] = {"sqlite": sqlite.is_busy}
"""Whether an error only says that somebody else holds the database."""

APPEND_ONLY: Mapping[str, Sequence[str]] = {"sqlite": sqlite.APPEND_ONLY}
"""The statements that make the database itself refuse a change to the timeline."""
