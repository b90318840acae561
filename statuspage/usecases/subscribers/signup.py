"""Asks to be told: what follows is the same whether or not we know the address, and no mailbox is flooded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.domain import (
    Key,
    Origin,
    Preferences,
    Subscriber,
    SubscriberStatus,
    SubscriberType,
    hash_address,
    network_of,
)
from statuspage.storage import subscribers, subscription_emails
from statuspage.storage.engine import Connection, Database
from statuspage.storage.subscription_emails import SubscriptionEmailKind

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

MAX_PER_NETWORK = 20
"""Askings an hour from one network address; an office may share one."""

MAX_PER_HOUR = 2000
"""Askings an hour from everybody together: more than a big outage brings, and less than a provider takes amiss."""

PERMANENT_REASONS = ("complained", "person")
"""Why nothing goes to an address, whoever asks: it said that it did not want us, or one of ours put an end to it."""


class SignupOutcome(StrEnum):
    """ASKED: a letter goes out where one may. MANY: too much was asked for just now, from there or altogether."""

    ACCEPTED = "asked"
    TOO_MANY = "many"


def request_subscription(
    database: Database, address: str, preferences: Preferences, *, network_address: str, now: datetime
) -> SignupOutcome:
    """Somebody would like mail at this address. ``place`` is the network address it was asked from.

    A letter with a button goes there, at most one a day. Whoever is told already gets the way to their own page
    instead. Raises Busy, Broken.
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
    """Counts one more asking, and says whether it is too much: from this place, or from everybody together.

    What is refused because of its place counts against that place alone: one address closes the form for no other.
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
    """The row under this address. What somebody is told already is changed by nobody who only knows the address."""
    subscriber = subscribers.find_by_address(tx, SubscriberType.EMAIL, address)
    if subscriber is None:
        return subscribers.insert_subscriber(
            tx, Subscriber(0, SubscriberType.EMAIL, address, preferences, SubscriberStatus.PENDING, Origin.FORM, now)
        )
    if may_change and subscriber.status is not SubscriberStatus.ACTIVE:
        subscriber = replace(subscriber, preferences=preferences)
    subscribers.save_subscriber(tx, subscriber, at=now)
    return subscriber
