"""The list of all incidents, read from their records: filtered, searched, sorted and paged, without their timelines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, UnaryExpression, exists, func, select

from statuspage.domain import (
    IncidentFigures,
    PublishedIncident,
    RetrospectiveState,
    State,
    normalize_search,
    service_renames,
)
from statuspage.storage.engine import renamed_services
from statuspage.storage.tables import affected_service, incident_record, retrospective
from statuspage.storage.tables import incident as incidents


class IncidentOrder(StrEnum):
    """How incidents are sorted: by their beginning, their duration, or the time to the first report."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST = "longest"
    SLOWEST = "slowest"


class IncidentGroup(StrEnum):
    """Some of the incidents: those that are open, over, have open questions, or lack a retrospective that is done."""

    OPEN = "open"
    OVER = "over"
    QUESTIONS = "questions"
    RETROSPECTIVE = "retrospective"


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which incidents are listed; "" and None let everything through. ``since`` and ``until`` are the times between
    which it was opened, ``until`` excluded. ``text``: every word of it occurs. ``after`` is the opening time and the id
    of an incident, which comes before those listed in the order of ``NEWEST``."""

    text: str = ""
    group: IncidentGroup | None = None
    incident_type: str = ""
    service: str = ""
    cause: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """One incident in the list. ``first_notice_at`` is None if nothing is public, ``retrospective`` if there is none
    yet."""

    id: str
    opened_at: datetime
    t0_source: str
    first_notice_at: datetime | None
    is_over: bool
    has_open_questions: bool
    figures: IncidentFigures
    retrospective: RetrospectiveState | None = None


_COLUMNS = (
    *(incidents.c[name] for name in ("id", "opened_at", "t0_source", "first_notice_at", "is_over")),
    incidents.c.has_open_questions,
    *(column for column in incident_record.columns if column.name not in ("incident", "search_text")),
    retrospective.c.state.label("retrospective"),
)
_BEGAN = incidents.c.opened_at
_BY_RECORD = (IncidentOrder.LONGEST, IncidentOrder.SLOWEST)


def list_records(
    tx: Connection,
    wanted: IncidentFilter,
    order: IncidentOrder = IncidentOrder.NEWEST,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[IncidentRecord, ...]:
    """The incidents that pass the filter, without planned maintenance."""
    query = select(incidents.c.id).where(*_conditions(wanted, renamed_services(tx)))
    if wanted.after:
        at, after_id = wanted.after
        is_same_time = incidents.c.opened_at == at
        query = query.where((incidents.c.opened_at < at) | (is_same_time & (incidents.c.id > after_id)))
    if order in _BY_RECORD or wanted.text or wanted.incident_type or wanted.cause:
        query = query.join(incident_record, incident_record.c.incident == incidents.c.id)
    query = query.order_by(*_ORDERS[order], incidents.c.id).limit(limit).offset(offset)
    ids = list(tx.execute(query).scalars())
    # The wide rows are read only for what is shown: sorting them would take most of the time.
    joined = select(*_COLUMNS).join(incident_record, incident_record.c.incident == incidents.c.id)
    joined = joined.outerjoin(retrospective, retrospective.c.subject == incidents.c.id)
    renamed = renamed_services(tx)
    by_id = {row.id: _record(row, renamed) for row in tx.execute(joined.where(incidents.c.id.in_(ids)))}
    return tuple(by_id[id] for id in ids)


def awaiting_retrospective(tx: Connection, *, since: datetime, before: datetime) -> tuple[str, ...]:
    """The published incidents that are over, whose last notice is from this period, and whose retrospective is at most
    a draft."""
    beyond_draft = retrospective.c.state != RetrospectiveState.DRAFT.value
    conditions = (
        incidents.c.maintenance_start.is_(None),
        incidents.c.is_over.is_(True),
        incidents.c.last_notice_at >= since,
        incidents.c.last_notice_at < before,
        ~exists().where(retrospective.c.subject == incidents.c.id, beyond_draft),
    )
    return tuple(tx.execute(select(incidents.c.id).where(*conditions).order_by(incidents.c.id)).scalars())


def promised_reports(tx: Connection) -> tuple[IncidentRecord, ...]:
    """The incidents whose promised postmortem is not published yet, the first due first."""
    joined = select(*_COLUMNS).join(incident_record, incident_record.c.incident == incidents.c.id)
    joined = joined.outerjoin(retrospective, retrospective.c.subject == incidents.c.id)
    query = joined.where(incident_record.c.report_by.is_not(None))
    ordered, renamed = query.order_by(incident_record.c.report_by, incidents.c.id), renamed_services(tx)
    return tuple(_record(row, renamed) for row in tx.execute(ordered))


def cause_of(tx: Connection, id: str) -> str:
    """The id of the cause that customers were told last; "" if none was."""
    query = select(incident_record.c.cause).where(incident_record.c.incident == id)
    return str(tx.execute(query).scalar_one_or_none() or "")


def services_of(tx: Connection, ids: list[str]) -> dict[str, tuple[str, ...]]:
    """The present ids of the services that these incidents' notices have ever named."""
    renamed = renamed_services(tx)
    found: dict[str, tuple[str, ...]] = {}
    query = select(affected_service.c.incident, affected_service.c.service).order_by(affected_service.c.service)
    for row in tx.execute(query.where(affected_service.c.incident.in_(ids))):
        found[row.incident] = (*found.get(row.incident, ()), renamed.get(row.service, row.service))
    return found


