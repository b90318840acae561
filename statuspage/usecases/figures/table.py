"""Counts the figures of each month and service from the records, without reading timelines."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from statuspage.domain import (
    Figures,
    PublishedIncident,
    ReportTimes,
    StatePeriod,
    count_figures,
    midnight,
    months_from,
    next_month,
    sum_figures,
)
from statuspage.storage import incident_records, public_history
from statuspage.usecases.environment import Environment, ResponseFigure, shared_status

EVERY_SERVICE = ""
"""Stands for all services together: each incident and each minute counts once."""

MONTHS = 12
"""How many months are shown unless a year is chosen, the present one included."""


@dataclass(frozen=True, slots=True)
class FigureTable:
    """The figures of some months, oldest first. ``services`` in the order of the content.

    ``drills`` has the times of drills to the first report, by month; None if they are not known here. They are never
    part of ``cells``, which are by service (``EVERY_SERVICE``: all together) and month.
    """

    months: tuple[date, ...]
    services: tuple[str, ...]
    cells: Mapping[tuple[str, date], Figures]
    drills: Mapping[date, ReportTimes] | None = None

    def month(self, month: date, service: str = EVERY_SERVICE) -> Figures:
        """The figures of one month."""
        return self.cells[service, month]

    def total(self, service: str = EVERY_SERVICE) -> Figures:
        """The figures of all months together."""
        return sum_figures([self.cells[service, month] for month in self.months])

    def drills_of(self, month: date) -> ReportTimes:
        """The drills of one month."""
        return (self.drills or {}).get(month, ReportTimes())

    @property
    def all_drills(self) -> ReportTimes:
        """The drills of all months together."""
        return ReportTimes(tuple(took for month in self.months for took in self.drills_of(month).times))


def build_figures(env: Environment, *, year: int | None = None, now: datetime) -> FigureTable:
    """The figures of a year, or of the last twelve months, up to ``now``. Months before the records begin are left
    out."""
    zone, months = env.site.catalog.site.zone, _months(env, year, now)
    if not months:
        return FigureTable((), tuple(_known_services(env)), {})
    begin, end = midnight(months[0], zone), min(midnight(next_month(months[-1]), zone), now)
    with env.databases.environment.read() as tx:
        incidents = incident_records.published_incidents(tx, begin, end)
        by_service = public_history.periods_since(tx, begin)
    named = {service for incident in incidents for service in incident.services} | {*by_service}
    services = (*_known_services(env), *sorted(named - {*env.site.catalog.services}))
    edges = [*(midnight(month, zone) for month in months), end]
    opened, periods = (
        _by_month(incidents, edges),
        {id: _periods_by_month(by_service.get(id, ()), edges) for id in services},
    )
    cells: dict[tuple[str, date], Figures] = {}
    for number, month in enumerate(months):
        own = {id: periods[id][number] for id in services}
        figures = _month_cells(opened[number], own, edges[number], edges[number + 1])
        cells |= {(id, month): counted for id, counted in figures.items()}
    shown = tuple(
        id for id in services if _is_in_use(env, id) or any(not cells[id, month].is_empty for month in months)
    )
    return FigureTable(months, shown, cells, _drills_by_month(env, months))


def years_on_record(env: Environment, *, now: datetime) -> tuple[int, ...]:
    """The years with incidents, newest first; the present one is always among them."""
    zone = ZoneInfo(env.site.catalog.site.zone)
    with env.databases.environment.read() as tx:
        first = incident_records.first_published_at(tx) or now
    return tuple(range(now.astimezone(zone).year, first.astimezone(zone).year - 1, -1))


def _months(env: Environment, year: int | None, now: datetime) -> tuple[date, ...]:
    site = env.site.catalog.site
    today = now.astimezone(ZoneInfo(site.zone)).date()
    chosen = (
        months_from(date(year, 1, 1), date(year, 12, 1))
        if year
        else months_from(date(today.year - 1, today.month, 1), today)[-MONTHS:]
    )
    return tuple(
        month
        for month in chosen
        if month <= today and (site.history_start is None or next_month(month) > site.history_start)
    )


def _by_month(incidents: Iterable[PublishedIncident], edges: Sequence[datetime]) -> Sequence[list[PublishedIncident]]:
    """The incidents by the month in which they were opened."""
    months: list[list[PublishedIncident]] = [[] for _ in edges[1:]]
    for incident in incidents:
        months[bisect_right(edges, incident.opened_at) - 1].append(incident)
    return months


def _periods_by_month(periods: Iterable[StatePeriod], edges: Sequence[datetime]) -> Sequence[list[StatePeriod]]:
    """The periods by month, in each month that they touch."""
    months: list[list[StatePeriod]] = [[] for _ in edges[1:]]
    for period in periods:
        first = max(bisect_right(edges, period.start) - 1, 0)
        last = bisect_left(edges, period.end) if period.end else len(months)
        for month in months[first:last]:
            month.append(period)
    return months


def _month_cells(
    opened: Sequence[PublishedIncident], periods: Mapping[str, Sequence[StatePeriod]], start: datetime, end: datetime
) -> Mapping[str, Figures]:
    """The figures of one month by service, and of all services together."""
    together = [period for own in periods.values() for period in own]
    cells = {EVERY_SERVICE: count_figures(opened, together, start, end)}
    for service, own in periods.items():
        cells[service] = count_figures(
            [incident for incident in opened if service in incident.services], own, start, end
        )
    return cells


def _known_services(env: Environment) -> Iterable[str]:
    return env.site.catalog.services


def _is_in_use(env: Environment, service: str) -> bool:
    known = env.site.catalog.services.get(service)
    return known is not None and not known.is_retired


def _drills_by_month(env: Environment, months: Iterable[date]) -> Mapping[date, ReportTimes] | None:
    """The drills whose figures can be compared, from the summary that their environment writes."""
    status = shared_status.read_status(env.drill_status_path) if env.drill_status_path else None
    if status is None:
        return None
    zone = ZoneInfo(env.site.catalog.site.zone)
    comparable = _comparable(status.figures)
    return {
        month: ReportTimes(
            tuple(drill.took for drill in comparable if drill.at.astimezone(zone).date().replace(day=1) == month)
        )
        for month in months
    }


def _comparable(figures: Sequence[ResponseFigure]) -> Sequence[ResponseFigure]:
    """Without announced drills, which lack the time until somebody noticed, unless all are announced."""
    alerted = [figure for figure in figures if figure.source != "announced"]
    return alerted or figures
