"""Points of a checklist that somebody ticked off beside an alert, before there was an incident."""

import sqlalchemy as sa
from alembic import op

revision = "world0011"
down_revision = "world0010"


def upgrade() -> None:
    """Nothing was ticked off there before."""
    op.create_table(
        "alert_tick",
        sa.Column("alert", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(name="done"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"], name=op.f("fk_alert_tick_alert")),
        sa.PrimaryKeyConstraint("alert", "number", name=op.f("pk_alert_tick")),
    )
