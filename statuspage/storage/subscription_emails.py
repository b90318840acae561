"""The queue of emails about subscriptions: requested on the public pages, sent by the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert

from statuspage.domain import DeliveryStatus, SubscriptionEmail, SubscriptionEmailKind, retry
from statuspage.serialization import from_json_value
from statuspage.storage.queue import Queue, new_row
from statuspage.storage.tables import subscription_email as rows


def _email(row: Row[Any]) -> SubscriptionEmail:
    return from_json_value(SubscriptionEmail, dict(row._mapping))


QUEUE = Queue(rows, _email, order=(rows.c.retry_at, rows.c.id))


def enqueue_email(
    tx: Connection, kind: SubscriptionEmailKind, subscriber: int | None, language: str, at: datetime
) -> None:
    """Queues an email to this subscriber. None queues a row that is never sent, so that both cases take the same
    time."""
    is_blank = subscriber is None
    status = DeliveryStatus.SUPERSEDED if is_blank else DeliveryStatus.WAITING
    values = {"kind": kind.value, "subscriber": subscriber, "language": language, **new_row(at)}
    tx.execute(insert(rows).values(values | {"status": status.value, "finished_at": at if is_blank else None}))


def recover_abandoned(tx: Connection, owner: str, now: datetime) -> None:
    """Sends what a dead worker had claimed once more: a second email with a link does no harm."""
    may_retry = rows.c.attempts < retry.EMAIL_ATTEMPTS_IN_DOUBT
    QUEUE.recover_abandoned(tx, rows.c.owner == owner, now, may_retry=may_retry)
