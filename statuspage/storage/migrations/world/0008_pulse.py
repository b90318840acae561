"""When each worker was last at work, so that its absence is noticed from outside."""

import sqlalchemy as sa
from alembic import op

revision = "world0008"
down_revision = "world0007"


def upgrade() -> None:
    """Nobody has been seen yet."""
    op.create_table(
        "pulse",
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_pulse")),
    )
