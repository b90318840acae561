"""The worker's part of sign-up: sends the confirmation and the link to the subscriber's own page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Event
from typing import Protocol, runtime_checkable

from statuspage import bundled
from statuspage.domain import (
    DeliveryStatus,
    Outcome,
    Subscriber,
    SubscriberStatus,
    SubscriberType,
    SubscriptionEmail,
    SubscriptionEmailKind,
    retry,
    subscriber_links,
)
from statuspage.integrations.channels import CredentialsInvalid, DeliveryUnknown, Message, Refused, Unreachable
from statuspage.process_log import Log
from statuspage.rendering.site import render_subscription_email
from statuspage.rendering.wording import Clock
from statuspage.storage import subscribers, subscription_emails
from statuspage.storage.engine import Database
from statuspage.usecases.environment import Environment, restore_guard
from statuspage.usecases.queue_loop import QueueLoop

CONFIRM_LINK_LIFETIME = timedelta(days=3)
"""How long the confirmation button works after the request."""

BATCH_SIZE = 50
"""The maximum number of emails per round, so that the worker can do everything else in between."""

_log = Log(__name__)


@runtime_checkable
class SingleEmailChannel(Protocol):
    """A channel that can send one email to one person."""

    @property
    def sender(self) -> str:
        """The email address it writes from."""

    def send_email(self, message: Message) -> None:
        """Sends the email. Raises the errors of ``deliver``."""


def is_email_due(subscribers_db: Database | None, now: datetime) -> bool:
    """Whether an email is waiting that could be sent now."""
    if subscribers_db is None:
        return False
    with subscribers_db.read() as tx:
        soonest = subscription_emails.QUEUE.next_due_at(tx)
    return soonest is not None and soonest <= now


def release_abandoned(env: Environment, owner: str, now: datetime) -> None:
    """Settles the claims of a dead worker, whose lock is in the environment's own database."""
    database = env.databases.subscribers
    if database is None:
        return
    with database.read() as tx:
        others = [name for name in subscription_emails.QUEUE.owners(tx) if name != owner]
    for dead_owner in env.databases.environment.find_absent(others):
        with database.begin() as tx:
            subscription_emails.recover_abandoned(tx, dead_owner, now)


def send_due_emails(
    env: Environment, owner: str, *, clock: Callable[[], datetime], jitter: Callable[[], float], stop: Event
) -> None:
    """Sends due emails one after the other. Does nothing during a send hold, or while the URL of the subscriber pages
    is unknown."""
    database = env.databases.subscribers
    channel = next(
        (candidate for candidate in env.senders.channels.values() if isinstance(candidate, SingleEmailChannel)), None
    )
    if (
        database is None
        or channel is None
        or not env.site.signup_url
        or restore_guard.held_since(env.databases.environment)
    ):
        return
    emails = EmailRound(env, database, channel, owner, clock, jitter)
    QueueLoop(
        "subscription email",
        emails.claim,
        emails.attempt,
        emails.handle_unexpected,
        emails.settle,
        clock,
        lambda: stop.is_set() or emails.is_over,  # Before the claim, because a claimed email counts as tried.
        stop,
    ).work_through()


