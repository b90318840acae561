"""Notices on their way to those who asked to be told, and whoever is in hand or put off."""

import sqlalchemy as sa
from alembic import op

revision = "subscribers0002"
down_revision = "subscribers0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes both tables."""
    _mailing()
    _recipient()


def _mailing() -> None:
    counts = ("listed", "passed", "told", "twice", "bounced", "refused", "gave_up")
    op.create_table(
        "mailing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("began", INSTANT, nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.Boolean(name="wrapped"), server_default=sa.false(), nullable=False),
        sa.Column("through", sa.Boolean(name="through"), server_default=sa.false(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        *(sa.Column(name, sa.Integer(), server_default="0", nullable=False) for name in counts),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("overtaken", sa.Boolean(name="overtaken"), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
        sa.UniqueConstraint(
            "incident",
            "channel",
            "language",
            "sequence",
            name=op.f("uq_mailing_incident_channel_language_sequence"),
        ),
    )
    op.create_index("ix_mailing_ended", "mailing", ["ended"], unique=False)


def _recipient() -> None:
    op.create_table(
        "recipient",
        sa.Column("mailing", sa.Integer(), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("stand", sa.String(length=8), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Boolean(name="unsure"), nullable=False),
        sa.Column("due", INSTANT, nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mailing"], ["mailing.id"], name=op.f("fk_recipient_mailing")),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_recipient_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mailing", "subscriber", name=op.f("pk_recipient")),
    )
    op.create_index("ix_recipient_mailing_stand_due", "recipient", ["mailing", "stand", "due"], unique=False)
    op.create_index("ix_recipient_subscriber", "recipient", ["subscriber"], unique=False)
