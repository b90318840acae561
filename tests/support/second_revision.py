"""A second migration of an environment's database, in the test's own folder, for testing upgrades."""

from __future__ import annotations

import shutil
from pathlib import Path

from statuspage.storage.engine import migrate

SECOND = """
import time

import sqlalchemy as sa
from alembic import op

revision = "environment0002"
down_revision = "environment0001"


def upgrade() -> None:
    op.add_column("incident", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE incident SET note = 'upgraded'")
    time.sleep({seconds})
    op.add_column("delivery", sa.Column("note", sa.Text(), nullable=False, server_default=""))
"""


def second_revision(folder: Path, seconds: float = 0) -> Path:
    """The shipped migrations and one more, which takes this long in the middle."""
    migrations = Path(shutil.copytree(migrate.MIGRATIONS, folder / "migrations"))
    (migrations / "environment" / "0002_second.py").write_text(SECOND.format(seconds=seconds), "utf-8")
    return migrations
