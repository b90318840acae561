"""The queue of staff notifications, claimed by conditional update, and their outcome."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, or_, select, update

from statuspage.domain import (
    DeliveryStatus,
    Escalation,
    NewStaffNotification,
    NotificationReason,
    Receipt,
    StaffNotification,
)
from statuspage.serialization import from_json_value, to_json_value
from statuspage.storage import send_hold
from statuspage.storage.tables import escalation as escalations
from statuspage.storage.tables import staff_notification as rows


def enqueue_notifications(tx: Connection, new_notifications: Iterable[NewStaffNotification], at: datetime) -> int:
    """Queues staff notifications, each once, whoever requests it again. Returns how many are new."""
    added = 0
    for notification in new_notifications:
        if tx.execute(select(rows.c.id).where(rows.c.key == notification.key)).one_or_none() is None:
            tx.execute(insert(rows).values(_new_row(notification, at)))
            added += 1
    return added


def fail_notification(tx: Connection, key: str, reason: str, at: datetime) -> None:
    """Records a notification that cannot go out; a person sees why."""
    change = {"status": DeliveryStatus.FAILED.value, "reason": reason, "finished_at": at, "retry_at": None}
    tx.execute(update(rows).where(rows.c.key == key, rows.c.status == DeliveryStatus.WAITING.value).values(change))


def has_notification(tx: Connection, prefix: str) -> bool:
    """Whether there is a notification whose key begins so, whatever its channel."""
    return (
        tx.execute(select(rows.c.id).where(rows.c.key.startswith(prefix, autoescape=True)).limit(1)).first() is not None
    )


def due_channels(tx: Connection, now: datetime) -> tuple[str, ...]:
    """Channels with a notification due now; none during a send hold."""
    if send_hold.find_hold_start(tx) is not None:
        return ()
    return tuple(sorted(tx.execute(select(rows.c.channel).where(_is_due(now)).distinct()).scalars()))


def count_untried(tx: Connection) -> int:
    """How many notifications are untried, or being tried first just now."""
    condition = (rows.c.status == DeliveryStatus.SENDING.value) | (
        (rows.c.status == DeliveryStatus.WAITING.value) & (rows.c.attempts == 0)
    )
    count: int = tx.execute(select(func.count()).where(condition)).scalar_one()
    return count


def claim_notification(tx: Connection, owner: str, now: datetime, *, channel: str) -> StaffNotification | None:
    """The next notification of this channel that is due, claimed for ``owner``; None if there is none.

    Notifications of an escalation that is over are dropped in the same moment.
    """
    if send_hold.find_hold_start(tx) is not None:
        return None
    is_over = exists().where(escalations.c.id == rows.c.escalation, escalations.c.ended_at.is_not(None))
    ready = (rows.c.channel == channel) & _is_due(now) & ~is_over
    query = (
        select(rows.c.id)
        .where(ready)
        .order_by(rows.c.attempts > 0, rows.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    id = tx.execute(query).scalar_one_or_none()
    if id is None:
        return None
    change = {
        "status": DeliveryStatus.SENDING.value,
        "owner": owner,
        "started_at": now,
        "attempts": rows.c.attempts + 1,
    }
    condition = (rows.c.id == id) & (rows.c.status == DeliveryStatus.WAITING.value)
    row = tx.execute(update(rows).where(condition).values(change).returning(*rows.c)).one_or_none()
    return _notification(row) if row else None


def settle_notification(
    tx: Connection,
    notification: StaffNotification,
    status: DeliveryStatus,
    *,
    at: datetime,
    reason: str = "",
    detail: str = "",
    retry_at: datetime | None = None,
    receipt: Receipt | None = None,
    maybe_sent: bool = False,
) -> bool:
    """Records how an attempt ended. False if it is no longer its owner's; then nothing is changed."""
    change: dict[str, object] = {
        "status": status.value,
        "reason": reason,
        "detail": detail,
        "retry_at": retry_at,
        "maybe_sent": maybe_sent,
    }
    change |= {
        "finished_at": None if status is DeliveryStatus.WAITING else at,
        "receipt": to_json_value(receipt or notification.receipt),
    }
    condition = (
        (rows.c.id == notification.id)
        & (rows.c.status == DeliveryStatus.SENDING.value)
        & (rows.c.owner == notification.owner)
    )
    is_updated = tx.execute(update(rows).where(condition).values(change)).rowcount == 1
    if (
        is_updated
        and status is DeliveryStatus.WAITING
        and notification.escalation
        and not _is_escalation_running(tx, notification.escalation)
    ):
        _cancel_notifications(tx, rows.c.id == notification.id, at)
    return is_updated


def list_owners(tx: Connection) -> tuple[str, ...]:
    """The workers that are sending a notification."""
    return tuple(
        tx.execute(select(rows.c.owner).where(rows.c.status == DeliveryStatus.SENDING.value).distinct()).scalars()
    )


