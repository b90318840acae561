"""Rows of the subscribers database: subscribers, suppressed addresses, link keys, and request counts."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, bindparam, cast, delete, func, insert, select, update

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
from statuspage.storage.tables import subscriber as rows

BATCH = 500
"""The number of rows read at a time."""

KEY_BYTES = 32
"""The length in bytes of a key that signs links."""

MAX_ID = 2**31 - 1
"""Higher than any subscriber's number."""

_PREFERENCE_COLUMNS = ("id", "kind", "address", "contact", "language", "services", "topic", "level")
_STATE_COLUMNS = ("status", "origin", "created", "confirmed", "seed", "secret", "consent")
COLUMNS = tuple(rows.c[name] for name in (*_PREFERENCE_COLUMNS, *_STATE_COLUMNS))
"""All columns to read, in the order in which a row is unpacked."""

# Prepared once, because it is executed for every small batch of a notice.
_ID_RANGE = (rows.c.id > bindparam("behind")) & (rows.c.id <= bindparam("until"))
_PAGE = (
    select(*COLUMNS)
    .where(rows.c.status == SubscriberStatus.ACTIVE.value, rows.c.kind == bindparam("which"), _ID_RANGE)
    .order_by(rows.c.id)
    .limit(bindparam("most"))
)
_PAGE_IN_LANGUAGE = _PAGE.where(rows.c.language == bindparam("spoken"))


@dataclass(frozen=True, slots=True)
class Suppression:
    """Since when an address is suppressed, and why: bounced, complained, person or erased."""

    reason: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SubscriberCount:
    """The number of subscribers with this status, kind and language."""

    kind: SubscriberType
    language: str
    status: SubscriberStatus
    count: int


def insert_subscriber(tx: Connection, subscriber: Subscriber) -> Subscriber:
    """Inserts a row and assigns its number and seed."""
    values = _values(subscriber) | {
        "seed": secrets.token_hex(16),
        "created": subscriber.created,
        "changed": subscriber.created,
    }
    row = tx.execute(insert(rows).values(values).returning(*COLUMNS)).one()
    return _subscriber(row)


def save_subscriber(tx: Connection, subscriber: Subscriber, *, at: datetime) -> None:
    """Updates the row, except its number, seed and creation time."""
    tx.execute(update(rows).where(rows.c.id == subscriber.id).values(**_values(subscriber), changed=at))


def find_by_id(tx: Connection, id: int) -> Subscriber | None:
    """The subscriber with this number."""
    return _only_subscriber(tx, rows.c.id == id)


def find_by_address(tx: Connection, kind: SubscriberType, address: str) -> Subscriber | None:
    """The subscriber at exactly this address."""
    return _only_subscriber(tx, rows.c.kind == kind.value, rows.c.address == address)


def find_by_mailbox(tx: Connection, address: str) -> tuple[Subscriber, ...]:
    """Everything that belongs to this email address: its own subscription, and webhooks registered with it."""
    condition = (rows.c.address == address) | (rows.c.contact == address)
    return tuple(_subscriber(row) for row in tx.execute(select(*COLUMNS).where(condition).order_by(rows.c.id)))


def list_page(
    tx: Connection,
    *,
    kind: SubscriberType,
    language: str = "",
    after: int = 0,
    until: int | None = None,
    limit: int = BATCH,
) -> tuple[Subscriber, ...]:
    """The next active subscribers by number, after ``after`` up to ``until``. Language "": all languages."""
    parameters = {"which": kind.value, "behind": after, "until": MAX_ID if until is None else until, "most": limit}
    result = (
        tx.execute(_PAGE, parameters)
        if not language
        else tx.execute(_PAGE_IN_LANGUAGE, {**parameters, "spoken": language})
    )
    return tuple(_subscriber(row) for row in result)


def find_by_ids(tx: Connection, ids: Collection[int]) -> tuple[Subscriber, ...]:
    """The existing subscribers with these numbers, in any status."""
    return tuple(_subscriber(row) for row in tx.execute(select(*COLUMNS).where(rows.c.id.in_(ids))))


def highest_id(tx: Connection) -> int:
    """The highest number assigned so far; 0 if nobody has subscribed."""
    highest: int = tx.execute(select(func.coalesce(func.max(rows.c.id), 0))).scalar_one()
    return highest


def all_subscribers(tx: Connection) -> Iterator[Subscriber]:
    """Every row by number, in batches, in any status."""
    for row in tx.execute(select(*COLUMNS).order_by(rows.c.id).execution_options(yield_per=BATCH)):
        yield _subscriber(row)


def count_subscribers(tx: Connection) -> tuple[SubscriberCount, ...]:
    """The number of subscribers of each kind, language and status."""
    columns = (rows.c.kind, rows.c.language, rows.c.status)
    result = tx.execute(select(*columns, func.count()).group_by(*columns).order_by(*columns))
    return tuple(
        SubscriberCount(SubscriberType(kind), language, SubscriberStatus(status), count)
        for kind, language, status, count in result
    )


def change_language(tx: Connection, languages: Collection[str], to: str, *, at: datetime) -> int:
    """Everybody of these languages gets another one from now on. Returns how many."""
    values = {"language": to, "changed": at}
    return tx.execute(update(rows).where(rows.c.language.in_(languages)).values(**values)).rowcount