@dataclass(slots=True)
class EmailRound:
    """One round of emails; it ends after a number of them, or if the server does not answer."""

    env: Environment
    database: Database
    channel: SingleEmailChannel
    owner: str
    clock: Callable[[], datetime]
    jitter: Callable[[], float]
    is_over: bool = False
    _claimed: int = 0

    def claim(self) -> SubscriptionEmail | None:
        """The next email that is due."""
        self._claimed += 1
        self.is_over = self._claimed >= BATCH_SIZE
        with self.database.begin_without_turn() as tx:
            return subscription_emails.QUEUE.claim(tx, self.owner, self.clock())

    def attempt(self, email: SubscriptionEmail) -> Outcome:
        """Sends it, if it is still wanted."""
        now = self.clock()
        with self.database.begin() as tx:
            subscriber = None if email.subscriber is None else subscribers.find_by_id(tx, email.subscriber)
            key = subscribers.signing_key(tx, now)
        if subscriber is None or not _is_still_wanted(email, subscriber, now):
            return Outcome(DeliveryStatus.SUPERSEDED)
        try:
            self.channel.send_email(_email_message(self.env, self.channel.sender, email, subscriber, key))
        except (Unreachable, CredentialsInvalid) as error:
            self.is_over = True
            return Outcome(DeliveryStatus.WAITING, error.reason, error.detail, self._retry_at(email))
        except Refused as error:
            return Outcome(DeliveryStatus.FAILED, error.reason, error.detail)
        except DeliveryUnknown as error:
            return self._doubtful_outcome(email, error.reason, error.detail)
        return Outcome(DeliveryStatus.DELIVERED)

    def handle_unexpected(self, email: SubscriptionEmail, error: Exception) -> Outcome:
        """The outcome of an unexpected error: it is unknown whether it was sent."""
        _log.error("subscription email failed", id=email.id, exc_info=error)
        return self._doubtful_outcome(email, "unexpected", type(error).__name__)

    def settle(self, email: SubscriptionEmail, outcome: Outcome) -> None:
        """Records the outcome."""
        with self.database.begin() as tx:
            subscription_emails.QUEUE.settle(tx, email, outcome, at=self.clock())

    def _doubtful_outcome(self, email: SubscriptionEmail, reason: str, detail: str) -> Outcome:
        if email.attempts < retry.EMAIL_ATTEMPTS_IN_DOUBT:
            return Outcome(DeliveryStatus.WAITING, reason, detail, self._retry_at(email), maybe_sent=True)
        return Outcome(DeliveryStatus.NEEDS_REVIEW, reason, detail, maybe_sent=True)

    def _retry_at(self, email: SubscriptionEmail) -> datetime:
        return self.clock() + retry.pause_before(email.attempts, self.jitter())


def _is_still_wanted(email: SubscriptionEmail, subscriber: Subscriber, now: datetime) -> bool:
    """Whether it should still be sent."""
    is_obsolete = (
        email.kind in (SubscriptionEmailKind.CONFIRM, SubscriptionEmailKind.STOPPED)
        and subscriber.status is SubscriberStatus.ACTIVE
    )
    return now - email.queued_at <= retry.EMAIL_HORIZON and not is_obsolete


def _email_message(
    env: Environment, sender: str, email: SubscriptionEmail, subscriber: Subscriber, key: subscriber_links.Key
) -> Message:
    pack = env.site.catalog.packs.get(email.language, env.site.catalog.leading_pack)
    is_confirmation = email.kind is SubscriptionEmailKind.CONFIRM
    expires_at = email.queued_at + CONFIRM_LINK_LIFETIME
    link_args = (env.site.signup_url, key, subscriber)
    link = (
        subscriber_links.confirm_link(*link_args, expires_at=expires_at)
        if is_confirmation
        else subscriber_links.preferences_link(*link_args)
    )
    expiry_text = (
        Clock(pack.locale_rules, env.site.catalog.site.zone).format_with_zone(expires_at) if is_confirmation else ""
    )
    label_prefix = "hook_" if subscriber.kind is SubscriberType.WEBHOOK else ""
    email_text = render_subscription_email(
        pack, email.kind, link=link, valid_until=expiry_text, templates=_templates(), label_prefix=label_prefix
    )
    return {
        "id": f"<email.{email.id}.{subscriber.seed[:12]}@{sender.rpartition('@')[2]}>",
        "references": [],
        "date": email.queued_at.isoformat(),
        "language": pack.language,
        "name": pack.site,
        "from": sender,
        "to": subscriber.email_address,
        "subject": email_text.subject,
        "status": pack.marks.machine,
        "text": email_text.text,
        "html": email_text.html,
    }


def write_list_copy(env: Environment, now: datetime) -> None:
    """Writes today's copy of the list, if it is to be kept elsewhere."""
    from statuspage.usecases.subscribers import import_export

    if env.databases.subscribers is not None and env.subscriber_copies is not None:
        try:
            import_export.keep_copy(env.databases.subscribers, env.subscriber_copies, now=now)
        except OSError as error:
            _log.error("subscriber list copy failed", folder=str(env.subscriber_copies), reason=error.strerror)


@lru_cache(maxsize=1)
def _templates() -> Mapping[str, str]:
    return bundled.templates(bundled.folder("templates") / "email")
