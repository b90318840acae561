"""What a person does about stuck deliveries: send again, mark as seen, resume a channel."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import Delivery, DeliveryStatus, has_unreadable_characters
from statuspage.storage import deliveries
from statuspage.storage.engine import Database
from statuspage.usecases.incidents import ActionRefused


class NoSuchDelivery(Exception):
    """There is no delivery with this number."""


def send_again(database: Database, id: int, *, now: datetime) -> Delivery:
    """Sends it (again) at the worker's next poll, even while its channel is paused.

    It is superseded instead where a newer message exists. Raises NoSuchDelivery, ActionRefused for one that was sent or
    is being sent.
    """
    with database.begin() as tx:
        delivery = deliveries.find_delivery(tx, id)
        if delivery is None:
            raise NoSuchDelivery
        if delivery.status in (DeliveryStatus.DELIVERED, DeliveryStatus.SENDING):
            raise ActionRefused(f"delivery.{delivery.status}")
        return deliveries.retry_delivery(tx, id, now) or delivery


def mark_seen(database: Database, id: int, *, now: datetime, url: str = "") -> Delivery:
    """Marks it as delivered: a person has seen it, at ``url``.

    Raises NoSuchDelivery, and ActionRefused where it needs no review, or for an address that is no web address.
    """
    if url and (has_unreadable_characters(url) or not url.startswith(("https://", "http://"))):
        raise ActionRefused("delivery.url")
    with database.begin() as tx:
        if deliveries.find_delivery(tx, id) is None:
            raise NoSuchDelivery
        delivery = deliveries.confirm_delivered(tx, id, now, url)
        if delivery is None:
            raise ActionRefused("delivery.not_in_doubt")
        return delivery


def try_channel(database: Database, channel: str, *, now: datetime) -> bool:
    """The channel is repaired: it tries at once, and goes on when that works. False where it had no trouble."""
    with database.begin() as tx:
        return deliveries.retry_channel(tx, channel, now)
