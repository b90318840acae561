"""Drills with a script: what is fed in and when, the leader's notes, pauses, and drills that are to come."""

import sqlalchemy as sa
from alembic import op

revision = "world0007"
down_revision = "world0006"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Drills of before had no script, were announced, and ended by themselves only when forgotten."""
    for column in _of_drills():
        op.add_column("drill", column)
    _inject()
    _observation()
    _pause()
    _rehearsal()


def _of_drills() -> "list[sa.Column[object]]":
    return [
        sa.Column("scenario", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("language", sa.String(length=16), nullable=False, server_default=""),
        sa.Column("announced", sa.Boolean(name="announced"), nullable=False, server_default=sa.true()),
        sa.Column("window_from", INSTANT, nullable=True),
        sa.Column("window_to", INSTANT, nullable=True),
        sa.Column("ends", INSTANT, nullable=True),
        sa.Column("paused", INSTANT, nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("kept_out", sa.JSON(), nullable=False, server_default="[]"),
    ]


def _inject() -> None:
    op.create_table(
        "inject",
        sa.Column("drill", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("planned", INSTANT, nullable=True),
        sa.Column("settled", INSTANT, nullable=True),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("alert", sa.String(length=32), nullable=False),
        sa.Column("delayed", sa.Integer(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["drill"], ["drill.id"], name=op.f("fk_inject_drill")),
        sa.PrimaryKeyConstraint("drill", "number", name=op.f("pk_inject")),
    )


def _observation() -> None:
    op.create_table(
        "observation",
        sa.Column("drill", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["drill"], ["drill.id"], name=op.f("fk_observation_drill")),
        sa.PrimaryKeyConstraint("drill", "number", name=op.f("pk_observation")),
    )


def _pause() -> None:
    op.create_table(
        "pause",
        sa.Column("drill", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began", INSTANT, nullable=False),
        sa.Column("ended", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["drill"], ["drill.id"], name=op.f("fk_pause_drill")),
        sa.PrimaryKeyConstraint("drill", "number", name=op.f("pk_pause")),
    )


def _rehearsal() -> None:
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=32), nullable=False),
        sa.Column("scenario", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("leader", sa.String(length=128), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("goal_seconds", sa.Integer(), nullable=True),
        sa.Column("announced", sa.Boolean(name="announced"), nullable=False),
        sa.Column("window_from", INSTANT, nullable=False),
        sa.Column("window_to", INSTANT, nullable=False),
        sa.Column("begins", INSTANT, nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("kept_out", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("drill", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal")),
    )
    op.create_index("ix_rehearsal_state_begins", "rehearsal", ["state", "begins"])
