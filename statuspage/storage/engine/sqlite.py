"""The SQLite dialect: pragmas, transaction types and error codes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError

from statuspage.storage.tables import BEING_REDACTED, IMMUTABLE_COLUMNS, IMMUTABLE_REDACTION_COLUMNS

LOCK_TIMEOUT_MS = 5000
"""How long a statement waits for a lock before it gives up, in milliseconds."""

_REJECT = "BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END"

APPEND_ONLY = (
    "CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry WHEN "
    + " OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in IMMUTABLE_COLUMNS)
    + f" OR NOT {BEING_REDACTED} {_REJECT}",
    f"CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry {_REJECT}",
    "CREATE TRIGGER redaction_no_update BEFORE UPDATE ON redaction WHEN OLD.sealed <> 0 AND ("
    + " OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in IMMUTABLE_REDACTION_COLUMNS)
    + f") {_REJECT}",
    f"CREATE TRIGGER redaction_no_delete BEFORE DELETE ON redaction {_REJECT}",
)
"""Protects the timeline even from errors of ours. A recorded redaction may change the words of its incident in its own
transaction, and nothing else."""

NOTIFY_TRIGGERS: tuple[str, ...] = ()
"""None: the only worker sees by itself that something was written."""

ENGINE_OPTIONS: Mapping[str, Any] = {}
READ_OPTIONS: Mapping[str, Any] = {}
WRITE_OPTIONS: Mapping[str, Any] = {"writes": True}

SUPPORTS_MANY_WORKERS = False
"""A single worker is enough on one machine; its lock file keeps others out."""

_ERROR_CODES = {
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_IOERR: "full",  # the error of a full disk while the WAL index is created
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_CANTOPEN: "denied",
    sqlite3.SQLITE_PERM: "denied",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}


def driver_url(url: URL) -> URL:
    """The URL unchanged."""
    return url


class WriteLock:
    """Orders the writers of this process.

    SQLite does not wake waiters: they sleep for increasing periods and poll, so that others get ahead and a waiter may
    need most of a second where each transaction takes five milliseconds. Here the next one is woken at once. Writers of
    other processes compete for SQLite's own lock, within the rest of the timeout.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._remaining_ms = LOCK_TIMEOUT_MS

    def __enter__(self) -> None:
        started = monotonic()
        if not self._lock.acquire(timeout=LOCK_TIMEOUT_MS / 1000):
            raise TimeoutError("others of this process are writing")
        self._remaining_ms = max(LOCK_TIMEOUT_MS - int((monotonic() - started) * 1000), 0)

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def begin(self, connection: Connection) -> None:
        """A deferred transaction that reads and then writes fails at once if another one wrote in between, regardless
        of the timeout (SQLITE_BUSY_SNAPSHOT), so every writing transaction takes the lock at its start."""
        writes = connection.get_execution_options().get("writes", False)
        raw: Any = connection.connection.driver_connection
        raw.execute(f"PRAGMA busy_timeout={self._remaining_ms if writes else LOCK_TIMEOUT_MS}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def configure_engine(engine: Engine) -> WriteLock:
    """WAL, every commit flushed to disk, foreign keys. The driver no longer begins transactions itself."""
    turns = WriteLock()
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", turns.begin)
    return turns


def classify_error(error: DBAPIError) -> str:
    """What is wrong with the database; "" if nothing is, and the error is ours."""
    return _ERROR_CODES.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF, "")


def refuses_connection(_engine: Engine) -> bool:
    """Always false: a file cannot refuse a connection."""
    return False


def keep_copy(engine: Engine, name: str) -> None:
    """Copies the file to ``FILE.before-NAME``, completely or not at all; the newest few are kept."""
    if not engine.url.database or engine.url.database == ":memory:":
        return
    file = Path(engine.url.database)
    new_copy = file.with_name(f"{file.name}.before-{name}.new")
    copy_database(engine, new_copy)
    with new_copy.open("rb+") as copy_file:
        os.fsync(copy_file.fileno())
    new_copy.replace(file.with_name(f"{file.name}.before-{name}"))
    copies = sorted(file.parent.glob(f"{file.name}.before-*"), key=lambda path: path.stat().st_mtime)
    for old_copy in copies[:-MAX_COPIES]:
        old_copy.unlink(missing_ok=True)


MAX_COPIES = 3
"""How many copies from before migrations are kept beside a file."""


def copy_database(engine: Engine, target: Path) -> None:
    """Copies one snapshot of the database to another file, readable only by its owner, whatever is written meanwhile.

    Free pages of the file are not copied.
    """
    target.unlink(missing_ok=True)
    target.touch(0o600)
    try:
        with closing(sqlite3.connect(str(engine.url.database))) as connection:
            connection.execute("VACUUM INTO ?", [str(target)])
    except sqlite3.Error as error:
        raise OperationalError("VACUUM INTO", None, error) from error


def is_intact(file: Path) -> bool:
    """Whether this is an intact SQLite file."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as raw:
            result = raw.execute("PRAGMA integrity_check").fetchall()
            orphan = raw.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error:
        return False
    return result == [("ok",)] and orphan is None


def scrub(engine: Engine) -> None:
    """Rewrites the file and empties its log, so that neither contains deleted text."""
    with closing(engine.raw_connection()) as raw:
        try:
            raw.cursor().execute(
                f"PRAGMA busy_timeout={LOCK_TIMEOUT_MS}"
            )  # otherwise its last transaction's data stays in it
            raw.cursor().execute("VACUUM")
            busy, *_ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            raise OperationalError("VACUUM", None, error) from error
    if busy:
        busy_error = sqlite3.OperationalError("somebody is still reading")
        busy_error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise OperationalError("PRAGMA wal_checkpoint", None, busy_error)


def take_write_turn(_tx: Connection) -> None:
    """Does nothing: a writing transaction holds the lock from its start."""


LOOK_SECONDS = 0.1
"""Seconds between two looks at the number of the last change, which take 10 microseconds."""


class SqlitePresence:
    """The only worker is identified by its lock file, and sees when anybody, of any process, has written."""

    sees_every_change = True

    def __init__(self, engine: Engine) -> None:
        self._file = str(engine.url.database)
        self._connection: sqlite3.Connection | None = None
        self._version = -1

    def renew(self) -> None:
        """Does nothing."""

    def wait_for_work(self, seconds: float, stop: Event) -> bool:
        """Waits up to ``seconds`` for a commit. True if there was one since the last call, or may have been."""
        deadline = monotonic() + seconds
        while not (has_changed := self._has_changed()) and not stop.is_set() and monotonic() < deadline:
            stop.wait(LOOK_SECONDS)
        return has_changed

    def _has_changed(self) -> bool:
        """Whether another connection has committed: https://sqlite.org/pragma.html#pragma_data_version."""
        previous = self._version
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._file)
            (self._version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            self.release()
        return self._version != previous

    def release(self) -> None:
        """Closes the connection."""
        self._version = -1
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def hold_presence(engine: Engine, _name: str) -> Iterator[SqlitePresence]:
    """The presence of the only worker."""
    presence = SqlitePresence(engine)
    try:
        yield presence
    finally:
        presence.release()


def is_present(_tx: Connection, _name: str) -> bool:
    """Always the same: there is only one worker."""
    return False


def _on_connect(raw: Any, _record: object) -> None:
    raw.isolation_level = None
    # FULL: in WAL mode, NORMAL may lose a committed row on power loss, and a lost "sent" would cause a second post.
    for pragma in (f"busy_timeout={LOCK_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        raw.execute(f"PRAGMA {pragma}")
