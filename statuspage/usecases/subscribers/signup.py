"""Signs up subscribers. The response never reveals whether an address is known, and no mailbox is flooded."""

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
"""Requests per hour from one network address, which an office may share."""

MAX_PER_HOUR = 2000
"""Requests per hour in total: more than a major outage causes, and less than a mail provider objects to."""

PERMANENT_REASONS = ("complained", "person")
"""Reasons why nothing is ever sent to an address: it rejected our emails, or a member of staff ended it."""


class SignupOutcome(StrEnum):
    """ASKED: an email is sent if one may be sent. MANY: too many requests now, from this network or in total."""

    ACCEPTED = "accepted"
    TOO_MANY = "too_many"


def request_subscription(
    database: Database, address: str, preferences: Preferences, *, network_address: str, now: datetime
) -> SignupOutcome:
    """Requests an email to this address. ``network_address`` is where the request came from.

    An email with a confirmation button is sent, at most one a day. An active subscriber gets the link to the
    preferences instead. Raises DatabaseBusy, DatabaseBroken.
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
    """Counts the request and returns whether there are too many, from this network or in total.

    A request refused because of its network counts only against that network, so that one address cannot close the form
    for others.
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
    """The row with this address. An active subscription cannot be changed by somebody who only knows the address."""
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
    """The subscribers database and the content, and nothing else."""

    database: Database
    get_site: Callable[[], SiteContext]

    @property
    def catalog(self) -> Catalog:
        """The current languages, services and texts."""
        return self.get_site().catalog
