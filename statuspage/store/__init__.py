"""The store: one database per world, one for people; SQLAlchemy Core, SQLite to begin with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import DBAPIError

from statuspage.store.dialects import IS_BUSY, PREPARE
from statuspage.store.migrating import upgrade

__all__ = ["Busy", "Connection", "Store"]


class Busy(Exception):
    """Somebody else holds the database. Nothing was stored; try again in a moment."""


class Store:
    """One database and its transactions. ``books`` names its migrations: ``world`` or ``people``."""

    def __init__(self, url: str, books: str = "world") -> None:
        self.books = books
        self.engine = create_engine(url, json_serializer=partial(json.dumps, ensure_ascii=False))
        PREPARE[make_url(url).get_backend_name()](self.engine)
        self._writing = self.engine.execution_options(writes=True)

    @classmethod
    def world(cls, url: str) -> Store:
        """The books of one world: alerts, incidents, drafts, deliveries, drills."""
        return cls(url, "world")

    @classmethod
    def people(cls, url: str) -> Store:
        """Accounts, sessions and the audit trail, shared by both worlds' desks."""
        return cls(url, "people")

    def begin(self) -> AbstractContextManager[Connection]:
        """A writing transaction: all of it is stored at the end, or none of it. Raises Busy after 5 seconds."""
        return self._transaction(self._writing)

    def read(self) -> AbstractContextManager[Connection]:
        """A reading transaction: one state of the books throughout, whatever others write meanwhile."""
        return self._transaction(self.engine)

    def migrate(self) -> None:
        """Brings the tables to what this program needs; does nothing when they are. Several may call it at once."""
        with self.begin() as tx:
            upgrade(tx, self.books)

    def close(self) -> None:
        """Lets go of the database's files."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        try:
            with engine.begin() as tx:
                yield tx
        except DBAPIError as error:
            if IS_BUSY[engine.dialect.name](error):
                raise Busy("the database is in use; try again in a moment") from error
            raise
