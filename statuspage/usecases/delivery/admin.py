"""What a person does about deliveries that are stuck: send again, mark as seen, let a channel try again."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import Delivery, DeliveryStatus, has_unreadable_characters
from statuspage.storage import deliveries
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import ActionRefused


class NoSuchDelivery(Exception):
    """There is no delivery with this number."""


def send_again(env: Environment, id: int, *, now: datetime) -> Delivery:
    """It goes out (again) as soon as the worker looks, also where its channel is left in peace.

    What a newer message has overtaken is superseded instead. Raises NoSuchDelivery, NotNow for what was sent or is
    being sent just now.
    """
    with env.database.begin() as tx:
        delivery = deliveries.find_delivery(tx, id)
        if delivery is None:
            raise NoSuchDelivery
        if delivery.status in (DeliveryStatus.DELIVERED, DeliveryStatus.SENDING):
            raise ActionRefused(f"delivery.{delivery.status}")
        return deliveries.retry_delivery(tx, id, now) or delivery


def mark_seen(env: Environment, id: int, *, now: datetime, url: str = "") -> Delivery:
    """Somebody looked and saw that it is there, at ``url``.

    Raises NoSuchDelivery, and NotNow where nobody has to look, or for an address that is none of the web.
    """
    if url and (has_unreadable_characters(url) or not url.startswith(("https://", "http://"))):
        raise ActionRefused("delivery.url")
    with env.database.begin() as tx:
        if deliveries.find_delivery(tx, id) is None:
            raise NoSuchDelivery
        delivery = deliveries.confirm_delivered(tx, id, now, url)
        if delivery is None:
            raise ActionRefused("delivery.not_in_doubt")
        return delivery


def try_channel(env: Environment, channel: str, *, now: datetime) -> bool:
    """The trouble of this channel is mended: it tries at once, and goes on when that works. False where none was."""
    with env.database.begin() as tx:
        return deliveries.retry_channel(tx, channel, now)
