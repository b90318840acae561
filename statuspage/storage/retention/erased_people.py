"""Who was erased or stopped, without their addresses: to be applied to an older copy of the databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from statuspage.domain import SubscriberStatus, SubscriberType, hash_address
from statuspage.storage import accounts, subscribers
from statuspage.storage.api import tokens
from statuspage.storage.identity import emergency_links
from statuspage.storage.tables import account, provider_attempt, subscriber, suppression

ERASED = "erased"
"""The reason of a suppression whose subscriber is deleted."""

RESTORE = "backup restore"
"""Who ended what a restore ends."""


@dataclass(frozen=True, slots=True)
class SuppressedHash:
    """A suppressed address, as its hash, and why nothing is sent there."""

    kind: str
    address_hash: str
    reason: str
    at: datetime


def has_subscribers(tx: Connection) -> bool:
    """Whether there is anybody, or was anybody who is suppressed."""
    return any(tx.execute(select(table).limit(1)).first() for table in (subscriber, suppression))


def list_suppressed(tx: Connection) -> tuple[SuppressedHash, ...]:
    """Every suppressed address."""
    rows = tx.execute(select(suppression).order_by(suppression.c.address_hash))
    return tuple(SuppressedHash(row.kind, row.address_hash, row.reason, row.at) for row in rows)


def list_unsubscribed(tx: Connection, now: datetime) -> tuple[str, ...]:
    """The hashes of those who unsubscribed."""
    key = subscribers.hashing_key(tx, now)
    columns = subscriber.c
    query = select(columns.kind, columns.address).where(columns.status == SubscriberStatus.UNSUBSCRIBED.value)
    return tuple(sorted(hash_address(key, SubscriberType(kind), address) for kind, address in tx.execute(query)))


def suppress_again(
    tx: Connection, suppressed: tuple[SuppressedHash, ...], unsubscribed: frozenset[str], *, now: datetime
) -> None:
    """Deletes those who were erased, and stops those who were suppressed or unsubscribed."""
    key, columns = subscribers.hashing_key(tx, now), subscriber.c
    by_hash = {each.address_hash: each for each in suppressed}
    for id, kind, address in tx.execute(select(columns.id, columns.kind, columns.address)).all():
        address_hash = hash_address(key, SubscriberType(kind), address)
        known = by_hash.get(address_hash)
        if known is not None and known.reason == ERASED:
            tx.execute(delete(subscriber).where(columns.id == id))
        elif known is not None or address_hash in unsubscribed:
            status = SubscriberStatus.UNSUBSCRIBED if known is None else SubscriberStatus.SUPPRESSED
            tx.execute(update(subscriber).where(columns.id == id).values(status=status.value, changed=now))
    present = set(tx.execute(select(suppression.c.address_hash)).scalars())
    for each in suppressed:
        if each.address_hash not in present:
            row = {"address_hash": each.address_hash, "kind": each.kind, "reason": each.reason, "at": each.at}
            tx.execute(insert(suppression).values(**row, detail=""))


def list_disabled(tx: Connection) -> Mapping[str, datetime]:
    """The disabled accounts, by id, with the time."""
    rows = tx.execute(select(account.c.id, account.c.disabled).where(account.c.disabled.is_not(None)))
    return {id: at for id, at in rows}  # noqa: C416 - rows are no pairs for dict()


def disable_again(tx: Connection, disabled: Mapping[str, datetime]) -> None:
    """Disables these accounts, and ends their sessions, links and tokens."""
    for id, at in disabled.items():
        tx.execute(update(account).where(account.c.id == id).values(disabled=at))
        _end_access(tx, id, at)


def end_all_access(tx: Connection, at: datetime) -> None:
    """Ends every session, link and token: an older copy has those that ended since."""
    tx.execute(delete(provider_attempt))
    for id in tx.execute(select(account.c.id)).scalars().all():
        _end_access(tx, id, at)


def _end_access(tx: Connection, account_id: str, at: datetime) -> None:
    accounts.end_sessions(tx, account_id)
    accounts.end_sign_in_links(tx, account_id)
    emergency_links.revoke_emergency_links_of(tx, account_id, by=RESTORE, now=at)
    tokens.end_tokens(tx, account_id, at)
