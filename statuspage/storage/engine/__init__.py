"""The databases themselves: SQLite, PostgreSQL, migrations and moving between them."""

from statuspage.storage.engine import former, integrity, sqlite, transfer
from statuspage.storage.engine.database import Broken, Busy, Connection, Database, NotADatabase
from statuspage.storage.engine.dialects import MANNERS, PresenceLock
from statuspage.storage.engine.migrate import is_known

__all__ = [
    "MANNERS",
    "Broken",
    "Busy",
    "Connection",
    "Database",
    "NotADatabase",
    "PresenceLock",
    "former",
    "integrity",
    "is_known",
    "sqlite",
    "transfer",
]
