"""What staff do with the subscriber list: view, import, export, erase. Each action is recorded without any address."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from statuspage.domain import BulkSend, Subscriber, SubscriberStatus, SubscriberType
from statuspage.storage import audit_log, bulk_sends, subscribers
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine import Database
from statuspage.storage.subscribers import SubscriberCount
from statuspage.usecases.environment import Environment
from statuspage.usecases.subscribers import import_export, input, self_service
from statuspage.usecases.subscribers.foreign_lists import Consent
from statuspage.usecases.subscribers.import_export import NO_CONSENT, ImportResult


class NoSubscriberDatabase(Exception):
    """This environment has no subscribers: a drill never reads any."""


def subscribers_database(subscribers_db: Database | None) -> Database:
    """The subscribers database of this environment. Raises NoSubscriberDatabase."""
    if subscribers_db is None:
        raise NoSubscriberDatabase
    return subscribers_db


def subscriber_counts(env: Environment) -> tuple[SubscriberCount, ...]:
    """The number of subscribers by type, language and status. Raises NoSubscriberDatabase."""
    with subscribers_database(env.databases.subscribers).read() as tx:
        return subscribers.count_subscribers(tx)


def service_counts(env: Environment) -> dict[str, int]:
    """The number of active subscribers by service; "" for those who get notices of all. Raises NoSubscriberDatabase."""
    with subscribers_database(env.databases.subscribers).read() as tx:
        return subscribers.count_by_service(tx)


def active_count(rows: tuple[SubscriberCount, ...]) -> int:
    """The number of active subscribers."""
    return sum(row.count for row in rows if row.status is SubscriberStatus.ACTIVE)


def running_bulk_sends(subscribers_db: Database | None) -> tuple[BulkSend, ...]:
    """The bulk sends in progress. Raises NoSubscriberDatabase."""
    with subscribers_database(subscribers_db).read() as tx:
        return bulk_sends.unfinished_bulk_sends(tx)


def find_by_address(subscribers_db: Database | None, address: str) -> tuple[Subscriber, ...]:
    """Everything stored under this email address, however it is written. Raises NoSubscriberDatabase."""
    with subscribers_database(subscribers_db).read() as tx:
        return subscribers.find_by_mailbox(tx, input.parse_email_address(address))


def import_subscribers(
    env: Environment,
    text: str,
    *,
    actor: Actor,
    now: datetime,
    consent: Consent = NO_CONSENT,
    dry_run: bool = False,
) -> ImportResult:
    """Imports a list as a whole, or not at all; of another product's list, the usable rows. ``dry_run``: nothing is
    stored. Raises NoSubscriberDatabase."""
    database = subscribers_database(env.databases.subscribers)
    result = import_export.import_subscribers(
        database, text, env.site.catalog, now=now, consent=consent, dry_run=dry_run
    )
    if not result.errors and not dry_run:
        _audit(
            env.databases.accounts,
            "subscribers.imported",
            actor,
            now,
            added=str(result.added),
            left_out=str(result.skipped),
        )
    return result


def export_subscribers(env: Environment, *, actor: Actor, now: datetime) -> Iterator[str]:
    """The list, line by line. Raises NoSubscriberDatabase."""
    database = subscribers_database(env.databases.subscribers)
    _audit(env.databases.accounts, "subscribers.exported", actor, now)
    return import_export.export_lines(database)


def erase_address(env: Environment, address: str, *, actor: Actor, now: datetime) -> int:
    """Erases everything under this address; returns the number of rows. A later import does not add it again.

    Raises NoSubscriberDatabase.
    """
    mail_address = input.parse_email_address(address)
    with subscribers_database(env.databases.subscribers).begin() as tx:
        matches = subscribers.find_by_mailbox(tx, mail_address)
        for subscriber in matches:
            self_service.erase_subscriber(tx, subscriber, now=now)
        if (
            mail_address
            and not matches
            and subscribers.find_suppression(tx, SubscriberType.EMAIL, mail_address) is None
        ):
            subscribers.suppress_address(tx, SubscriberType.EMAIL, mail_address, "erased", at=now)
    _audit(env.databases.accounts, "subscribers.erased", actor, now, count=str(len(matches)))
    return len(matches)


def change_language(env: Environment, languages: Collection[str], to: str, *, actor: Actor, now: datetime) -> int:
    """Gives the subscribers of these languages another one; returns how many. Raises NoSubscriberDatabase."""
    with subscribers_database(env.databases.subscribers).begin() as tx:
        count = subscribers.change_language(tx, languages, to, at=now)
    if count:
        detail = {"count": str(count), "before": ", ".join(languages), "after": to}
        _audit(env.databases.accounts, "subscribers.language_changed", actor, now, **detail)
    return count


def _audit(accounts_db: Database, action: str, actor: Actor, now: datetime, **detail: str) -> None:
    with accounts_db.begin() as tx:
        audit_log.record_action(tx, action, at=now, by=actor, **detail)
