"""Webhooks registered by customers: tested at once, and sent no notice until their owner has confirmed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from statuspage.domain import (
    Origin,
    Preferences,
    Subscriber,
    SubscriberStatus,
    SubscriberType,
    SubscriptionEmailKind,
    hash_address,
)
from statuspage.integrations.channels import public_egress, subscriber_webhook
from statuspage.storage import subscribers, subscription_emails
from statuspage.storage.engine import Database
from statuspage.usecases.subscribers.signup import DAY, HOUR, PERMANENT_REASONS, SignupOutcome, is_crowded

MAX_URL_LENGTH = 1000
"""Maximum characters of a stored URL."""

MAX_PER_HOST = 10
"""Tests per hour of one host, so that nobody can use us to probe another server."""

MAX_PER_OWNER = 3
"""Emails per day to one mailbox about webhooks."""

UNREACHABLE_CODES = ("inside", "away")
"""Problems reported as the same one: our answers must not reveal which names lead into our own network."""


@dataclass(frozen=True, slots=True)
class RegistrationResult:
    """The result. ``problem`` is a label's key (``webhooks.wrong_KEY``), "" if the webhook passed the test; ``secret``
    then signs everything sent to it."""

    outcome: SignupOutcome = SignupOutcome.ACCEPTED
    problem: str = ""
    secret: str = field(default="", repr=False)


def normalize_webhook_url(text: str) -> str:
    """The URL as it is stored: the host in lower case, without a fragment."""
    try:
        parts = urlsplit(text.strip())
        return parts._replace(netloc=parts.netloc.lower(), fragment="").geturl()
    except ValueError:
        return text


def address_problem(url: str, egress: public_egress.Egress) -> str:
    """What is wrong with a URL before any request, as ``problem`` of RegistrationResult."""
    return "no_address" if len(url) > MAX_URL_LENGTH else egress.url_problem(url)


def register_webhook(
    database: Database,
    url: str,
    owner: str,
    preferences: Preferences,
    *,
    network_address: str,
    now: datetime,
    egress: public_egress.Egress,
) -> RegistrationResult:
    """Tests this webhook; if it passes, its owner gets an email with the confirmation button.

    ``owner`` is a normalised email address, ``network_address`` where the request came from. Somebody who only knows
    the URL cannot change an active subscription: the email then links to its own page, and the secret shown is invalid.
    Sends a request to another server and takes up to 20 seconds. Raises DatabaseBusy, DatabaseBroken.
    """
    if _is_throttled(database, url, network_address, now):
        return RegistrationResult(SignupOutcome.TOO_MANY)
    secret = subscriber_webhook.new_secret()
    if problem := subscriber_webhook.verify(url, secret, now=now, egress=egress):
        return RegistrationResult(problem="unreached" if problem in UNREACHABLE_CODES else problem)
    kind, status = SubscriberType.WEBHOOK, SubscriberStatus.PENDING
    subscriber = Subscriber(0, kind, url, preferences, status, Origin.FORM, now, None, owner, secret=secret)
    _save_registration(database, subscriber)
    return RegistrationResult(secret=secret)


def _is_throttled(database: Database, url: str, network_address: str, now: datetime) -> bool:
    """Counts this request for the network it came from and for the host it concerns; returns whether there are too
    many."""
    with database.begin() as tx:
        key = subscribers.hashing_key(tx, now)
        host = hash_address(key, "host", urlsplit(url).hostname or "")
        return (
            is_crowded(tx, key, network_address, now)
            or subscribers.count_request(tx, f"host {host}", window=HOUR, at=now) > MAX_PER_HOST
        )


def _save_registration(database: Database, subscriber: Subscriber) -> None:
    """Stores the subscriber and queues an email to its owner. A new request gets a new row, so that no older link
    confirms it."""
    now = subscriber.created
    with database.begin() as tx:
        rate_key = f"hook {hash_address(subscribers.hashing_key(tx, now), SubscriberType.EMAIL, subscriber.contact)}"
        if subscribers.count_request(tx, rate_key, window=DAY, at=now) > MAX_PER_OWNER:
            return
        suppressions = (
            subscribers.find_suppression(tx, SubscriberType.EMAIL, subscriber.contact),
            subscribers.find_suppression(tx, subscriber.kind, subscriber.address),
        )
        if any(suppression and suppression.reason in PERMANENT_REASONS for suppression in suppressions):
            return
        existing = subscribers.find_by_address(tx, subscriber.kind, subscriber.address)
        if existing and existing.status is SubscriberStatus.ACTIVE:
            subscription_emails.enqueue_email(
                tx, SubscriptionEmailKind.LINK, existing.id, existing.preferences.language, now
            )
            return
        if existing:
            subscribers.erase_subscriber(tx, existing.id)
        inserted = subscribers.insert_subscriber(tx, subscriber)
        subscription_emails.enqueue_email(
            tx, SubscriptionEmailKind.CONFIRM, inserted.id, inserted.preferences.language, now
        )
