"""The store: one database per environment, one for accounts, one for subscribers, on SQLite or PostgreSQL."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from threading import Lock
from weakref import finalize

import structlog
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, TimeoutError

from statuspage.storage.engine.dialects import BUSY, DIALECTS, PresenceLock
from statuspage.storage.engine.migrate import is_current, revision, upgrade
from statuspage.storage.notice_text import SITE

__all__ = ["Connection", "Database", "DatabaseBroken", "DatabaseBusy", "InvalidDatabaseUrl", "PresenceLock"]


MIGRATION_TIMEOUT = 60.0
"""Seconds that somebody else may need to migrate the tables."""

_log = structlog.get_logger(__name__)


class DatabaseBusy(Exception):
    """Somebody else holds the database. Nothing was stored; try again in a moment."""


class DatabaseBroken(Exception):
    """The database does not work and needs a person. Nothing was stored, except perhaps with the code cut.

    ``code`` is away (nobody answers), cut (connection lost on the way), denied, full, read_only or damaged.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class InvalidDatabaseUrl(Exception):
    """Not the URL of a database that we can use: ``code`` is unknown, or driver if its driver is not installed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Database:
    """One database and its transactions. ``schema`` names its migrations: ``environment``, ``accounts`` or
    ``subscribers``.

    Raises InvalidDatabaseUrl for a URL of anything but SQLite and PostgreSQL.
    """

    def __init__(self, url: str, schema: str = "environment") -> None:
        self.schema = schema
        self.url = url
        self.engine, self._write_lock = _create_engine(url)
        finalize(self, self.engine.dispose)  # A database that is garbage-collected is closed.
        self._dialect = DIALECTS[self.engine.dialect.name]
        self._reported_problem: str | None = None  # until it has worked: the first caller is told by the error
        self._problem_lock = Lock()
        self.rename_services({})

    @classmethod
    def for_environment(cls, url: str) -> Database:
        """The database of one environment: alerts, incidents, drafts, deliveries, drills."""
        return cls(url, "environment")

    @classmethod
    def for_accounts(cls, url: str) -> Database:
        """Accounts, sessions and the audit log, shared by the desks of both environments."""
        return cls(url, "accounts")

    @classmethod
    def for_subscribers(cls, url: str) -> Database:
        """Subscribers, and the emails to them about their subscriptions."""
        return cls(url, "subscribers")

    def rename_services(self, services: Mapping[str, str]) -> None:
        """From now on, what is read has the present ids of these services. Nothing stored changes.

        Transactions under way end as they began.
        """
        self._read_engine = self.engine.execution_options(**self._dialect.READ_OPTIONS, renamed=services)
        self._site_engine = self._read_engine.execution_options(words=SITE)
        self._write_engine = self.engine.execution_options(**self._dialect.WRITE_OPTIONS, renamed=services)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A writing transaction: all of it is stored at the end, or none of it. Raises DatabaseBusy after 5 seconds,
        DatabaseBroken.

        Such transactions take turns, whichever the database, so that what one of them has looked up still holds when
        it writes.
        """
        with self.begin_without_turn() as tx:
            self._dialect.take_write_turn(tx)
            yield tx

    @contextmanager
    def begin_without_turn(self) -> Iterator[Connection]:
        """A writing transaction that waits for no turn if the database can do without: for the queue's claims."""
        with self.translate_errors(), self._write_lock, self._write_engine.begin() as tx:
            yield tx
        self._report_problem("")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reading transaction: one snapshot throughout, whatever others write meanwhile."""
        with self.translate_errors(), self._read_engine.begin() as tx:
            yield tx
        self._report_read_success()

    @contextmanager
    def read_for_site(self) -> Iterator[Connection]:
        """The same, with notices in the words of the site's own media alone: a fraction of their text."""
        with self.translate_errors(), self._site_engine.begin() as tx:
            yield tx
        self._report_read_success()

    def migrate(self) -> None:
        """Migrates the tables to this program's revision; does nothing if they are current.

        Several may call it at once: one migrates, the others wait for up to a minute. It happens in one transaction,
        so that a killed one has done nothing; a database in a file is copied first, beside itself. Raises
        DatabaseBroken.
        """
        try:
            self._migrate()
        except DatabaseBroken as error:
            if error.code != "away" or not self._dialect.refuses_connection(self.engine):
                raise
            self._migrate_or_denied()  # it may have come back in between

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
        """Removes from the database's files what was deleted from the tables, as far as those files are ours.

        Raises DatabaseBusy while somebody reads or writes all the time.
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
        """While inside, ``find_absent`` knows that ``name`` is there, as long as its connection holds."""
        with self.translate_errors(), self._dialect.hold_presence(self.engine, name) as presence_lock:
            yield presence_lock

    def find_absent(self, names: Collection[str]) -> tuple[str, ...]:
        """Those of these names that are absent: whose process has ended, for whatever reason."""
        if not names:
            return ()
        with self.begin_without_turn() as tx:
            return tuple(name for name in names if not self._dialect.is_present(tx, name))

    def close(self) -> None:
        """Closes the database's files and connections."""
        self.engine.dispose()

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Inside, database errors become DatabaseBusy or DatabaseBroken."""
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
        """Logs once that the database does not work, and once that it does again ("")."""
        with self._problem_lock:
            previous = self._reported_problem
            self._reported_problem = None if previous is None and problem else problem
        if not structlog.is_configured():  # The caller has the error, and maybe its own stdout.
            return
        if problem and previous is not None and problem != previous:
            event = "database unavailable" if problem == "away" else "database error"
            _log.error(event, database=self.schema, code=problem)
        elif previous and not problem:
            _log.warning("database available again", database=self.schema)

    def _report_read_success(self) -> None:
        """Reading works: it is not away, but may still refuse writes."""
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
    return engine, dialect.configure_engine(engine)


def renamed_services(tx: Connection) -> Mapping[str, str]:
    """Former ids of services, with those they have today."""
    current_ids: Mapping[str, str] = tx.get_execution_options().get("renamed", {})
    return current_ids
