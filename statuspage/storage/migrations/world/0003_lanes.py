"""How each channel fares, and whether a delivery may have gone out without our knowing."""

import sqlalchemy as sa
from alembic import op

revision = "world0003"
down_revision = "world0002"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Adds both; no delivery of before is in doubt, and every channel starts well."""
    op.create_table(
        "lane",
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=True),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("since", INSTANT, nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_lane")),
    )
    unsure: sa.Column[bool] = sa.Column("unsure", sa.Boolean(name="unsure"), nullable=False, server_default=sa.false())
    op.add_column("delivery", unsure)
