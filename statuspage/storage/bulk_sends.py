"""Rows of mailings, in the subscribers' database: how far each notice has got, who is in hand, and who is put off.

Who was told, or did not want to be, has no row: everybody behind the place of a mailing is done with, but for those
in hand and those who have one. So what is kept does not grow with notices, and says of nobody what they were told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, case, delete, func, insert, select, update

from statuspage.domain import (
    BulkSend,
    Delivery,
    Kind,
    Recipient,
    RecipientOutcome,
    RecipientStatus,
    RemainingRecipients,
    Standing,
)
from statuspage.storage import subscribers
from statuspage.storage.tables import mailing as rows
from statuspage.storage.tables import recipient
from statuspage.storage.tables import subscriber as people

IN_HAND = "in_hand"
"""How a recipient stands who was put off and whom somebody is telling just now; else LATER or LOOK of the fates."""

_c = rows.c
_r = recipient.c

# Said for every few letters, so made once: to write them anew each time takes longer than to carry them out.
_THIS: BindParameter[int] = bindparam("this")
_KEPT = ("place", "wrapped", "through", "passed", "hands", "told", "bounced", "refused", "gave_up", "twice")
_GET_ON = (
    update(rows)
    .where(_c.id == _THIS, _c.owner == bindparam("whose"))
    .values({name: bindparam(f"new_{name}", type_=_c[name].type) for name in _KEPT})
)
_OURS = select(_c.id).where(_c.id == _THIS, _c.owner == bindparam("whose")).with_for_update(key_share=True)
_PUT_OFF = (_r.mailing == _THIS) & (_r.stand == RecipientStatus.LATER.value) & (_r.due <= bindparam("now"))
_DUE = (
    select(_r.subscriber, _r.attempts, _r.unsure)
    .where(_PUT_OFF)
    .order_by(_r.due)
    .limit(bindparam("size"))
    .with_for_update(skip_locked=True)  # who is being erased is not waited for
)


class Lost(Exception):
    """The mailing is no longer ours."""


def take_up(tx: Connection, delivery: Delivery, kind: Kind, now: datetime, *, again: bool) -> BulkSend:
    """The mailing of this delivery, made when it is first asked for, and from now on its owner's.

    Whoever a program that is gone had in hand may have been told: they are told ``again``, or looked at by a person.
    One that was over is taken up when a person says that those in doubt are to be told.
    A new one begins with those to whom an earlier notice of the incident did not get.
    """
    found = _of(tx, delivery) or _insert_bulk_send(tx, delivery, kind, now)
    owned = update(rows).where(_c.id == found.id).values(owner=delivery.owner, ended=None)
    hands = _mailing(tx.execute(owned.returning(rows)).one()).hands  # as whoever had it last left it
    if found.ended:
        _look_again(tx, found, now)
    doubt: dict[str, Any] = {
        "stand": (RecipientStatus.LATER if again else RecipientStatus.LOOK).value,
        "due": now,
        "unsure": True,
    }
    before = (_r.mailing == found.id) & (_r.stand == IN_HAND)
    tx.execute(update(recipient).where(before).values(doubt | {"attempts": _r.attempts + 1}))
    fresh = doubt | {"attempts": 1, "reason": "", "detail": ""}
    _enter(tx, found, dict.fromkeys(_held(tx, hands), fresh))
    tx.execute(update(rows).where(_c.id == found.id).values(hands=[]))
    return current(tx, found)


def stay_ours(tx: Connection, mailing: BulkSend, owner: str) -> None:
    """Nobody else takes it up before this transaction ends. Raises Lost when somebody has."""
    if tx.execute(_OURS, {"this": mailing.id, "whose": owner}).one_or_none() is None:
        raise Lost


def save_outcomes(tx: Connection, mailing: BulkSend, told: Sequence[RecipientOutcome]) -> BulkSend:
    """Who is put off or in doubt has a row afterwards, who is done with has none; returns the mailing as it stands
    then, which ``get_on`` writes down.

    Subscribers are held before their rows here are, as when somebody is erased: the other way round each would wait
    for the other. So are those who bounced, whom the caller changes afterwards.
    """
    ended = [one for one in told if one.fate in COUNTED]
    gone = {one.recipient.subscriber.id for one in ended if one.recipient.kept}
    put_off = {one.recipient.subscriber.id: _of_told(one) for one in told if one.fate not in COUNTED}
    there = _held(
        tx, {*gone, *put_off, *(one.recipient.subscriber.id for one in ended if one.fate is RecipientStatus.BOUNCED)}
    )
    if gone or put_off:
        tx.execute(delete(recipient).where(_r.mailing == mailing.id, _r.subscriber.in_({*gone, *put_off})))
    _enter(tx, mailing, {one: put_off[one] for one in there if one in put_off})
    known = {one.recipient.subscriber.id for one in told}
    more = {fate.value: getattr(mailing, fate.value) + sum(one.fate is fate for one in ended) for fate in COUNTED}
    twice = mailing.twice + sum(one.fate is RecipientStatus.TOLD and one.recipient.unsure for one in ended)
    return replace(mailing, **more, twice=twice, hands=tuple(one for one in mailing.hands if one not in known))


def get_on(tx: Connection, mailing: BulkSend, owner: str) -> None:
    """How far it has got and who is in hand, as the mailing says it. Raises Lost when it is no longer the owner's."""
    kept = {f"new_{name}": getattr(mailing, name) for name in _KEPT}
    if not tx.execute(_GET_ON, {"this": mailing.id, "whose": owner, **kept}).rowcount:
        raise Lost