def count_by_service(tx: Connection) -> dict[str, int]:
    """The number of active subscribers that chose each service; "" for those who chose none, and so get all."""
    chosen = cast(rows.c.services, Text)
    query = select(chosen, func.count()).where(rows.c.status == SubscriberStatus.ACTIVE.value).group_by(chosen)
    counts: dict[str, int] = {}
    for services, count in tx.execute(query):
        for service in json.loads(services) or [""]:
            counts[service] = counts.get(service, 0) + count
    return counts


def erase_subscriber(tx: Connection, id: int) -> None:
    """Deletes the row and every email still to be sent to it."""
    tx.execute(delete(rows).where(rows.c.id == id))


def delete_request_counts(tx: Connection, before: datetime) -> None:
    """Deletes the counts of requests that began before this time."""
    tx.execute(delete(request_count).where(request_count.c.window_start < before))


def suppress_address(
    tx: Connection, kind: SubscriberType, address: str, reason: str, *, at: datetime, detail: str = ""
) -> None:
    """Stops all messages to this address and marks its subscriber, if any, as suppressed."""
    address_hash = hash_address(hashing_key(tx, at), kind, address)
    tx.execute(delete(suppression).where(suppression.c.address_hash == address_hash))
    tx.execute(
        insert(suppression).values(address_hash=address_hash, kind=kind.value, reason=reason, detail=detail, at=at)
    )
    conditions = (rows.c.kind == kind.value, rows.c.address == address)
    tx.execute(update(rows).where(*conditions).values(status=SubscriberStatus.SUPPRESSED.value, changed=at))


def find_suppression(tx: Connection, kind: SubscriberType, address: str) -> Suppression | None:
    """Why nothing is sent to this address; None if it is not suppressed."""
    first_key = _first_key(tx)
    if first_key is None:
        return None
    row = tx.execute(
        select(suppression).where(suppression.c.address_hash == hash_address(first_key, kind, address))
    ).first()
    return Suppression(row.reason, row.detail, row.at) if row else None


def lift_suppression(tx: Connection, kind: SubscriberType, address: str, *, at: datetime) -> None:
    """Deletes the suppression of this address."""
    tx.execute(
        delete(suppression).where(suppression.c.address_hash == hash_address(hashing_key(tx, at), kind, address))
    )


def hashing_key(tx: Connection, at: datetime) -> Key:
    """The key that hashes addresses: the oldest one, created when first needed."""
    if (existing := _first_key(tx)) is None:
        tx.execute(insert(link_key).values(id=1, secret=secrets.token_hex(KEY_BYTES), created_at=at))
        return hashing_key(tx, at)
    return existing


def link_keys(tx: Connection) -> Mapping[int, Key]:
    """Every key that may have signed links, by number; the highest signs new ones."""
    result = tx.execute(select(link_key).order_by(link_key.c.id))
    return {row.id: Key(row.id, bytes.fromhex(row.secret)) for row in result}


def signing_key(tx: Connection, at: datetime) -> Key:
    """The key that signs new links."""
    hashing_key(tx, at)
    all_keys = link_keys(tx)
    return all_keys[max(all_keys)]


def count_request(tx: Connection, name: str, *, window: timedelta, at: datetime) -> int:
    """Counts a request under this name; returns the number in this window, including this one."""
    row = tx.execute(select(request_count).where(request_count.c.key == name)).first()
    window_start, count = (row.window_start, int(row._mapping["count"])) if row else (at, 0)
    if not timedelta(0) <= at - window_start < window:
        window_start, count = at, 0
    tx.execute(delete(request_count).where(request_count.c.key == name))
    tx.execute(insert(request_count).values(key=name, window_start=window_start, count=count + 1))
    return count + 1


def _first_key(tx: Connection) -> Key | None:
    row = tx.execute(select(link_key).order_by(link_key.c.id).limit(1)).first()
    return Key(row.id, bytes.fromhex(row.secret)) if row else None


def _only_subscriber(tx: Connection, *conditions: ColumnElement[bool]) -> Subscriber | None:
    row = tx.execute(select(*COLUMNS).where(*conditions)).first()
    return _subscriber(row) if row else None


def _values(subscriber: Subscriber) -> dict[str, object]:
    texts = {
        name: str(getattr(subscriber, name)) for name in ("kind", "address", "contact", "status", "origin", "secret")
    }
    preferences = {name: str(getattr(subscriber.preferences, name)) for name in ("language", "topic", "level")}
    others = {
        "services": list(subscriber.preferences.services),
        "consent": dict(subscriber.consent),
        "confirmed": subscriber.confirmed,
    }
    return {**texts, **preferences, **others}


def _subscriber(row: Row[Any]) -> Subscriber:
    """A subscriber from a row of COLUMNS. Unpacked in one step: reading the values one by one costs more than all the
    rest."""
    values: tuple[Any, ...] = tuple(row)
    id, kind, address, contact, language, services, topic, level = values[: len(_PREFERENCE_COLUMNS)]
    status, origin, created, confirmed, seed, secret, consent = values[len(_PREFERENCE_COLUMNS) :]
    return Subscriber(
        id=id,
        kind=SubscriberType(kind),
        address=address,
        preferences=Preferences(language, tuple(services), SubscriptionTopic(topic), SubscriptionLevel(level)),
        status=SubscriberStatus(status),
        origin=Origin(origin),
        created=created,
        confirmed=confirmed,
        contact=contact,
        seed=seed,
        secret=secret,
        consent=consent,
    )
