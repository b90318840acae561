"""What each database does in its own way, by SQLAlchemy's name of it."""

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
    """How a worker is there, and hears of what is owed."""

    def renew(self) -> None:
        """To be called every second or so, so that nobody takes it for gone."""

    def wait_for_work(self, seconds: float, stop: Event) -> bool:
        """Waits at most so long, or until ``stop``; True when it is time to look at the queue."""


class Dialect(Protocol):
    """How one database is spoken to."""

    @property
    def ENGINE_OPTIONS(self) -> Mapping[str, Any]:
        """What its engine is made with."""

    @property
    def READ_OPTIONS(self) -> Mapping[str, Any]:
        """What makes a transaction one that reads: one state of the books throughout."""

    @property
    def WRITE_OPTIONS(self) -> Mapping[str, Any]:
        """What makes a transaction one that writes."""

    @property
    def APPEND_ONLY(self) -> Sequence[str]:
        """The statements that make the database itself refuse a change to the timeline, except by a redaction."""

    @property
    def NOTIFY_TRIGGERS(self) -> Sequence[str]:
        """The statements that make it call the workers when something is owed; none where they look by themselves."""

    def driver_url(self, url: URL) -> URL:
        """The URL as its driver wants it."""

    def configure_engine(self, engine: Engine) -> AbstractContextManager[None]:
        """Sets a new engine up: durability, locking, patience. What it gives is held by one writer of this process at a
        time, where the database does not keep their turns; who waits for five seconds gets a TimeoutError."""

    def classify_error(self, error: DBAPIError) -> str:
        """BUSY when somebody else holds the database, the code of Broken when it does not work, "" for our mistakes."""

    def refuses_connection(self, engine: Engine) -> bool:
        """Asked of a database that cannot be reached: whether it is there, and does not let us in."""

    def keep_copy(self, engine: Engine, name: str) -> None:
        """Puts a copy of the database beside it, under this name, where that is ours to do."""

    def scrub(self, engine: Engine) -> None:
        """Takes what is no longer in the tables out of the database's files too, where that is ours to do."""

    @property
    def SUPPORTS_MANY_WORKERS(self) -> bool:
        """Whether several workers may work through its queue at once."""

    def hold_presence(self, engine: Engine, name: str) -> AbstractContextManager[PresenceLock]:
        """While inside, ``is_present`` is true of this name, as long as its line is kept."""

    def is_present(self, tx: Connection, name: str) -> bool:
        """Whether somebody of this name is there, as the database knows by a lock that goes with its process."""

    def take_write_turn(self, tx: Connection) -> None:
        """Lets this writing transaction begin only when no other one runs; raises after five seconds."""


DIALECTS: Mapping[str, Dialect] = {"sqlite": sqlite, "postgresql": postgresql}
