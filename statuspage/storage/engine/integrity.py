"""Checks that a database is intact and writable, without changing it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from statuspage.storage.engine.database import Database, DatabaseBroken, DatabaseBusy, InvalidDatabaseUrl
from statuspage.storage.engine.migrate import revision


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """The result of the check. ``code`` is "" if all is well, otherwise a code of DatabaseBroken, or busy, unknown,
    driver, not_wal."""

    code: str
    revision: str = ""
    version: str = ""


def check_database(url: str, schema: str) -> DatabaseHealth:
    """Checks the database at this URL without changing it."""
    try:
        database = Database(url, schema)
    except InvalidDatabaseUrl as error:
        return DatabaseHealth(error.code)
    try:
        return _check_database(database)
    except DatabaseBusy:
        return DatabaseHealth("busy")
    except DatabaseBroken as error:
        return DatabaseHealth(error.code)
    finally:
        database.close()


def _check_database(database: Database) -> DatabaseHealth:
    with database.read() as tx:
        current_revision = revision(tx) or ""
        problem, version = _check_sqlite(tx) if tx.dialect.name == "sqlite" else ("", _postgresql_version(tx))
    if not problem:
        with database.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE doctor_write_check (number integer)")
            tx.rollback()
    return DatabaseHealth(problem, current_revision, version)


def _postgresql_version(tx: Connection) -> str:
    return "PostgreSQL " + str(tx.exec_driver_sql("SHOW server_version").scalar_one()).split()[0]


def _check_sqlite(tx: Connection) -> tuple[str, str]:
    version = "SQLite " + str(tx.exec_driver_sql("SELECT sqlite_version()").scalar_one())
    if tx.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() != "ok":
        return "damaged", version
    mode = tx.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    return "" if mode == "wal" else "not_wal", version
