"""The queue: what is owed to each channel, claimed by conditional update, and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, exists, func, insert, select, update

from statuspage.domain import (
    SITE,
    ChannelHealth,
    Delivery,
    DeliveryStatus,
    NewDelivery,
    Receipt,
    Thread,
    half_open,
)
from statuspage.serialization import load, to_json_value
from statuspage.storage import channel_health, send_hold
from statuspage.storage.delivery_order import earlier_unfinished, give_way, is_due
from statuspage.storage.tables import delivery as deliveries

SITE_FIRST = timedelta(seconds=15)
"""How long the other channels wait for the page to be read back."""


AFTER_SITE = "site_first"
"""The reason of a delivery that waits for the page."""


HOLD = "hold"
"""The reason of a delivery that waits because the books are on hold."""

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
    if send_hold.since(tx) is not None:
        tx.execute(update(deliveries).where(_notice(incident, sequence)).values(reason=HOLD))
    return of_notice(tx, incident, sequence)


def claim(tx: Connection, owner: str, now: datetime, *, channel: str) -> Delivery | None:
    """The next delivery of this channel that is due, now ``owner``'s to send; None when there is none.

    Within an incident, channel and language the order of notices is kept: a later one waits for an earlier one
    that still waits or is being sent. When the oldest has waited for over an hour, all give way to the newest. The
    site has no order to keep: each time it is written it tells everything up to the newest notice. Of a channel in
    trouble one message is handed out to try whether that is over.
    """
    lane = channel_health.read_health(tx, channel, lock=True)
    if lane.rests(now) or send_hold.since(tx) is not None:
        return None
    give_way(tx, channel, now)
    ready = (_c.channel == channel) & is_due(now) & ~earlier_unfinished()
    order = (_c.attempts > 0, _c.id)  # what nobody has tried yet waits for no repetition
    first = select(_c.id).where(ready).order_by(*order).limit(1).with_for_update(skip_locked=True)
    id = tx.execute(first).scalar_one_or_none()
    if id is None:
        return None
    change = {"end": DeliveryStatus.SENDING.value, "owner": owner, "started": now, "attempts": _c.attempts + 1}
    taken = (_c.id == id) & (_c.end == DeliveryStatus.WAITING.value)
    row = tx.execute(update(deliveries).where(taken).values(change).returning(*_c)).one_or_none()
    if row and lane.until is not None:
        channel_health.save_health(tx, half_open(lane, now))
    return _delivery(row) if row else None


def save_receipt(tx: Connection, delivery: Delivery, receipt: Receipt) -> bool:
    """Keeps what is known so far of a delivery still being sent. False when it is no longer its owner's."""
    return _own(tx, delivery, receipt=to_json_value(receipt))


def settle_delivery(
    tx: Connection,
    delivery: Delivery,
    end: DeliveryStatus,
    *,
    at: datetime,
    reason: str = "",
    detail: str = "",
    due: datetime | None = None,
    receipt: Receipt | None = None,
    unsure: bool = False,
) -> bool:
    """Records how an attempt ended. False when it is no longer its owner's; then nothing is changed."""
    change: dict[str, object] = {"end": end.value, "reason": reason, "detail": detail, "due": due, "unsure": unsure}
    change |= {
        "finished": None if end is DeliveryStatus.WAITING else at,
        "receipt": to_json_value(receipt or delivery.receipt),
    }
    return _own(tx, delivery, **change)


def open_gate(tx: Connection, incident: str, sequence: int, now: datetime) -> None:
    """The page of this notice is there, or will not be: the other channels need not wait for it any longer."""
    gated = (_c.end == DeliveryStatus.WAITING.value) & (_c.reason == AFTER_SITE)
    tx.execute(update(deliveries).where(_notice(incident, sequence), gated).values(due=now))


def due_channels(tx: Connection, now: datetime) -> tuple[str, ...]:
    """Channels with something due, the site first; none while the books are on hold."""
    if send_hold.since(tx) is not None:
        return ()
    found = set(tx.execute(select(_c.channel).where(is_due(now), ~earlier_unfinished()).distinct()).scalars())
    return tuple(sorted(found, key=lambda channel: (channel != SITE, channel)))


def soonest(tx: Connection, now: datetime) -> datetime | None:
    """When the next of what is not due yet will be; None when nothing waits for its time."""
    found: datetime | None = tx.execute(
        select(func.min(_c.due)).where(_c.end == DeliveryStatus.WAITING.value, _c.due > now)
    ).scalar_one()
    return found


