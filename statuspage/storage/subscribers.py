"""Rows of the subscribers' database: subscribers, suppressed addresses, link keys, and request counts."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, insert, select, update

from statuspage.domain import (
    Key,
    Origin,
    Preferences,
    Subscriber,
    SubscriberStatus,
    SubscriberType,
    SubscriptionLevel,
    SubscriptionTopic,
    hash_address,
)
from statuspage.storage.engine import Connection
from statuspage.storage.tables import link_key, request_count, suppression
from statuspage.storage.tables import subscriber as subscriber_table

BATCH = 500
"""Rows read at a time."""

KEY_BYTES = 32
"""The length of a key that signs links."""

MAX_ID = 2**31 - 1
"""Higher than any subscriber's number."""

_PREFERENCE_COLUMNS = ("id", "kind", "address", "contact", "language", "services", "about", "how_much")
_STATE_COLUMNS = ("standing", "origin", "created", "confirmed", "seed", "secret", "proof")
COLUMNS = tuple(subscriber_table.c[name] for name in (*_PREFERENCE_COLUMNS, *_STATE_COLUMNS))
"""All columns that are read, in the order in which a row is unpacked."""

# Executed for every few emails of a notice, so built once.
_ID_RANGE = (subscriber_table.c.id > bindparam("behind")) & (subscriber_table.c.id <= bindparam("until"))
_PAGE = (
    select(*COLUMNS)
    .where(
        subscriber_table.c.standing == SubscriberStatus.ACTIVE.value,
        subscriber_table.c.kind == bindparam("which"),
        _ID_RANGE,
    )
    .order_by(subscriber_table.c.id)
    .limit(bindparam("most"))
)
_PAGE_IN_LANGUAGE = _PAGE.where(subscriber_table.c.language == bindparam("spoken"))


@dataclass(frozen=True, slots=True)
class Suppression:
    """Since when an address is suppressed, and why: bounced, complained, person or erased."""

    reason: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SubscriberCount:
    """How many subscribers have this status, of one kind and language."""

    kind: SubscriberType
    language: str
    standing: SubscriberStatus
    count: int


def insert_subscriber(tx: Connection, subscriber: Subscriber) -> Subscriber:
    """Inserts a row; its number and its seed are assigned here."""
    values = _values(subscriber) | {
        "seed": secrets.token_hex(16),
        "created": subscriber.created,
        "changed": subscriber.created,
    }
    row = tx.execute(insert(subscriber_table).values(values).returning(*COLUMNS)).one()
    return _subscriber(row)


def save_subscriber(tx: Connection, subscriber: Subscriber, *, at: datetime) -> None:
    """Updates the row; its number, seed and creation time stay."""
    tx.execute(
        update(subscriber_table).where(subscriber_table.c.id == subscriber.id).values(**_values(subscriber), changed=at)
    )


def find_by_id(tx: Connection, id: int) -> Subscriber | None:
    """The subscriber with this number."""
    return _only_subscriber(tx, subscriber_table.c.id == id)


def find_by_address(tx: Connection, kind: SubscriberType, address: str) -> Subscriber | None:
    """The subscriber at exactly this address."""
    return _only_subscriber(tx, subscriber_table.c.kind == kind.value, subscriber_table.c.address == address)


def find_by_mailbox(tx: Connection, address: str) -> tuple[Subscriber, ...]:
    """Everything that somebody with this email address has: their emails, and webhooks they registered."""
    condition = (subscriber_table.c.address == address) | (subscriber_table.c.contact == address)
    return tuple(
        _subscriber(row) for row in tx.execute(select(*COLUMNS).where(condition).order_by(subscriber_table.c.id))
    )


def list_page(
    tx: Connection,
    *,
    kind: SubscriberType,
    language: str = "",
    after: int = 0,
    until: int | None = None,
    limit: int = BATCH,
) -> tuple[Subscriber, ...]:
    """The next active subscribers, by number, behind ``after`` and not beyond ``until``. Language "": all."""
    parameters = {"which": kind.value, "behind": after, "until": MAX_ID if until is None else until, "most": limit}
    result = (
        tx.execute(_PAGE, parameters)
        if not language
        else tx.execute(_PAGE_IN_LANGUAGE, {**parameters, "spoken": language})
    )
    return tuple(_subscriber(row) for row in result)


def find_by_ids(tx: Connection, ids: Collection[int]) -> tuple[Subscriber, ...]:
    """The existing subscribers of these numbers, in any status."""
    return tuple(_subscriber(row) for row in tx.execute(select(*COLUMNS).where(subscriber_table.c.id.in_(ids))))


def highest_id(tx: Connection) -> int:
    """The highest number given so far; 0 if nobody has subscribed."""
    highest: int = tx.execute(select(func.coalesce(func.max(subscriber_table.c.id), 0))).scalar_one()
    return highest


def all_subscribers(tx: Connection) -> Iterator[Subscriber]:
    """Every row by number, in batches, in any status."""
    for row in tx.execute(select(*COLUMNS).order_by(subscriber_table.c.id).execution_options(yield_per=BATCH)):
        yield _subscriber(row)


def count_subscribers(tx: Connection) -> tuple[SubscriberCount, ...]:
    """How many there are of each kind, language and status."""
    columns = (subscriber_table.c.kind, subscriber_table.c.language, subscriber_table.c.standing)
    result = tx.execute(select(*columns, func.count()).group_by(*columns).order_by(*columns))
    return tuple(
        SubscriberCount(SubscriberType(kind), language, SubscriberStatus(standing), count)
        for kind, language, standing, count in result
    )


