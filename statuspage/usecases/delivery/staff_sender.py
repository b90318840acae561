"""Sends the queued staff notifications: one thread for each channel, beside the deliveries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event
from time import sleep

import structlog

from statuspage.domain import Delivery, DeliveryStatus, Receipt, StaffNotification, notification_incident_id
from statuspage.integrations.channels import Channel, CredentialsInvalid, DeliveryUnknown, Refused, Unsent
from statuspage.storage import incidents, staff_notifications
from statuspage.storage.engine import DatabaseBroken, DatabaseBusy
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.environment import restore_guard

MAX_ATTEMPTS = 4
"""Attempts before a notification is given up and shown on the desk: by then the next escalation step has used another
channel.
"""

PAUSE = timedelta(seconds=10)
"""Between two attempts; doubled after each."""

PATIENCE, RETRY_SECONDS = 12, 5.0
"""How often an outcome is offered to a database that does not accept it once we are to stop, and the seconds
between.
"""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StaffOutcome:
    """How an attempt ended. ``due`` is the time of the next one, if any."""

    status: DeliveryStatus
    reason: str = ""
    detail: str = ""
    due: datetime | None = None
    receipt: Receipt | None = None
    unsure: bool = False


def send_due(sender: DeliverySender, owner: str, channel: str, stop: Event) -> None:
    """Sends every notification that is due on this channel."""
    env = sender.env
    while not (sender.stop.is_set() or stop.is_set()):
        with env.database.begin_without_turn() as tx:
            notification = staff_notifications.claim_notification(tx, owner, sender.clock(), channel=channel)
            fence = incidents.next_fence(tx) if notification else 0
        if notification is None:
            return
        restore_guard.remember_sent(env.home, fence)
        _store_outcome(sender, notification, _attempt(sender, notification), stop)


def _attempt(sender: DeliverySender, notification: StaffNotification) -> StaffOutcome:
    channel = sender.env.staff_channels.get(notification.channel)
    if channel is None:
        return StaffOutcome(
            DeliveryStatus.FAILED, sender.env.unready_staff_channels.get(notification.channel, "no_channel")
        )
    try:
        receipt = channel.deliver(as_delivery(notification, channel), None, page_readable=True)
    except CredentialsInvalid as error:
        return StaffOutcome(DeliveryStatus.FAILED, error.reason, error.detail)
    except Refused as error:
        return StaffOutcome(DeliveryStatus.FAILED, error.reason, error.detail)
    except DeliveryUnknown as error:
        return _in_doubt(sender, notification, channel, error.reason, error.detail)
    except Unsent as error:
        return _retry_later(sender, notification, error.reason, error.detail, unsure=notification.maybe_sent)
    except Exception as error:
        _log.exception("staff notification failed", id=notification.id, channel=notification.channel)
        return _in_doubt(sender, notification, channel, "unexpected", type(error).__name__)
    seen = {"posted": sender.clock(), **receipt.checked_at}
    note = "maybe_duplicate" if notification.maybe_sent and channel.on_unsure != "key" else receipt.note_key
    return StaffOutcome(DeliveryStatus.DELIVERED, receipt=replace(receipt, checked_at=seen, note_key=note))


def as_delivery(notification: StaffNotification, channel: Channel) -> Delivery:
    """The notification as a delivery; the same in every attempt, and different from any other's."""
    return Delivery(
        id=notification.id,
        incident=notification_incident_id(notification.id),
        sequence=notification.id,
        channel=channel.spec.id,
        language=channel.spec.language,
        payload=notification.payload,
        attempts=notification.attempts,
        queued_at=notification.queued_at,
        started_at=notification.started_at,
    )


def _in_doubt(
    sender: DeliverySender, notification: StaffNotification, channel: Channel, reason: str, detail: str
) -> StaffOutcome:
    """It may have been sent. Better twice than not at all, unless the content leaves it to a person."""
    if channel.spec.on_unknown_delivery == "review":
        return StaffOutcome(DeliveryStatus.NEEDS_REVIEW, reason, detail, unsure=True)
    return _retry_later(sender, notification, reason, detail, unsure=True)


def _retry_later(
    sender: DeliverySender, notification: StaffNotification, reason: str, detail: str, *, unsure: bool
) -> StaffOutcome:
    if notification.attempts >= MAX_ATTEMPTS and unsure:
        return StaffOutcome(DeliveryStatus.NEEDS_REVIEW, reason, detail, unsure=True)
    if notification.attempts >= MAX_ATTEMPTS:
        return StaffOutcome(DeliveryStatus.FAILED, "notification_gave_up", detail)
    due = sender.clock() + PAUSE * (1 << (notification.attempts - 1))
    return StaffOutcome(DeliveryStatus.WAITING, reason, detail, due, unsure=unsure)


def _store_outcome(sender: DeliverySender, notification: StaffNotification, outcome: StaffOutcome, stop: Event) -> None:
    """Records the outcome. What was sent must not be forgotten because the database is busy or its disk full."""
    tries_left = PATIENCE
    while tries_left:
        try:
            with sender.env.database.begin() as tx:
                staff_notifications.settle_notification(
                    tx,
                    notification,
                    outcome.status,
                    at=sender.clock(),
                    reason=outcome.reason,
                    detail=outcome.detail,
                    retry_at=outcome.due,
                    receipt=outcome.receipt,
                    maybe_sent=outcome.unsure,
                )
        except DatabaseBusy:
            _log.warning("database busy, retrying", id=notification.id, channel=notification.channel)
        except DatabaseBroken:  # The store has logged it.
            sleep(RETRY_SECONDS)
        except Exception:
            _log.exception(
                "staff notification outcome not saved, retrying", id=notification.id, channel=notification.channel
            )
            sleep(RETRY_SECONDS)
        else:
            level = _log.error if outcome.status in (DeliveryStatus.FAILED, DeliveryStatus.NEEDS_REVIEW) else _log.info
            level(
                "staff notification",
                id=notification.id,
                channel=notification.channel,
                trigger=notification.trigger.value,
                status=outcome.status.value,
                reason=outcome.reason,
            )
            return
        tries_left -= stop.is_set()
