"""The queue of staff notifications, each sent once while its escalation runs; and the escalations."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, insert, select, update

from statuspage.domain import (
    DeliveryStatus,
    Escalation,
    NewStaffNotification,
    NotificationReason,
    Outcome,
    StaffNotification,
)
from statuspage.serialization import from_json_value
from statuspage.storage.queue import Queue, new_row
from statuspage.storage.tables import escalation as escalations
from statuspage.storage.tables import staff_notification as rows


def _notification(row: Row[Any]) -> StaffNotification:
    empty = {"alert": row.alert or "", "incident": row.incident or "", "escalation": row.escalation or 0}
    return from_json_value(StaffNotification, dict(row._mapping) | empty)


QUEUE = Queue(
    rows,
    _notification,
    ready=~exists().where(escalations.c.id == rows.c.escalation, escalations.c.ended_at.is_not(None)),
    partition=rows.c.channel,
    stops_on_hold=True,
)


def enqueue_notifications(tx: Connection, new_notifications: Iterable[NewStaffNotification], at: datetime) -> int:
    """Queues staff notifications, each only once however often it is requested. Returns how many are new."""
    added = 0
    for notification in new_notifications:
        if tx.execute(select(rows.c.id).where(rows.c.key == notification.key)).one_or_none() is None:
            tx.execute(insert(rows).values(_new_row(notification, at)))
            added += 1
    return added


def fail_notification(tx: Connection, key: str, reason: str, at: datetime) -> None:
    """Records a notification that cannot be sent, with the reason for a person to see."""
    change = {"status": DeliveryStatus.FAILED.value, "reason": reason, "finished_at": at, "retry_at": None}
    tx.execute(update(rows).where(rows.c.key == key, rows.c.status == DeliveryStatus.WAITING.value).values(change))


def has_notification(tx: Connection, prefix: str) -> bool:
    """Whether there is a notification whose key starts with this prefix, on any channel."""
    return (
        tx.execute(select(rows.c.id).where(rows.c.key.startswith(prefix, autoescape=True)).limit(1)).first() is not None
    )


def claim_notification(tx: Connection, owner: str, now: datetime, *, channel: str) -> StaffNotification | None:
    """The next due notification of this channel, claimed for ``owner``; None if there is none."""
    return QUEUE.claim(tx, owner, now, partition=channel)


def settle_notification(tx: Connection, notification: StaffNotification, outcome: Outcome, *, at: datetime) -> bool:
    """Records how an attempt ended; there is no retry if its escalation is over. False, without any change, if it has
    another owner now."""
    is_settled = QUEUE.settle(tx, notification, outcome, at=at)
    if is_settled and notification.escalation and not _is_escalation_running(tx, notification.escalation):
        _cancel_notifications(tx, rows.c.id == notification.id, at)
    return is_settled


def recover_abandoned(tx: Connection, owner: str, retry_channels: Collection[str], now: datetime) -> None:
    """Settles the claims of a dead worker. Channels in ``retry_channels`` send them once more, because twice is better
    than not at all."""
    QUEUE.recover_abandoned(tx, rows.c.owner == owner, now, may_retry=rows.c.channel.in_(retry_channels))


def notifications_of_alert(tx: Connection, alert: str) -> tuple[StaffNotification, ...]:
    """The notifications about this alert, oldest first, from every escalation it was part of."""
    return _notifications_where(tx, rows.c.alert == alert)


def notifications_of_incident(tx: Connection, incident: str) -> tuple[StaffNotification, ...]:
    """The staff notifications about this incident, oldest first."""
    return _notifications_where(tx, rows.c.incident == incident)


def notifications_with_key(tx: Connection, incident: str, prefix: str) -> tuple[StaffNotification, ...]:
    """The staff notifications of this incident whose key starts with this prefix, oldest first."""
    return tuple(
        notification for notification in notifications_of_incident(tx, incident) if notification.key.startswith(prefix)
    )


def newest_notifications(tx: Connection, limit: int) -> tuple[StaffNotification, ...]:
    """The newest notifications, newest first."""
    query = select(rows).order_by(rows.c.id.desc()).limit(limit)
    return tuple(_notification(row) for row in tx.execute(query))


def newest_tests(tx: Connection, limit: int) -> tuple[StaffNotification, ...]:
    """The newest notifications that somebody sent as a test, newest first."""
    query = select(rows).where(rows.c.trigger == NotificationReason.TEST.value).order_by(rows.c.id.desc()).limit(limit)
    return tuple(_notification(row) for row in tx.execute(query))


# escalations


def begin_escalation(tx: Connection, alert: str, at: datetime) -> Escalation:
    """Begins an escalation, because nobody has acknowledged this alert."""
    values = {"alert": alert, "started_at": at, "actor": ""}
    id: int = tx.execute(insert(escalations).values(values).returning(escalations.c.id)).scalar_one()
    return Escalation(id, alert, at)


def find_running_escalation(tx: Connection) -> Escalation | None:
    """The escalation in progress; None if there is none."""
    row = tx.execute(
        select(escalations).where(escalations.c.ended_at.is_(None)).order_by(escalations.c.id).limit(1)
    ).one_or_none()
    return Escalation(row.id, row.alert, row.started_at, row.ended_at, row.actor) if row else None


def escalation_ends(tx: Connection, since: datetime) -> tuple[datetime, ...]:
    """The ends of escalations that a person ended since ``since``, oldest first."""
    condition = (escalations.c.ended_at >= since) & (escalations.c.actor != "")
    return tuple(tx.execute(select(escalations.c.ended_at).where(condition).order_by(escalations.c.ended_at)).scalars())


def end_escalation(tx: Connection, at: datetime, *, actor: str = "") -> None:
    """Ends the escalation: somebody acknowledged (``actor``), or nothing is left to acknowledge. Waiting notifications
    are cancelled."""
    running = tx.execute(select(escalations.c.id).where(escalations.c.ended_at.is_(None))).scalars().all()
    if running:
        tx.execute(update(escalations).where(escalations.c.id.in_(running)).values(ended_at=at, actor=actor))
        _cancel_notifications(tx, rows.c.escalation.in_(running), at)


def _is_escalation_running(tx: Connection, id: int) -> bool:
    running = select(escalations.c.id).where(escalations.c.id == id, escalations.c.ended_at.is_(None))
    return tx.execute(running).one_or_none() is not None


def _cancel_notifications(tx: Connection, condition: ColumnElement[bool], at: datetime) -> None:
    values = {"status": DeliveryStatus.SUPERSEDED.value, "reason": "acknowledged", "retry_at": None, "finished_at": at}
    tx.execute(update(rows).where(condition, rows.c.status == DeliveryStatus.WAITING.value).values(values))


def _new_row(notification: NewStaffNotification, at: datetime) -> dict[str, object]:
    return {
        "key": notification.key,
        "trigger": notification.trigger.value,
        "escalation": notification.escalation or None,
        "alert": notification.alert or None,
        "incident": notification.incident or None,
        "channel": notification.channel,
        "language": notification.language,
        "recipients": list(notification.recipients),
        "payload": dict(notification.payload),
        **new_row(at),
    }


def _notifications_where(tx: Connection, condition: ColumnElement[bool]) -> tuple[StaffNotification, ...]:
    return tuple(_notification(row) for row in tx.execute(select(rows).where(condition).order_by(rows.c.id)))
