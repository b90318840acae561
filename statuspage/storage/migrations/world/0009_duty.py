"""Who was called when nobody took an alert, and what colleagues were told."""

import sqlalchemy as sa
from alembic import op

revision = "world0009"
down_revision = "world0008"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Adds both tables; nobody was called before."""
    _climb()
    _call()


def _climb() -> None:
    op.create_table(
        "climb",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert", sa.String(length=32), nullable=False),
        sa.Column("began", INSTANT, nullable=False),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"], name=op.f("fk_climb_alert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_climb")),
    )
    op.create_index("ix_climb_ended", "climb", ["ended"])


def _call() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("climb", sa.Integer(), nullable=True),
        sa.Column("alert", sa.String(length=32), nullable=True),
        sa.Column("incident", sa.String(length=32), nullable=True),
        sa.Column("way", sa.String(length=64), nullable=False),
        sa.Column("who", sa.JSON(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("end", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued", INSTANT, nullable=False),
        sa.Column("due", INSTANT, nullable=True),
        sa.Column("started", INSTANT, nullable=True),
        sa.Column("finished", INSTANT, nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("unsure", sa.Boolean(name="unsure"), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["climb"], ["climb.id"], name=op.f("fk_call_climb")),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"], name=op.f("fk_call_alert")),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_call_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("key", name=op.f("uq_call_key")),
    )
    for columns in (["end", "due"], ["alert"], ["incident"], ["climb"]):
        op.create_index(f"ix_call_{'_'.join(columns)}", "call", columns)
