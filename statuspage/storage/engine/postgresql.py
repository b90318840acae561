"""The PostgreSQL dialect: settings, transaction types and error codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Event
from typing import Any

from sqlalchemy import Connection, Engine, String, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.compiler import compiles

from statuspage.storage.tables import BEING_REDACTED, IMMUTABLE_COLUMNS, IMMUTABLE_REDACTION_COLUMNS

LOCK_TIMEOUT_MS = 5000
"""How long a statement waits for a lock before it gives up, in milliseconds."""

_RAISE = "RAISE EXCEPTION 'the timeline is append-only' USING ERRCODE = '23000'"

APPEND_ONLY = (
    f"CREATE FUNCTION reject_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_RAISE}; END $$",
    "CREATE FUNCTION allow_redaction_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
    + " AND ".join(f'NEW."{name}" IS NOT DISTINCT FROM OLD."{name}"' for name in IMMUTABLE_COLUMNS)
    + f" AND {BEING_REDACTED} THEN RETURN NEW; END IF; {_RAISE}; END $$",
    "CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry FOR EACH ROW EXECUTE FUNCTION allow_redaction_only()",
    "CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry FOR EACH ROW EXECUTE FUNCTION reject_change()",
    "CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION reject_change()",
    "CREATE TRIGGER redaction_no_update BEFORE UPDATE ON redaction FOR EACH ROW WHEN (OLD.sealed <> 0 AND ("
    + " OR ".join(f'NEW."{name}"::text IS DISTINCT FROM OLD."{name}"::text' for name in IMMUTABLE_REDACTION_COLUMNS)
    + ")) EXECUTE FUNCTION reject_change()",
    "CREATE TRIGGER redaction_no_delete BEFORE DELETE ON redaction FOR EACH ROW EXECUTE FUNCTION reject_change()",
    "CREATE TRIGGER redaction_no_truncate BEFORE TRUNCATE ON redaction "
    "FOR EACH STATEMENT EXECUTE FUNCTION reject_change()",
)
"""Protects the timeline even from errors of ours. A recorded redaction may change the words of its incident in its own
transaction, and nothing else."""

NOTIFY_TRIGGERS = (
    "CREATE FUNCTION notify_worker() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN NOTIFY statuspage_delivery_due; RETURN NULL; END $$",
    "CREATE TRIGGER delivery_notify AFTER INSERT OR UPDATE OF retry_at ON delivery FOR EACH ROW "
    "WHEN (NEW.status = 'waiting') EXECUTE FUNCTION notify_worker()",
    "CREATE TRIGGER staff_notification_notify AFTER INSERT OR UPDATE OF retry_at ON staff_notification FOR EACH ROW "
    "WHEN (NEW.status = 'waiting') EXECUTE FUNCTION notify_worker()",
)
"""Notify the workers as soon as a delivery or a staff notification is queued or rescheduled."""

ENGINE_OPTIONS: Mapping[str, Any] = {"pool_size": 10, "max_overflow": 10, "pool_timeout": 5, "pool_pre_ping": True}
"""Up to twenty connections per process and database, each checked before use."""

READ_OPTIONS: Mapping[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
WRITE_OPTIONS: Mapping[str, Any] = {"isolation_level": "READ COMMITTED"}
"""Read committed, because a transaction that waited for its turn must see what earlier ones wrote."""

SUPPORTS_MANY_WORKERS = True
"""Any number of workers, on any number of machines."""

_DRIVER = "postgresql+psycopg"
_CONNECTION_OPTIONS = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
    "application_name": "statuspage",
}
"""How soon a dead server is noticed, in seconds (the last but one: milliseconds)."""

_SESSION = """
    SET TIME ZONE 'UTC';
    SET idle_in_transaction_session_timeout = 30000;
    SET synchronous_commit = on;
    SET lock_timeout = {patience}
