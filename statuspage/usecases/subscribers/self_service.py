"""What the owner of a link may do: confirm, change, unsubscribe, be erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from statuspage.domain import Origin, Preferences, Purpose, Subscriber, SubscriberStatus, subscriber_links
from statuspage.storage import subscribers
from statuspage.storage.engine import Connection, Database


def find_owner(database: Database, purpose: Purpose, token: str, *, now: datetime) -> Subscriber | None:
    """The owner of this link; None if it is invalid, or not for this purpose. Raises DatabaseBusy, DatabaseBroken."""
    with database.read() as tx:
        return _find_owner(tx, purpose, token, now)


def confirm_subscription(database: Database, token: str, *, now: datetime) -> Subscriber | None:
    """Confirms a subscription. None if the link is invalid."""
    with database.begin() as tx:
        if (subscriber := _find_owner(tx, Purpose.CONFIRM, token, now)) is None:
            return None
        if subscriber.status is SubscriberStatus.ACTIVE:
            return subscriber
        proof = {"who": "whoever reads mail at this address", "how": "form; button in a mail sent there"}
        proof["when"] = now.astimezone(UTC).isoformat(timespec="seconds")
        activated = replace(
            subscriber, status=SubscriberStatus.ACTIVE, origin=Origin.FORM, confirmed=now, consent=proof
        )
        subscribers.save_subscriber(tx, activated, at=now)
        subscribers.lift_suppression(tx, subscriber.kind, subscriber.address, at=now)
    return activated


def preferences_token(database: Database, subscriber: Subscriber, *, now: datetime) -> str:
    """A token for this subscriber's own page, for somebody who has just used another of their links."""
    with database.begin() as tx:
        return subscriber_links.token(subscribers.signing_key(tx, now), Purpose.PREFERENCES, subscriber)


def change_preferences(database: Database, token: str, preferences: Preferences, *, now: datetime) -> Subscriber | None:
    """Changes what they receive. None if the link is invalid."""
    with database.begin() as tx:
        if (subscriber := _find_owner(tx, Purpose.PREFERENCES, token, now)) is None:
            return None
        changed = replace(subscriber, preferences=preferences)
        subscribers.save_subscriber(tx, changed, at=now)
    return changed


def unsubscribe(database: Database, purpose: Purpose, token: str, *, now: datetime) -> Subscriber | None:
    """Unsubscribes with the link of any email. None if the link is invalid."""
    with database.begin() as tx:
        if (subscriber := _find_owner(tx, purpose, token, now)) is None:
            return None
        if subscriber.status is not SubscriberStatus.SUPPRESSED:
            subscriber = replace(subscriber, status=SubscriberStatus.UNSUBSCRIBED)
            subscribers.save_subscriber(tx, subscriber, at=now)
    return subscriber


def forget_subscriber(database: Database, token: str, *, now: datetime) -> bool:
    """Erases everything about the subscriber except a hash of the address, so that no import adds it again. False if
    the link is invalid."""
    with database.begin() as tx:
        if (subscriber := _find_owner(tx, Purpose.PREFERENCES, token, now)) is None:
            return False
        erase_subscriber(tx, subscriber, now=now)
    return True


def erase_subscriber(tx: Connection, subscriber: Subscriber, *, now: datetime) -> None:
    """Deletes the row, and records that an import must not add it again."""
    subscribers.erase_subscriber(tx, subscriber.id)
    if subscribers.find_suppression(tx, subscriber.kind, subscriber.address) is None:
        subscribers.suppress_address(tx, subscriber.kind, subscriber.address, "erased", at=now)


def _find_owner(tx: Connection, purpose: Purpose, token: str, now: datetime) -> Subscriber | None:
    claim = subscriber_links.parse_token(token)
    subscriber = subscribers.find_by_id(tx, claim.subscriber) if claim else None
    if claim is None or subscriber is None:
        return None
    return (
        subscriber
        if subscriber_links.is_valid(claim, purpose, subscriber, subscribers.link_keys(tx), now=now)
        else None
    )
