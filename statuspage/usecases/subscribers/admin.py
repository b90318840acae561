"""What staff do with the list: look, take over, hand out, erase. Each is noted down without any address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from statuspage.domain import BulkSend, Subscriber, SubscriberStatus, SubscriberType
from statuspage.storage import accounts, bulk_sends, subscribers
from statuspage.storage.engine import Database
from statuspage.storage.subscribers import SubscriberCount
from statuspage.usecases.environment import Environment
from statuspage.usecases.subscribers import import_export, input, self_service
from statuspage.usecases.subscribers.import_export import ImportResult


class NoSubscriberDatabase(Exception):
    """Nobody subscribes to this world: a drill reads subscribers from nowhere."""


def subscribers_database(env: Environment) -> Database:
    """The subscribers' books of this world. Raises NoBooks."""
    if env.subscribers_db is None:
        raise NoSubscriberDatabase
    return env.subscribers_db


def subscriber_counts(env: Environment) -> tuple[SubscriberCount, ...]:
    """How many there are of each kind, language and standing. Raises NoBooks."""
    with subscribers_database(env).read() as tx:
        return subscribers.count_subscribers(tx)


def active_count(rows: tuple[SubscriberCount, ...]) -> int:
    """How many of them are told."""
    return sum(row.count for row in rows if row.status is SubscriberStatus.ACTIVE)


def running_bulk_sends(env: Environment) -> tuple[BulkSend, ...]:
    """The notices that are going out to them just now. Raises NoBooks."""
    with subscribers_database(env).read() as tx:
        return bulk_sends.unfinished_bulk_sends(tx)


def find_by_address(env: Environment, address: str) -> tuple[Subscriber, ...]:
    """Everything that is kept under this mail address, however it is written. Raises NoBooks."""
    with subscribers_database(env).read() as tx:
        return subscribers.find_by_mailbox(tx, input.parse_email_address(address))


def import_subscribers(env: Environment, text: str, *, actor: str, now: datetime) -> ImportResult:
    """Takes a list over, all of it or nothing. Raises NoBooks."""
    result = import_export.import_subscribers(subscribers_database(env), text, env.catalog, now=now)
    if not result.errors:
        _audit(env, "subscribers.imported", actor, now, added=str(result.added), left_out=str(result.skipped))
    return result


def export_subscribers(env: Environment, *, actor: str, now: datetime) -> Iterator[str]:
    """The list, line by line. Raises NoBooks."""
    database = subscribers_database(env)
    _audit(env, "subscribers.exported", actor, now)
    return import_export.export_lines(database)


def erase_address(env: Environment, address: str, *, actor: str, now: datetime) -> int:
    """Forgets everything under this address; returns how many rows that were. No list brings it back.

    Raises NoBooks.
    """
    mail_address = input.parse_email_address(address)
    with subscribers_database(env).begin() as tx:
        matches = subscribers.find_by_mailbox(tx, mail_address)
        for subscriber in matches:
            self_service.erase_subscriber(tx, subscriber, now=now)
        if (
            mail_address
            and not matches
            and subscribers.find_suppression(tx, SubscriberType.EMAIL, mail_address) is None
        ):
            subscribers.suppress_address(tx, SubscriberType.EMAIL, mail_address, "erased", at=now)
    _audit(env, "subscribers.erased", actor, now, count=str(len(matches)))
    return len(matches)


def _audit(env: Environment, action: str, actor: str, now: datetime, **detail: str) -> None:
    with env.accounts_db.begin() as tx:
        accounts.record_action(tx, action, at=now, by=actor, **detail)
