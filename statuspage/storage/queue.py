"""The queue through which everything is sent. Rows are claimed by conditional update, settled only by their owner, and
recovered from dead workers. Each table with ``queue_columns`` is a queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    true,
    update,
)

from statuspage.domain import CLOCK_TOLERANCE, DeliveryStatus, Outcome, QueueItem, Receipt
from statuspage.serialization import to_json_value
from statuspage.storage import send_hold

Item = TypeVar("Item")

_WAITING, _SENDING = DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value


_SETTLED = ("status", "reason", "detail", "retry_at", "attempts", "maybe_sent", "finished_at", "receipt")
"""The columns that the end of an attempt changes."""


def new_row(at: datetime) -> dict[str, Any]:
    """The common columns of a row that has not been tried yet and is due at once."""
    return {
        "status": _WAITING,
        "reason": "",
        "detail": "",
        "attempts": 0,
        "queued_at": at,
        "retry_at": at,
        "owner": "",
        "maybe_sent": False,
        "receipt": to_json_value(Receipt()),
    }


class Queue(Generic[Item]):
    """One table of rows to be sent. ``load`` makes an item from a row.

    A row is claimed when it is due and ``ready``, in this ``order``; by default untried rows come before retries.
    ``partition`` is the column by which workers divide the rows: each claim names its value. ``repeatable`` are rows
    that do no harm if they are sent twice, so that they never need review. If ``stops_on_hold``, nothing is claimed
    during a send hold.

    The statements are prepared once, because for small batches that takes longer than executing them.
    """

    def __init__(
        self,
        table: Table,
        load: Callable[[Row[Any]], Item],
        *,
        ready: ColumnElement[bool] | None = None,
        partition: ColumnElement[Any] | None = None,
        order: tuple[ColumnElement[Any], ...] = (),
        repeatable: ColumnElement[bool] | None = None,
        stops_on_hold: bool = False,
    ) -> None:
        self._table, self._columns, self._load = table, table.c, load
        self._repeatable = false() if repeatable is None else repeatable
        self._stops_on_hold = stops_on_hold
        self._is_waiting = self._columns.status == _WAITING
        self._is_claimed = self._columns.status == _SENDING
        ready = true() if ready is None else ready
        due = and_(self._due(bindparam("now"), bindparam("ahead")), ready)
        in_partition = true() if partition is None else partition == bindparam("partition")
        self._select_due = (
            select(self._columns.id)
            .where(due, in_partition)
            .order_by(*(order or (self._columns.attempts > 0, self._columns.id)))
            .limit(bindparam("size"))
            .with_for_update(skip_locked=True)
        )
        self._select_due_partitions = None if partition is None else select(partition).where(due).distinct()
        self._claim = self._claim_update()
        self._update_own = self._own_update(*_SETTLED)
        self._update_own_receipt = self._own_update("receipt")

    def claim(self, tx: Connection, owner: str, now: datetime, *, partition: object = None) -> Item | None:
        """The next due item, claimed for ``owner``; None if there is none."""
        return next(iter(self.claim_batch(tx, owner, now, 1, partition=partition)), None)

    def claim_batch(
        self, tx: Connection, owner: str, now: datetime, size: int, *, partition: object = None
    ) -> tuple[Item, ...]:
        """Up to ``size`` due items, claimed for ``owner``. Rows locked by another transaction are skipped."""
        if self._is_on_hold(tx):
            return ()
        ids = tx.execute(self._select_due, _moments(now) | {"partition": partition, "size": size}).scalars().all()
        if not ids:
            return ()
        rows = tx.execute(self._claim, {"ids": ids, "new_owner": owner, "new_started_at": now})
        rows_by_id = {row.id: row for row in rows}
        return tuple(self._load(rows_by_id[id]) for id in ids if id in rows_by_id)

    def save_receipt(self, tx: Connection, item: QueueItem, receipt: Receipt) -> bool:
        """Stores the receipt so far of an item still being sent. False if it has another owner now."""
        parameters = _own(item) | {"new_receipt": to_json_value(receipt)}
        return tx.execute(self._update_own_receipt, parameters).rowcount == 1

    def settle(
        self, tx: Connection, item: QueueItem, outcome: Outcome, *, at: datetime, was_tried: bool = True
    ) -> bool:
        """Records how an attempt ended. False, without any change, if it has another owner now."""
        values = {
            "new_status": outcome.status.value,
            "new_reason": outcome.reason,
            "new_detail": outcome.detail,
            "new_retry_at": outcome.retry_at,
            "new_attempts": item.attempts - (not was_tried),
            "new_maybe_sent": outcome.maybe_sent,
            "new_finished_at": None if outcome.status is DeliveryStatus.WAITING else at,
            "new_receipt": to_json_value(outcome.receipt or item.receipt),
        }
        return tx.execute(self._update_own, _own(item) | values).rowcount == 1

    def owners(self, tx: Connection) -> tuple[str, ...]:
        """The workers that hold claims."""
        return tuple(tx.execute(select(self._columns.owner).where(self._is_claimed).distinct()).scalars())

    def recover_abandoned(
        self, tx: Connection, abandoned: ColumnElement[bool], now: datetime, *, may_retry: ColumnElement[bool]
    ) -> None:
        """Settles ``abandoned`` claims, of which nobody knows whether they were sent.

        Those that ``may_retry`` wait for another attempt, which is marked as a possible repetition; all others need
        review.
        """
        doubtful = {
            "maybe_sent": ~self._repeatable,
            "reason": case((self._repeatable, ""), else_="interrupted"),
            "detail": "",
        }
        waiting = {"status": _WAITING, "retry_at": now, **doubtful}
        tx.execute(update(self._table).where(self._is_claimed, abandoned, may_retry).values(waiting))
        tx.execute(update(self._table).where(self._is_claimed, abandoned).values(_needs_review(now) | doubtful))

    def mark_all_doubtful(self, tx: Connection, now: datetime) -> None:
        """Marks all unsent rows as possibly sent, because the database is older than what was sent."""
        unsettled = self._columns.status.in_([_WAITING, _SENDING])
        values = _needs_review(now) | {"reason": "restored", "maybe_sent": True}
        tx.execute(update(self._table).where(unsettled, ~self._repeatable).values(values))

    def due_partitions(self, tx: Connection, now: datetime) -> tuple[Any, ...]:
        """The partitions with something due, sorted; none during a send hold."""
        if self._select_due_partitions is None or self._is_on_hold(tx):
            return ()
        return tuple(sorted(tx.execute(self._select_due_partitions, _moments(now)).scalars()))

    def next_due_at(self, tx: Connection, after: datetime | None = None) -> datetime | None:
        """When the next item is due, among those due after ``after``; None if none is scheduled."""
        query = select(func.min(self._columns.retry_at)).where(self._is_waiting)
        if after is not None:
            query = query.where(self._columns.retry_at > after)
        next_due: datetime | None = tx.execute(query).scalar_one()
        return next_due

    def count_untried(self, tx: Connection, *conditions: ColumnElement[bool]) -> int:
        """How many items are being tried now, or are untried and meet these conditions."""
        untried = and_(self._is_waiting, self._columns.attempts == 0, *conditions)
        return tx.execute(select(func.count()).select_from(self._table).where(self._is_claimed | untried)).scalar_one()

    def is_due(self, now: datetime) -> ColumnElement[bool]:
        """The condition for rows that are due."""
        return self._due(now, now + CLOCK_TOLERANCE)

    def _due(self, now: Any, ahead: Any) -> ColumnElement[bool]:
        """Due, or stored before the clock was set back, so that nothing has to wait until the clock catches up."""
        clock_moved_back = or_(
            and_(self._columns.attempts == 0, self._columns.queued_at > ahead),
            and_(self._columns.attempts > 0, self._columns.started_at > ahead),
        )
        return and_(self._is_waiting, or_(self._columns.retry_at <= now, clock_moved_back))

    def _is_on_hold(self, tx: Connection) -> bool:
        return self._stops_on_hold and send_hold.find_hold_start(tx) is not None

    def _claim_update(self) -> Any:
        claim = {"status": _SENDING, "owner": self._new("owner"), "started_at": self._new("started_at")}
        return (
            update(self._table)
            .where(self._columns.id.in_(bindparam("ids", expanding=True)), self._is_waiting)
            .values(claim | {"attempts": self._columns.attempts + 1})
            .returning(*self._columns)
        )

    def _own_update(self, *names: str) -> Any:
        own = (
            self._columns.id == bindparam("own_id"),
            self._columns.owner == bindparam("own_owner"),
            self._is_claimed,
        )
        return update(self._table).where(*own).values({name: self._new(name) for name in names})

    def _new(self, name: str) -> ColumnElement[Any]:
        return bindparam(f"new_{name}", type_=self._columns[name].type)


def _moments(now: datetime) -> dict[str, Any]:
    return {"now": now, "ahead": now + CLOCK_TOLERANCE}


def _own(item: QueueItem) -> dict[str, Any]:
    return {"own_id": item.id, "own_owner": item.owner}


def _needs_review(now: datetime) -> dict[str, Any]:
    return {"status": DeliveryStatus.NEEDS_REVIEW.value, "finished_at": now, "retry_at": None}
