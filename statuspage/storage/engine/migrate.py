"""Runs the migrations that ship with the program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

from statuspage.storage.tables import metadata, secrets, subscribers

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic takes as long to import as a whole command takes otherwise, and most find their tables current.

MIGRATIONS = Path(__file__).parent.parent / "migrations"
METADATA = {
    "environment": metadata.environment,
    "accounts": metadata.accounts,
    "subscribers": subscribers.subscribers,
    "secrets": secrets.secrets,
}


def is_current(connection: Connection, schema: str) -> bool:
    """Whether every migration has been applied."""
    return revision(connection) == last_revision(schema)


def last_revision(schema: str) -> str:
    """The revision to which this program migrates: that of the last file, because they are numbered."""
    last = max((MIGRATIONS / schema).glob("[0-9]*.py"))
    match = re.search(r'^revision = "(.+)"$', last.read_text("utf-8"), re.MULTILINE)
    if match is None:
        raise ValueError(f"{last} names no revision")
    return match[1]


def revision(connection: Connection) -> str:
    """The last applied migration; "" in a database without tables."""
    if not inspect(connection).has_table(_VERSION.name):
        return ""
    return connection.execute(select(_VERSION.c.version_num)).scalar() or ""


_VERSION = table("alembic_version", column("version_num"))
"""Alembic's own table, with one row."""


def is_known(revision: str, schema: str) -> bool:
    """Whether this program has that migration. A newer program's database may have others."""
    from alembic.script import ScriptDirectory

    return revision in {
        migration.revision for migration in ScriptDirectory.from_config(alembic_config(None, schema)).walk_revisions()
    }


def upgrade(connection: Connection, schema: str) -> None:
    """Applies the missing migrations inside the caller's transaction: all or none."""
    from alembic import command

    command.upgrade(alembic_config(connection, schema), "head")


def alembic_config(connection: Connection | None, schema: str) -> Config:
    """The configuration that Alembic would otherwise read from an ``alembic.ini``."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(MIGRATIONS / schema).replace("%", "%%"))
    config.attributes.update(connection=connection, tables=METADATA[schema])
    return config
