"""The table of the secrets database."""

import sqlalchemy as sa
from alembic import op

revision = "secrets0001"
down_revision = None


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "secret",
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secret")),
    )
