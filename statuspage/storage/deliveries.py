"""The queue of deliveries: ordered by notice, subject to each channel's health, the site first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, insert, select, update

from statuspage.domain import (
    SITE,
    ChannelHealth,
    Delivery,
    DeliveryStatus,
    NewDelivery,
    Receipt,
    half_open,
)
from statuspage.serialization import from_json_value, to_json_value
from statuspage.storage import channel_health, send_hold
from statuspage.storage.delivery_order import has_unfinished_predecessor, in_stream_of, supersede_stale
from statuspage.storage.queue import Queue, new_row
from statuspage.storage.tables import delivery as deliveries

SITE_HEAD_START = timedelta(seconds=15)
"""How long the other channels wait for the page to be read back."""


AFTER_SITE = "after_site"
"""The reason of a delivery that waits for the page."""


HOLD = "send_hold"
"""The reason of a delivery that waits because of the send hold."""


def _delivery(row: Row[Any]) -> Delivery:
    return from_json_value(Delivery, dict(row._mapping))


QUEUE = Queue(
    deliveries,
    _delivery,
    ready=~has_unfinished_predecessor(),
    partition=deliveries.c.channel,
    repeatable=deliveries.c.channel == SITE,
    stops_on_hold=True,
)


def enqueue_deliveries(
    tx: Connection, incident: str, sequence: int, new_deliveries: Iterable[NewDelivery], at: datetime
) -> tuple[Delivery, ...]:
    """Queues the deliveries of this notice, in the notice's own transaction.

    If the site is among them, the others wait until it has been read back, but at most 15 seconds.
    """
    pending = tuple(new_deliveries)
    has_site = any(item.channel == SITE for item in pending)
    for delivery in pending:
        tx.execute(
            insert(deliveries).values(_new_row(incident, sequence, delivery, at, has_site and delivery.channel != SITE))
        )
    if send_hold.find_hold_start(tx) is not None:
        tx.execute(update(deliveries).where(_of_notice(incident, sequence)).values(reason=HOLD))
    return deliveries_of_notice(tx, incident, sequence)


def claim_delivery(tx: Connection, owner: str, now: datetime, *, channel: str) -> Delivery | None:
    """The next due delivery of this channel, claimed for ``owner``; None if there is none.

    Within an incident, channel and language the order of notices is kept: a later one waits while an earlier one waits
    or is being sent. Once the oldest has waited for more than an hour, all of them are superseded by the newest. The
    site has no order to keep: each write includes everything up to the newest notice. An unhealthy channel gets one
    message to test whether it has recovered.
    """
    health = channel_health.read_health(tx, channel, lock=True)
    if health.is_resting(now) or send_hold.find_hold_start(tx) is not None:
        return None
    supersede_stale(tx, channel, now)
    delivery = QUEUE.claim(tx, owner, now, partition=channel)
    if delivery and health.closed_until is not None:
        channel_health.save_health(tx, half_open(health, now))
    return delivery


def release_after_site(tx: Connection, incident: str, sequence: int, now: datetime) -> None:
    """Releases the other channels' deliveries of this notice: its page was read back, or will not be."""
    condition = (deliveries.c.status == DeliveryStatus.WAITING.value) & (deliveries.c.reason == AFTER_SITE)
    tx.execute(update(deliveries).where(_of_notice(incident, sequence), condition).values(retry_at=now))


def due_channels(tx: Connection, now: datetime) -> tuple[str, ...]:
    """Channels with due deliveries, the site first; none during a send hold."""
    return tuple(sorted(QUEUE.due_partitions(tx, now), key=lambda channel: channel != SITE))


def mark_all_doubtful(tx: Connection, now: datetime) -> None:
    """Marks all unsent deliveries, except those to the site, as possibly sent, because the database is older than what
    was sent."""
    QUEUE.mark_all_doubtful(tx, now)
    unsettled = deliveries.c.status.in_([DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value])
    values = {"status": DeliveryStatus.WAITING.value, "reason": HOLD, "retry_at": now, "owner": ""}
    tx.execute(update(deliveries).where(unsettled).values(values))


def release_held(tx: Connection, now: datetime) -> None:
    """Releases the deliveries that were held, the site first."""
    on_hold = (deliveries.c.status == DeliveryStatus.WAITING.value) & (deliveries.c.reason == HOLD)
    tx.execute(update(deliveries).where(on_hold, deliveries.c.channel == SITE).values(reason="", retry_at=now))
    tx.execute(update(deliveries).where(on_hold).values(reason=AFTER_SITE, retry_at=now + SITE_HEAD_START))


def recover_abandoned(tx: Connection, owner: str, retry_channels: Collection[str], now: datetime) -> None:
    """Settles the claims of a dead worker; channels in ``retry_channels`` try again."""
    QUEUE.recover_abandoned(tx, deliveries.c.owner == owner, now, may_retry=deliveries.c.channel.in_(retry_channels))


def defer_channel(tx: Connection, health: ChannelHealth, now: datetime) -> None:
    """Defers the due deliveries with their channel and stores its reason; those that may have been sent keep their
    own."""
    waiting = (deliveries.c.channel == health.channel) & QUEUE.is_due(now)
    tx.execute(
        update(deliveries).where(waiting, ~deliveries.c.maybe_sent).values(reason=health.reason, detail=health.detail)
    )
    tx.execute(update(deliveries).where(waiting).values(retry_at=health.closed_until))


