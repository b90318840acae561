"""Published personal data can be blanked, on record and not otherwise; the database calls the workers."""

import sqlalchemy as sa
from alembic import op

from statuspage.storage.engine import DIALECTS

revision = "world0006"
down_revision = "world0005"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the record and the triggers."""
    op.create_table(
        "redaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(length=32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("carried", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.Integer(), nullable=False),
        sa.Column("finished", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_redaction_incident")),
        sa.ForeignKeyConstraint(
            ["sealed"], ["site.id"], name=op.f("fk_redaction_sealed"), deferrable=True, initially="DEFERRED"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redaction")),
    )
    op.create_index("ix_redaction_incident", "redaction", ["incident"])
    op.create_index("ix_redaction_finished", "redaction", ["finished"])
    op.add_column("alert", sa.Column("redacted", INSTANT, nullable=True))
    manners = DIALECTS[op.get_bind().dialect.name]
    for statement in (*manners.REDACTION_ONLY, *manners.NOTIFY_TRIGGERS):
        op.execute(statement)
