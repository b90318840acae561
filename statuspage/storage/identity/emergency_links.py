"""Rows of emergency links: one-time sign-in links on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from statuspage.storage.engine import Connection
from statuspage.storage.tables import account, emergency_link


@dataclass(frozen=True, slots=True)
class EmergencyLink:
    """A link on paper, without its code. ``number`` is printed beside it; ``person`` is whose account it opens."""

    number: int
    account_id: str
    person: str
    created_at: datetime
    created_by: str
    expires: datetime
    used_at: datetime | None
    used_from: str
    revoked_at: datetime | None
    revoked_by: str
    is_account_disabled: bool

    def state(self, now: datetime) -> str:
        """``used``, ``revoked``, ``disabled`` (its account), ``expired`` or ``valid``."""
        if self.used_at:
            return "used"
        if self.revoked_at:
            return "revoked"
        if self.is_account_disabled:
            return "disabled"
        return "valid" if self.expires > now else "expired"

    def is_usable(self, now: datetime) -> bool:
        """Whether it would still sign somebody in."""
        return self.state(now) == "valid"


def add_emergency_link(
    tx: Connection, code_hash: str, account_id: str, *, by: str, at: datetime, expires: datetime
) -> int:
    """Keeps a link under the hash of its code, and returns its number."""
    values = {"code_hash": code_hash, "account_id": account_id, "created_at": at, "created_by": by, "expires": expires}
    new_row = insert(emergency_link).values(**values, used_from="", revoked_by="")
    return int(tx.execute(new_row.returning(emergency_link.c.number)).scalar_one())


def list_emergency_links(tx: Connection) -> tuple[EmergencyLink, ...]:
    """All links, the newest first."""
    joined = emergency_link.join(account, emergency_link.c.account_id == account.c.id)
    query = select(emergency_link, account.c.name, account.c.disabled).select_from(joined)
    return tuple(_emergency_link(row) for row in tx.execute(query.order_by(emergency_link.c.number.desc())))


def use_emergency_link(tx: Connection, code_hash: str, *, address: str, now: datetime) -> tuple[int, str] | None:
    """Uses the link up; its number and the id of its account. None if it is unknown, used, revoked or expired, or its
    account is disabled."""
    is_enabled = emergency_link.c.account_id.in_(select(account.c.id).where(account.c.disabled.is_(None)))
    usable = (
        emergency_link.c.code_hash == code_hash,
        emergency_link.c.used_at.is_(None),
        emergency_link.c.revoked_at.is_(None),
        emergency_link.c.expires > now,
        is_enabled,
    )
    used = update(emergency_link).where(*usable).values(used_at=now, used_from=address[:64])
    if tx.execute(used).rowcount != 1:
        return None
    row = tx.execute(select(emergency_link).where(emergency_link.c.code_hash == code_hash)).one()
    return row.number, row.account_id


def revoke_emergency_link(tx: Connection, number: int, *, by: str, now: datetime) -> bool:
    """Makes an unused link void; False if there is none with this number."""
    unused = (emergency_link.c.number == number, *_UNUSED)
    return tx.execute(update(emergency_link).where(*unused).values(revoked_at=now, revoked_by=by)).rowcount == 1


def revoke_emergency_links_of(tx: Connection, account_id: str, *, by: str, now: datetime) -> None:
    """Makes all unused links of this account void."""
    unused = (emergency_link.c.account_id == account_id, *_UNUSED)
    tx.execute(update(emergency_link).where(*unused).values(revoked_at=now, revoked_by=by))


_UNUSED = (emergency_link.c.used_at.is_(None), emergency_link.c.revoked_at.is_(None))


def _emergency_link(row: Row[Any]) -> EmergencyLink:
    return EmergencyLink(
        row.number,
        row.account_id,
        row.name,
        row.created_at,
        row.created_by,
        row.expires,
        row.used_at,
        row.used_from,
        row.revoked_at,
        row.revoked_by,
        row.disabled is not None,
    )
