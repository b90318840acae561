"""Since when nothing goes out, because the books were put back to an older state."""

import sqlalchemy as sa
from alembic import op

revision = "world0005"
down_revision = "world0004"


def upgrade() -> None:
    """Nothing is on hold."""
    op.add_column("site", sa.Column("held", sa.DateTime(timezone=True), nullable=True))