"""
# An idle transaction blocks the others for at most 30 seconds. Commits are synchronous, whatever the server's own
# setting, because a lost "sent" would cause a second post.

_ERROR_CODES = {
    "0A000": "read_only",  # a standby's answer to a write
    "25006": "read_only",
    "28000": "denied",
    "28P01": "denied",
    "3D000": "denied",
    "40001": "busy",  # serialization failure
    "40P01": "busy",  # deadlock
    "42501": "denied",
    "53100": "full",
    "53300": "busy",  # too many connections
    "55P03": "busy",  # lock not available in time
    "XX001": "damaged",
    "XX002": "damaged",
}

_LOCK_NAME = "hashtext('statuspage worker'), hashtext(:name)"
_TAKE_PRESENCE_LOCK = text(f"SELECT pg_try_advisory_lock({_LOCK_NAME})")
_TRY_PRESENCE_LOCK = text(f"SELECT pg_try_advisory_xact_lock({_LOCK_NAME})")

_LISTEN = text("LISTEN statuspage_delivery_due")

_TAKE_WRITE_TURN = text("SELECT pg_advisory_xact_lock(hashtext('statuspage writes'), hashtext(current_schema()))")


@compiles(String, "postgresql")
def _unlimited(*_: object, **__: object) -> str:
    """Stores texts of any length, as SQLite does. Declared lengths are documentation, and no reason to lose an
    alert."""
    return "TEXT"


def driver_url(url: Any) -> Any:
    """The URL with our driver, and with our timeouts for a server that does not answer."""
    return url.set(drivername=_DRIVER, query={**_CONNECTION_OPTIONS, **url.query})


def configure_engine(engine: Engine) -> AbstractContextManager[None]:
    """Makes every connection use UTC, limit lock waits and commit synchronously. The server orders the writers."""
    event.listen(engine, "connect", _on_connect)
    return nullcontext()


def classify_error(error: DBAPIError) -> str:
    """What is wrong with the database; "" if nothing is, and the error is ours."""
    code = _ERROR_CODES.get(getattr(error.orig, "sqlstate", None) or "", "")
    if code:
        return code
    if error.connection_invalidated:
        return "cut"
    return "away" if isinstance(error, OperationalError) else ""


def refuses_connection(engine: Engine) -> bool:
    """Whether a server is running but refuses the connection: a wrong password, no such database. libpq returns no code
    for that. A server that is starting up does not count as refusing."""
    _, arguments = engine.dialect.create_connect_args(engine.url)
    driver: Any = engine.dialect.loaded_dbapi
    conninfo = driver.conninfo.make_conninfo(**{name: value for name, value in arguments.items() if name != "context"})
    return bool(driver.pq.PGconn.ping(conninfo.encode()) == driver.pq.Ping.OK)


def keep_copy(_engine: Engine, _name: str) -> None:
    """Does nothing: backups are the responsibility of the server's administrator."""


def scrub(_engine: Engine) -> None:
    """Does nothing: the server's files are the responsibility of its administrator (docs/guides/postgresql.md)."""


def take_write_turn(tx: Connection) -> None:
    """Waits until no other transaction holds the write lock; it is released when the transaction ends."""
    tx.execute(_TAKE_WRITE_TURN)


class PostgresqlPresence:
    """A worker's own connection, on which it holds a lock and is notified when something is queued."""

    sees_every_change = False

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._name = name
        self._connection: Connection | None = None
        self._may_have_missed = True  # after the connection was lost, or before the first one

    def renew(self) -> None:
        """Holds the lock, and takes it again if the server was restarted or the connection lost. Raises if it
        cannot."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
                self._connection.execute(_TAKE_PRESENCE_LOCK, {"name": self._name})
                self._connection.execute(_LISTEN)
            else:
                self._connection.execute(text("SELECT 1"))
        except Exception:
            self.release()
            raise

    def wait_for_work(self, seconds: float, stop: Event) -> bool:
        """Waits up to ``seconds`` for a notification. True if one came, or may have been missed."""
        if self._connection is None:
            stop.wait(seconds)
            return True
        if self._may_have_missed:
            self._may_have_missed = False
            return True
        driver_connection: Any = self._connection.connection.driver_connection
        try:
            return bool(
                [*driver_connection.notifies(timeout=seconds, stop_after=1), *driver_connection.notifies(timeout=0)]
            )
        except driver_connection.Error:
            self.release()
            return True

    def release(self) -> None:
        """Closes the connection, because a session lock must not return to the pool with it."""
        self._may_have_missed = True
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


@contextmanager
def hold_presence(engine: Engine, name: str) -> Iterator[PostgresqlPresence]:
    """A presence connection with the lock for this name."""
    presence_lock = PostgresqlPresence(engine, name)
    presence_lock.renew()
    try:
        yield presence_lock
    finally:
        presence_lock.release()


def is_present(tx: Connection, name: str) -> bool:
    """Whether the lock for this name is held."""
    return not tx.execute(_TRY_PRESENCE_LOCK, {"name": name}).scalar_one()


def _on_connect(raw: Any, _record: object) -> None:
    raw.execute(_SESSION.format(patience=LOCK_TIMEOUT_MS))
    raw.commit()
