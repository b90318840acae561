"""The first tables of a world's books: alerts, incidents, drafts, deliveries, drills."""

import sqlalchemy as sa
from alembic import op

from statuspage.storage.engine import DIALECTS

revision = "world0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes them."""
    _draft()
    _drill()
    _incident()
    _site()
    _alert()
    _delivery()
    _entry()
    _alert_step()
    op.bulk_insert(sa.table("site", sa.column("id"), sa.column("fence")), [{"id": 1, "fence": 0}])
    for statement in DIALECTS[op.get_bind().dialect.name].APPEND_ONLY:
        op.execute(statement)


def _draft() -> None:
    op.create_table(
        "draft",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("owner", "person", name=op.f("pk_draft")),
    )


def _drill() -> None:
    op.create_table(
        "drill",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("leader", sa.String(length=128), nullable=False),
        sa.Column("goal_seconds", sa.Integer(), nullable=False),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("alert", sa.String(length=32), nullable=False),
        sa.Column("note", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
    )
    op.create_index("ix_drill_started", "drill", ["started"], unique=False)


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("opened", INSTANT, nullable=False),
        sa.Column("t0", INSTANT, nullable=False),
        sa.Column("t0_source", sa.String(length=8), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("told", INSTANT, nullable=True),
        sa.Column("changed", INSTANT, nullable=True),
        sa.Column("over", sa.Boolean(name="over"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_changed", "incident", ["changed"], unique=False)
    op.create_index("ix_incident_over_opened", "incident", ["over", "opened"], unique=False)
    op.create_index("ix_incident_told", "incident", ["told"], unique=False)


def _site() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_site_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )


def _alert() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("identity", sa.String(length=512), nullable=False),
        sa.Column("episode", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("signal", sa.JSON(), nullable=False),
        sa.Column("proposal", sa.JSON(), nullable=False),
        sa.Column("received", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("incident", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_alert_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("source", "identity", "episode", name=op.f("uq_alert_source_identity_episode")),
    )
    op.create_index("ix_alert_incident", "alert", ["incident"], unique=False)
    op.create_index("ix_alert_received", "alert", ["received"], unique=False)
    op.create_index("ix_alert_state_received", "alert", ["state", "received"], unique=False)


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
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
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_delivery_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "incident", "sequence", "channel", "language", name=op.f("uq_delivery_incident_sequence_channel_language")
        ),
    )
    op.create_index("ix_delivery_end_due", "delivery", ["end", "due"], unique=False)
    op.create_index(
        "ix_delivery_incident_channel_language_sequence",
        "delivery",
        ["incident", "channel", "language", "sequence"],
        unique=False,
    )


def _entry() -> None:
    op.create_table(
        "entry",
        sa.Column("incident", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("happened", INSTANT, nullable=False),
        sa.Column("recorded", INSTANT, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_entry_incident")),
        sa.PrimaryKeyConstraint("incident", "sequence", name=op.f("pk_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_entry_key")),
    )
    op.create_index("ix_entry_type_recorded", "entry", ["type", "recorded"], unique=False)


def _alert_step() -> None:
    op.create_table(
        "alert_step",
        sa.Column("alert", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"], name=op.f("fk_alert_step_alert")),
        sa.PrimaryKeyConstraint("alert", "number", name=op.f("pk_alert_step")),
    )
