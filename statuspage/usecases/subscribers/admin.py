"""What staff do with the list: look, take over, hand out, erase. Each is noted down without any address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from statuspage.domain import BulkSend, Kind, Standing, Subscriber
from statuspage.storage import accounts, bulk_sends, subscribers
from statuspage.storage.engine import Database
from statuspage.storage.subscribers import Count
from statuspage.usecases.environment import Environment
from statuspage.usecases.subscribers import import_export, input, self_service
from statuspage.usecases.subscribers.import_export import Taken


class NoBooks(Exception):
    """Nobody subscribes to this world: a drill reads subscribers from nowhere."""


def books(env: Environment) -> Database:
    """The subscribers' books of this world. Raises NoBooks."""
    if env.subscribers_db is None:
        raise NoBooks
    return env.subscribers_db


def counts(env: Environment) -> tuple[Count, ...]:
    """How many there are of each kind, language and standing. Raises NoBooks."""
    with books(env).read() as tx:
        return subscribers.counts(tx)


def told_count(rows: tuple[Count, ...]) -> int:
    """How many of them are told."""
    return sum(row.count for row in rows if row.standing is Standing.ACTIVE)


def under_way(env: Environment) -> tuple[BulkSend, ...]:
    """The notices that are going out to them just now. Raises NoBooks."""
    with books(env).read() as tx:
        return bulk_sends.under_way(tx)


def at(env: Environment, address: str) -> tuple[Subscriber, ...]:
    """Everything that is kept under this mail address, however it is written. Raises NoBooks."""
    with books(env).read() as tx:
        return subscribers.of_mailbox(tx, input.mail_address(address))


def take_over(env: Environment, text: str, *, actor: str, now: datetime) -> Taken:
    """Takes a list over, all of it or nothing. Raises NoBooks."""
    result = import_export.take_over(books(env), text, env.catalog, now=now)
    if not result.errors:
        _note(env, "subscribers.imported", actor, now, added=str(result.added), left_out=str(result.skipped))
    return result


def hand_out(env: Environment, *, actor: str, now: datetime) -> Iterator[str]:
    """The list, line by line. Raises NoBooks."""
    database = books(env)
    _note(env, "subscribers.exported", actor, now)
    return import_export.given_out(database)


def erase(env: Environment, address: str, *, actor: str, now: datetime) -> int:
    """Forgets everything under this address; returns how many rows that were. No list brings it back.

    Raises NoBooks.
    """
    mail_address = input.mail_address(address)
    with books(env).begin() as tx:
        matches = subscribers.of_mailbox(tx, mail_address)
        for subscriber in matches:
            self_service.erase(tx, subscriber, now=now)
        if mail_address and not matches and subscribers.suppressed(tx, Kind.EMAIL, mail_address) is None:
            subscribers.suppress(tx, Kind.EMAIL, mail_address, "erased", at=now)
    _note(env, "subscribers.erased", actor, now, count=str(len(matches)))
    return len(matches)


def _note(env: Environment, action: str, actor: str, now: datetime, **detail: str) -> None:
    with env.accounts_db.begin() as tx:
        accounts.audit(tx, action, at=now, by=actor, **detail)
