"""Migrations: a copy first, then all or nothing; killed in the middle, started twice, the books are whole."""

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

from statuspage.storage.engine.database import Database
from statuspage.storage.engine.migrate import alembic_config, is_current, revision
from tests.support.database import url_of
from tests.support.playing import until
from tests.support.postgres import Postgres

ENTRIES = 3000
"""Rows that the second migration reads; enough to be caught at it."""

SPAWN = multiprocessing.get_context("spawn")


def books_of_the_first_version(url: str) -> None:
    """The tables as the first migration made them, with many stories in them."""
    store = Database.for_environment(url)
    with store.begin() as tx:
        command.upgrade(alembic_config(tx, "world"), "world0001")
        for number in range(ENTRIES):
            id = f"i{number:011}"
            moment = "'2026-07-04 02:00:00'"
            tx.exec_driver_sql(
                'INSERT INTO incident (id, opened, t0, t0_source, sequence, newest, "over") '
                f"VALUES ('{id}', {moment}, {moment}, 'form', 1, 0, false)"
            )
            tx.exec_driver_sql(
                "INSERT INTO entry (incident, sequence, type, kind, happened, recorded, body) VALUES "
                f"('{id}', 1, 'step', 'confirmed', {moment}, {moment}, "
                """'{"type": "step", "step": "confirmed", "text": "", "by": ""}')"""
            )
    store.close()


def migrate(url: str) -> None:
    store = Database.for_environment(url)
    store.migrate()
    store.close()


def state_of(url: str) -> tuple[str, int, bool]:
    """The revision, how many entries there are, and whether nothing is missing."""
    store = Database.for_environment(url)
    with store.read() as tx:
        found = (
            revision(tx),
            int(tx.exec_driver_sql("SELECT count(*) FROM entry").scalar_one()),
            is_current(tx, "world"),
        )
    store.close()
    return found


def started(url: str) -> multiprocessing.context.SpawnProcess:
    process = SPAWN.Process(target=migrate, args=(url,))
    process.start()
    return process


def killed(process: multiprocessing.context.SpawnProcess) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL, "it had finished before"


def test_the_file_is_copied_before_its_tables_change(tmp_path: Path) -> None:
    file = tmp_path / "world.db"
    books_of_the_first_version(f"sqlite:///{file}")
    migrate(f"sqlite:///{file}")
    copy = tmp_path / "world.db.before-world0001"
    assert state_of(f"sqlite:///{file}")[1:] == (ENTRIES, True)
    assert state_of(f"sqlite:///{copy}") == ("world0001", ENTRIES, False)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if ".new" in path.name] == []


def test_new_books_need_no_copy(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'world.db'}")
    assert [path.name for path in tmp_path.iterdir()] == ["world.db"]


@pytest.mark.parametrize("round", range(3))
def test_killed_while_its_tables_change_a_file_is_as_it_was_and_the_next_start_goes_on(
    tmp_path: Path, round: int
) -> None:
    file = tmp_path / "world.db"
    books_of_the_first_version(f"sqlite:///{file}")
    process = started(f"sqlite:///{file}")
    until((tmp_path / "world.db.before-world0001").exists)
    killed(process)
    assert state_of(f"sqlite:///{file}") == ("world0001", ENTRIES, False)
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    migrate(f"sqlite:///{file}")
    assert state_of(f"sqlite:///{file}")[1:] == (ENTRIES, True)


@pytest.mark.parametrize("round", range(3))
def test_killed_while_its_tables_change_postgresql_is_as_it_was_and_the_next_start_goes_on(
    tmp_path: Path, on_postgresql: Postgres, round: int
) -> None:
    url = url_of(tmp_path / "world.db")
    books_of_the_first_version(url)
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE delivery IN ACCESS SHARE MODE")  # which a later migration wants for itself
        process = started(url)
        until(lambda: waits(on_postgresql))
        killed(process)
    assert state_of(url) == ("world0001", ENTRIES, False)
    migrate(url)
    assert state_of(url)[1:] == (ENTRIES, True)


def waits(server: Postgres) -> bool:
    return bool(
        server.run("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE%'")
    )


def test_processes_that_start_at_once_migrate_once(tmp_path: Path, database: str) -> None:
    url = url_of(tmp_path / "world.db")
    books_of_the_first_version(url)
    processes = [started(url) for _ in range(3)]
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert state_of(url)[1:] == (ENTRIES, True)


def test_a_migration_waits_for_whoever_has_the_books(tmp_path: Path, database: str) -> None:
    url = url_of(tmp_path / "world.db")
    books_of_the_first_version(url)
    holding = Database.for_environment(url)
    with holding.begin():
        process = started(url)
        process.join(7)
        assert process.is_alive(), "it waits for longer than a writer does"
    process.join(60)
    holding.close()
    assert process.exitcode == 0
    assert state_of(url)[2]
