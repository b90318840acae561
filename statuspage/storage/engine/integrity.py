"""Whether a database is whole and can be written, without changing anything in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from statuspage.storage.engine.database import Broken, Busy, Database, NotADatabase
from statuspage.storage.engine.migrate import revision


@dataclass(frozen=True, slots=True)
class Soundness:
    """What was found. ``code`` is "" where all is well, else as of Broken, or busy, unknown, driver, not_wal."""

    code: str
    revision: str = ""
    version: str = ""


def looked_at(url: str, schema: str) -> Soundness:
    """Looks at the database at this URL; its tables stay as they are."""
    try:
        database = Database(url, schema)
    except NotADatabase as error:
        return Soundness(error.code)
    try:
        return _looked(database)
    except Busy:
        return Soundness("busy")
    except Broken as error:
        return Soundness(error.code)
    finally:
        database.close()


def _looked(database: Database) -> Soundness:
    with database.read() as tx:
        current_revision = revision(tx) or ""
        problem, version = _of_sqlite(tx) if tx.dialect.name == "sqlite" else ("", _version(tx))
    if not problem:
        with database.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE doctor_tried (number integer)")
            tx.rollback()
    return Soundness(problem, current_revision, version)


def _version(tx: Connection) -> str:
    return "PostgreSQL " + str(tx.exec_driver_sql("SHOW server_version").scalar_one()).split()[0]


def _of_sqlite(tx: Connection) -> tuple[str, str]:
    version = "SQLite " + str(tx.exec_driver_sql("SELECT sqlite_version()").scalar_one())
    if tx.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() != "ok":
        return "damaged", version
    mode = tx.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    return "" if mode == "wal" else "not_wal", version
