"""What staff do with the list: look, take over, hand out, erase. Each is noted down without any address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from statuspage.domain import BulkSend, Kind, Standing, Subscriber
from statuspage.storage import accounts, bulk_sends, subscribers
from statuspage.storage.engine import Database
from statuspage.storage.subscribers import Count
from statuspage.usecases.environment import Environment
from statuspage.usecases.subscribers import import_export, input, self_service
from statuspage.usecases.subscribers.import_export import Taken


class NoBooks(Exception):
    """Nobody subscribes to this world: a drill reads subscribers from nowhere."""


def books(world: Environment) -> Database:
    """The subscribers' books of this world. Raises NoBooks."""
    if world.subscribers is None:
        raise NoBooks
    return world.subscribers


def counts(world: Environment) -> tuple[Count, ...]:
    """How many there are of each kind, language and standing. Raises NoBooks."""
    with books(world).read() as tx:
        return subscribers.counts(tx)


def told_count(counted: tuple[Count, ...]) -> int:
    """How many of them are told."""
    return sum(one.count for one in counted if one.standing is Standing.ACTIVE)


def under_way(world: Environment) -> tuple[BulkSend, ...]:
    """The notices that are going out to them just now. Raises NoBooks."""
    with books(world).read() as tx:
        return bulk_sends.under_way(tx)


def at(world: Environment, address: str) -> tuple[Subscriber, ...]:
    """Everything that is kept under this mail address, however it is written. Raises NoBooks."""
    with books(world).read() as tx:
        return subscribers.of_mailbox(tx, input.mail_address(address))


def take_over(world: Environment, text: str, *, by: str, now: datetime) -> Taken:
    """Takes a list over, all of it or nothing. Raises NoBooks."""
    taken = import_export.take_over(books(world), text, world.catalog, now=now)
    if not taken.faults:
        _note(world, "subscribers.imported", by, now, added=str(taken.added), left_out=str(taken.left_out))
    return taken


def hand_out(world: Environment, *, by: str, now: datetime) -> Iterator[str]:
    """The list, line by line. Raises NoBooks."""
    here = books(world)
    _note(world, "subscribers.exported", by, now)
    return import_export.given_out(here)


def erase(world: Environment, address: str, *, by: str, now: datetime) -> int:
    """Forgets everything under this address; returns how many rows that were. No list brings it back.

    Raises NoBooks.
    """
    known = input.mail_address(address)
    with books(world).begin() as tx:
        found = subscribers.of_mailbox(tx, known)
        for one in found:
            self_service.erase(tx, one, now=now)
        if known and not found and subscribers.suppressed(tx, Kind.MAIL, known) is None:
            subscribers.suppress(tx, Kind.MAIL, known, "erased", at=now)
    _note(world, "subscribers.erased", by, now, count=str(len(found)))
    return len(found)


def _note(world: Environment, what: str, by: str, now: datetime, **detail: str) -> None:
    with world.people.begin() as tx:
        accounts.audit(tx, what, at=now, by=by, **detail)
