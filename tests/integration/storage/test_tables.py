"""The tables: created by the shipped migrations, by several processes at once if need be, and durable."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from statuspage.storage.engine.database import Database
from statuspage.storage.tables import metadata, secrets, subscribers

DATABASES = {
    "environment": metadata.environment,
    "accounts": metadata.accounts,
    "subscribers": subscribers.subscribers,
    "secrets": secrets.secrets,
}


def store_in(folder: Path, database_name: str) -> Database:
    return Database(f"sqlite:///{folder / database_name}.db", database_name)


def migrate(folder: Path, database_name: str) -> None:
    store = store_in(folder, database_name)
    store.migrate()
    store.close()


@pytest.mark.parametrize("database_name", DATABASES)
def test_the_migrations_make_the_tables_the_program_knows(tmp_path: Path, database_name: str):
    store = store_in(tmp_path, database_name)
    store.migrate()
    with store.read() as tx:
        assert compare_metadata(MigrationContext.configure(tx), DATABASES[database_name]) == []
    store.close()


def test_migrating_again_changes_nothing(tmp_path: Path):
    store = store_in(tmp_path, "environment")
    store.migrate()
    with store.read() as tx:
        before = tx.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all()
    store.migrate()
    with store.read() as tx:
        assert tx.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all() == before
    store.close()


@pytest.mark.slow
def test_processes_that_start_at_once_make_the_tables_once(tmp_path: Path):
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=migrate, args=(tmp_path, "environment")) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]


def test_a_file_is_written_afresh_although_somebody_still_writes(tmp_path: Path):
    store, other = store_in(tmp_path, "environment"), store_in(tmp_path, "environment")
    store.migrate()
    with store.begin() as tx:
        tx.exec_driver_sql("PRAGMA busy_timeout=0")  # as after a long wait for its turn
    with ThreadPoolExecutor(1) as pool:
        with other.begin():
            scrubbed = pool.submit(store.scrub)
            wait([scrubbed], 0.3)
        scrubbed.result()
    store.close()
    other.close()


def test_what_is_committed_is_on_the_disk_and_references_hold(tmp_path: Path):
    store = store_in(tmp_path, "environment")
    with store.read() as tx:
        found = {p: tx.exec_driver_sql(f"PRAGMA {p}").scalar() for p in ("journal_mode", "synchronous", "foreign_keys")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    store.close()
