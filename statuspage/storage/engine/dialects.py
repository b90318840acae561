"""The differences between database systems, by SQLAlchemy's name of the dialect."""

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
    """A worker's presence, and its notification when something is queued.

    ``sees_every_change``: also when anything else is written.
    """

    @property
    def sees_every_change(self) -> bool: ...

    def renew(self) -> None:
        """Keeps the worker present. Call it about every second."""

    def wait_for_work(self, seconds: float, stop: Event) -> bool:
        """Waits up to ``seconds``, or until ``stop``; True if the queue should be checked."""


class Dialect(Protocol):
    """The interface of one database system."""

    @property
    def ENGINE_OPTIONS(self) -> Mapping[str, Any]:
        """Options of the SQLAlchemy engine."""

    @property
    def READ_OPTIONS(self) -> Mapping[str, Any]:
        """Options of a reading transaction: one snapshot throughout."""

    @property
    def WRITE_OPTIONS(self) -> Mapping[str, Any]:
        """Options of a writing transaction."""

    @property
    def APPEND_ONLY(self) -> Sequence[str]:
        """Statements that make the database itself refuse changes to the timeline, except by a redaction."""

    @property
    def NOTIFY_TRIGGERS(self) -> Sequence[str]:
        """Statements that make it notify the workers when something is queued; none if they poll."""

    def driver_url(self, url: URL) -> URL:
        """The URL in the form that its driver needs."""

    def configure_engine(self, engine: Engine) -> AbstractContextManager[None]:
        """Configures a new engine: durability, locking, timeouts. Returns a lock held by one writer of this process at
        a time, if the database does not order writers itself; waiting longer than five seconds raises TimeoutError."""

    def classify_error(self, error: DBAPIError) -> str:
        """BUSY if others lock the database, the code of DatabaseBroken if it does not work, "" for an error of ours."""

    def refuses_connection(self, engine: Engine) -> bool:
        """Whether an unreachable database is running but refuses the connection."""

    def keep_copy(self, engine: Engine, name: str) -> None:
        """Copies the database beside itself under this name, if that is our responsibility."""

    def scrub(self, engine: Engine) -> None:
        """Removes deleted data from the database's files, if that is our responsibility."""

    @property
    def SUPPORTS_MANY_WORKERS(self) -> bool:
        """Whether several workers may process its queue at once."""

    def hold_presence(self, engine: Engine, name: str) -> AbstractContextManager[PresenceLock]:
        """Makes ``is_present`` true for this name, as long as its connection lasts."""

    def is_present(self, tx: Connection, name: str) -> bool:
        """Whether a process with this name is present, by a lock that ends with the process."""

    def take_write_turn(self, tx: Connection) -> None:
        """Waits until no other writing transaction runs; raises after five seconds."""


DIALECTS: Mapping[str, Dialect] = {"sqlite": sqlite, "postgresql": postgresql}
