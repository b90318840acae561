"""Alerts in the books: one row for each time a monitor says that something broke."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from statuspage.incoming import OPEN_ALERTS, Alert, AlertState, AlertStep, Proposal, Signal
from statuspage.records import dump, load
from statuspage.store import calls
from statuspage.store.schema import alert as alerts
from statuspage.store.schema import alert_step as steps


def receive(tx: Connection, signal: Signal, *, id: str, received: datetime, proposal: Proposal) -> Alert:
    """The alert this signal belongs to; a new one under ``id`` when it is news.

    The same source and identity is one alert until the monitor has called it over and starts again later.
    A repeated signal refreshes it; a late copy of an older one changes nothing; *over* is kept as its end.
    A signal of something over that we never heard of is kept as closed: nobody has to do anything about it.
    """
    known = _newest_episode(tx, signal)
    if known is None or _starts_again(known, signal):
        return _first(tx, signal, id=id, received=received, proposal=proposal)
    if known.ends_at is None:
        _refresh(tx, known, signal)
    return _one(tx, known.id)


def get(tx: Connection, id: str) -> Alert | None:
    """One alert with its steps; None when there is none of this id."""
    return next(iter(_loaded(tx, select(alerts).where(alerts.c.id == id))), None)


def waiting(tx: Connection) -> tuple[Alert, ...]:
    """Alerts that still want somebody (waiting, acknowledged, watching); the oldest first."""
    states = [state.value for state in OPEN_ALERTS]
    return _loaded(tx, select(alerts).where(alerts.c.state.in_(states)).order_by(alerts.c.received, alerts.c.id))


def latest(tx: Connection, limit: int) -> tuple[Alert, ...]:
    """The newest alerts whatever became of them, newest first."""
    return _loaded(tx, select(alerts).order_by(alerts.c.received.desc(), alerts.c.id).limit(limit))


def of_incident(tx: Connection, incident: str) -> tuple[Alert, ...]:
    """The alerts joined to this incident; the oldest first."""
    mine = alerts.c.incident == incident
    return _loaded(tx, select(alerts).where(mine).order_by(alerts.c.received, alerts.c.id))


def step(tx: Connection, id: str, state: AlertState, *, at: datetime, by: str, incident: str = "") -> Alert:
    """Takes the alert to ``state`` and keeps who did it and when; joins it to ``incident`` when one is given."""
    change: dict[str, object] = {"state": state.value}
    if incident:
        change["incident"] = incident
    if tx.execute(update(alerts).where(alerts.c.id == id).values(change)).rowcount == 0:
        raise KeyError(id)
    _add_step(tx, id, state, at=at, by=by)
    if state is not AlertState.WAITING:
        calls.end_climb(tx, at, by=by or state.value)  # Somebody is awake: nobody else is called.
    return _one(tx, id)


def _newest_episode(tx: Connection, signal: Signal) -> Row[tuple[object, ...]] | None:
    same = (alerts.c.source == signal.source) & (alerts.c.identity == signal.identity)
    return tx.execute(
        select(alerts).where(same).order_by(alerts.c.episode.desc()).limit(1).with_for_update()
    ).one_or_none()


def _starts_again(known: Row[tuple[object, ...]], signal: Signal) -> bool:
    return known.ends_at is not None and signal.starts_at > known.episode and signal.starts_at >= known.ends_at


def _first(tx: Connection, signal: Signal, *, id: str, received: datetime, proposal: Proposal) -> Alert:
    state = AlertState.WAITING if signal.ends_at is None else AlertState.CLOSED
    tx.execute(
        insert(alerts).values(
            id=id,
            source=signal.source,
            identity=signal.identity,
            episode=signal.starts_at,
            ends_at=signal.ends_at,
            signal=dump(signal),
            proposal=dump(proposal),
            received=received,
            state=state.value,
        )
    )
    _add_step(tx, id, state, at=received, by="")
    return _one(tx, id)


def _refresh(tx: Connection, known: Row[tuple[object, ...]], signal: Signal) -> None:
    """Words that were blanked do not come back with the next repetition."""
    plain = dump(signal) if known.redacted is None else {**known.signal, "ends_at": dump(signal.ends_at)}
    tx.execute(update(alerts).where(alerts.c.id == known.id).values(signal=plain, ends_at=signal.ends_at))


def _add_step(tx: Connection, id: str, state: AlertState, *, at: datetime, by: str) -> None:
    number = select(func.coalesce(func.max(steps.c.number), 0) + 1).where(steps.c.alert == id).scalar_subquery()
    tx.execute(insert(steps).values(alert=id, number=number, state=state.value, at=at, by=by))


def _one(tx: Connection, id: str) -> Alert:
    return _loaded(tx, select(alerts).where(alerts.c.id == id))[0]


def _loaded(tx: Connection, query: Select[tuple[object, ...]]) -> tuple[Alert, ...]:
    rows = tx.execute(query).all()
    taken = _steps(tx, [row.id for row in rows])
    return tuple(_alert(row, taken.get(row.id, ())) for row in rows)


def _steps(tx: Connection, ids: list[str]) -> dict[str, tuple[AlertStep, ...]]:
    rows = tx.execute(select(steps).where(steps.c.alert.in_(ids)).order_by(steps.c.alert, steps.c.number))
    return {
        id: tuple(AlertStep(AlertState(r.state), r.at, r.by) for r in group)
        for id, group in groupby(rows, key=attrgetter("alert"))
    }


def _alert(row: Row[tuple[object, ...]], taken: tuple[AlertStep, ...]) -> Alert:
    return Alert(
        id=row.id,
        signal=load(Signal, row.signal),
        received=row.received,
        state=AlertState(row.state),
        incident=row.incident or "",
        proposal=load(Proposal, row.proposal),
        steps=taken,
    )
