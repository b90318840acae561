"""Upgrading from version 0.2.0, whose tables are kept here as it made them (SQLite's own statements)."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from statuspage.storage.engine.database import Database
from statuspage.storage.engine.migrate import METADATA, alembic_config, is_current

RELEASED = Path(__file__).parent / "tables-0.2.0"

pytestmark = pytest.mark.parametrize("schema", METADATA)


def statements(connection: Connection) -> str:
    """What makes these tables, as SQLite keeps it."""
    order = "type = 'trigger', type = 'index', name"  # tables first
    own = "sql IS NOT NULL AND substr(name, 1, 7) <> 'sqlite_'"
    found = connection.exec_driver_sql(f"SELECT sql FROM sqlite_master WHERE {own} ORDER BY {order}")
    return "".join(f"{statement};\n" for statement in found.scalars())


def test_the_first_revision_stays_as_it_was_released(tmp_path: Path, schema: str):
    store = Database(f"sqlite:///{tmp_path / schema}.db", schema)
    with store.begin() as tx:
        command.upgrade(alembic_config(tx, schema), f"{schema}0001")
        made = statements(tx)
    store.close()
    assert made == (RELEASED / f"{schema}.sql").read_text("utf-8"), "Released tables are changed by a new revision."


def test_its_tables_become_those_of_this_version(tmp_path: Path, schema: str):
    store = Database(f"sqlite:///{tmp_path / schema}.db", schema)
    with store.begin() as tx:
        for statement in (RELEASED / f"{schema}.sql").read_text("utf-8").split(";\n")[:-1]:
            tx.exec_driver_sql(statement)
        tx.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{schema}0001')")
    store.migrate()
    with store.read() as tx:
        assert is_current(tx, schema)
        assert compare_metadata(MigrationContext.configure(tx), METADATA[schema]) == []
    store.close()