def due_recipients(tx: Connection, mailing: BulkSend, owner: str, size: int, now: datetime) -> tuple[Recipient, ...]:
    """Those who were put off until now and still want to be told, at most so many; they are in hand then."""
    found = tx.execute(_DUE, {"this": mailing.id, "now": now, "size": size}).all()
    if not found:
        return ()
    ids = [row.subscriber for row in found]
    these = (_r.mailing == mailing.id) & _r.subscriber.in_(ids)
    tx.execute(update(recipient).where(these).values(stand=IN_HAND, owner=owner))
    known = {one.id: one for one in subscribers.of_numbers(tx, ids)}
    gone = [id for id in ids if id not in known or known[id].standing is not Standing.ACTIVE]
    if gone:
        tx.execute(delete(recipient).where(_r.mailing == mailing.id, _r.subscriber.in_(gone)))
    return tuple(Recipient(known[row[0]], row[1], row[2], kept=True) for row in found if row[0] not in gone)


def left(tx: Connection, mailing: BulkSend) -> RemainingRecipients:
    """Who is not done with, of those who had their turn."""
    later, look = (_r.stand == one for one in (RecipientStatus.LATER.value, RecipientStatus.LOOK.value))
    sums = select(func.count(case((later, 1))), func.min(case((later, _r.due))), func.count(case((look, 1))))
    return RemainingRecipients(*tx.execute(sums.where(_r.mailing == mailing.id)).one())


def current(tx: Connection, mailing: BulkSend) -> BulkSend:
    """The same as it is now."""
    return _mailing(tx.execute(select(rows).where(_c.id == mailing.id)).one())


def close_bulk_send(tx: Connection, mailing: BulkSend, owner: str, now: datetime, *, overtaken: bool = False) -> None:
    """It is over; who is still put off is left to a newer notice, or to nobody. Raises Lost."""
    ended = {"ended": now, "overtaken": overtaken, "owner": ""}
    if not tx.execute(update(rows).where(_c.id == mailing.id, _c.owner == owner).values(ended)).rowcount:
        raise Lost
    tx.execute(delete(recipient).where(_r.mailing == mailing.id, _r.stand != RecipientStatus.LOOK.value))


def of_notice(tx: Connection, incident: str, sequence: int) -> tuple[BulkSend, ...]:
    """Those of one notice, in the order they began."""
    return _bulk_sends_where(tx, select(rows).where(_c.incident == incident, _c.sequence == sequence))


