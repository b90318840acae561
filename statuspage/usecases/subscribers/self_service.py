"""What somebody with a link of theirs may do: confirm, change, stop, be forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from statuspage.domain import Origin, Purpose, Standing, Subscriber, Wish, subscriber_links
from statuspage.storage import subscribers
from statuspage.storage.engine import Connection, Database


def owner(database: Database, purpose: Purpose, token: str, *, now: datetime) -> Subscriber | None:
    """Whose link this is; None for one that does not hold, or not for this purpose. Raises Busy, Broken."""
    with database.read() as tx:
        return _owner(tx, purpose, token, now)


def confirm_subscription(database: Database, token: str, *, now: datetime) -> Subscriber | None:
    """From now on they are told. None when the link does not hold."""
    with database.begin() as tx:
        if (subscriber := _owner(tx, Purpose.CONFIRM, token, now)) is None:
            return None
        if subscriber.standing is Standing.ACTIVE:
            return subscriber
        proof = {"who": "whoever reads mail at this address", "how": "form; button in a mail sent there"}
        proof["when"] = now.astimezone(UTC).isoformat(timespec="seconds")
        activated = replace(subscriber, standing=Standing.ACTIVE, origin=Origin.FORM, confirmed=now, proof=proof)
        subscribers.save_subscriber(tx, activated, at=now)
        subscribers.allow(tx, subscriber.kind, subscriber.address, at=now)
    return activated


def way_in(database: Database, subscriber: Subscriber, *, now: datetime) -> str:
    """The token of this subscriber's own page, for who has just come in by another link of theirs."""
    with database.begin() as tx:
        return subscriber_links.token(subscribers.marking(tx, now), Purpose.PREFERENCES, subscriber)


def change(database: Database, token: str, preferences: Wish, *, now: datetime) -> Subscriber | None:
    """From now on they are told this. None when the link does not hold."""
    with database.begin() as tx:
        if (subscriber := _owner(tx, Purpose.PREFERENCES, token, now)) is None:
            return None
        changed = replace(subscriber, preferences=preferences)
        subscribers.save_subscriber(tx, changed, at=now)
    return changed


def leave(database: Database, purpose: Purpose, token: str, *, now: datetime) -> Subscriber | None:
    """They are told no more, by the link of any letter. None when it does not hold."""
    with database.begin() as tx:
        if (subscriber := _owner(tx, purpose, token, now)) is None:
            return None
        if subscriber.standing is not Standing.SUPPRESSED:
            subscriber = replace(subscriber, standing=Standing.UNSUBSCRIBED)
            subscribers.save_subscriber(tx, subscriber, at=now)
    return subscriber


def forget(database: Database, token: str, *, now: datetime) -> bool:
    """Nothing of them is kept but a number that nobody can read, so that no list brings them back. False when the link
    does not hold."""
    with database.begin() as tx:
        if (subscriber := _owner(tx, Purpose.PREFERENCES, token, now)) is None:
            return False
        erase(tx, subscriber, now=now)
    return True


def erase(tx: Connection, subscriber: Subscriber, *, now: datetime) -> None:
    """Takes the row away, and remembers that an import may not bring it back."""
    subscribers.erase(tx, subscriber.id)
    if subscribers.suppressed(tx, subscriber.kind, subscriber.address) is None:
        subscribers.suppress(tx, subscriber.kind, subscriber.address, "erased", at=now)


def _owner(tx: Connection, purpose: Purpose, token: str, now: datetime) -> Subscriber | None:
    claim = subscriber_links.claim(token)
    subscriber = subscribers.by_id(tx, claim.subscriber) if claim else None
    if claim is None or subscriber is None:
        return None
    return subscriber if subscriber_links.holds(claim, purpose, subscriber, subscribers.keys(tx), now=now) else None
