"""The list of all incidents: what was typed becomes a filter, and rows become CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from statuspage.domain import Catalog, IncidentFigures, LanguagePack
from statuspage.rendering.site import past_title
from statuspage.storage import incident_records
from statuspage.storage.engine import Database
from statuspage.storage.incident_records import IncidentFilter, IncidentGroup, IncidentOrder, IncidentRecord

CSV_COLUMNS = (
    "id", "title", "type", "services", "cause", "opened_at", "first_notice_at", "is_over", "duration_seconds",
    "time_to_first_report_seconds", "clock_source", "promises_made", "promises_kept", "corrections",
    "has_open_questions", "has_postmortem", "retrospective",
)  # fmt: skip
"""The columns of the CSV: times in ISO 8601 (UTC), lengths in seconds."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    """What somebody asks for, as typed: ids, ISO 8601 days of the site's zone (both included), words to search."""

    text: str = ""
    group: str = ""
    incident_type: str = ""
    service: str = ""
    cause: str = ""
    since: date | None = None
    until: date | None = None
    order: IncidentOrder = IncidentOrder.NEWEST

    def as_filter(self, zone: str, after: tuple[datetime, str] | None = None) -> IncidentFilter:
        """The filter for the database. ``after`` is the opening time and the id of the incident before the page."""
        return IncidentFilter(
            text=self.text,
            group=IncidentGroup(self.group) if self.group in set(IncidentGroup) else None,
            incident_type=self.incident_type,
            service=self.service,
            cause=self.cause,
            since=_midnight(self.since, zone),
            until=_midnight(self.until + timedelta(days=1), zone) if self.until else None,
            after=after,
        )


def incidents_csv(
    database: Database, query: IncidentQuery, zone: str, packs: Sequence[LanguagePack]
) -> Iterator[Sequence[object]]:
    """The rows of the CSV, the header first. Titles are in the first of these languages that an incident has."""
    yield CSV_COLUMNS
    offset = 0
    while True:
        with database.read() as tx:
            records = incident_records.list_records(tx, query.as_filter(zone), query.order, limit=_BATCH, offset=offset)
            services = incident_records.services_of(tx, [record.id for record in records])
        for record in records:
            row = record_json(record, services.get(record.id, ()), packs)
            yield [" ".join(value) if isinstance(value, list) else value for value in row.values()]
        if len(records) < _BATCH:
            return
        offset += _BATCH


def record_json(record: IncidentRecord, services: Sequence[str], packs: Sequence[LanguagePack]) -> Mapping[str, Any]:
    """One incident for programs, under the names of the CSV's columns."""
    figures = record.figures
    values = (
        record.id, title_in(figures, packs), figures.incident_type, [*services], figures.cause,
        _iso(record.opened_at), _iso(record.first_notice_at), record.is_over, _seconds(figures.duration),
        _seconds(figures.time_to_notice), record.t0_source, figures.promises_made, figures.promises_kept,
        figures.corrections, record.has_open_questions, figures.has_postmortem,
        record.retrospective.value if record.retrospective else None,
    )  # fmt: skip
    return dict(zip(CSV_COLUMNS, values, strict=True))


def packs_for(catalog: Catalog, language: str) -> tuple[LanguagePack, ...]:
    """The languages in which a reader of this one sees titles, the first one first."""
    return tuple(catalog.packs[known] for known in (language, *catalog.languages) if known in catalog.packs)


def title_in(figures: IncidentFigures, packs: Sequence[LanguagePack]) -> str:
    """How a list names an incident: once it is over by what was affected and how, else by what customers read last. In
    the first of these languages that knows it; "" if nothing is public."""
    for pack in packs:
        if title := past_title(pack, figures.impacts):
            return f"{pack.marks.start}{title}"
    return headline_in(figures.headlines, [pack.language for pack in packs])


def headline_in(headlines: Mapping[str, str], languages: Sequence[str]) -> str:
    """The headline in the first of these languages that there is, else in any; "" if nothing is public."""
    chosen = next((language for language in languages if language in headlines), next(iter(headlines), ""))
    return headlines.get(chosen, "")


def write_csv(rows: Iterable[Sequence[object]]) -> str:
    """The rows as CSV text. None is empty; formulas are escaped (OWASP, CSV injection)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow(["" if value is None else _escape_formula(str(value)) for value in row])
    return buffer.getvalue()


def _escape_formula(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _midnight(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) if day else None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())
