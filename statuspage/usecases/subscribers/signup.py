"""Signs up a subscriber: the response is the same whether or not we know the address, and no mailbox is flooded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.domain import (
    Catalog,
    Key,
    Origin,
    Preferences,
    Subscriber,
    SubscriberStatus,
    SubscriberType,
    SubscriptionEmailKind,
    hash_address,
)
from statuspage.rendering.site import SiteContext
from statuspage.storage import subscribers, subscription_emails
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.throttling import network_of

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

MAX_PER_NETWORK = 20
"""Requests per hour from one network address; an office may share one."""

MAX_PER_HOUR = 2000
"""Requests per hour from everybody together: more than a big outage brings, and less than a provider takes amiss."""

PERMANENT_REASONS = ("complained", "person")
"""Reasons why nothing is ever sent to an address: it refused our emails, or one of ours ended it."""


class SignupOutcome(StrEnum):
    """ASKED: an email is sent where one may be. MANY: too many requests just now, from there or altogether."""

    ACCEPTED = "accepted"
    TOO_MANY = "too_many"


def request_subscription(
    database: Database, address: str, preferences: Preferences, *, network_address: str, now: datetime
) -> SignupOutcome:
    """Requests emails to this address. ``network_address`` is where the request came from.

    An email with a button goes there, at most one a day. An active subscriber gets the link to their own page instead.
    Raises DatabaseBusy, DatabaseBroken.
    """
    with database.begin() as tx:
        key = subscribers.hashing_key(tx, now)
        if is_crowded(tx, key, network_address, now):
            return SignupOutcome.TOO_MANY
        is_first_today = (
            subscribers.count_request(
                tx, f"mail {hash_address(key, SubscriberType.EMAIL, address)}", window=DAY, at=now
            )
            == 1
        )
        suppression = subscribers.find_suppression(tx, SubscriberType.EMAIL, address)
        subscriber = _save_request(tx, address, preferences, now, may_change=is_first_today)
        may_send = is_first_today and not (suppression and suppression.reason in PERMANENT_REASONS)
        email_kind = (
            SubscriptionEmailKind.LINK
            if subscriber.status is SubscriberStatus.ACTIVE
            else SubscriptionEmailKind.CONFIRM
        )
        subscription_emails.enqueue_email(
            tx, email_kind, subscriber.id if may_send else None, subscriber.preferences.language, now
        )
    return SignupOutcome.ACCEPTED


def is_crowded(tx: Connection, key: Key, network_address: str, now: datetime) -> bool:
    """Counts one more request, and tells whether it is too many: from this network, or from everybody together.

    A refusal because of the network counts against that network alone: one address closes the form for no other.
    """
    count_from_network = subscribers.count_request(
        tx, f"place {hash_address(key, 'place', network_of(network_address))}", window=HOUR, at=now
    )
    return (
        count_from_network > MAX_PER_NETWORK or subscribers.count_request(tx, "all", window=HOUR, at=now) > MAX_PER_HOUR
    )


def _save_request(
    tx: Connection, address: str, preferences: Preferences, now: datetime, *, may_change: bool
) -> Subscriber:
    """The row under this address. Who only knows the address cannot change an active subscription."""
    subscriber = subscribers.find_by_address(tx, SubscriberType.EMAIL, address)
    if subscriber is None:
        return subscribers.insert_subscriber(
            tx, Subscriber(0, SubscriberType.EMAIL, address, preferences, SubscriberStatus.PENDING, Origin.FORM, now)
        )
    if may_change and subscriber.status is not SubscriberStatus.ACTIVE:
        subscriber = replace(subscriber, preferences=preferences)
    subscribers.save_subscriber(tx, subscriber, at=now)
    return subscriber


@dataclass(frozen=True, slots=True)
class SignupContext:
    """The subscribers' database, the content, and nothing else."""

    database: Database
    get_site: Callable[[], SiteContext]

    @property
    def catalog(self) -> Catalog:
        """The current languages, services and words."""
        return self.get_site().catalog
