"""Emails about a subscription itself: requested on the public pages, sent by the worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, case, delete, func, insert, select, update

from statuspage.domain import DeliveryStatus
from statuspage.storage.tables import subscription_email as rows


class SubscriptionEmailKind(StrEnum):
    """CONFIRM: the button that confirms. LINK: the link to one's preferences, for existing subscribers too. STOPPED: a
    webhook that we no longer call, and why."""

    CONFIRM = "confirm"
    LINK = "link"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SubscriptionEmail:
    """An email to be sent to a subscriber, by number."""

    id: int
    kind: SubscriptionEmailKind
    subscriber: int
    language: str
    queued_at: datetime
    status: DeliveryStatus = DeliveryStatus.WAITING
    reason: str = ""
    detail: str = ""
    attempts: int = 0
    owner: str = ""


def enqueue_email(
    tx: Connection, kind: SubscriptionEmailKind, subscriber: int | None, language: str, at: datetime
) -> None:
    """An email to this subscriber; to None if nobody is to be written to, which costs as much and goes nowhere."""
    status = DeliveryStatus.WAITING if subscriber is not None else DeliveryStatus.SUPERSEDED
    values = {
        "kind": kind.value,
        "subscriber": subscriber,
        "language": language,
        "status": status.value,
        "queued_at": at,
    }
    finished_at = None if subscriber is not None else at
    defaults = {"reason": "", "detail": "", "attempts": 0, "owner": "", "retry_at": at, "finished_at": finished_at}
    tx.execute(insert(rows).values(values | defaults))


def claim_email(tx: Connection, owner: str, now: datetime) -> SubscriptionEmail | None:
    """The next email that is due, claimed for ``owner``; None if there is none."""
    conditions = (rows.c.status == DeliveryStatus.WAITING.value, rows.c.retry_at <= now)
    id = tx.execute(
        select(rows.c.id)
        .where(*conditions)
        .order_by(rows.c.retry_at, rows.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).scalar_one_or_none()
    if id is None:
        return None
    values = {
        "status": DeliveryStatus.SENDING.value,
        "owner": owner,
        "started_at": now,
        "attempts": rows.c.attempts + 1,
    }
    row = tx.execute(
        update(rows)
        .where(rows.c.id == id, rows.c.status == DeliveryStatus.WAITING.value)
        .values(values)
        .returning(*rows.c)
    ).one_or_none()
    return _email(row) if row else None


def settle_email(
    tx: Connection,
    email: SubscriptionEmail,
    status: DeliveryStatus,
    *,
    at: datetime,
    reason: str = "",
    detail: str = "",
    retry_at: datetime | None = None,
) -> bool:
    """Records how an attempt ended. False if it is no longer its owner's; then nothing is changed."""
    conditions = (rows.c.id == email.id, rows.c.owner == email.owner, rows.c.status == DeliveryStatus.SENDING.value)
    finished_at = None if status is DeliveryStatus.WAITING else at
    values = {
        "status": status.value,
        "reason": reason,
        "detail": detail,
        "retry_at": retry_at,
        "finished_at": finished_at,
    }
    return tx.execute(update(rows).where(*conditions).values(values)).rowcount == 1


def list_owners(tx: Connection) -> tuple[str, ...]:
    """The workers that have claimed an email."""
    return tuple(
        tx.execute(select(rows.c.owner).where(rows.c.status == DeliveryStatus.SENDING.value).distinct()).scalars()
    )


def recover_abandoned(tx: Connection, owner: str, now: datetime) -> None:
    """Sends again, once, what a dead worker had claimed: a second email with a link does no harm."""
    conditions = (rows.c.status == DeliveryStatus.SENDING.value, rows.c.owner == owner)
    status = case((rows.c.attempts < 2, DeliveryStatus.WAITING.value), else_=DeliveryStatus.NEEDS_REVIEW.value)
    tx.execute(update(rows).where(*conditions).values(status=status, reason="interrupted", retry_at=now, owner=""))


def next_due_at(tx: Connection) -> datetime | None:
    """When the next email is due; None if none waits."""
    next_due: datetime | None = tx.execute(
        select(func.min(rows.c.retry_at)).where(rows.c.status == DeliveryStatus.WAITING.value)
    ).scalar_one()
    return next_due


def delete_finished(tx: Connection, before: datetime) -> None:
    """Deletes emails that ended before then."""
    tx.execute(delete(rows).where(rows.c.finished_at < before))


def _email(row: Row[tuple[object, ...]]) -> SubscriptionEmail:
    return SubscriptionEmail(
        id=row.id,
        kind=SubscriptionEmailKind(row.kind),
        subscriber=row.subscriber,
        language=row.language,
        queued_at=row.queued_at,
        status=DeliveryStatus(row.status),
        reason=row.reason,
        detail=row.detail,
        attempts=row.attempts,
        owner=row.owner,
    )
