"""The tables of the subscribers database: subscribers, their links and email, bulk sends."""

import sqlalchemy as sa
from alembic import op

revision = "subscribers0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Creates them."""
    _asking()
    _link_key()
    _mailing()
    _subscriber()
    _suppression()
    _letter()
    _recipient()


def _asking() -> None:
    op.create_table(
        "asking",
        sa.Column("key", sa.String(96), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_asking")),
    )
    op.create_index("ix_asking_since", "asking", ["since"])


def _link_key() -> None:
    op.create_table(
        "link_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("made", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_key")),
    )


def _mailing() -> None:
    op.create_table(
        "mailing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("began", INSTANT, nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.Boolean(name="wrapped"), server_default=sa.false(), nullable=False),
        sa.Column("through", sa.Boolean(name="through"), server_default=sa.false(), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("hands", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("listed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("passed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("told", sa.Integer(), server_default="0", nullable=False),
        sa.Column("twice", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bounced", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gave_up", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("overtaken", sa.Boolean(name="overtaken"), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
        sa.UniqueConstraint(
            "incident", "channel", "language", "sequence", name=op.f("uq_mailing_incident_channel_language_sequence")
        ),
    )
    op.create_index("ix_mailing_ended", "mailing", ["ended"])


def _subscriber() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("address", sa.String(1024), nullable=False),
        sa.Column("contact", sa.String(254), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("about", sa.String(16), nullable=False),
        sa.Column("how_much", sa.String(16), nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.Column("seed", sa.String(32), nullable=False),
        sa.Column("secret", sa.String(128), nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("confirmed", INSTANT, nullable=True),
        sa.Column("changed", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("kind", "address", name=op.f("uq_subscriber_kind_address")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscriber_standing_kind_language_id", "subscriber", ["standing", "kind", "language", "id"])


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("folded", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_suppression")),
    )


def _letter() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("end", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued", INSTANT, nullable=False),
        sa.Column("due", INSTANT, nullable=True),
        sa.Column("started", INSTANT, nullable=True),
        sa.Column("finished", INSTANT, nullable=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_letter_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    op.create_index("ix_letter_end_due", "letter", ["end", "due"])
    op.create_index("ix_letter_finished", "letter", ["finished"])
    op.create_index("ix_letter_subscriber", "letter", ["subscriber"])


def _recipient() -> None:
    op.create_table(
        "recipient",
        sa.Column("mailing", sa.Integer(), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.Column("stand", sa.String(8), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Boolean(name="unsure"), nullable=False),
        sa.Column("due", INSTANT, nullable=True),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mailing"], ["mailing.id"], name=op.f("fk_recipient_mailing")),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_recipient_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mailing", "subscriber", name=op.f("pk_recipient")),
    )
    op.create_index("ix_recipient_mailing_stand_due", "recipient", ["mailing", "stand", "due"])
    op.create_index("ix_recipient_subscriber", "recipient", ["subscriber"])
