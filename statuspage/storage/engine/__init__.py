"""The database engines: SQLite, PostgreSQL, migrations, and moving data between them."""

from statuspage.storage.engine import integrity, sqlite, transfer
from statuspage.storage.engine.database import (
    Connection,
    Database,
    DatabaseBroken,
    DatabaseBusy,
    InvalidDatabaseUrl,
    log_on_commit,
    renamed_services,
)
from statuspage.storage.engine.dialects import DIALECTS, PresenceLock
from statuspage.storage.engine.migrate import is_known
from statuspage.storage.engine.row_changes import RowChanges, start_collecting, stop_collecting

__all__ = [
    "DIALECTS",
    "Connection",
    "Database",
    "DatabaseBroken",
    "DatabaseBusy",
    "InvalidDatabaseUrl",
    "PresenceLock",
    "RowChanges",
    "integrity",
    "is_known",
    "log_on_commit",
    "renamed_services",
    "sqlite",
    "start_collecting",
    "stop_collecting",
    "transfer",
]
