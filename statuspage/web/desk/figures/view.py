"""The figures as the rows of their tables."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import url_for

from statuspage.domain import FIGURED_STATES, Figures, ReportTimes, Targets
from statuspage.usecases.figures import FigureFormatter, FigureTable, most_frequent
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a table; ``is_missed``: it does not meet its target."""

    text: str
    is_missed: bool = False


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A month, a service, or the whole time. ``href`` leads to its incidents. ``by_form`` is empty where no incident
    was noticed without an alert, ``drills`` where drills do not belong."""

    name: str
    href: str
    cells: list[Cell]
    by_form: list[Cell]
    promises: Cell
    corrections: Cell
    drills: list[Cell]


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A cause and how many incidents had it."""

    name: str
    count: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class FigureTargets:
    """What the numbers are compared with."""

    goal: timedelta
    others: Targets


@dataclass(frozen=True, slots=True)
class FigureView:
    """Makes the rows of one table of figures."""

    table: FigureTable
    targets: FigureTargets
    has_form_clock: bool
    translator: Translator

    def month_rows(self, service: str) -> list[FigureRow]:
        """One row for each month, oldest first."""
        drills = self.table.drills is not None and not service
        return [
            self._figure_row(
                self.translator.times.format_month(month.year, month.month),
                _list_address(month, month, service=service),
                self.table.month(month, service),
                self.table.drills_of(month) if drills else None,
                is_month=True,
            )
            for month in self.table.months
        ]

    def total_row(self, service: str) -> FigureRow:
        """The row of the whole time."""
        drills = self.table.all_drills if self.table.drills is not None and not service else None
        return self._figure_row(self.translator.t("figures.total"), "", self.table.total(service), drills)

    def service_rows(self, address: Callable[[str], str], formatter: FigureFormatter) -> list[FigureRow]:
        """One row for each service over the whole time. ``address`` is where its months are."""
        return [
            self._figure_row(formatter.service(service), address(service), self.table.total(service))
            for service in self.table.services
        ]

    def cause_rows(self, service: str, formatter: FigureFormatter) -> list[CauseRow]:
        """The published causes, the most frequent first."""
        months = self.table.months
        return [
            CauseRow(formatter.cause(id), count, _list_address(months[0], months[-1], service=service, cause=id))
            for id, count in most_frequent(self.table.total(service).causes)
        ]

    def contributing_rows(self, service: str, formatter: FigureFormatter) -> list[CauseRow]:
        """The contributing causes of the retrospectives, the most frequent first."""
        counts: Mapping[str, int] = self.table.total(service).contributing_causes
        return [CauseRow(formatter.contributing_cause(id), count) for id, count in most_frequent(counts)]

    def _figure_row(
        self, name: str, href: str, figures: Figures, drills: ReportTimes | None = None, *, is_month: bool = False
    ) -> FigureRow:
        major, percent = self.targets.others.major_minutes, self.targets.others.promises_percent
        share = figures.promises_kept_percent
        minutes = [
            Cell(
                str(figures.minutes[state]),
                is_month and number == 0 and major is not None and figures.minutes[state] > major,
            )
            for number, state in enumerate(FIGURED_STATES)
        ]
        return FigureRow(
            name,
            href,
            [Cell(str(figures.incidents)), *minutes, *self._time_cells(figures.alerted)],
            self._time_cells(figures.clocked_by_form, is_compared=False) if self.has_form_clock else [],
            Cell(
                f"{figures.promises_kept}/{figures.promises_made}" if figures.promises_made else "–",
                share is not None and percent is not None and share < percent,
            ),
            Cell(str(figures.corrections)),
            [] if drills is None else [Cell(str(drills.count)), *self._time_cells(drills, is_compared=False)],
        )

    def _time_cells(self, times: ReportTimes, *, is_compared: bool = True) -> list[Cell]:
        """Median and worst."""
        goal = self.targets.goal
        return [
            Cell(
                self.translator.stopwatch(took) if took is not None else "–",
                is_compared and took is not None and took > goal,
            )
            for took in (times.median, times.worst)
        ]


def _list_address(first: date, last: date, **filters: str) -> str:
    """The list of the incidents of these months."""
    end = last.replace(day=monthrange(last.year, last.month)[1])
    asked: dict[str, Any] = {name: value for name, value in filters.items() if value}
    return url_for("incident_lists.show_incidents", since=first.isoformat(), until=end.isoformat(), **asked)
