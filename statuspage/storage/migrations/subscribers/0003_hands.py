"""Whom a notice to many is being told to just now, as one list and no longer a row for each."""

import sqlalchemy as sa
from alembic import op

revision = "subscribers0003"
down_revision = "subscribers0002"


def upgrade() -> None:
    """Whoever is in hand at this moment keeps the row."""
    op.add_column("mailing", sa.Column("hands", sa.JSON(), server_default="[]", nullable=False))
