"""Queries of the public history over all incidents; their cost does not grow with the number of incidents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, func, literal, or_, select, union_all

from statuspage.domain import Incident, RecordedNotice, State, StatePeriod, service_renames
from statuspage.storage import incidents as timelines
from statuspage.storage.engine import renamed_services
from statuspage.storage.tables import affected_service, state_period
from statuspage.storage.tables import incident as incidents


def find_first_notice_time(tx: Connection, since: datetime | None = None) -> datetime | None:
    """The time of the first notice ever, or since ``since``; None if there is none."""
    query = select(func.min(incidents.c.first_notice_at))
    first_notice_at: datetime | None = tx.execute(
        query.where(incidents.c.first_notice_at >= since) if since else query
    ).scalar_one()
    return first_notice_at


def count_incidents(tx: Connection, start: datetime, end: datetime) -> int:
    """How many incidents had their first notice from ``start`` to before ``end``."""
    first_notice_at = incidents.c.first_notice_at
    total: int = tx.execute(select(func.count()).where(first_notice_at >= start, first_notice_at < end)).scalar_one()
    return total


def incident_position(tx: Connection, incident: Incident, start: datetime) -> int:
    """How many incidents had their first notice between ``start`` and that of this incident."""
    first_notice_at, own_time = incidents.c.first_notice_at, incident.notices[0].recorded
    condition = or_(first_notice_at < own_time, and_(first_notice_at == own_time, incidents.c.id < incident.id))
    position: int = tx.execute(select(func.count()).where(first_notice_at >= start, condition)).scalar_one()
    return position


def count_incidents_in_periods(tx: Connection, periods: Sequence[tuple[datetime, datetime]]) -> list[int]:
    """How many incidents had their first notice in each of these periods."""
    first_notice_at = incidents.c.first_notice_at
    queries = [
        select(literal(number).label("number"), func.count()).where(first_notice_at >= start, first_notice_at < end)
        for number, (start, end) in enumerate(periods)
    ]
    totals = {row[0]: row[1] for row in tx.execute(union_all(*queries))}
    return [totals[number] for number in range(len(periods))]


def oldest_incidents(
    tx: Connection, start: datetime, end: datetime, *, offset: int, limit: int
) -> tuple[Incident, ...]:
    """Up to ``limit`` incidents first published from ``start`` to before ``end``, oldest first, after ``offset``
    others."""
    first_notice_at, id = incidents.c.first_notice_at, incidents.c.id
    rows = tx.execute(
        select(id, first_notice_at)
        .where(first_notice_at >= start, first_notice_at < end)
        .order_by(first_notice_at, id)
        .offset(offset)
        .limit(limit)
    ).all()
    if not rows:
        return ()
    by_id = {
        i.id: i
        for i in timelines.published_between(
            tx, rows[0].first_notice_at, rows[-1].first_notice_at + timedelta(microseconds=1)
        )
    }
    return tuple(by_id[row.id] for row in rows)


def newest_in_periods(
    tx: Connection, periods: Sequence[tuple[datetime, datetime]], *, limit: int
) -> tuple[Incident, ...]:
    """The last ``limit`` incidents first published in each of these periods."""
    first_notice_at, id = incidents.c.first_notice_at, incidents.c.id
    queries = [
        select(
            select(id)
            .where(first_notice_at >= start, first_notice_at < end)
            .order_by(first_notice_at.desc(), id.desc())
            .limit(limit)
            .subquery()
        )
        for start, end in periods
    ]
    return timelines.load_incidents(tx, tx.execute(union_all(*queries)).scalars())


def periods_since(tx: Connection, start: datetime) -> dict[str, list[StatePeriod]]:
    """The states of each service after ``start``; services without any are left out."""
    renamed = renamed_services(tx)
    columns = (state_period.c.service, state_period.c.state, state_period.c.started_at, state_period.c.ended_at)
    rows = tx.execute(select(*columns).where(or_(state_period.c.ended_at.is_(None), state_period.c.ended_at > start)))
    periods: dict[str, list[StatePeriod]] = {}
    states = {state.value: state for state in State}
    for name, state, started, ended in rows.all():
        service = renamed.get(name, name)
        periods.setdefault(service, []).append(StatePeriod(service, states[state], started, ended))
    return periods


def incidents_of_service(tx: Connection, service: str, limit: int) -> tuple[Incident, ...]:
    """Up to ``limit`` incidents that affected a service, those that began last first."""
    order = (state_period.c.started_at.desc(), state_period.c.incident.desc())
    pairs = _incidents_under_all_ids(
        tx, service, state_period, state_period.c.started_at, order, limit * _PERIODS_PER_INCIDENT
    )
    return _load_in_order(tx, [id for id, _ in sorted(pairs, key=lambda pair: (pair[1], pair[0]), reverse=True)], limit)


def notices_of_service(tx: Connection, service: str, limit: int) -> tuple[tuple[Incident, RecordedNotice], ...]:
    """The newest notices of incidents that ever named a service, including withdrawn ones; newest first."""
    order = (affected_service.c.last_notice_at.desc(), affected_service.c.incident)
    pairs = sorted(
        _incidents_under_all_ids(tx, service, affected_service, affected_service.c.last_notice_at, order, limit),
        key=lambda pair: pair[1],
        reverse=True,
    )
    return timelines.latest_notices(tx, limit, incident_ids=list(dict.fromkeys(id for id, _ in pairs))[:limit])


def last_notice_times(tx: Connection, services: Iterable[str]) -> dict[str, datetime]:
    """The time of the last notice about each service; services never named are left out."""
    renamed = renamed_services(tx)
    queries = [
        select(literal(name).label("service"), func.max(affected_service.c.last_notice_at)).where(
            affected_service.c.service == name
        )
        for name in service_renames.all_service_ids(services, renamed)
    ]
    latest = [(at, renamed.get(name, name)) for name, at in tx.execute(union_all(*queries)) if at] if queries else []
    return {service: at for at, service in sorted(latest)}


def named_services(tx: Connection) -> frozenset[str]:
    """Every service that a notice ever named, by present id."""
    return frozenset(
        service_renames.current_service_ids(
            tx.execute(select(affected_service.c.service).distinct()).scalars(), renamed_services(tx)
        )
    )


def _incidents_under_all_ids(
    tx: Connection,
    service: str,
    table: Table,
    time_column: Column[datetime],
    order: tuple[ColumnElement[Any], ...],
    limit: int,
) -> list[tuple[str, datetime]]:
    """Up to ``limit`` incidents with their times, under every id that a service ever had. An index covers each
    query."""
    queries = [
        select(
            select(table.c.incident, time_column)
            .where(table.c.service == name)
            .order_by(*order)
            .limit(limit)
            .subquery()
        )
        for name in service_renames.all_service_ids([service], renamed_services(tx))
    ]
    return [(row[0], row[1]) for row in tx.execute(union_all(*queries))]


def latest_unplanned(tx: Connection, limit: int) -> tuple[Incident, ...]:
    """Up to ``limit`` incidents without maintenance, those with the newest notice first."""
    first_notice_at = incidents.c.first_notice_at
    ids = tx.execute(
        select(incidents.c.id)
        .where(incidents.c.maintenance_start.is_(None), first_notice_at.is_not(None))
        .order_by(first_notice_at.desc(), incidents.c.id.desc())
        .limit(limit)
    ).scalars()
    return _load_in_order(tx, ids, limit)


def latest_maintenance(tx: Connection, limit: int) -> tuple[Incident, ...]:
    """Up to ``limit`` maintenances, the latest start first."""
    planned = incidents.c.maintenance_start
    ids = tx.execute(
        select(incidents.c.id)
        .where(planned.is_not(None))
        .order_by(planned.desc(), incidents.c.first_notice_at.desc(), incidents.c.id.desc())
        .limit(limit)
    ).scalars()
    return _load_in_order(tx, ids, limit)


def _load_in_order(tx: Connection, ids: Iterable[str], limit: int) -> tuple[Incident, ...]:
    """The first ``limit`` of these incidents, without duplicates."""
    ids = list(dict.fromkeys(ids))[:limit]
    by_id = {i.id: i for i in timelines.load_incidents(tx, ids)}
    return tuple(by_id[id] for id in ids)


_PERIODS_PER_INCIDENT = 5
"""More states than a service usually goes through in one incident."""
