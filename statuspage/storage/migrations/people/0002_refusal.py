"""How often strangers were refused is counted by the hour, apart from what people did; what they typed is dropped."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "people0002"
down_revision = "people0001"

INSTANT = sa.DateTime(timezone=True)
REFUSED = ("sign.in.refused", "link.refused")


def upgrade() -> None:
    """Makes the table, and moves into it what was refused so far."""
    op.create_table(
        "refusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("hour", INSTANT, nullable=False),
        sa.Column("last", INSTANT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal")),
        sa.UniqueConstraint("hour", "what", "account", name=op.f("uq_refusal_hour_what_account")),
    )
    _count()


def _count() -> None:
    tx = op.get_bind()
    audit, refusal = (sa.Table(name, sa.MetaData(), autoload_with=tx) for name in ("audit", "refusal"))
    accounts = sa.Table("person", sa.MetaData(), autoload_with=tx)
    ids = {row.login: row.id for row in tx.execute(sa.select(accounts.c.login, accounts.c.id))}
    refusals: dict[tuple[datetime, str, str], dict[str, object]] = {}
    query = sa.select(audit.c.at, audit.c.what, audit.c.detail).where(audit.c.what.in_(REFUSED))
    for at, action, detail in tx.execute(query.order_by(audit.c.id)):
        account = ids.get(detail.get("login", ""), "")
        hour = at.replace(minute=0, second=0, microsecond=0)
        values = refusals.setdefault((hour, action, account), {"count": 0})
        values |= {"count": int(str(values["count"])) + 1, "last": at, "networks": [detail.get("address", "")]}
    for (hour, action, account), values in refusals.items():
        tx.execute(sa.insert(refusal).values(hour=hour, what=action, account=account, **values))
    tx.execute(sa.delete(audit).where(audit.c.what.in_(REFUSED)))
    throttle = sa.Table("throttle", sa.MetaData(), autoload_with=tx)
    tx.execute(sa.delete(throttle).where(throttle.c.key.startswith("account:")))