def published_incidents(tx: Connection, since: datetime, until: datetime) -> tuple[PublishedIncident, ...]:
    """The incidents of which customers were told, opened between these times, ``until`` excluded; oldest first."""
    opened = (
        incidents.c.maintenance_start.is_(None),
        incidents.c.first_notice_at.is_not(None),
        incidents.c.opened_at >= since,
        incidents.c.opened_at < until,
    )
    renamed = renamed_services(tx)
    affected = (affected_service.c.incident == incidents.c.id) & affected_service.c.was_affected.is_(True)
    services = select(func.aggregate_strings(affected_service.c.service, " ")).where(affected).scalar_subquery()
    columns = (*(incident_record.c[name] for name in _COUNTED), retrospective.c.causes, services)
    joined = select(incidents.c.id, incidents.c.opened_at, incidents.c.t0_source, *columns)
    joined = joined.join(incident_record, incident_record.c.incident == incidents.c.id)
    joined = joined.outerjoin(retrospective, retrospective.c.subject == incidents.c.id)
    rows = tx.execute(joined.where(*opened).order_by(incidents.c.opened_at, incidents.c.id)).all()
    return tuple(_published(row, renamed) for row in rows)


def first_published_at(tx: Connection) -> datetime | None:
    """When the oldest incident of which customers were told was opened; None if there is none."""
    published = incidents.c.maintenance_start.is_(None) & incidents.c.first_notice_at.is_not(None)
    opened_at: datetime | None = tx.execute(select(func.min(incidents.c.opened_at)).where(published)).scalar_one()
    return opened_at


_COUNTED = ("notice_seconds", "promises_made", "promises_kept", "corrections", "cause", "is_withdrawn")


def _published(row: Sequence[Any], renamed: Mapping[str, str]) -> PublishedIncident:
    id, opened_at, source, seconds, made, kept, corrections, cause, is_withdrawn, causes, services = row
    return PublishedIncident(
        id=id,
        opened_at=opened_at,
        services=tuple(sorted({renamed.get(service, service) for service in (services or "").split()})),
        time_to_notice=_length(seconds),
        is_clocked_by_form=source == "form",
        promises_made=made,
        promises_kept=kept,
        corrections=corrections,
        cause=cause,
        contributing_causes=tuple(causes or ()),
        is_withdrawn=is_withdrawn,
    )


_ORDERS: Mapping[IncidentOrder, tuple[UnaryExpression[object] | ColumnElement[object], ...]] = {
    IncidentOrder.NEWEST: (_BEGAN.desc(),),
    IncidentOrder.OLDEST: (_BEGAN,),
    IncidentOrder.LONGEST: (incident_record.c.duration_seconds.desc().nulls_last(), _BEGAN.desc()),
    IncidentOrder.SLOWEST: (incident_record.c.notice_seconds.desc().nulls_last(), _BEGAN.desc()),
}


def _conditions(wanted: IncidentFilter, renamed: Mapping[str, str]) -> Iterator[ColumnElement[bool]]:
    yield incidents.c.maintenance_start.is_(None)
    match wanted.group:
        case IncidentGroup.OPEN | IncidentGroup.OVER:
            yield incidents.c.is_over.is_(wanted.group is IncidentGroup.OVER)
        case IncidentGroup.QUESTIONS:
            yield incidents.c.has_open_questions.is_(True)
        case IncidentGroup.RETROSPECTIVE:
            yield incidents.c.is_over.is_(True) & incidents.c.first_notice_at.is_not(None)
            done = (retrospective.c.subject == incidents.c.id) & (
                retrospective.c.state == RetrospectiveState.DONE.value
            )
            yield ~exists().where(done)
    if wanted.since:
        yield wanted.since <= incidents.c.opened_at
    if wanted.until:
        yield incidents.c.opened_at < wanted.until
    if wanted.incident_type:
        yield incident_record.c.incident_type == wanted.incident_type
    if wanted.cause:
        yield incident_record.c.cause == wanted.cause
    if wanted.service:
        ids = service_renames.all_service_ids([wanted.service], renamed)
        yield exists().where(affected_service.c.incident == incidents.c.id, affected_service.c.service.in_(ids))
    for word in normalize_search(wanted.text).split():
        yield incident_record.c.search_text.contains(word, autoescape=True)


def _record(row: Row[tuple[object, ...]], renamed: Mapping[str, str]) -> IncidentRecord:
    return IncidentRecord(
        id=row.id,
        opened_at=row.opened_at,
        t0_source=row.t0_source,
        first_notice_at=row.first_notice_at,
        is_over=row.is_over,
        has_open_questions=row.has_open_questions,
        retrospective=RetrospectiveState(row.retrospective) if row.retrospective else None,
        figures=IncidentFigures(
            headlines=row.headlines,
            impacts=tuple((renamed.get(service, service), state) for service, state in row.impacts),
            state=State(row.state),
            incident_type=row.incident_type,
            cause=row.cause,
            duration=_length(row.duration_seconds),
            time_to_notice=_length(row.notice_seconds),
            promises_made=row.promises_made,
            promises_kept=row.promises_kept,
            corrections=row.corrections,
            has_postmortem=row.has_postmortem,
            is_withdrawn=row.is_withdrawn,
            report_by=row.report_by,
        ),
    )


def _length(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