def under_way(tx: Connection) -> tuple[BulkSend, ...]:
    """Those that are not over."""
    return _bulk_sends_where(tx, select(rows).where(_c.ended.is_(None)))


def _insert_bulk_send(tx: Connection, delivery: Delivery, kind: Kind, now: datetime) -> BulkSend:
    until, before = subscribers.highest_number(tx), _before(tx, delivery)
    start = before.place if before and not before.through else 0
    language = "" if kind is Kind.WEBHOOK else delivery.language
    wanted = [people.c.standing == Standing.ACTIVE.value, people.c.kind == kind.value, people.c.id <= until]
    wanted += [people.c.language == language] if language else []
    listed = tx.execute(select(func.count()).select_from(people).where(*wanted)).scalar_one()
    place = {name: getattr(delivery, name) for name in ("incident", "sequence", "channel")}
    fresh = {**place, "language": delivery.language, "kind": kind.value, "began": now, "until": until}
    row = tx.execute(
        insert(rows).values(**fresh, start=start, place=start, listed=listed, owner="").returning(rows)
    ).one()
    return _mailing(row)


def _look_again(tx: Connection, mailing: BulkSend, now: datetime) -> None:
    doubted = (_r.mailing == mailing.id) & (_r.stand == RecipientStatus.LOOK.value)
    tx.execute(update(recipient).where(doubted).values(stand=RecipientStatus.LATER.value, due=now))


def _before(tx: Connection, delivery: Delivery) -> BulkSend | None:
    """The mailing of the newest earlier notice."""
    earlier = select(rows).where(*_lane(delivery), _c.sequence < delivery.sequence)
    row = tx.execute(earlier.order_by(_c.sequence.desc()).limit(1)).one_or_none()
    return _mailing(row) if row else None


COUNTED = (RecipientStatus.TOLD, RecipientStatus.BOUNCED, RecipientStatus.REFUSED, RecipientStatus.GAVE_UP)
"""The fates after which nothing is left to do for a recipient."""


def _of_told(one: RecipientOutcome) -> dict[str, Any]:
    stand = RecipientStatus.LOOK if one.fate is RecipientStatus.LOOK else RecipientStatus.LATER
    attempts = one.recipient.attempts + (one.fate is not RecipientStatus.BACK)
    kept = {"stand": stand.value, "due": one.due, "attempts": attempts, "unsure": one.unsure}
    return {**kept, "reason": one.reason, "detail": one.detail}


def _enter(tx: Connection, mailing: BulkSend, new: Mapping[int, Mapping[str, Any]]) -> None:
    """A row for each of these, who are there."""
    if new:
        tx.execute(
            insert(recipient), [{"mailing": mailing.id, "subscriber": one, "owner": "", **new[one]} for one in new]
        )


def _held(tx: Connection, ids: Collection[int]) -> Sequence[int]:
    """Those of these subscribers who were not erased meanwhile, and are not before this transaction ends."""
    if not ids:
        return ()
    there = select(people.c.id).where(people.c.id.in_(ids)).order_by(people.c.id)
    return tx.execute(there.with_for_update(read=True, key_share=True)).scalars().all()


def _of(tx: Connection, delivery: Delivery) -> BulkSend | None:
    row = tx.execute(select(rows).where(*_lane(delivery), _c.sequence == delivery.sequence)).one_or_none()
    return _mailing(row) if row else None


def _lane(delivery: Delivery) -> tuple[Any, ...]:
    return tuple(_c[name] == getattr(delivery, name) for name in ("incident", "channel", "language"))


def _bulk_sends_where(tx: Connection, which: Select[Any]) -> tuple[BulkSend, ...]:
    return tuple(_mailing(row) for row in tx.execute(which.order_by(_c.id)))


def _mailing(row: Row[Any]) -> BulkSend:
    known = {name: value for name, value in row._mapping.items() if name != "owner"}
    return BulkSend(**known | {"kind": Kind(row.kind), "hands": tuple(row.hands)})
