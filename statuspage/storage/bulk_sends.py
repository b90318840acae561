"""Rows of bulk sends, in the subscribers database: the progress of each notice, and unfinished recipients.

A recipient who got the notice, or did not want it, has no row: everybody up to the position of the bulk send is
finished, except those in progress and those with a row. So storage does not grow with the number of notices, and
nothing records what a subscriber received.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Row,
    Select,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    select,
    true,
    update,
)

from statuspage.domain import (
    BulkSend,
    Delivery,
    DeliveryStatus,
    Outcome,
    Recipient,
    RecipientOutcome,
    RecipientStatus,
    RemainingRecipients,
    Subscriber,
    SubscriberStatus,
    SubscriberType,
)
from statuspage.storage import subscribers
from statuspage.storage.queue import Queue, new_row
from statuspage.storage.tables import bulk_send as rows
from statuspage.storage.tables import recipient
from statuspage.storage.tables import subscriber as people

_r = recipient.c

# Prepared once, because building these statements for small batches takes longer than executing them.
_BULK_SEND_ID: BindParameter[int] = bindparam("this")
_PROGRESS_COLUMNS = (
    "position",
    "has_wrapped",
    "is_complete",
    "processed",
    "in_progress",
    "delivered",
    "bounced",
    "refused",
    "gave_up",
    "maybe_duplicated",
)
_UPDATE_PROGRESS = (
    update(rows)
    .where(rows.c.id == _BULK_SEND_ID, rows.c.owner == bindparam("whose"))
    .values({name: bindparam(f"new_{name}", type_=rows.c[name].type) for name in _PROGRESS_COLUMNS})
)
_LOCK_OWN = (
    select(rows.c.id)
    .where(rows.c.id == _BULK_SEND_ID, rows.c.owner == bindparam("whose"))
    .with_for_update(key_share=True)
)
RECIPIENTS: Queue[Row[Any]] = Queue(recipient, lambda row: row, partition=_r.bulk_send, order=(_r.retry_at,))
"""The queue of recipients who were deferred or are uncertain. They belong to the owner of the bulk send."""


class OwnershipLost(Exception):
    """The bulk send now belongs to another worker."""


def claim_bulk_send(
    tx: Connection, delivery: Delivery, kind: SubscriberType, now: datetime, *, resend: bool
) -> BulkSend:
    """The bulk send of this delivery, created on the first call, now owned by the delivery's owner.

    Recipients in progress at a worker that died may have got the notice: they are sent to again (``resend``), or need
    review. A finished bulk send is reopened if a person decides to send to the uncertain recipients. A new one begins
    with the recipients whom an earlier notice of the incident did not reach.
    """
    bulk_send = _find_bulk_send(tx, delivery) or _insert_bulk_send(tx, delivery, kind, now)
    query = update(rows).where(rows.c.id == bulk_send.id).values(owner=delivery.owner, ended_at=None)
    in_progress = _bulk_send(tx.execute(query.returning(rows)).one()).in_progress  # as the previous owner left it
    if bulk_send.ended_at:
        _retry_doubtful(tx, bulk_send, now)
    RECIPIENTS.recover_abandoned(tx, _r.bulk_send == bulk_send.id, now, may_retry=true() if resend else false())
    status = DeliveryStatus.WAITING if resend else DeliveryStatus.NEEDS_REVIEW
    interrupted = Outcome(status, "interrupted", retry_at=now if resend else None, maybe_sent=True)
    _insert_recipients(tx, bulk_send, dict.fromkeys(_lock_subscribers(tx, in_progress), (interrupted, 1)), now)
    tx.execute(update(rows).where(rows.c.id == bulk_send.id).values(in_progress=[]))
    return reload_bulk_send(tx, bulk_send)


def lock_ownership(tx: Connection, bulk_send: BulkSend, owner: str) -> None:
    """Keeps other workers from taking it over until this transaction ends. Raises OwnershipLost if one already has."""
    if tx.execute(_LOCK_OWN, {"this": bulk_send.id, "whose": owner}).one_or_none() is None:
        raise OwnershipLost


def save_outcomes(tx: Connection, bulk_send: BulkSend, outcomes: Sequence[RecipientOutcome], now: datetime) -> BulkSend:
    """Stores a row for each deferred or uncertain recipient and deletes those of finished ones. Returns the updated
    bulk send, which ``save_progress`` stores.

    Subscribers are locked before their rows, as when one is erased; the opposite order could deadlock. This includes
    those who bounced, whom the caller changes afterwards.
    """
    finished = [outcome for outcome in outcomes if outcome.status in FINAL_STATUSES]
    cleared_ids = {outcome.recipient.id for outcome in finished if outcome.recipient.has_row}
    locked = [
        outcome
        for outcome in outcomes
        if outcome.recipient.has_row or outcome.unfinished or outcome.status is RecipientStatus.BOUNCED
    ]
    existing_ids = _lock_subscribers(tx, {outcome.recipient.subscriber.id for outcome in locked})
    if cleared_ids:
        tx.execute(delete(recipient).where(_r.id.in_(cleared_ids)))
    new: dict[int, tuple[Outcome, int]] = {}
    for outcome in outcomes:
        was_tried, row_outcome = outcome.status is not RecipientStatus.NOT_TRIED, outcome.unfinished
        if row_outcome and outcome.recipient.has_row:
            RECIPIENTS.settle(tx, outcome.recipient, row_outcome, at=now, was_tried=was_tried)
        elif row_outcome and outcome.recipient.subscriber.id in existing_ids:
            new[outcome.recipient.subscriber.id] = (row_outcome, int(was_tried))
    _insert_recipients(tx, bulk_send, new, now)
    return _with_outcomes(bulk_send, outcomes, finished)


def _with_outcomes(
    bulk_send: BulkSend, outcomes: Sequence[RecipientOutcome], finished: Sequence[RecipientOutcome]
) -> BulkSend:
    handled_ids = {outcome.recipient.subscriber.id for outcome in outcomes}
    counts = {
        name: getattr(bulk_send, name) + sum(outcome.status is status for outcome in finished)
        for status, name in _COUNT_COLUMNS.items()
    }
    maybe_duplicated = bulk_send.maybe_duplicated + sum(
        outcome.status is RecipientStatus.DELIVERED and outcome.recipient.maybe_sent for outcome in finished
    )
    return replace(
        bulk_send,
        **counts,
        maybe_duplicated=maybe_duplicated,
        in_progress=tuple(subscriber_id for subscriber_id in bulk_send.in_progress if subscriber_id not in handled_ids),
    )


def save_progress(tx: Connection, bulk_send: BulkSend, owner: str) -> None:
    """Stores the progress and the recipients in progress. Raises OwnershipLost if another worker owns it now."""
    values = {f"new_{name}": getattr(bulk_send, name) for name in _PROGRESS_COLUMNS}
    if not tx.execute(_UPDATE_PROGRESS, {"this": bulk_send.id, "whose": owner, **values}).rowcount:
        raise OwnershipLost


def due_recipients(tx: Connection, bulk_send: BulkSend, owner: str, size: int, now: datetime) -> tuple[Recipient, ...]:
    """Up to ``size`` deferred recipients that are due and still want the notice. They count as in progress from now
    on."""
    claimed = RECIPIENTS.claim_batch(tx, owner, now, size, partition=bulk_send.id)
    if not claimed:
        return ()
    found = subscribers.find_by_ids(tx, [row.subscriber for row in claimed])
    active = {subscriber.id: subscriber for subscriber in found if subscriber.status is SubscriberStatus.ACTIVE}
    inactive_ids = [row.id for row in claimed if row.subscriber not in active]
    if inactive_ids:
        tx.execute(delete(recipient).where(_r.id.in_(inactive_ids)))
    return tuple(_recipient(row, active[row.subscriber]) for row in claimed if row.subscriber in active)


def count_remaining(tx: Connection, bulk_send: BulkSend) -> RemainingRecipients:
    """The recipients who had their turn and are not finished."""
    is_deferred, needs_review = (
        _r.status == status for status in (DeliveryStatus.WAITING.value, DeliveryStatus.NEEDS_REVIEW.value)
    )
    query = select(
        func.count(case((is_deferred, 1))),
        func.min(case((is_deferred, _r.retry_at))),
        func.count(case((needs_review, 1))),
    )
    return RemainingRecipients(*tx.execute(query.where(_r.bulk_send == bulk_send.id)).one())


def reload_bulk_send(tx: Connection, bulk_send: BulkSend) -> BulkSend:
    """The current state of the bulk send."""
    return _bulk_send(tx.execute(select(rows).where(rows.c.id == bulk_send.id)).one())


def close_bulk_send(
    tx: Connection, bulk_send: BulkSend, owner: str, now: datetime, *, is_superseded: bool = False
) -> None:
    """Finishes it. Recipients who are still deferred are left to a newer notice, if there is one. Raises
    OwnershipLost."""
    values = {"ended_at": now, "is_superseded": is_superseded, "owner": ""}
    if not tx.execute(update(rows).where(rows.c.id == bulk_send.id, rows.c.owner == owner).values(values)).rowcount:
        raise OwnershipLost
    tx.execute(delete(recipient).where(_r.bulk_send == bulk_send.id, _r.status != DeliveryStatus.NEEDS_REVIEW.value))


def bulk_sends_of_notice(tx: Connection, incident: str, sequence: int) -> tuple[BulkSend, ...]:
    """The bulk sends of one notice, in the order in which they began."""
    return _bulk_sends_where(tx, select(rows).where(rows.c.incident == incident, rows.c.sequence == sequence))


def unfinished_bulk_sends(tx: Connection) -> tuple[BulkSend, ...]:
    """The bulk sends that are not finished."""
    return _bulk_sends_where(tx, select(rows).where(rows.c.ended_at.is_(None)))


def _insert_bulk_send(tx: Connection, delivery: Delivery, kind: SubscriberType, now: datetime) -> BulkSend:
    last_subscriber, previous = subscribers.highest_id(tx), _previous_bulk_send(tx, delivery)
    start_after = previous.position if previous and not previous.is_complete else 0
    language = "" if kind is SubscriberType.WEBHOOK else delivery.language
    conditions = [
        people.c.status == SubscriberStatus.ACTIVE.value,
        people.c.kind == kind.value,
        people.c.id <= last_subscriber,
    ]
    conditions += [people.c.language == language] if language else []
    total = tx.execute(select(func.count()).select_from(people).where(*conditions)).scalar_one()
    notice_key = {name: getattr(delivery, name) for name in ("incident", "sequence", "channel")}
    values = {
        **notice_key,
        "language": delivery.language,
        "kind": kind.value,
        "started_at": now,
        "last_subscriber": last_subscriber,
    }
    row = tx.execute(
        insert(rows)
        .values(**values, start_after=start_after, position=start_after, total=total, owner="")
        .returning(rows)
    ).one()
    return _bulk_send(row)


def _retry_doubtful(tx: Connection, bulk_send: BulkSend, now: datetime) -> None:
    condition = (_r.bulk_send == bulk_send.id) & (_r.status == DeliveryStatus.NEEDS_REVIEW.value)
    values = {"status": DeliveryStatus.WAITING.value, "retry_at": now, "finished_at": None}
    tx.execute(update(recipient).where(condition).values(values))


def _previous_bulk_send(tx: Connection, delivery: Delivery) -> BulkSend | None:
    """The bulk send of the newest earlier notice."""
    query = select(rows).where(*_same_stream(delivery), rows.c.sequence < delivery.sequence)
    row = tx.execute(query.order_by(rows.c.sequence.desc()).limit(1)).one_or_none()
    return _bulk_send(row) if row else None


_COUNT_COLUMNS = {
    RecipientStatus.DELIVERED: "delivered",
    RecipientStatus.BOUNCED: "bounced",
    RecipientStatus.REFUSED: "refused",
    RecipientStatus.GAVE_UP: "gave_up",
}
FINAL_STATUSES = tuple(_COUNT_COLUMNS)
"""The statuses after which nothing is left to do for a recipient; each has its own counter column."""


def _insert_recipients(
    tx: Connection, bulk_send: BulkSend, outcomes: Mapping[int, tuple[Outcome, int]], now: datetime
) -> None:
    """Inserts a row for each of these subscribers, who must exist: the outcome, and the number of attempts so far."""
    if outcomes:
        tx.execute(
            insert(recipient),
            [
                {
                    **new_row(now),
                    "bulk_send": bulk_send.id,
                    "subscriber": subscriber_id,
                    "status": outcome.status.value,
                    "reason": outcome.reason,
                    "detail": outcome.detail,
                    "attempts": attempts,
                    "retry_at": outcome.retry_at,
                    "started_at": now,
                    "finished_at": None if outcome.status is DeliveryStatus.WAITING else now,
                    "maybe_sent": outcome.maybe_sent,
                }
                for subscriber_id, (outcome, attempts) in outcomes.items()
            ],
        )


def _lock_subscribers(tx: Connection, ids: Collection[int]) -> Sequence[int]:
    """Locks these subscribers until the transaction ends; returns those that still exist."""
    if not ids:
        return ()
    query = select(people.c.id).where(people.c.id.in_(ids)).order_by(people.c.id)
    return tx.execute(query.with_for_update(read=True, key_share=True)).scalars().all()


def _find_bulk_send(tx: Connection, delivery: Delivery) -> BulkSend | None:
    row = tx.execute(select(rows).where(*_same_stream(delivery), rows.c.sequence == delivery.sequence)).one_or_none()
    return _bulk_send(row) if row else None


def _same_stream(delivery: Delivery) -> tuple[Any, ...]:
    return tuple(rows.c[name] == getattr(delivery, name) for name in ("incident", "channel", "language"))


def _bulk_sends_where(tx: Connection, query: Select[Any]) -> tuple[BulkSend, ...]:
    return tuple(_bulk_send(row) for row in tx.execute(query.order_by(rows.c.id)))


def _bulk_send(row: Row[Any]) -> BulkSend:
    values = {name: value for name, value in row._mapping.items() if name != "owner"}
    return BulkSend(**values | {"kind": SubscriberType(row.kind), "in_progress": tuple(row.in_progress)})


def _recipient(row: Row[Any], subscriber: Subscriber) -> Recipient:
    return Recipient(
        row.id, row.bulk_send, subscriber, attempts=row.attempts, owner=row.owner, maybe_sent=row.maybe_sent
    )
