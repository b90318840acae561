"""What the public history asks of all incidents at once, at a cost that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, func, literal, or_, select, union_all

from statuspage.domain import Incident, RecordedNotice, State, StatePeriod, service_renames
from statuspage.storage import incidents as timelines
from statuspage.storage.engine import former
from statuspage.storage.tables import incident as incidents
from statuspage.storage.tables import span, touched


def first_told(tx: Connection, since: datetime | None = None) -> datetime | None:
    """When customers were first told of anything at all, or of anything new since then; None while they never were."""
    first = select(func.min(incidents.c.told))
    found: datetime | None = tx.execute(first.where(incidents.c.told >= since) if since else first).scalar_one()
    return found


def count(tx: Connection, start: datetime, end: datetime) -> int:
    """How many incidents customers were first told of from ``start`` to before ``end``."""
    told = incidents.c.told
    found: int = tx.execute(select(func.count()).where(told >= start, told < end)).scalar_one()
    return found


def place(tx: Connection, incident: Incident, start: datetime) -> int:
    """How many incidents customers were told of from ``start`` on, before they were told of this one."""
    told, own = incidents.c.told, incident.notices[0].recorded
    sooner = or_(told < own, and_(told == own, incidents.c.id < incident.id))
    found: int = tx.execute(select(func.count()).where(told >= start, sooner)).scalar_one()
    return found


def counts(tx: Connection, spans: Sequence[tuple[datetime, datetime]]) -> list[int]:
    """The same for each of several spans of time."""
    told = incidents.c.told
    each = [
        select(literal(number).label("number"), func.count()).where(told >= start, told < end)
        for number, (start, end) in enumerate(spans)
    ]
    found = {row[0]: row[1] for row in tx.execute(union_all(*each))}
    return [found[number] for number in range(len(spans))]


def oldest(tx: Connection, start: datetime, end: datetime, *, skip: int, take: int) -> tuple[Incident, ...]:
    """So many of the incidents first told of between these times, in that order, after skipping some."""
    told, id = incidents.c.told, incidents.c.id
    heads = tx.execute(
        select(id, told).where(told >= start, told < end).order_by(told, id).offset(skip).limit(take)
    ).all()
    if not heads:
        return ()
    found = {i.id: i for i in timelines.between(tx, heads[0].told, heads[-1].told + timedelta(microseconds=1))}
    return tuple(found[head.id] for head in heads)


def newest_in_spans(tx: Connection, spans: Sequence[tuple[datetime, datetime]], *, take: int) -> tuple[Incident, ...]:
    """So many of the incidents first told of in each of these spans of time, the last ones of each."""
    told, id = incidents.c.told, incidents.c.id
    each = [
        select(select(id).where(told >= start, told < end).order_by(told.desc(), id.desc()).limit(take).subquery())
        for start, end in spans
    ]
    return timelines.some(tx, tx.execute(union_all(*each)).scalars())


def since(tx: Connection, start: datetime) -> dict[str, list[StatePeriod]]:
    """What each service went through after ``start``, as far as anything happened to it."""
    renamed = former.renamed(tx)
    columns = (span.c.service, span.c.state, span.c.began, span.c.ended)
    rows = tx.execute(select(*columns).where(or_(span.c.ended.is_(None), span.c.ended > start)))
    found: dict[str, list[StatePeriod]] = {}
    for name, state, began, ended in rows:
        service = renamed.get(name, name)
        found.setdefault(service, []).append(StatePeriod(service, State(state), began, ended))
    return found


def of_service(tx: Connection, service: str, take: int) -> tuple[Incident, ...]:
    """So many of the incidents that touched a service, the one that began last first."""
    order = (span.c.began.desc(), span.c.incident.desc())
    found = _of_each(tx, service, span, span.c.began, order, take * _SPANS_EACH)
    return _in_order(tx, [id for id, _ in sorted(found, key=lambda one: (one[1], one[0]), reverse=True)], take)


def said_of(tx: Connection, service: str, take: int) -> tuple[tuple[Incident, RecordedNotice], ...]:
    """The newest notices of incidents that ever named a service, also of those withdrawn; newest first."""
    order = (touched.c.changed.desc(), touched.c.incident)
    found = sorted(_of_each(tx, service, touched, touched.c.changed, order, take), key=lambda one: one[1], reverse=True)
    return timelines.notices(tx, take, of=list(dict.fromkeys(id for id, _ in found))[:take])


def changed(tx: Connection, services: Iterable[str]) -> dict[str, datetime]:
    """When customers were last told something about each service; without those they never heard of."""
    renamed = former.renamed(tx)
    each = [
        select(literal(name).label("service"), func.max(touched.c.changed)).where(touched.c.service == name)
        for name in service_renames.ever(services, renamed)
    ]
    told = [(at, renamed.get(name, name)) for name, at in tx.execute(union_all(*each)) if at] if each else []
    return {service: at for at, service in sorted(told)}


def services_named(tx: Connection) -> frozenset[str]:
    """Every service that customers were ever told of, by the ids they have today."""
    return frozenset(
        service_renames.today(tx.execute(select(touched.c.service).distinct()).scalars(), former.renamed(tx))
    )


def _of_each(
    tx: Connection, service: str, table: Table, at: Column[datetime], order: tuple[ColumnElement[Any], ...], take: int
) -> list[tuple[str, datetime]]:
    """So many incidents with their times under every id that a service ever had; an index leads to each of them."""
    each = [
        select(select(table.c.incident, at).where(table.c.service == name).order_by(*order).limit(take).subquery())
        for name in service_renames.ever([service], former.renamed(tx))
    ]
    return [(row[0], row[1]) for row in tx.execute(union_all(*each))]


def troubles(tx: Connection, take: int) -> tuple[Incident, ...]:
    """So many of the incidents that are no planned work, the one customers were told of last first."""
    told = incidents.c.told
    heads = tx.execute(
        select(incidents.c.id)
        .where(incidents.c.planned.is_(None), told.is_not(None))
        .order_by(told.desc(), incidents.c.id.desc())
        .limit(take)
    ).scalars()
    return _in_order(tx, heads, take)


def maintenances(tx: Connection, take: int) -> tuple[Incident, ...]:
    """So much of the planned work, what begins last first."""
    planned = incidents.c.planned
    heads = tx.execute(
        select(incidents.c.id)
        .where(planned.is_not(None))
        .order_by(planned.desc(), incidents.c.told.desc(), incidents.c.id.desc())
        .limit(take)
    ).scalars()
    return _in_order(tx, heads, take)


def _in_order(tx: Connection, ids: Iterable[str], take: int) -> tuple[Incident, ...]:
    """The first so many of these incidents, each once."""
    ids = list(dict.fromkeys(ids))[:take]
    found = {i.id: i for i in timelines.some(tx, ids)}
    return tuple(found[id] for id in ids)


_SPANS_EACH = 5
"""More states than a service goes through in most incidents."""
