"""The figures as CSV for spreadsheets and JSON for programs: the numbers of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from statuspage.domain import FIGURED_STATES, Figures, LanguagePack, ReportTimes, Targets
from statuspage.usecases.figures.table import EVERY_SERVICE, FigureTable
from statuspage.usecases.incident_list import write_csv

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes the text for another encoding."""


@dataclass(frozen=True, slots=True)
class FigureFormatter:
    """Names for the files: ``label`` fills a label of the desk, ``pack`` names services and causes."""

    label: Callable[..., str]
    pack: LanguagePack

    def service(self, id: str) -> str:
        """The service's name; all together have one too."""
        if id == EVERY_SERVICE:
            return self.label("desk.figures.every_service")
        return self.pack.services[id].name if id in self.pack.services else id

    def cause(self, id: str) -> str:
        """The published cause as the form calls it."""
        choice = self.pack.lists["cause"].get(id)
        return choice.label if choice else id

    def counted(self, counts: Mapping[str, int], name: Callable[[str], str]) -> str:
        """Causes with how often each occurred, the most frequent first."""
        return "; ".join(f"{name(id)} {count}" for id, count in most_frequent(counts))

    def contributing_cause(self, id: str) -> str:
        """The contributing cause as the retrospective calls it."""
        return self.label(f"desk.retro.cause.{id}")


def most_frequent(counts: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """The counts, the largest first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def figures_csv(table: FigureTable, goal: timedelta, targets: Targets, formatter: FigureFormatter) -> str:
    """One row for each month and service, all services first, then one for the whole time. Lengths are in minutes or
    seconds, as the heading says."""
    rows = [_named(row, formatter) for row in _rows(table, goal, targets)]
    headings = [formatter.label(f"desk.figures.column.{name}") for name in COLUMNS]
    return BYTE_ORDER_MARK + write_csv([headings, *([row[name] for name in COLUMNS] for row in rows)])


def figures_json(table: FigureTable, goal: timedelta, targets: Targets) -> list[dict[str, object]]:
    """The rows of the CSV with ids instead of names; ``service`` "" is all services together."""
    return [dict(row) for row in _rows(table, goal, targets)]


COLUMNS = (
    "month", "service", "incidents", "withdrawn", *(f"{state}_minutes" for state in FIGURED_STATES),
    "reports", "report_median_seconds", "report_worst_seconds",
    "form_reports", "form_median_seconds", "form_worst_seconds",
    "promises_made", "promises_kept", "corrections", "causes", "contributing_causes",
    "drills", "drill_median_seconds", "drill_worst_seconds",
    "report_goal_seconds", "major_target_minutes", "promises_target_percent",
)  # fmt: skip


def _rows(table: FigureTable, goal: timedelta, targets: Targets) -> Iterator[dict[str, object]]:
    """The rows with ids; the counts of causes are mappings. Drills and targets stand beside all services only."""
    fixed = {
        "report_goal_seconds": _seconds(goal),
        "major_target_minutes": targets.major_minutes,
        "promises_target_percent": targets.promises_percent,
    }
    for month in table.months:
        for service in (EVERY_SERVICE, *table.services):
            drills = table.drills_of(month) if service == EVERY_SERVICE else None
            yield _counted_row(f"{month:%Y-%m}", service, table.month(month, service), drills) | fixed
    if table.months:
        whole = _span(table.months)
        for service in (EVERY_SERVICE, *table.services):
            drills = table.all_drills if service == EVERY_SERVICE else None
            yield _counted_row(whole, service, table.total(service), drills) | fixed


def _span(months: Sequence[date]) -> str:
    """The whole time as an interval of months (ISO 8601)."""
    return f"{months[0]:%Y-%m}/{months[-1]:%Y-%m}"


def _counted_row(month: str, service: str, figures: Figures, drills: ReportTimes | None) -> dict[str, object]:
    return {
        "month": month,
        "service": service,
        "incidents": figures.incidents,
        "withdrawn": figures.withdrawn,
        **{f"{state}_minutes": figures.minutes[state] for state in FIGURED_STATES},
        "reports": figures.alerted.count,
        "report_median_seconds": _seconds(figures.alerted.median),
        "report_worst_seconds": _seconds(figures.alerted.worst),
        "form_reports": figures.clocked_by_form.count,
        "form_median_seconds": _seconds(figures.clocked_by_form.median),
        "form_worst_seconds": _seconds(figures.clocked_by_form.worst),
        "promises_made": figures.promises_made,
        "promises_kept": figures.promises_kept,
        "corrections": figures.corrections,
        "causes": dict(most_frequent(figures.causes)),
        "contributing_causes": dict(most_frequent(figures.contributing_causes)),
        "drills": drills.count if drills else None,
        "drill_median_seconds": _seconds(drills.median) if drills else None,
        "drill_worst_seconds": _seconds(drills.worst) if drills else None,
    }


def _named(row: Mapping[str, object], formatter: FigureFormatter) -> dict[str, object]:
    """The row with names instead of ids."""
    causes, contributing = row["causes"], row["contributing_causes"]
    return {
        **row,
        "service": formatter.service(str(row["service"])),
        "causes": formatter.counted(causes, formatter.cause) if isinstance(causes, dict) else "",
        "contributing_causes": formatter.counted(contributing, formatter.contributing_cause)
        if isinstance(contributing, dict)
        else "",
    }


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else round(length.total_seconds())
