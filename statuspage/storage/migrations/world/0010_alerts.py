"""Alerts that belong together, messages that were heard already, and topics of Amazon SNS."""

import sqlalchemy as sa
from alembic import op

revision = "world0010"
down_revision = "world0009"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Each alert of before stands alone."""
    op.add_column("alert", sa.Column("lead", sa.String(length=32), nullable=True))
    op.add_column("alert", sa.Column("joined", INSTANT, nullable=True))
    op.create_index("ix_alert_lead", "alert", ["lead"])
    op.create_table(
        "heard",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("once", sa.String(length=128), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", "once", name=op.f("pk_heard")),
    )
    op.create_index("ix_heard_at", "heard", ["at"])
    op.create_table(
        "topic",
        sa.Column("arn", sa.String(length=400), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked", INSTANT, nullable=False),
        sa.Column("decided", INSTANT, nullable=True),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("arn", name=op.f("pk_topic")),
    )
