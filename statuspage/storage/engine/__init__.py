"""The databases themselves: SQLite, PostgreSQL, migrations and moving between them."""

from statuspage.storage.engine import former, integrity, sqlite, transfer
from statuspage.storage.engine.database import Connection, Database, DatabaseBroken, DatabaseBusy, InvalidDatabaseUrl
from statuspage.storage.engine.dialects import DIALECTS, PresenceLock
from statuspage.storage.engine.migrate import is_known

__all__ = [
    "DIALECTS",
    "Connection",
    "Database",
    "DatabaseBroken",
    "DatabaseBusy",
    "InvalidDatabaseUrl",
    "PresenceLock",
    "former",
    "integrity",
    "is_known",
    "sqlite",
    "transfer",
]
