"""Databases and transactions: one database per environment, one each for accounts, subscribers and secrets."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from threading import Lock
from typing import ClassVar
from weakref import finalize

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, TimeoutError

from statuspage.process_log import Log, is_kept
from statuspage.storage.engine.dialects import BUSY, DIALECTS, PresenceLock
from statuspage.storage.engine.migrate import is_current, revision, upgrade
from statuspage.storage.engine.row_changes import follow_statements, note_in, noted_once_committed
from statuspage.storage.notice_text import SITE

__all__ = ["Connection", "Database", "DatabaseBroken", "DatabaseBusy", "InvalidDatabaseUrl", "PresenceLock"]


MIGRATION_TIMEOUT = 60.0
"""How many seconds another process may need to migrate the tables."""

REPEAT_SECONDS = 60.0
"""Seconds between two lines of the log about databases that still do not work, however many they are."""

_log = Log(__name__)


class DatabaseBusy(Exception):
    """The database is locked by others. Nothing was stored; try again in a moment."""


class DatabaseBroken(Exception):
    """The database does not work and needs a person. Nothing was stored, except possibly with the code *cut*.

    ``code`` is away (no answer), cut (connection lost in between), denied, full, read_only or damaged.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class InvalidDatabaseUrl(Exception):
    """The URL is not that of a supported database. ``code`` is unknown, or driver if its driver is not installed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def log_on_commit(tx: Connection, name: str, **fields: str) -> None:
    """Logs this event if the transaction is committed, and if this process has a log."""
    if is_kept():
        tx.info.get(_COMMITTED, []).append((name, fields))


_COMMITTED = "statuspage.log_on_commit"
"""Where a transaction keeps what is logged once it is committed."""


class Database:
    """One database and its transactions. ``schema`` names its migrations: ``environment``, ``accounts``,
    ``subscribers`` or ``secrets``.

    Raises InvalidDatabaseUrl for anything but SQLite and PostgreSQL.
    """

    _problem_logged_at: ClassVar[float] = 0.0
    """By the clock of this process: one line a minute, because databases of one server are away together."""

    def __init__(self, url: str, schema: str = "environment") -> None:
        self.schema = schema
        self.url = url
        self.engine, self._write_lock = _create_engine(url)
        finalize(self, self.engine.dispose)  # A database that is garbage-collected is closed.
        self._dialect = DIALECTS[self.engine.dialect.name]
        self._reported_problem: str | None = None  # until it has worked once: the first caller gets the error itself
        self._problem_lock = Lock()
        self.rename_services({})

    @classmethod
    def for_environment(cls, url: str) -> Database:
        """The database of one environment: alerts, incidents, drafts, deliveries, drills."""
        return cls(url, "environment")

    def rename_services(self, services: Mapping[str, str]) -> None:
        """From now on, services are read with their present ids. Stored data does not change.

        Transactions in progress are not affected.
        """
        self._read_engine = self.engine.execution_options(**self._dialect.READ_OPTIONS, renamed=services)
        self._site_engine = self._read_engine.execution_options(words=SITE)
        self._write_engine = self.engine.execution_options(**self._dialect.WRITE_OPTIONS, renamed=services)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A writing transaction: stored as a whole, or not at all. Raises DatabaseBusy after 5 seconds, DatabaseBroken.

        Writing transactions run one after the other on every database, so that what one has read is still true when it
        writes.
        """
        with self.begin_without_turn() as tx:
            self._dialect.take_write_turn(tx)
            yield tx

    @contextmanager
    def begin_without_turn(self) -> Iterator[Connection]:
        """A writing transaction that may run in parallel if the database supports it: for claims of the queue."""
        committed: list[tuple[str, dict[str, str]]] = []
        with (
            self.translate_errors(),
            self._write_lock,
            noted_once_committed() as changes,
            self._write_engine.begin() as tx,
        ):
            tx.info[_COMMITTED] = committed
            note_in(tx, changes)
            yield tx
        for name, fields in committed:
            _log.info(name, **fields)
        self._report_problem("")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reading transaction: one snapshot throughout, whatever others write."""
        with self.translate_errors(), self._read_engine.begin() as tx:
            yield tx
        self._report_read_success()

    @contextmanager
    def read_for_site(self) -> Iterator[Connection]:
        """Like ``read``, but loads only the notice texts for the site's own media, a fraction of the whole."""
        with self.translate_errors(), self._site_engine.begin() as tx:
            yield tx
        self._report_read_success()

    def migrate(self) -> None:
        """Migrates the tables to this program's revision; does nothing if they are current.

        Several processes may call it at once: one migrates, the others wait up to a minute. It is one transaction, so
        that an interrupted migration changes nothing. A database in a file is first copied beside itself. Raises
        DatabaseBroken.
        """
        try:
            self._migrate()
        except DatabaseBroken as error:
            if error.code != "away" or not self._dialect.refuses_connection(self.engine):
                raise
            self._migrate_or_denied()  # it may have recovered in between

    def _migrate_or_denied(self) -> None:
        try:
            self._migrate()
        except DatabaseBroken as error:
            raise DatabaseBroken("denied" if error.code == "away" else error.code) from error

    def _migrate(self) -> None:
        deadline = time.monotonic() + MIGRATION_TIMEOUT
        while not self._is_current():
            try:
                with self.begin() as tx:
                    if current_revision := revision(tx):
                        self._dialect.keep_copy(self.engine, current_revision)
                    upgrade(tx, self.schema)
            except DatabaseBusy:
                if time.monotonic() > deadline:
                    raise

    @property
    def revision(self) -> str:
        """The last applied migration; "" if there are no tables yet."""
        with self.read() as tx:
            return revision(tx)

    @property
    def is_current(self) -> bool:
        """Whether the tables are at this program's revision."""
        return self._is_current()

    def scrub(self) -> None:
        """Removes deleted data from the database's files as well, if those files are ours.

        Raises DatabaseBusy if others keep reading or writing.
        """
        with self.translate_errors():
            self._dialect.scrub(self.engine)

    def _is_current(self) -> bool:
        with self.read() as tx:
            return is_current(tx, self.schema)

    @property
    def supports_many_workers(self) -> bool:
        """Whether several workers may process this database's queue at once."""
        return self._dialect.SUPPORTS_MANY_WORKERS

    @contextmanager
    def hold_presence(self, name: str) -> Iterator[PresenceLock]:
        """Registers ``name`` as present for ``find_absent``, as long as its connection lasts."""
        with self.translate_errors(), self._dialect.hold_presence(self.engine, name) as presence_lock:
            yield presence_lock

    def find_absent(self, names: Collection[str]) -> tuple[str, ...]:
        """Those of these names that are absent because their process has ended."""
        if not names:
            return ()
        with self.begin_without_turn() as tx:
            return tuple(name for name in names if not self._dialect.is_present(tx, name))

    def close(self) -> None:
        """Closes the database's files and connections."""
        self.engine.dispose()

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Translates database errors raised inside to DatabaseBusy or DatabaseBroken."""
        try:
            yield
        except TimeoutError as error:
            raise DatabaseBusy("too many want the database at once; try again in a moment") from error
        except DBAPIError as error:
            problem = self._dialect.classify_error(error)
            if problem == BUSY:
                raise DatabaseBusy("the database is in use; try again in a moment") from error
            if problem:
                self._report_problem("away" if problem == "cut" else problem)
                raise DatabaseBroken(problem) from error
            raise

    def _report_problem(self, problem: str) -> None:
        """Logs when the database stops working, once a minute while it does not, and when it works again ("")."""
        with self._problem_lock:
            previous = self._reported_problem
            self._reported_problem = None if previous is None and problem else problem
            is_due = problem != previous or time.monotonic() - Database._problem_logged_at >= REPEAT_SECONDS
            if is_due:
                Database._problem_logged_at = time.monotonic()
        if not is_kept():  # The caller has the error, and may use stdout for its own output.
            return
        if problem and previous is not None and is_due:
            name = "database unavailable" if problem == "away" else "database error"
            _log.error(name, database=self.schema, code=problem)
        elif previous and not problem:
            _log.warning("database available again", database=self.schema)

    def _report_read_success(self) -> None:
        """Reading works: the database is not away, but may still refuse writes."""
        if self._reported_problem == "away":
            self._report_problem("")


def _create_engine(url: str) -> tuple[Engine, AbstractContextManager[None]]:
    try:
        parsed_url = make_url(url)
        dialect = DIALECTS[parsed_url.get_backend_name()]
    except (ArgumentError, NoSuchModuleError, KeyError) as error:
        raise InvalidDatabaseUrl("unknown") from error
    try:
        engine = create_engine(
            dialect.driver_url(parsed_url),
            json_serializer=partial(json.dumps, ensure_ascii=False),
            **dialect.ENGINE_OPTIONS,
        )
    except ModuleNotFoundError as error:
        raise InvalidDatabaseUrl("driver") from error
    follow_statements(engine)
    return engine, dialect.configure_engine(engine)


def renamed_services(tx: Connection) -> Mapping[str, str]:
    """Former ids of services, mapped to their present ids."""
    current_ids: Mapping[str, str] = tx.get_execution_options().get("renamed", {})
    return current_ids
