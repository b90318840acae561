"""Asks to be told: what follows is the same whether or not we know the address, and no mailbox is flooded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.domain import Key, Kind, Origin, Standing, Subscriber, Wish, network_of, normalize_email
from statuspage.storage import subscribers, subscription_emails
from statuspage.storage.engine import Connection, Database
from statuspage.storage.subscription_emails import LetterKind

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

PER_PLACE = 20
"""Askings an hour from one network address; an office may share one."""

PER_HOUR = 2000
"""Askings an hour from everybody together: more than a big outage brings, and less than a provider takes amiss."""

FINAL = ("complained", "person")
"""Why nothing goes to an address, whoever asks: it said that it did not want us, or one of ours put an end to it."""


class Heard(StrEnum):
    """ASKED: a letter goes out where one may. MANY: too much was asked for just now, from there or altogether."""

    ACCEPTED = "asked"
    TOO_MANY = "many"


def ask_subscription(database: Database, address: str, preferences: Wish, *, network_address: str, now: datetime) -> Heard:
    """Somebody would like mail at this address. ``place`` is the network address it was asked from.

    A letter with a button goes there, at most one a day. Whoever is told already gets the way to their own page
    instead. Raises Busy, Broken.
    """
    with database.begin() as tx:
        key = subscribers.key(tx, now)
        if is_crowded(tx, key, network_address, now):
            return Heard.TOO_MANY
        is_first_today = subscribers.asked(tx, f"mail {normalize_email(key, Kind.EMAIL, address)}", window=DAY, at=now) == 1
        suppression = subscribers.suppressed(tx, Kind.EMAIL, address)
        subscriber = _noted(tx, address, preferences, now, may_change=is_first_today)
        may_send = is_first_today and not (suppression and suppression.reason in FINAL)
        email_kind = LetterKind.LINK if subscriber.standing is Standing.ACTIVE else LetterKind.CONFIRM
        subscription_emails.queue(tx, email_kind, subscriber.id if may_send else None, subscriber.preferences.language, now)
    return Heard.ACCEPTED


def is_crowded(tx: Connection, key: Key, network_address: str, now: datetime) -> bool:
    """Counts one more asking, and says whether it is too much: from this place, or from everybody together.

    What is refused because of its place counts against that place alone: one address closes the form for no other.
    """
    count_from_network = subscribers.asked(tx, f"place {normalize_email(key, 'place', network_of(network_address))}", window=HOUR, at=now)
    return count_from_network > PER_PLACE or subscribers.asked(tx, "all", window=HOUR, at=now) > PER_HOUR


def _noted(tx: Connection, address: str, preferences: Wish, now: datetime, *, may_change: bool) -> Subscriber:
    """The row under this address. What somebody is told already is changed by nobody who only knows the address."""
    subscriber = subscribers.by_address(tx, Kind.EMAIL, address)
    if subscriber is None:
        return subscribers.insert_subscriber(
            tx, Subscriber(0, Kind.EMAIL, address, preferences, Standing.PENDING, Origin.FORM, now)
        )
    if may_change and subscriber.standing is not Standing.ACTIVE:
        subscriber = replace(subscriber, preferences=preferences)
    subscribers.save_subscriber(tx, subscriber, at=now)
    return subscriber