def untried(tx: Connection) -> int:
    """How many deliveries nobody has tried yet, or is trying just now; not those that wait behind a failed one, or for
    a channel in trouble."""
    fresh = (_c.end == DeliveryStatus.SENDING.value) | and_(
        _c.end == DeliveryStatus.WAITING.value, _c.attempts == 0, _c.reason.in_(["", AFTER_SITE]), ~earlier_unfinished()
    )
    return tx.execute(select(func.count()).where(fresh)).scalar_one()


def doubt_all(tx: Connection, now: datetime) -> None:
    """The books are older than what was sent: what they would still send, the site apart, may have gone out."""
    owed = _c.end.in_([DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value])
    lost = {"end": DeliveryStatus.LOOK.value, "reason": "restored", "unsure": True, "finished": now, "due": None}
    tx.execute(update(deliveries).where(owed, _c.channel != SITE).values(lost))
    tx.execute(update(deliveries).where(owed).values(end=DeliveryStatus.WAITING.value, reason=HOLD, due=now, owner=""))


def let_go(tx: Connection, now: datetime) -> None:
    """What was on hold goes out, the site first."""
    held = (_c.end == DeliveryStatus.WAITING.value) & (_c.reason == HOLD)
    tx.execute(update(deliveries).where(held, _c.channel == SITE).values(reason="", due=now))
    tx.execute(update(deliveries).where(held).values(reason=AFTER_SITE, due=now + SITE_FIRST))


def owners(tx: Connection) -> tuple[str, ...]:
    """Who has something in hand."""
    return tuple(tx.execute(select(_c.owner).where(_c.end == DeliveryStatus.SENDING.value).distinct()).scalars())


def leave_behind(tx: Connection, owner: str, again: Collection[str], now: datetime) -> None:
    """Settles what a worker that is gone had in hand. Nobody knows whether it went out.

    What goes to a channel in ``again`` waits for the next attempt, which knows that it may be a repetition; anything
    else for a person.
    """
    held = (_c.end == DeliveryStatus.SENDING.value) & (_c.owner == owner)
    doubt = {"unsure": _c.channel != SITE, "reason": case((_c.channel == SITE, ""), else_="interrupted"), "detail": ""}
    waiting = {"end": DeliveryStatus.WAITING.value, "due": now, **doubt}
    tx.execute(update(deliveries).where(held, _c.channel.in_(again)).values(waiting))
    tx.execute(update(deliveries).where(held).values(end=DeliveryStatus.LOOK.value, finished=now, due=None, **doubt))


def put_off(tx: Connection, lane: ChannelHealth, now: datetime) -> None:
    """What is due waits with its channel, and says why; what may have gone out keeps its own reason."""
    waiting = (_c.channel == lane.channel) & is_due(now)
    tx.execute(update(deliveries).where(waiting, ~_c.unsure).values(reason=lane.reason, detail=lane.detail))
    tx.execute(update(deliveries).where(waiting).values(due=lane.until))


def release(tx: Connection, channel: str, now: datetime) -> None:
    """The channel works: what waited for that need not wait any longer."""
    waiting = (_c.channel == channel) & (_c.end == DeliveryStatus.WAITING.value) & (_c.reason != AFTER_SITE)
    tx.execute(update(deliveries).where(waiting).values(due=now))


def retry_resting(tx: Connection, channel: str, now: datetime) -> bool:
    """Lets a channel that was left in peace try again at once, with one message; when that works, the others follow.

    False when it was in no trouble.
    """
    troubled = channel_health.try_one_again(tx, channel, now)
    if troubled:
        release(tx, channel, now)
    return troubled


def retry(tx: Connection, id: int, now: datetime) -> Delivery | None:
    """A person says: send it (again), also where its channel is left in peace. None when there is none of this id.

    What is being sent or was sent stays as it is; what a newer message of the same channel has overtaken is
    superseded instead.
    """
    known = find_delivery(tx, id)
    if known is None or known.end in (DeliveryStatus.SENDING, DeliveryStatus.SENT):
        return known
    overtaken = _is_overtaken(tx, known)
    change: dict[str, object] = {
        "end": DeliveryStatus.WAITING.value,
        "reason": "",
        "detail": "",
        "due": now,
        "finished": None,
    }
    change["unsure"] = known.unsure and known.end is DeliveryStatus.WAITING  # else somebody has looked
    channel_health.try_one_again(tx, known.channel, now)
    if overtaken:
        change = {"end": DeliveryStatus.SUPERSEDED.value, "reason": "newer_sent", "due": None, "finished": now}
    tx.execute(update(deliveries).where(_c.id == id, _c.end == known.end.value).values(change))
    return find_delivery(tx, id)