def erase_subscriber(tx: Connection, id: int) -> None:
    """Deletes the row, with every email that was to be sent to it."""
    tx.execute(delete(subscriber_table).where(subscriber_table.c.id == id))


def delete_unconfirmed(tx: Connection, before: datetime) -> int:
    """Deletes subscribers who never confirmed, and old request counts; returns how many subscribers that were."""
    tx.execute(delete(request_count).where(request_count.c.since < before))
    conditions = (subscriber_table.c.standing == SubscriberStatus.PENDING.value, subscriber_table.c.changed < before)
    return tx.execute(delete(subscriber_table).where(*conditions)).rowcount


def suppress_address(
    tx: Connection, kind: SubscriberType, address: str, reason: str, *, at: datetime, detail: str = ""
) -> None:
    """From now on nothing goes to this address; a subscriber there is suppressed."""
    address_hash = hash_address(hashing_key(tx, at), kind, address)
    tx.execute(delete(suppression).where(suppression.c.folded == address_hash))
    tx.execute(insert(suppression).values(folded=address_hash, kind=kind.value, reason=reason, detail=detail, at=at))
    conditions = (subscriber_table.c.kind == kind.value, subscriber_table.c.address == address)
    tx.execute(
        update(subscriber_table).where(*conditions).values(standing=SubscriberStatus.SUPPRESSED.value, changed=at)
    )


def find_suppression(tx: Connection, kind: SubscriberType, address: str) -> Suppression | None:
    """Why nothing goes to this address; None if something may."""
    first_key = _first_key(tx)
    if first_key is None:
        return None
    row = tx.execute(select(suppression).where(suppression.c.folded == hash_address(first_key, kind, address))).first()
    return Suppression(row.reason, row.detail, row.at) if row else None


def lift_suppression(tx: Connection, kind: SubscriberType, address: str, *, at: datetime) -> None:
    """Deletes the suppression of this address."""
    tx.execute(delete(suppression).where(suppression.c.folded == hash_address(hashing_key(tx, at), kind, address)))


def hashing_key(tx: Connection, at: datetime) -> Key:
    """The key that hashes addresses: the oldest, made when the first one is needed."""
    if (existing := _first_key(tx)) is None:
        tx.execute(insert(link_key).values(id=1, secret=secrets.token_hex(KEY_BYTES), made=at))
        return hashing_key(tx, at)
    return existing


def link_keys(tx: Connection) -> Mapping[int, Key]:
    """Every key that links may have been signed with, by its number; the highest signs new ones."""
    result = tx.execute(select(link_key).order_by(link_key.c.id))
    return {row.id: Key(row.id, bytes.fromhex(row.secret)) for row in result}


def renew_link_key(tx: Connection, at: datetime) -> Key:
    """A new key for links from now on; those signed with older ones stay valid."""
    hashing_key(tx, at)
    new_id = max(link_keys(tx)) + 1
    tx.execute(insert(link_key).values(id=new_id, secret=secrets.token_hex(KEY_BYTES), made=at))
    return link_keys(tx)[new_id]


def signing_key(tx: Connection, at: datetime) -> Key:
    """The key that signs new links."""
    hashing_key(tx, at)
    all_keys = link_keys(tx)
    return all_keys[max(all_keys)]


def count_request(tx: Connection, name: str, *, window: timedelta, at: datetime) -> int:
    """Counts one more request under this name; returns how many there were in this window, including this one."""
    row = tx.execute(select(request_count).where(request_count.c.key == name)).first()
    window_start, count = (row.since, int(row._mapping["count"])) if row else (at, 0)
    if not timedelta(0) <= at - window_start < window:
        window_start, count = at, 0
    tx.execute(delete(request_count).where(request_count.c.key == name))
    tx.execute(insert(request_count).values(key=name, since=window_start, count=count + 1))
    return count + 1


def _first_key(tx: Connection) -> Key | None:
    row = tx.execute(select(link_key).order_by(link_key.c.id).limit(1)).first()
    return Key(row.id, bytes.fromhex(row.secret)) if row else None


def _only_subscriber(tx: Connection, *conditions: ColumnElement[bool]) -> Subscriber | None:
    row = tx.execute(select(*COLUMNS).where(*conditions)).first()
    return _subscriber(row) if row else None


def _values(subscriber: Subscriber) -> dict[str, object]:
    texts = {
        name: str(getattr(subscriber, name)) for name in ("kind", "address", "contact", "standing", "origin", "secret")
    }
    preferences = {name: str(getattr(subscriber.preferences, name)) for name in ("language", "about", "how_much")}
    others = {
        "services": list(subscriber.preferences.services),
        "proof": dict(subscriber.proof),
        "confirmed": subscriber.confirmed,
    }
    return {**texts, **preferences, **others}


def _subscriber(row: Row[Any]) -> Subscriber:
    """From a row of COLUMNS. Unpacked at once: reading its values one by one costs more than all the rest."""
    values: tuple[Any, ...] = tuple(row)
    id, kind, address, contact, language, services, about, how_much = values[: len(_PREFERENCE_COLUMNS)]
    standing, origin, created, confirmed, seed, secret, proof = values[len(_PREFERENCE_COLUMNS) :]
    return Subscriber(
        id=id,
        kind=SubscriberType(kind),
        address=address,
        preferences=Preferences(language, tuple(services), SubscriptionTopic(about), SubscriptionLevel(how_much)),
        standing=SubscriberStatus(standing),
        origin=Origin(origin),
        created=created,
        confirmed=confirmed,
        contact=contact,
        seed=seed,
        secret=secret,
        proof=proof,
    )
