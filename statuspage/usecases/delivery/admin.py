"""What people do about stuck deliveries: send again, mark as delivered, resume a channel."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import Delivery, DeliveryStatus, has_unreadable_characters
from statuspage.storage import deliveries
from statuspage.storage.engine import Database
from statuspage.usecases.incidents import ActionRefused


class NoSuchDelivery(Exception):
    """The delivery number is unknown."""


def retry_delivery(database: Database, id: int, *, now: datetime) -> Delivery:
    """Sends it (again) at the worker's next poll, even if its channel is paused.

    It is superseded instead if there is a newer message. Raises NoSuchDelivery, or ActionRefused if it was sent or is
    being sent.
    """
    with database.begin() as tx:
        delivery = deliveries.find_delivery(tx, id)
        if delivery is None:
            raise NoSuchDelivery
        if delivery.status in (DeliveryStatus.DELIVERED, DeliveryStatus.SENDING):
            raise ActionRefused(f"delivery.{delivery.status}")
        return deliveries.retry_delivery(tx, id, now) or delivery


def mark_delivered(database: Database, id: int, *, now: datetime, url: str = "") -> Delivery:
    """Marks it as delivered, because a person has seen it at ``url``.

    Raises NoSuchDelivery, or ActionRefused if it needs no review, or if ``url`` is not a web address.
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


def resume_channel(database: Database, channel: str, *, now: datetime) -> bool:
    """Resumes a channel that was repaired: one message is tried at once, and the rest if that succeeds. False if it was
    healthy."""
    with database.begin() as tx:
        return deliveries.retry_channel(tx, channel, now)
