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

    ASKED = "asked"
    MANY = "many"


def ask_subscription(books: Database, address: str, wish: Wish, *, place: str, now: datetime) -> Heard:
    """Somebody would like mail at this address. ``place`` is the network address it was asked from.

    A letter with a button goes there, at most one a day. Whoever is told already gets the way to their own page
    instead. Raises Busy, Broken.
    """
    with books.begin() as tx:
        key = subscribers.key(tx, now)
        if is_crowded(tx, key, place, now):
            return Heard.MANY
        first = subscribers.asked(tx, f"mail {normalize_email(key, Kind.MAIL, address)}", within=DAY, at=now) == 1
        barred = subscribers.suppressed(tx, Kind.MAIL, address)
        known = _noted(tx, address, wish, now, anew=first)
        may = first and not (barred and barred.reason in FINAL)
        kind = LetterKind.LINK if known.standing is Standing.ACTIVE else LetterKind.CONFIRM
        subscription_emails.queue(tx, kind, known.id if may else None, known.wish.language, now)
    return Heard.ASKED


def is_crowded(tx: Connection, key: Key, place: str, now: datetime) -> bool:
    """Counts one more asking, and says whether it is too much: from this place, or from everybody together.

    What is refused because of its place counts against that place alone: one address closes the form for no other.
    """
    here = subscribers.asked(tx, f"place {normalize_email(key, 'place', network_of(place))}", within=HOUR, at=now)
    return here > PER_PLACE or subscribers.asked(tx, "all", within=HOUR, at=now) > PER_HOUR


def _noted(tx: Connection, address: str, wish: Wish, now: datetime, *, anew: bool) -> Subscriber:
    """The row under this address. What somebody is told already is changed by nobody who only knows the address."""
    known = subscribers.by_address(tx, Kind.MAIL, address)
    if known is None:
        return subscribers.insert_subscriber(
            tx, Subscriber(0, Kind.MAIL, address, wish, Standing.PENDING, Origin.FORM, now)
        )
    if anew and known.standing is not Standing.ACTIVE:
        known = replace(known, wish=wish)
    subscribers.save_subscriber(tx, known, at=now)
    return known
