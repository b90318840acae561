"""The first tables of the subscribers' books."""

import sqlalchemy as sa
from alembic import op

revision = "subscribers0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes them."""
    _subscriber()
    _suppression()
    _letter()
    _link_key()
    _asking()


def _subscriber() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=1024), nullable=False),
        sa.Column("contact", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("about", sa.String(length=16), nullable=False),
        sa.Column("how_much", sa.String(length=16), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("secret", sa.String(length=128), nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("confirmed", INSTANT, nullable=True),
        sa.Column("changed", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("kind", "address", name=op.f("uq_subscriber_kind_address")),
        sqlite_autoincrement=True,
    )
    columns = ["standing", "kind", "language", "id"]
    op.create_index("ix_subscriber_standing_kind_language_id", "subscriber", columns, unique=False)


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("folded", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_suppression")),
    )


def _letter() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("end", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued", INSTANT, nullable=False),
        sa.Column("due", INSTANT, nullable=True),
        sa.Column("started", INSTANT, nullable=True),
        sa.Column("finished", INSTANT, nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_letter_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    op.create_index("ix_letter_end_due", "letter", ["end", "due"], unique=False)
    op.create_index("ix_letter_subscriber", "letter", ["subscriber"], unique=False)
    op.create_index("ix_letter_finished", "letter", ["finished"], unique=False)


def _link_key() -> None:
    op.create_table(
        "link_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("made", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_key")),
    )


def _asking() -> None:
    op.create_table(
        "asking",
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_asking")),
    )
    op.create_index("ix_asking_since", "asking", ["since"], unique=False)
