"""Runs the same tests on both databases.

Tests that should run on SQLite and on PostgreSQL take the fixture ``database`` (as an argument, or for a whole module
``pytestmark = pytest.mark.usefixtures("database")``) and name their databases by the file they would have:

    store = made(tmp_path / "environment.db", "environment")        # with its tables
    url = url_of(tmp_path / "environment.db")                 # empty if it is new

Without ``database``, or under ``[sqlite]``, that is this file. Under ``[postgresql]`` it is a database in a real
server, the same one whenever the same file is named in the same test, and deleted after it. Environments of
``tests.support.desk`` and instances of ``tests.support.instance`` follow automatically. ``postgresql`` is the server
itself, one for each pytest process; ``postgres()`` of tests/support/postgres.py makes one that a test may harm.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from statuspage.storage.engine.database import Database
from tests.support.postgres import Postgres, postgres


class Databases:
    """The databases of the current test, by file."""

    def __init__(self) -> None:
        self.server: Postgres | None = None
        self._opened: list[Database] = []
        self._names: dict[Path, str] = {}
        self._templates: dict[tuple[Postgres, str, str], str] = {}
        self._file_templates: dict[str, Path] = {}

    def url_of(self, file: Path, *, role: str = "postgres") -> str:
        """The URL of this database; a new one is empty."""
        return f"sqlite:///{file}" if self.server is None else self._url(file, "template0", role)

    def made(self, file: Path, database_name: str, *, role: str = "postgres") -> Database:
        """This database with its tables."""
        if self.server is None:
            if not file.exists():
                file.parent.mkdir(exist_ok=True)
                shutil.copy(self._file_template(database_name), file)
            store = Database(f"sqlite:///{file}", database_name)
            store.migrate()
        else:
            store = Database(self._url(file, self._template(self.server, database_name, role), role), database_name)
        self._opened.append(store)
        return store

    def copy_of(self, file: Path) -> str:
        """The URL of a copy of this database as it is now; nobody may have it open."""
        copy = file.with_name(f"copy-{len(self._names)}-{file.name}")
        if self.server is None:
            shutil.copy(file, copy)
            return f"sqlite:///{copy}"
        return self._url(copy, self._names[file], "postgres")

    def use(self, server: Postgres | None) -> None:
        """Creates new databases in this server; None: each in its file."""
        if self.server is not None:
            for name in self._names.values():
                self.server.drop(name)
        self._names = {}
        self.server = server

    def mark(self) -> int:
        """How many databases have been opened so far."""
        return len(self._opened)

    def close(self, since: int = 0) -> None:
        """Closes every database opened after that mark."""
        while len(self._opened) > since:
            self._opened.pop().close()

    def _url(self, file: Path, template: str, role: str) -> str:
        assert self.server is not None
        if file not in self._names:
            self._names[file] = self.server.create(template, owner=role)
        return self.server.url(self._names[file], role)

    def _file_template(self, database_name: str) -> Path:
        """A file with the tables, made once."""
        if database_name not in self._file_templates:
            folder = Path(tempfile.mkdtemp())
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            store = Database(f"sqlite:///{folder / database_name}.db", database_name)
            store.migrate()
            store.close()
            self._file_templates[database_name] = folder / f"{database_name}.db"
        return self._file_templates[database_name]

    def _template(self, server: Postgres, database_name: str, role: str) -> str:
        """An empty database, created once, of which copies are cheap."""
        if (server, database_name, role) not in self._templates:
            name = server.create(owner=role)
            store = Database(server.url(name, role), database_name)
            store.migrate()
            store.close()
            self._templates[server, database_name, role] = name
        return self._templates[server, database_name, role]


DATABASES = Databases()
url_of, made, copy_of = DATABASES.url_of, DATABASES.made, DATABASES.copy_of


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    with postgres() as server:
        yield server


@pytest.fixture(autouse=True)
def closed_after() -> Iterator[None]:
    """Closes what a test has opened."""
    mark = DATABASES.mark()
    yield
    DATABASES.close(mark)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Each database in turn, by name."""
    if request.param == "postgresql":
        request.getfixturevalue("on_postgresql")
    return str(request.param)


@pytest.fixture
def on_postgresql(postgresql: Postgres) -> Iterator[Postgres]:
    """The PostgreSQL server in which this test's databases are."""
    mark = DATABASES.mark()
    DATABASES.use(postgresql)
    yield postgresql
    DATABASES.close(mark)
    DATABASES.use(None)
