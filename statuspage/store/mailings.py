"""Rows of mailings, in the subscribers' database: how far each notice has got, and whoever is in hand or put off.

Who was told, or did not want to be, has no row: everybody behind the place of a mailing is done with, but for those
who have one. So what is kept does not grow with notices, and says of nobody what they were told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, case, delete, func, insert, select, update

from statuspage.deliveries import Delivery
from statuspage.mailings import Fate, Left, Mailing, Recipient, Told
from statuspage.store import subscribers
from statuspage.store.schema_subscribers import mailing as rows
from statuspage.store.schema_subscribers import recipient
from statuspage.store.schema_subscribers import subscriber as people
from statuspage.subscriptions import Kind, Standing, Subscriber

IN_HAND = "in_hand"
"""How a recipient stands whom somebody is telling just now; else LATER or LOOK of the fates."""

AT_ONCE = 200
"""Subscribers looked through at a time for those who want a notice."""

_c = rows.c
_r = recipient.c

# Said for every few letters, so made once: to write them anew each time takes longer than to carry them out.
_THIS: BindParameter[int] = bindparam("this")
_SUMS = {fate: _c[fate] + bindparam(f"more_{fate}") for fate in ("told", "bounced", "refused", "gave_up", "twice")}
_COUNT = update(rows).where(_c.id == _THIS, _c.owner == bindparam("whose")).values(_SUMS).returning(rows)
_DROP = delete(recipient).where(_r.mailing == _THIS, _r.subscriber.in_(bindparam("who", expanding=True)))
_PUT_OFF = (_r.mailing == _THIS) & (_r.stand == Fate.LATER.value) & (_r.due <= bindparam("now"))
_DUE = select(_r.subscriber, _r.attempts, _r.unsure).where(_PUT_OFF).order_by(_r.due).limit(bindparam("size"))
_PLACE = {"place": "to", "wrapped": "round", "through": "all", "passed": "had"}
_GET_ON = update(rows).where(_c.id == _THIS).values({name: bindparam(said) for name, said in _PLACE.items()})
_TAKE = insert(recipient)


class Lost(Exception):
    """The mailing is no longer ours."""


def take_up(tx: Connection, delivery: Delivery, kind: Kind, now: datetime, *, again: bool) -> Mailing:
    """The mailing of this delivery, made when it is first asked for, and from now on its owner's.

    Whoever a program that is gone had in hand may have been told: they are told ``again``, or looked at by a person.
    One that was over is taken up when a person says that those in doubt are to be told.
    A new one begins with those to whom an earlier notice of the incident did not get.
    """
    found = _of(tx, delivery) or _begun(tx, delivery, kind, now)
    if found.ended:
        _look_again(tx, found, now)
    tx.execute(update(rows).where(_c.id == found.id).values(owner=delivery.owner, ended=None))
    doubt: dict[str, object] = {"stand": (Fate.LATER if again else Fate.LOOK).value, "due": now, "unsure": True}
    held = (_r.mailing == found.id) & (_r.stand == IN_HAND)
    tx.execute(update(recipient).where(held).values(doubt | {"attempts": _r.attempts + 1}))
    return found


def go_on(
    tx: Connection,
    mailing: Mailing,
    owner: str,
    told: Sequence[Told],
    size: int,
    wants: Callable[[Subscriber], bool],
    now: datetime,
) -> tuple[Recipient, ...]:
    """Keeps how the last ones ended, and hands out the next: at most ``size``, of those who want it. None are left
    for now where it gives none. Raises Lost."""
    row = tx.execute(_COUNT, {"this": mailing.id, "whose": owner, **_sums(told)}).one_or_none()
    if row is None:
        raise Lost
    _keep(tx, mailing, told)
    if not size:
        return ()
    put_off = _due(tx, mailing, owner, size, now)
    return (*put_off, *_fresh(tx, _mailing(row), owner, size - len(put_off), wants, now))


def left(tx: Connection, mailing: Mailing) -> Left:
    """Who is not done with, of those who had their turn."""
    later, look = (_r.stand == one for one in (Fate.LATER.value, Fate.LOOK.value))
    sums = select(func.count(case((later, 1))), func.min(case((later, _r.due))), func.count(case((look, 1))))
    return Left(*tx.execute(sums.where(_r.mailing == mailing.id)).one())


def current(tx: Connection, mailing: Mailing) -> Mailing:
    """The same as it is now."""
    return _mailing(tx.execute(select(rows).where(_c.id == mailing.id)).one())


def close(tx: Connection, mailing: Mailing, owner: str, now: datetime, *, overtaken: bool = False) -> None:
    """It is over; who is still put off is left to a newer notice, or to nobody. Raises Lost."""
    ended = {"ended": now, "overtaken": overtaken, "owner": ""}
    if not tx.execute(update(rows).where(_c.id == mailing.id, _c.owner == owner).values(ended)).rowcount:
        raise Lost
    tx.execute(delete(recipient).where(_r.mailing == mailing.id, _r.stand != Fate.LOOK.value))


def of_notice(tx: Connection, incident: str, sequence: int) -> tuple[Mailing, ...]:
    """Those of one notice, in the order they began."""
    return _all(tx, select(rows).where(_c.incident == incident, _c.sequence == sequence))


def under_way(tx: Connection) -> tuple[Mailing, ...]:
    """Those that are not over."""
    return _all(tx, select(rows).where(_c.ended.is_(None)))


def _begun(tx: Connection, delivery: Delivery, kind: Kind, now: datetime) -> Mailing:
    until, before = subscribers.newest(tx), _before(tx, delivery)
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


def _look_again(tx: Connection, mailing: Mailing, now: datetime) -> None:
    doubted = (_r.mailing == mailing.id) & (_r.stand == Fate.LOOK.value)
    tx.execute(update(recipient).where(doubted).values(stand=Fate.LATER.value, due=now))


def _before(tx: Connection, delivery: Delivery) -> Mailing | None:
    """The mailing of the newest earlier notice."""
    earlier = select(rows).where(*_lane(delivery), _c.sequence < delivery.sequence)
    row = tx.execute(earlier.order_by(_c.sequence.desc()).limit(1)).one_or_none()
    return _mailing(row) if row else None


def _sums(told: Sequence[Told]) -> dict[str, int]:
    """How many more ended how."""
    counted = {f"more_{fate.value}": sum(one.fate is fate for one in told) for fate in COUNTED}
    return counted | {"more_twice": sum(one.fate is Fate.TOLD and one.recipient.unsure for one in told)}


def _keep(tx: Connection, mailing: Mailing, told: Sequence[Told]) -> None:
    done = [one.recipient.subscriber.id for one in told if one.fate in COUNTED]
    if done:
        tx.execute(_DROP, {"this": mailing.id, "who": done})
    for one in told:
        if one.fate not in COUNTED:
            tx.execute(_of_recipient(mailing, one))


COUNTED = (Fate.TOLD, Fate.BOUNCED, Fate.REFUSED, Fate.GAVE_UP)
"""The fates after which nothing is left to do for a recipient."""


def _of_recipient(mailing: Mailing, one: Told) -> Any:
    stand = Fate.LOOK if one.fate is Fate.LOOK else Fate.LATER
    attempts = one.recipient.attempts + (one.fate is not Fate.BACK)
    kept = {"stand": stand.value, "due": one.due, "attempts": attempts, "unsure": one.unsure}
    this = (_r.mailing == mailing.id) & (_r.subscriber == one.recipient.subscriber.id)
    return update(recipient).where(this).values(**kept, reason=one.reason, detail=one.detail)


def _due(tx: Connection, mailing: Mailing, owner: str, size: int, now: datetime) -> tuple[Recipient, ...]:
    """Those who were put off until now and still want to be told."""
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
    return tuple(Recipient(known[row[0]], row[1], row[2]) for row in found if row[0] not in gone)


def _fresh(
    tx: Connection, mailing: Mailing, owner: str, size: int, wants: Callable[[Subscriber], bool], now: datetime
) -> tuple[Recipient, ...]:
    """The next who have not had their turn; how far that has got is kept in the same transaction."""
    taken: list[Subscriber] = []
    place, wrapped, through, passed = mailing.place, mailing.wrapped, mailing.through, mailing.passed
    limit = size
    while len(taken) < size and not through:
        end = mailing.start if wrapped else mailing.until
        language = "" if mailing.kind is Kind.WEBHOOK else mailing.language
        page = subscribers.page(tx, kind=mailing.kind, language=language, after=place, until=end, limit=limit)
        for one in page:
            if len(taken) == size:
                break
            place, passed = one.id, passed + 1
            if wants(one):
                taken.append(one)
        if len(page) < limit and (not page or place == page[-1].id):
            through = wrapped or not mailing.start
            place, wrapped = (place, wrapped) if through else (0, True)
        limit = AT_ONCE
    kept = {"to": place, "round": wrapped, "all": through, "had": passed}
    tx.execute(_GET_ON, {"this": mailing.id, **kept})
    if taken:
        empty = {"mailing": mailing.id, "stand": IN_HAND, "owner": owner, "attempts": 0, "unsure": False, "due": now}
        tx.execute(_TAKE, [{**empty, "subscriber": one.id, "reason": "", "detail": ""} for one in taken])
    return tuple(map(Recipient, taken))


def _of(tx: Connection, delivery: Delivery) -> Mailing | None:
    row = tx.execute(select(rows).where(*_lane(delivery), _c.sequence == delivery.sequence)).one_or_none()
    return _mailing(row) if row else None


def _lane(delivery: Delivery) -> tuple[Any, ...]:
    return tuple(_c[name] == getattr(delivery, name) for name in ("incident", "channel", "language"))


def _all(tx: Connection, which: Select[Any]) -> tuple[Mailing, ...]:
    return tuple(_mailing(row) for row in tx.execute(which.order_by(_c.id)))


def _mailing(row: Row[Any]) -> Mailing:
    known = {name: value for name, value in row._mapping.items() if name != "owner"}
    return Mailing(**known | {"kind": Kind(row.kind)})
