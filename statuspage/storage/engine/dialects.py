"""What differs between databases, by SQLAlchemy's name of the dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from threading import Event
from typing import Any, Protocol

from sqlalchemy import URL, Connection
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from statuspage.storage.engine import postgresql, sqlite

BUSY = "busy"


class PresenceLock(Protocol):
    """A worker's presence, and its wake-up when something is queued."""

    def renew(self) -> None:
        """Call this every second or so, so that the worker does not count as absent."""

    def wait_for_work(self, seconds: float, stop: Event) -> bool:
        """Waits at most so long, or until ``stop``; True when it is time to check the queue."""


class Dialect(Protocol):
    """The interface of one database system."""

    @property
    def ENGINE_OPTIONS(self) -> Mapping[str, Any]:
        """Options of its engine."""

    @property
    def READ_OPTIONS(self) -> Mapping[str, Any]:
        """Options of a reading transaction: one snapshot throughout."""

    @property
    def WRITE_OPTIONS(self) -> Mapping[str, Any]:
        """Options of a writing transaction."""

    @property
    def APPEND_ONLY(self) -> Sequence[str]:
        """The statements that make the database itself refuse a change to the timeline, except by a redaction."""

    @property
    def NOTIFY_TRIGGERS(self) -> Sequence[str]:
        """Statements that make it wake the workers when something is queued; none if they poll."""

    def driver_url(self, url: URL) -> URL:
        """The URL as its driver needs it."""

    def configure_engine(self, engine: Engine) -> AbstractContextManager[None]:
        """Configures a new engine: durability, locking, timeouts. The returned lock is held by one writer of this
        process at a time, if the database does not order them itself; waiting for five seconds raises TimeoutError."""

    def classify_error(self, error: DBAPIError) -> str:
        """BUSY if somebody else holds the database, the code of DatabaseBroken if it does not work, "" for our
        mistakes."""

    def refuses_connection(self, engine: Engine) -> bool:
        """For a database that cannot be reached: whether it is there, and refuses us."""

    def keep_copy(self, engine: Engine, name: str) -> None:
        """Puts a copy of the database beside it, under this name, if that is our task."""

    def scrub(self, engine: Engine) -> None:
        """Removes from the database's files what is no longer in the tables, if that is our task."""

    @property
    def SUPPORTS_MANY_WORKERS(self) -> bool:
        """Whether several workers may process its queue at once."""

    def hold_presence(self, engine: Engine, name: str) -> AbstractContextManager[PresenceLock]:
        """While inside, ``is_present`` is true of this name, as long as its connection holds."""

    def is_present(self, tx: Connection, name: str) -> bool:
        """Whether a process of this name is there, by a lock that ends with the process."""

    def take_write_turn(self, tx: Connection) -> None:
        """Lets this writing transaction begin only when no other one runs; raises after five seconds."""


DIALECTS: Mapping[str, Dialect] = {"sqlite": sqlite, "postgresql": postgresql}
