"""Runs the migrations that ship with the program."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from statuspage.storage.tables import metadata, subscribers

MIGRATIONS = Path(__file__).parent.parent / "migrations"
METADATA = {
    "environment": metadata.environment,
    "accounts": metadata.accounts,
    "subscribers": subscribers.subscribers,
}


def is_current(connection: Connection, schema: str) -> bool:
    """Whether every migration has been applied."""
    expected = ScriptDirectory.from_config(alembic_config(connection, schema)).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) == set(expected)


def revision(connection: Connection) -> str:
    """The last applied migration; "" in a database without tables."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def is_known(revision: str, schema: str) -> bool:
    """Whether this program has that migration. A newer program's database may have others."""
    return revision in {
        migration.revision for migration in ScriptDirectory.from_config(alembic_config(None, schema)).walk_revisions()
    }


def upgrade(connection: Connection, schema: str) -> None:
    """Applies the missing migrations inside the caller's transaction: all or none."""
    command.upgrade(alembic_config(connection, schema), "head")


def alembic_config(connection: Connection | None, schema: str) -> Config:
    """The configuration that Alembic would otherwise read from an ``alembic.ini``."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(MIGRATIONS / schema).replace("%", "%%"))
    config.attributes.update(connection=connection, tables=METADATA[schema])
    return config