def recover_abandoned(tx: Connection, owner: str, retry_channels: Collection[str], now: datetime) -> None:
    """Settles what a dead worker had claimed: channels in ``retry_channels`` send it once more, for better twice than
    not at all; with others it needs review."""
    condition = (rows.c.status == DeliveryStatus.SENDING.value) & (rows.c.owner == owner)
    doubtful = {"maybe_sent": True, "reason": "interrupted", "detail": ""}
    waiting = {"status": DeliveryStatus.WAITING.value, "retry_at": now, **doubtful}
    tx.execute(update(rows).where(condition, rows.c.channel.in_(retry_channels)).values(waiting))
    tx.execute(
        update(rows)
        .where(condition)
        .values(status=DeliveryStatus.NEEDS_REVIEW.value, finished_at=now, retry_at=None, **doubtful)
    )


def mark_all_doubtful(tx: Connection, now: datetime) -> None:
    """The database is older than what was sent: nobody is called about what was long ago."""
    condition = rows.c.status.in_([DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value])
    values = {
        "status": DeliveryStatus.NEEDS_REVIEW.value,
        "reason": "restored",
        "maybe_sent": True,
        "finished_at": now,
        "retry_at": None,
    }
    tx.execute(update(rows).where(condition).values(values))


def notifications_of_alert(tx: Connection, alert: str) -> tuple[StaffNotification, ...]:
    """The notifications about this alert, oldest first: those of every escalation in which it waited."""
    return _notifications_where(tx, rows.c.alert == alert)


def notifications_of_incident(tx: Connection, incident: str) -> tuple[StaffNotification, ...]:
    """The staff notifications about this incident, oldest first."""
    return _notifications_where(tx, rows.c.incident == incident)


def notifications_with_key(tx: Connection, incident: str, prefix: str) -> tuple[StaffNotification, ...]:
    """Of these the ones whose key begins so, oldest first."""
    return tuple(
        notification for notification in notifications_of_incident(tx, incident) if notification.key.startswith(prefix)
    )


def newest_notifications(tx: Connection, limit: int) -> tuple[StaffNotification, ...]:
    """The newest notifications, newest first."""
    query = select(rows).order_by(rows.c.id.desc()).limit(limit)
    return tuple(_notification(row) for row in tx.execute(query))


# escalations


def begin_escalation(tx: Connection, alert: str, at: datetime) -> Escalation:
    """Nobody has acknowledged this alert: begins an escalation."""
    values = {"alert": alert, "started_at": at, "actor": ""}
    id: int = tx.execute(insert(escalations).values(values).returning(escalations.c.id)).scalar_one()
    return Escalation(id, alert, at)


def find_running_escalation(tx: Connection) -> Escalation | None:
    """The escalation that is not over; None if there is none."""
    row = tx.execute(
        select(escalations).where(escalations.c.ended_at.is_(None)).order_by(escalations.c.id).limit(1)
    ).one_or_none()
    return Escalation(row.id, row.alert, row.started_at, row.ended_at, row.actor) if row else None


def escalation_ends(tx: Connection, since: datetime) -> tuple[datetime, ...]:
    """The ends of escalations that somebody ended from ``since`` on, oldest first."""
    condition = (escalations.c.ended_at >= since) & (escalations.c.actor != "")
    return tuple(tx.execute(select(escalations.c.ended_at).where(condition).order_by(escalations.c.ended_at)).scalars())


def end_escalation(tx: Connection, at: datetime, *, actor: str = "") -> None:
    """Somebody acknowledged (``actor``), or nothing is left to acknowledge: pending notifications are cancelled."""
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


def _is_due(now: datetime) -> ColumnElement[bool]:
    return (rows.c.status == DeliveryStatus.WAITING.value) & or_(rows.c.retry_at.is_(None), rows.c.retry_at <= now)


def _new_row(notification: NewStaffNotification, at: datetime) -> dict[str, object]:
    return {
        "key": notification.key,
        "trigger": notification.trigger.value,
        "escalation": notification.escalation or None,
        "alert": notification.alert or None,
        "incident": notification.incident or None,
        "channel": notification.channel,
        "recipients": list(notification.recipients),
        "payload": dict(notification.payload),
        "status": DeliveryStatus.WAITING.value,
        "reason": "",
        "detail": "",
        "attempts": 0,
        "queued_at": at,
        "retry_at": at,
        "owner": "",
        "maybe_sent": False,
        "receipt": to_json_value(Receipt()),
    }


def _notifications_where(tx: Connection, condition: ColumnElement[bool]) -> tuple[StaffNotification, ...]:
    return tuple(_notification(row) for row in tx.execute(select(rows).where(condition).order_by(rows.c.id)))


def _notification(row: Row[Any]) -> StaffNotification:
    return StaffNotification(
        id=row.id,
        key=row.key,
        trigger=NotificationReason(row.trigger),
        channel=row.channel,
        recipients=tuple(row.recipients),
        payload=row.payload,
        alert=row.alert or "",
        incident=row.incident or "",
        escalation=row.escalation or 0,
        status=DeliveryStatus(row.status),
        reason=row.reason,
        detail=row.detail,
        attempts=row.attempts,
        queued_at=row.queued_at,
        retry_at=row.retry_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        owner=row.owner,
        maybe_sent=row.maybe_sent,
        receipt=from_json_value(Receipt, row.receipt),
    )
