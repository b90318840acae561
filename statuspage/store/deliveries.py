"""The queue: what is owed to each channel, claimed by conditional update, and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, select, update

from statuspage.deliveries import SITE, Delivery, End, NewDelivery, Receipt
from statuspage.records import dump, load
from statuspage.store.schema import delivery as deliveries

SITE_FIRST = timedelta(seconds=15)
"""How long the other channels wait for the page to be read back."""

STALE = timedelta(hours=1)
"""After this long in the queue a message gives way to a newer one: the present state, not a burst."""

AFTER_SITE = "site_first"
"""The reason of a delivery that waits for the page."""

_c = deliveries.c


def queue(
    tx: Connection, incident: str, sequence: int, new: Iterable[NewDelivery], at: datetime
) -> tuple[Delivery, ...]:
    """What is owed for this notice, in the notice's own transaction.

    When the site is among it, the others wait for it: until it is read back, or 15 seconds.
    """
    owed = tuple(new)
    gated = any(d.channel == SITE for d in owed)
    for d in owed:
        tx.execute(insert(deliveries).values(_fresh(incident, sequence, d, at, gated and d.channel != SITE)))
    return of_notice(tx, incident, sequence)


def claim(tx: Connection, owner: str, now: datetime, *, channel: str) -> Delivery | None:
    """The next delivery of this channel that is due, now ``owner``'s to send; None when there is none.

    Within an incident, channel and language the order of notices is kept: a later one waits for an earlier one
    that still waits or is being sent. One that has waited for over an hour gives way to a newer one. The site has
    no order to keep: each time it is written it tells everything up to the newest notice.
    """
    _give_way(tx, channel, now)
    ready = (_c.channel == channel) & (_c.end == End.WAITING.value) & (_c.due <= now) & ~_earlier_unfinished()
    first = select(_c.id).where(ready).order_by(_c.id).limit(1).with_for_update(skip_locked=True)
    id = tx.execute(first).scalar_one_or_none()
    if id is None:
        return None
    change = {"end": End.SENDING.value, "owner": owner, "started": now, "attempts": _c.attempts + 1}
    taken = (_c.id == id) & (_c.end == End.WAITING.value)
    row = tx.execute(update(deliveries).where(taken).values(change).returning(*_c)).one_or_none()
    return _delivery(row) if row else None


def seen(tx: Connection, delivery: Delivery, receipt: Receipt) -> bool:
    """Keeps what is known so far of a delivery still being sent. False when it is no longer its owner's."""
    return _own(tx, delivery, receipt=dump(receipt))


def settle(
    tx: Connection,
    delivery: Delivery,
    end: End,
    *,
    at: datetime,
    reason: str = "",
    detail: str = "",
    due: datetime | None = None,
    receipt: Receipt | None = None,
) -> bool:
    """Records how an attempt ended. False when it is no longer its owner's; then nothing is changed."""
    finished = None if end is End.WAITING else at
    kept = dump(receipt or delivery.receipt)
    return _own(tx, delivery, end=end.value, reason=reason, detail=detail, due=due, finished=finished, receipt=kept)


def open_gate(tx: Connection, incident: str, sequence: int, now: datetime) -> None:
    """The page of this notice is there, or will not be: the other channels need not wait for it any longer."""
    gated = (_c.end == End.WAITING.value) & (_c.reason == AFTER_SITE)
    tx.execute(update(deliveries).where(_notice(incident, sequence), gated).values(due=now))


def due_channels(tx: Connection, now: datetime) -> tuple[str, ...]:
    """Channels with something due, the site first."""
    due = (_c.end == End.WAITING.value) & (_c.due <= now) & ~_earlier_unfinished()
    found = set(tx.execute(select(_c.channel).where(due).distinct()).scalars())
    return tuple(sorted(found, key=lambda channel: (channel != SITE, channel)))


def untried(tx: Connection) -> int:
    """How many deliveries nobody has tried yet, or is trying just now; not those that wait behind a failed one."""
    fresh = (_c.end == End.SENDING.value) | (
        (_c.end == End.WAITING.value) & (_c.attempts == 0) & ~_earlier_unfinished()
    )
    return tx.execute(select(func.count()).where(fresh)).scalar_one()


def leave_behind(tx: Connection, again: Collection[str], now: datetime) -> None:
    """Settles what a worker that died had in its hands; only who holds the worker's lock may call it.

    Channels in ``again`` bear a repetition and are tried again; of the others nobody knows whether it went out.
    """
    held = _c.end == End.SENDING.value
    tx.execute(update(deliveries).where(held, _c.channel.in_(again)).values(end=End.WAITING.value, due=now, owner=""))
    tx.execute(update(deliveries).where(held).values(end=End.LOOK.value, reason="interrupted", finished=now, due=None))


def release(tx: Connection, reasons: Collection[str], now: datetime) -> None:
    """Lets what waits for one of these reasons be tried again at once."""
    held = (_c.end == End.WAITING.value) & _c.reason.in_(reasons)
    tx.execute(update(deliveries).where(held).values(due=now))