def is_there(tx: Connection, id: int, at: datetime, url: str = "") -> Delivery | None:
    """A person looked and found it out there. None when there is none of this id, or nothing to look for."""
    receipt = to_json_value(Receipt(url=url, seen={"posted": at}, note="seen_by_person"))
    change: dict[str, object] = {
        "end": DeliveryStatus.SENT.value,
        "reason": "",
        "detail": "",
        "due": None,
        "unsure": False,
    }
    change |= {"finished": at, "receipt": receipt}
    looked = (_c.id == id) & (_c.end == DeliveryStatus.LOOK.value)
    row = tx.execute(update(deliveries).where(looked).values(change).returning(*_c)).one_or_none()
    return _delivery(row) if row else None


def find_delivery(tx: Connection, id: int) -> Delivery | None:
    """One delivery; None when there is none of this id."""
    return next(iter(_deliveries_where(tx, _c.id == id)), None)


def of_notice(tx: Connection, incident: str, sequence: int) -> tuple[Delivery, ...]:
    """The deliveries of one notice in the order they were queued."""
    return _deliveries_where(tx, _notice(incident, sequence))


def for_incident(tx: Connection, incident: str) -> tuple[Delivery, ...]:
    """All deliveries of an incident in the order they were queued."""
    return _deliveries_where(tx, _c.incident == incident)


def unsettled(tx: Connection) -> tuple[Delivery, ...]:
    """What still waits, is being sent or has to be looked at."""
    return _deliveries_where(
        tx, _c.end.in_([DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value, DeliveryStatus.LOOK.value])
    )


def site_receipt(tx: Connection, incident: str, sequence: int) -> Receipt | None:
    """What is known of this notice's page; None when it was never to be written."""
    found = _deliveries_where(tx, _notice(incident, sequence) & (_c.channel == SITE))
    return found[0].receipt if found else None


def thread(tx: Connection, delivery: Delivery) -> Thread | None:
    """What this channel has told of this incident before, to hang the next one on; nothing that was deleted since."""
    earlier = _lane(delivery) & (_c.sequence < delivery.sequence) & (_c.end == DeliveryStatus.SENT.value)
    told: list[Receipt] = []
    for row in tx.execute(select(_c.receipt, _c.payload).where(earlier).order_by(_c.sequence)):
        if row.payload.get("withdrawal"):
            told.clear()  # what it took back is gone, or has become it
        told.append(load(Receipt, row.receipt))
    named = tuple(receipt for receipt in told if receipt.remote_id)
    return Thread(named) if named else None


def _fresh(incident: str, sequence: int, d: NewDelivery, at: datetime, gated: bool) -> dict[str, object]:
    return {
        "incident": incident,
        "sequence": sequence,
        "channel": d.channel,
        "language": d.language,
        "payload": dict(d.payload),
        "end": DeliveryStatus.WAITING.value,
        "reason": AFTER_SITE if gated else "",
        "detail": "",
        "attempts": 0,
        "queued": at,
        "due": at + SITE_FIRST if gated else at,
        "owner": "",
        "unsure": False,
        "receipt": to_json_value(Receipt()),
    }


def _is_overtaken(tx: Connection, delivery: Delivery) -> bool:
    newer = _lane(delivery) & (_c.sequence > delivery.sequence) & (_c.end == DeliveryStatus.SENT.value)
    return delivery.channel != SITE and tx.execute(select(exists().where(newer))).scalar_one()


def _own(tx: Connection, delivery: Delivery, **change: Any) -> bool:
    mine = (_c.id == delivery.id) & (_c.end == DeliveryStatus.SENDING.value) & (_c.owner == delivery.owner)
    return tx.execute(update(deliveries).where(mine).values(change)).rowcount == 1


def _notice(incident: str, sequence: int) -> ColumnElement[bool]:
    return (_c.incident == incident) & (_c.sequence == sequence)


def _lane(delivery: Delivery) -> ColumnElement[bool]:
    return (_c.incident == delivery.incident) & (_c.channel == delivery.channel) & (_c.language == delivery.language)


def _deliveries_where(tx: Connection, which: ColumnElement[bool]) -> tuple[Delivery, ...]:
    return tuple(_delivery(row) for row in tx.execute(select(deliveries).where(which).order_by(_c.id)))


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    return load(Delivery, dict(row._mapping))
