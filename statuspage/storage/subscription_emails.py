"""Emails about a subscription itself: requested on the public pages, sent by the worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, case, delete, func, insert, select, update

from statuspage.domain import DeliveryStatus
from statuspage.storage.tables import subscription_email


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
    queued: datetime
    status: DeliveryStatus = DeliveryStatus.WAITING
    reason: str = ""
    detail: str = ""
    attempts: int = 0
    owner: str = ""


_c = subscription_email.c


def enqueue_email(
    tx: Connection, kind: SubscriptionEmailKind, subscriber: int | None, language: str, at: datetime
) -> None:
    """An email to this subscriber; to None if nobody is to be written to, which costs as much and goes nowhere."""
    status = DeliveryStatus.WAITING if subscriber is not None else DeliveryStatus.SUPERSEDED
    values = {"kind": kind.value, "subscriber": subscriber, "language": language, "end": status.value, "queued": at}
    finished_at = None if subscriber is not None else at
    defaults = {"reason": "", "detail": "", "attempts": 0, "owner": "", "due": at, "finished": finished_at}
    tx.execute(insert(subscription_email).values(values | defaults))


def claim_email(tx: Connection, owner: str, now: datetime) -> SubscriptionEmail | None:
    """The next email that is due, claimed for ``owner``; None if there is none."""
    conditions = (_c.end == DeliveryStatus.WAITING.value, _c.due <= now)
    id = tx.execute(
        select(_c.id).where(*conditions).order_by(_c.due, _c.id).limit(1).with_for_update(skip_locked=True)
    ).scalar_one_or_none()
    if id is None:
        return None
    values = {"end": DeliveryStatus.SENDING.value, "owner": owner, "started": now, "attempts": _c.attempts + 1}
    row = tx.execute(
        update(subscription_email)
        .where(_c.id == id, _c.end == DeliveryStatus.WAITING.value)
        .values(values)
        .returning(*_c)
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
    due: datetime | None = None,
) -> bool:
    """Records how an attempt ended. False if it is no longer its owner's; then nothing is changed."""
    conditions = (_c.id == email.id, _c.owner == email.owner, _c.end == DeliveryStatus.SENDING.value)
    finished_at = None if status is DeliveryStatus.WAITING else at
    values = {"end": status.value, "reason": reason, "detail": detail, "due": due, "finished": finished_at}
    return tx.execute(update(subscription_email).where(*conditions).values(values)).rowcount == 1


def list_owners(tx: Connection) -> tuple[str, ...]:
    """The workers that have claimed an email."""
    return tuple(tx.execute(select(_c.owner).where(_c.end == DeliveryStatus.SENDING.value).distinct()).scalars())


def recover_abandoned(tx: Connection, owner: str, now: datetime) -> None:
    """Sends again, once, what a dead worker had claimed: a second email with a link does no harm."""
    conditions = (_c.end == DeliveryStatus.SENDING.value, _c.owner == owner)
    status = case((_c.attempts < 2, DeliveryStatus.WAITING.value), else_=DeliveryStatus.NEEDS_REVIEW.value)
    tx.execute(
        update(subscription_email).where(*conditions).values(end=status, reason="interrupted", due=now, owner="")
    )


def count_unsent(tx: Connection) -> int:
    """How many emails wait or are being sent."""
    unfinished = _c.end.in_([DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value])
    count: int = tx.execute(select(func.count()).where(unfinished)).scalar_one()
    return count


def next_due_at(tx: Connection) -> datetime | None:
    """When the next email is due; None if none waits."""
    next_due: datetime | None = tx.execute(
        select(func.min(_c.due)).where(_c.end == DeliveryStatus.WAITING.value)
    ).scalar_one()
    return next_due


def delete_finished(tx: Connection, before: datetime) -> None:
    """Deletes emails that ended before then."""
    tx.execute(delete(subscription_email).where(_c.finished < before))


def _email(row: Row[tuple[object, ...]]) -> SubscriptionEmail:
    return SubscriptionEmail(
        id=row.id,
        kind=SubscriptionEmailKind(row.kind),
        subscriber=row.subscriber,
        language=row.language,
        queued=row.queued,
        status=DeliveryStatus(row.end),
        reason=row.reason,
        detail=row.detail,
        attempts=row.attempts,
        owner=row.owner,
    )