def release_channel(tx: Connection, channel: str, now: datetime) -> None:
    """Releases the deliveries that waited for this channel to recover."""
    waiting = (
        (deliveries.c.channel == channel)
        & (deliveries.c.status == DeliveryStatus.WAITING.value)
        & (deliveries.c.reason != AFTER_SITE)
    )
    tx.execute(update(deliveries).where(waiting).values(retry_at=now))


def retry_channel(tx: Connection, channel: str, now: datetime) -> bool:
    """Lets a paused channel try one message at once; if that succeeds, the others follow.

    False if it was healthy.
    """
    troubled = channel_health.allow_probe(tx, channel, now)
    if troubled:
        release_channel(tx, channel, now)
    return troubled


def retry_delivery(tx: Connection, id: int, now: datetime) -> Delivery | None:
    """Sends a delivery (again) at a person's request, even if its channel is paused. None if the id is unknown.

    A delivery that is being sent or was delivered is not changed; one overtaken by a newer message of the same channel
    is superseded instead.
    """
    delivery = find_delivery(tx, id)
    if delivery is None or delivery.status in (DeliveryStatus.SENDING, DeliveryStatus.DELIVERED):
        return delivery
    is_superseded = _is_superseded(tx, delivery)
    change: dict[str, object] = {
        "status": DeliveryStatus.WAITING.value,
        "reason": "",
        "detail": "",
        "retry_at": now,
        "finished_at": None,
    }
    change["maybe_sent"] = delivery.maybe_sent and delivery.status is DeliveryStatus.WAITING  # else a person checked
    channel_health.allow_probe(tx, delivery.channel, now)
    if is_superseded:
        change = {
            "status": DeliveryStatus.SUPERSEDED.value,
            "reason": "newer_delivered",
            "retry_at": None,
            "finished_at": now,
        }
    tx.execute(
        update(deliveries).where(deliveries.c.id == id, deliveries.c.status == delivery.status.value).values(change)
    )
    return find_delivery(tx, id)


def confirm_delivered(tx: Connection, id: int, at: datetime, url: str = "") -> Delivery | None:
    """Marks a delivery as delivered after a person has checked. None if the id is unknown, or there is nothing to
    check."""
    receipt = to_json_value(Receipt(url=url, checked_at={"posted": at}, note_key="confirmed_by_person"))
    change: dict[str, object] = {
        "status": DeliveryStatus.DELIVERED.value,
        "reason": "",
        "detail": "",
        "retry_at": None,
        "maybe_sent": False,
    }
    change |= {"finished_at": at, "receipt": receipt}
    condition = (deliveries.c.id == id) & (deliveries.c.status == DeliveryStatus.NEEDS_REVIEW.value)
    row = tx.execute(update(deliveries).where(condition).values(change).returning(*deliveries.c)).one_or_none()
    return _delivery(row) if row else None


def find_delivery(tx: Connection, id: int) -> Delivery | None:
    """One delivery; None if the id is unknown."""
    return next(iter(_deliveries_where(tx, deliveries.c.id == id)), None)


def deliveries_of_notice(tx: Connection, incident: str, sequence: int) -> tuple[Delivery, ...]:
    """The deliveries of one notice, in the order in which they were queued."""
    return _deliveries_where(tx, _of_notice(incident, sequence))


def deliveries_of_incident(tx: Connection, incident: str) -> tuple[Delivery, ...]:
    """All deliveries of an incident, in the order in which they were queued."""
    return _deliveries_where(tx, deliveries.c.incident == incident)


def unsettled_deliveries(tx: Connection) -> tuple[Delivery, ...]:
    """Deliveries that wait, are being sent or need review."""
    return _deliveries_where(
        tx,
        deliveries.c.status.in_(
            [DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value, DeliveryStatus.NEEDS_REVIEW.value]
        ),
    )


def _new_row(
    incident: str, sequence: int, delivery: NewDelivery, at: datetime, waits_for_site: bool
) -> dict[str, object]:
    return {
        "incident": incident,
        "sequence": sequence,
        "channel": delivery.channel,
        "language": delivery.language,
        "payload": dict(delivery.payload),
        **new_row(at),
        **({"reason": AFTER_SITE, "retry_at": at + SITE_HEAD_START} if waits_for_site else {}),
    }


def _is_superseded(tx: Connection, delivery: Delivery) -> bool:
    newer = (
        in_stream_of(delivery)
        & (deliveries.c.sequence > delivery.sequence)
        & (deliveries.c.status == DeliveryStatus.DELIVERED.value)
    )
    return delivery.channel != SITE and tx.execute(select(exists().where(newer))).scalar_one()


def _of_notice(incident: str, sequence: int) -> ColumnElement[bool]:
    return (deliveries.c.incident == incident) & (deliveries.c.sequence == sequence)


def _deliveries_where(tx: Connection, condition: ColumnElement[bool]) -> tuple[Delivery, ...]:
    return tuple(_delivery(row) for row in tx.execute(select(deliveries).where(condition).order_by(deliveries.c.id)))
