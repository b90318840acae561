"""The tables of the subscribers database: subscribers, their links and email, bulk sends."""

import sqlalchemy as sa
from alembic import op

revision = "subscribers0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Creates the tables."""
    _bulk_send()
    _link_key()
    _request_count()
    _subscriber()
    _suppression()
    _recipient()
    _subscription_email()


def _bulk_send() -> None:
    op.create_table(
        "bulk_send",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("last_subscriber", sa.Integer(), nullable=False),
        sa.Column("start_after", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("has_wrapped", sa.Boolean(name="has_wrapped"), server_default=sa.false(), nullable=False),
        sa.Column("is_complete", sa.Boolean(name="is_complete"), server_default=sa.false(), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("in_progress", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("processed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("delivered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("maybe_duplicated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bounced", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gave_up", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("is_superseded", sa.Boolean(name="is_superseded"), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_send")),
        sa.UniqueConstraint(
            "incident", "channel", "language", "sequence", name=op.f("uq_bulk_send_incident_channel_language_sequence")
        ),
    )
    op.create_index("ix_bulk_send_ended_at", "bulk_send", ["ended_at"])


def _link_key() -> None:
    op.create_table(
        "link_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_key")),
    )


def _request_count() -> None:
    op.create_table(
        "request_count",
        sa.Column("key", sa.String(96), nullable=False),
        sa.Column("window_start", INSTANT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_request_count")),
    )
    op.create_index("ix_request_count_window_start", "request_count", ["window_start"])


def _subscriber() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("address", sa.String(1024), nullable=False),
        sa.Column("contact", sa.String(254), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("topic", sa.String(16), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("consent", sa.JSON(), nullable=False),
        sa.Column("seed", sa.String(32), nullable=False),
        sa.Column("secret", sa.String(128), nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("confirmed", INSTANT, nullable=True),
        sa.Column("changed", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("kind", "address", name=op.f("uq_subscriber_kind_address")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscriber_status_kind_language_id", "subscriber", ["status", "kind", "language", "id"])


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_suppression")),
    )


def _recipient() -> None:
    op.create_table(
        "recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulk_send", sa.Integer(), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("retry_at", INSTANT, nullable=True),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("maybe_sent", sa.Boolean(name="maybe_sent"), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["bulk_send"], ["bulk_send.id"], name=op.f("fk_recipient_bulk_send")),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_recipient_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
        sa.UniqueConstraint("bulk_send", "subscriber", name=op.f("uq_recipient_bulk_send_subscriber")),
    )
    op.create_index("ix_recipient_bulk_send_status_retry_at", "recipient", ["bulk_send", "status", "retry_at"])
    op.create_index("ix_recipient_subscriber", "recipient", ["subscriber"])


def _subscription_email() -> None:
    op.create_table(
        "subscription_email",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("retry_at", INSTANT, nullable=True),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("maybe_sent", sa.Boolean(name="maybe_sent"), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_subscription_email_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_email")),
    )
    op.create_index("ix_subscription_email_finished_at", "subscription_email", ["finished_at"])
    op.create_index("ix_subscription_email_status_retry_at", "subscription_email", ["status", "retry_at"])
    op.create_index("ix_subscription_email_subscriber", "subscription_email", ["subscriber"])
