"""What a notice says in media other than the site's stands apart: the site is made without reading it."""

import sqlalchemy as sa
from alembic import op

revision = "world0012"
down_revision = "world0011"


def upgrade() -> None:
    """What was written before stays as it is, all of it in the body."""
    op.add_column("entry", sa.Column("media", sa.JSON(none_as_null=True)))