def retry(tx: Connection, id: int, now: datetime) -> Delivery | None:
    """A person says: send it (again). None when there is none of this id.

    What is being sent or was sent stays as it is; what a newer message of the same channel has overtaken is
    superseded instead.
    """
    known = get(tx, id)
    if known is None or known.end in (End.SENDING, End.SENT):
        return known
    overtaken = _is_overtaken(tx, known)
    change: dict[str, object] = {"end": End.WAITING.value, "reason": "", "detail": "", "due": now, "finished": None}
    if overtaken:
        change = {"end": End.SUPERSEDED.value, "reason": "newer_sent", "due": None, "finished": now}
    tx.execute(update(deliveries).where(_c.id == id, _c.end == known.end.value).values(change))
    return get(tx, id)


def is_there(tx: Connection, id: int, at: datetime, url: str = "") -> Delivery | None:
    """A person looked and found it out there. None when there is none of this id, or nothing to look for."""
    receipt = dump(Receipt(url=url, seen={"posted": at}, note="seen_by_person"))
    change = {"end": End.SENT.value, "reason": "", "detail": "", "finished": at, "due": None, "receipt": receipt}
    looked = (_c.id == id) & (_c.end == End.LOOK.value)
    row = tx.execute(update(deliveries).where(looked).values(change).returning(*_c)).one_or_none()
    return _delivery(row) if row else None


def get(tx: Connection, id: int) -> Delivery | None:
    """One delivery; None when there is none of this id."""
    return next(iter(_all(tx, _c.id == id)), None)


def of_notice(tx: Connection, incident: str, sequence: int) -> tuple[Delivery, ...]:
    """The deliveries of one notice in the order they were queued."""
    return _all(tx, _notice(incident, sequence))


def for_incident(tx: Connection, incident: str) -> tuple[Delivery, ...]:
    """All deliveries of an incident in the order they were queued."""
    return _all(tx, _c.incident == incident)


def unsettled(tx: Connection) -> tuple[Delivery, ...]:
    """What still waits, is being sent or has to be looked at."""
    return _all(tx, _c.end.in_([End.WAITING.value, End.SENDING.value, End.LOOK.value]))


def site_receipt(tx: Connection, incident: str, sequence: int) -> Receipt | None:
    """What is known of this notice's page; None when it was never to be written."""
    found = _all(tx, _notice(incident, sequence) & (_c.channel == SITE))
    return found[0].receipt if found else None


def parent(tx: Connection, delivery: Delivery) -> Receipt | None:
    """The receipt of the newest earlier message of this incident on this channel, to hang the next one on."""
    earlier = _lane(delivery) & (_c.sequence < delivery.sequence) & (_c.end == End.SENT.value)
    rows = tx.execute(select(_c.receipt).where(earlier).order_by(_c.sequence.desc())).scalars()
    receipts = (load(Receipt, row) for row in rows)
    return next((r for r in receipts if r.remote_id), None)


def _fresh(incident: str, sequence: int, d: NewDelivery, at: datetime, gated: bool) -> dict[str, object]:
    return {
        "incident": incident,
        "sequence": sequence,
        "channel": d.channel,
        "language": d.language,
        "payload": dict(d.payload),
        "end": End.WAITING.value,
        "reason": AFTER_SITE if gated else "",
        "detail": "",
        "attempts": 0,
        "queued": at,
        "due": at + SITE_FIRST if gated else at,
        "owner": "",
        "receipt": dump(Receipt()),
    }


def _earlier_unfinished() -> ColumnElement[bool]:
    earlier = deliveries.alias("earlier")
    return exists().where(
        _c.channel != SITE,
        earlier.c.incident == _c.incident,
        earlier.c.channel == _c.channel,
        earlier.c.language == _c.language,
        earlier.c.sequence < _c.sequence,
        earlier.c.end.in_([End.WAITING.value, End.SENDING.value]),
    )


def _give_way(tx: Connection, channel: str, now: datetime) -> None:
    newer = deliveries.alias("newer")
    has_newer = exists().where(
        newer.c.incident == _c.incident,
        newer.c.channel == _c.channel,
        newer.c.language == _c.language,
        newer.c.sequence > _c.sequence,
        newer.c.end == End.WAITING.value,
    )
    stale = (_c.channel == channel) & (_c.end == End.WAITING.value) & (_c.queued < now - STALE) & has_newer
    if channel != SITE:
        change = {"end": End.SUPERSEDED.value, "reason": "stale", "finished": now, "due": None}
        tx.execute(update(deliveries).where(stale).values(change))


def _is_overtaken(tx: Connection, delivery: Delivery) -> bool:
    newer = _lane(delivery) & (_c.sequence > delivery.sequence) & (_c.end == End.SENT.value)
    return delivery.channel != SITE and tx.execute(select(exists().where(newer))).scalar_one()


def _own(tx: Connection, delivery: Delivery, **change: Any) -> bool:
    mine = (_c.id == delivery.id) & (_c.end == End.SENDING.value) & (_c.owner == delivery.owner)
    return tx.execute(update(deliveries).where(mine).values(change)).rowcount == 1


def _notice(incident: str, sequence: int) -> ColumnElement[bool]:
    return (_c.incident == incident) & (_c.sequence == sequence)


def _lane(delivery: Delivery) -> ColumnElement[bool]:
    return (_c.incident == delivery.incident) & (_c.channel == delivery.channel) & (_c.language == delivery.language)


def _all(tx: Connection, which: ColumnElement[bool]) -> tuple[Delivery, ...]:
    return tuple(_delivery(row) for row in tx.execute(select(deliveries).where(which).order_by(_c.id)))


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    return load(Delivery, dict(row._mapping))
