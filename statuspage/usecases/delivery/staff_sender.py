"""One attempt at one staff notification, and its outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from statuspage.domain import FOR_PROGRAMS, DeliveryStatus, Outcome, StaffNotification, retry
from statuspage.integrations.channels import Channel, DeliveryUnknown, Refused, Unsent
from statuspage.process_log import Log
from statuspage.storage import staff_notifications
from statuspage.usecases.delivery.sender import DeliverySender

_log = Log(__name__)


def send_notification(sender: DeliverySender, notification: StaffNotification) -> Outcome:
    """Sends it through its channel."""
    channel = sender.env.senders.staff_channels.get(notification.channel)
    if channel is None:
        return Outcome(
            DeliveryStatus.FAILED, sender.env.senders.unready_staff_channels.get(notification.channel, "no_channel")
        )
    try:
        receipt = channel.deliver(notification, None, page_readable=True)
    except Refused as error:
        return Outcome(DeliveryStatus.FAILED, error.reason, error.detail)
    except DeliveryUnknown as error:
        return _doubtful_outcome(sender, notification, channel, error.reason, error.detail)
    except Unsent as error:
        return _retry_outcome(sender, notification, error.reason, error.detail, maybe_sent=notification.maybe_sent)
    seen = {"posted": sender.clock(), **receipt.checked_at}
    note = "maybe_duplicate" if notification.maybe_sent and channel.on_unsure != "key" else receipt.note_key
    return Outcome(DeliveryStatus.DELIVERED, receipt=replace(receipt, checked_at=seen, note_key=note))


def handle_unexpected(sender: DeliverySender, notification: StaffNotification, error: Exception) -> Outcome:
    """The outcome of an unexpected error: it is unknown what was sent."""
    _log.error("staff notification failed", id=notification.id, channel=notification.channel, exc_info=error)
    channel = sender.env.senders.staff_channels[notification.channel]
    return _doubtful_outcome(sender, notification, channel, "unexpected", type(error).__name__)


def settle_notification(sender: DeliverySender, notification: StaffNotification, outcome: Outcome) -> None:
    """Records the outcome."""
    with sender.env.databases.environment.begin() as tx:
        staff_notifications.settle_notification(tx, notification, outcome, at=sender.clock())
    level = _log.error if outcome.status in (DeliveryStatus.FAILED, DeliveryStatus.NEEDS_REVIEW) else _log.info
    level(
        "staff notification",
        id=notification.id,
        channel=notification.channel,
        trigger=notification.trigger.value,
        status=outcome.status.value,
        reason=outcome.reason,
    )


def _doubtful_outcome(
    sender: DeliverySender, notification: StaffNotification, channel: Channel, reason: str, detail: str
) -> Outcome:
    """It may have been sent. It is sent again, because twice is better than not at all, unless the content leaves it to
    a person."""
    if channel.spec.on_unknown_delivery == "review":
        return Outcome(DeliveryStatus.NEEDS_REVIEW, reason, detail, maybe_sent=True)
    return _retry_outcome(sender, notification, reason, detail, maybe_sent=True)


def _retry_outcome(
    sender: DeliverySender, notification: StaffNotification, reason: str, detail: str, *, maybe_sent: bool
) -> Outcome:
    now = sender.clock()
    if not _is_worth_retrying(notification, now):
        if maybe_sent:
            return Outcome(DeliveryStatus.NEEDS_REVIEW, reason, detail, maybe_sent=True)
        return Outcome(DeliveryStatus.FAILED, "notification_gave_up", detail)
    pause = retry.pause_of_notification(notification.attempts)
    if notification.trigger in FOR_PROGRAMS:
        pause = retry.pause_before(notification.attempts, 1.0)
    return Outcome(DeliveryStatus.WAITING, reason, detail, now + pause, maybe_sent=maybe_sent)


def _is_worth_retrying(notification: StaffNotification, now: datetime) -> bool:
    """A person is told within a minute or through another channel; a program is told as long as of a notice."""
    if notification.trigger in FOR_PROGRAMS and notification.queued_at:
        return not retry.should_give_up(notification.queued_at, notification.attempts, now)
    return notification.attempts < retry.NOTIFICATION_ATTEMPTS
