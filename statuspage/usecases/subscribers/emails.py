"""Sends the emails about subscriptions: the confirmation, and the link to one's own page. The worker's part
of sign-up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Event
from typing import Protocol, runtime_checkable

import structlog

from statuspage import bundled
from statuspage.domain import DeliveryStatus, Subscriber, SubscriberStatus, SubscriberType, retry, subscriber_links
from statuspage.integrations.channels import CredentialsInvalid, DeliveryUnknown, Message, Refused, Unreachable, Unsent
from statuspage.rendering.site import render_subscription_email
from statuspage.rendering.wording import Clock
from statuspage.storage import subscribers, subscription_emails
from statuspage.storage.engine import Database
from statuspage.storage.subscription_emails import SubscriptionEmail, SubscriptionEmailKind
from statuspage.usecases.environment import Environment, restore_guard
from statuspage.usecases.subscribers import import_export
from statuspage.usecases.subscribers.signup import DAY

CONFIRM_LINK_LIFETIME = timedelta(days=3)
"""How long the button confirms, from the request; who never confirmed is erased a little later."""

UNCONFIRMED_KEPT_FOR = timedelta(days=4)

SEND_WITHIN = timedelta(days=1)
"""After this long an email that could not be sent is dropped; its reader may ask again by then."""

BATCH_SIZE = 50
"""Emails of one round, so that the worker does everything else in between."""

_log = structlog.get_logger(__name__)


@runtime_checkable
class SingleEmailChannel(Protocol):
    """A channel that can send one email to one person."""

    @property
    def sender(self) -> str:
        """The email address it writes from."""

    def send_email(self, message: Message) -> None:
        """Sends it. Raises as ``deliver``."""


def is_email_due(env: Environment, now: datetime) -> bool:
    """Whether an email waits that could be sent now."""
    if env.subscribers_db is None:
        return False
    with env.subscribers_db.read() as tx:
        soonest = subscription_emails.next_due_at(tx)
    return soonest is not None and soonest <= now


def release_abandoned(env: Environment, owner: str, now: datetime) -> None:
    """Settles the claims of a worker that is gone; its lock is in the environment's own database."""
    database = env.subscribers_db
    if database is None:
        return
    with database.read() as tx:
        others = [name for name in subscription_emails.list_owners(tx) if name != owner]
    for dead_owner in env.database.find_absent(others):
        with database.begin() as tx:
            subscription_emails.recover_abandoned(tx, dead_owner, now)


def send_due_emails(
    env: Environment, owner: str, *, clock: Callable[[], datetime], jitter: Callable[[], float], stop: Event
) -> None:
    """Sends what is due, one after the other. Nothing while sending is on hold, or while the URL of the linked pages is
    unknown.
    """
    database = env.subscribers_db
    channel = next(
        (candidate for candidate in env.channels.values() if isinstance(candidate, SingleEmailChannel)), None
    )
    if database is None or channel is None or not env.signup_url or restore_guard.held_since(env):
        return
    for _ in range(BATCH_SIZE):
        if stop.is_set():  # Before the claim: a claimed email counts as tried.
            return
        now = clock()
        with database.begin_without_turn() as tx:
            email = subscription_emails.claim_email(tx, owner, now)
        if email is None:
            return
        if not _send_email(env, database, channel, email, now, jitter()):
            return


def _send_email(
    env: Environment,
    database: Database,
    channel: SingleEmailChannel,
    email: SubscriptionEmail,
    now: datetime,
    jitter: float,
) -> bool:
    """Whether the next one may be tried too."""
    with database.begin() as tx:
        subscriber = subscribers.find_by_id(tx, email.subscriber)
        key = subscribers.signing_key(tx, now)
    if subscriber is None or not _is_still_wanted(email, subscriber, now):
        return _settle_email(database, email, DeliveryStatus.SUPERSEDED, now)
    try:
        channel.send_email(_email_message(env, channel.sender, email, subscriber, key))
    except Refused as error:
        return _settle_email(database, email, DeliveryStatus.FAILED, now, error)
    except (Unreachable, CredentialsInvalid) as error:
        _settle_email(
            database, email, DeliveryStatus.WAITING, now, error, due_at=now + retry.pause_before(email.attempts, jitter)
        )
        return False
    except DeliveryUnknown as error:
        # A second email does no harm, a missing one leaves somebody waiting; two are enough.
        may_retry = email.attempts < 2
        retry_at = now + retry.pause_before(email.attempts, jitter)
        return _settle_email(
            database,
            email,
            DeliveryStatus.WAITING if may_retry else DeliveryStatus.NEEDS_REVIEW,
            now,
            error,
            due_at=retry_at if may_retry else None,
        )
    return _settle_email(database, email, DeliveryStatus.DELIVERED, now)


def _is_still_wanted(email: SubscriptionEmail, subscriber: Subscriber, now: datetime) -> bool:
    """Whether it should still be sent."""
    is_obsolete = (
        email.kind in (SubscriptionEmailKind.CONFIRM, SubscriptionEmailKind.STOPPED)
        and subscriber.status is SubscriberStatus.ACTIVE
    )
    return now - email.queued_at <= SEND_WITHIN and not is_obsolete


def _settle_email(
    database: Database,
    email: SubscriptionEmail,
    status: DeliveryStatus,
    now: datetime,
    error: Unsent | None = None,
    *,
    due_at: datetime | None = None,
) -> bool:
    with database.begin() as tx:
        error_fields = {"reason": error.reason, "detail": error.detail} if error else {}
        subscription_emails.settle_email(tx, email, status, at=now, retry_at=due_at, **error_fields)
    return True


def _email_message(
    env: Environment, sender: str, email: SubscriptionEmail, subscriber: Subscriber, key: subscriber_links.Key
) -> Message:
    pack = env.catalog.packs.get(email.language, env.catalog.leading_pack)
    is_confirmation = email.kind is SubscriptionEmailKind.CONFIRM
    expires_at = email.queued_at + CONFIRM_LINK_LIFETIME
    link_args = (env.signup_url, key, subscriber)
    link = (
        subscriber_links.confirm_link(*link_args, expires_at=expires_at)
        if is_confirmation
        else subscriber_links.preferences_link(*link_args)
    )
    expiry_text = (
        Clock(pack.locale_rules, env.catalog.site.zone).format_with_zone(expires_at) if is_confirmation else ""
    )
    label_prefix = "hook_" if subscriber.kind is SubscriberType.WEBHOOK else ""
    email_text = render_subscription_email(
        pack, email.kind, link=link, valid_until=expiry_text, templates=_templates(), label_prefix=label_prefix
    )
    return {
        "id": f"<letter.{email.id}.{subscriber.seed[:12]}@{sender.rpartition('@')[2]}>",
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


def delete_expired(env: Environment, now: datetime) -> None:
    """Writes today's copy of the list, deletes unconfirmed subscribers, request counts, and emails older
    than a month.
    """
    if env.subscribers_db is None:
        return
    if env.subscriber_copies is not None:
        try:
            import_export.keep_copy(env.subscribers_db, env.subscriber_copies, now=now)
        except OSError as error:
            _log.error("subscriber list copy failed", folder=str(env.subscriber_copies), reason=error.strerror)
    with env.subscribers_db.begin() as tx:
        subscription_emails.delete_finished(tx, now - 30 * DAY)
        if removed_count := subscribers.delete_unconfirmed(tx, now - UNCONFIRMED_KEPT_FOR):
            _log.info("unconfirmed subscribers deleted", count=removed_count)


@lru_cache(maxsize=1)
def _templates() -> Mapping[str, str]:
    return bundled.templates(bundled.folder("templates") / "email")
