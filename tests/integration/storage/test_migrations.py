"""Migrations: a copy first, then all or nothing; the database survives a kill in the middle and parallel starts."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from statuspage.storage import incidents
from statuspage.storage.engine import migrate as engine
from statuspage.storage.engine.database import Database
from statuspage.storage.engine.migrate import alembic_config, is_current, revision
from tests.support.database import url_of
from tests.support.playing import until
from tests.support.postgres import Postgres
from tests.support.second_revision import second_revision
from tests.support.times import at

FIRST, INCIDENTS = "environment0001", 50

pytestmark = pytest.mark.usefixtures("migrations")

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def migrations(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Gives the program a second migration, which takes a second in the middle."""
    folder = second_revision(tmp_path_factory.mktemp("second"), seconds=1)
    monkeypatch.setattr(engine, "MIGRATIONS", folder)
    return folder


def database_of_the_first_revision(url: str) -> None:
    """The tables as the first migration made them, with incidents in them."""
    store = Database.for_environment(url)
    with store.begin() as tx:
        command.upgrade(alembic_config(tx, "environment"), FIRST)
        for number in range(INCIDENTS):
            id, moment = f"i{number:011}", at("02:00")
            incidents.open_incident(tx, id, at=moment, t0=moment, t0_source="form")
    store.close()


@pytest.mark.parametrize("schema", engine.METADATA)
def test_the_last_file_of_a_schema_is_its_last_revision(schema: str) -> None:
    script = ScriptDirectory.from_config(alembic_config(None, schema))
    assert [engine.last_revision(schema)] == script.get_heads()


def migrate(url: str, migrations: Path | None = None) -> None:
    engine.MIGRATIONS = migrations or engine.MIGRATIONS
    store = Database.for_environment(url)
    store.migrate()
    store.close()


def state_of(url: str) -> tuple[str, int, bool]:
    """The revision, the number of incidents, and whether the database is intact."""
    store = Database.for_environment(url)
    with store.read() as tx:
        found = (
            revision(tx),
            int(tx.exec_driver_sql("SELECT count(*) FROM incident").scalar_one()),
            is_current(tx, "environment"),
        )
    store.close()
    return found


def started(url: str) -> multiprocessing.context.SpawnProcess:
    process = SPAWN.Process(target=migrate, args=(url, engine.MIGRATIONS))
    process.start()
    return process


def killed(process: multiprocessing.context.SpawnProcess) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL, "it had finished before"


@pytest.mark.slow
def test_the_file_is_copied_before_its_tables_change(tmp_path: Path) -> None:
    file = tmp_path / "environment.db"
    database_of_the_first_revision(f"sqlite:///{file}")
    migrate(f"sqlite:///{file}")
    copy = tmp_path / f"environment.db.before-{FIRST}"
    assert state_of(f"sqlite:///{file}")[1:] == (INCIDENTS, True)
    assert state_of(f"sqlite:///{copy}") == (FIRST, INCIDENTS, False)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if ".new" in path.name] == []


@pytest.mark.slow
def test_a_new_database_needs_no_copy(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'environment.db'}")
    assert [path.name for path in tmp_path.iterdir()] == ["environment.db"]


@pytest.mark.slow
@pytest.mark.parametrize("round", range(3))
def test_killed_while_its_tables_change_a_file_is_as_it_was_and_the_next_start_goes_on(
    tmp_path: Path, round: int
) -> None:
    file = tmp_path / "environment.db"
    database_of_the_first_revision(f"sqlite:///{file}")
    process = started(f"sqlite:///{file}")
    until((tmp_path / f"environment.db.before-{FIRST}").exists)
    killed(process)
    assert state_of(f"sqlite:///{file}") == (FIRST, INCIDENTS, False)
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    migrate(f"sqlite:///{file}")
    assert state_of(f"sqlite:///{file}")[1:] == (INCIDENTS, True)


@pytest.mark.parametrize("round", range(3))
def test_killed_while_its_tables_change_postgresql_is_as_it_was_and_the_next_start_goes_on(
    tmp_path: Path, on_postgresql: Postgres, round: int
) -> None:
    url = url_of(tmp_path / "environment.db")
    database_of_the_first_revision(url)
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE delivery IN ACCESS SHARE MODE")  # which the migration wants for itself
        process = started(url)
        until(lambda: waits(on_postgresql))
        killed(process)
    assert state_of(url) == (FIRST, INCIDENTS, False)
    migrate(url)
    assert state_of(url)[1:] == (INCIDENTS, True)


def waits(server: Postgres) -> bool:
    return bool(
        server.run("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE%'")
    )


@pytest.mark.slow
def test_processes_that_start_at_once_migrate_once(tmp_path: Path, database: str) -> None:
    url = url_of(tmp_path / "environment.db")
    database_of_the_first_revision(url)
    processes = [started(url) for _ in range(3)]
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert state_of(url)[1:] == (INCIDENTS, True)


@pytest.mark.slow
def test_a_migration_waits_for_whoever_has_the_database(tmp_path: Path, database: str) -> None:
    url = url_of(tmp_path / "environment.db")
    database_of_the_first_revision(url)
    holding = Database.for_environment(url)
    with holding.begin():
        process = started(url)
        process.join(7)
        assert process.is_alive(), "it waits for longer than a writer does"
    process.join(60)
    holding.close()
    assert process.exitcode == 0
    assert state_of(url)[2]


@pytest.mark.slow
def test_of_copies_made_before_upgrades_the_newest_three_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "environment.db"
    database_of_the_first_revision(f"sqlite:///{file}")
    for number in range(4):
        (tmp_path / f"environment.db.before-older{number}").touch()
    migrate(f"sqlite:///{file}")
    left = sorted(path.name for path in tmp_path.glob("environment.db.before-*"))
    assert (len(left), f"environment.db.before-{FIRST}" in left) == (3, True)
