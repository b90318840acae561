"""The time to the first notice from drill to drill, compared with live incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage.storage.drills import Drill
from statuspage.usecases.drill_figures import have_same_scenario
from statuspage.usecases.drills.drill_report import Report, report
from statuspage.usecases.drills.lifecycle import all_drills
from statuspage.usecases.environment import Environment, shared_status

YARDSTICKS = (5, 15, 16, 29, 30)
"""Published figures of others in minutes, for comparison: PagerDuty's rule of 5 + 5, Azure's goal, the median and the
mean of 25 outages measured from outside by Metrist (2022/23), the guideline for Japanese carriers."""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One drill. ``number`` counts all drills from 1. ``duration`` None: no first notice could be read.
    ``is_comparable``: its figure can be compared with the others."""

    number: int
    drill: Drill
    duration: timedelta | None
    report: Report
    is_comparable: bool = True
    slowest_stage: str = ""
    slowest_duration: timedelta = timedelta()

    @property
    def is_goal_met(self) -> bool:
        """Whether its goal was met."""
        return self.report.is_goal_met


@dataclass(frozen=True, slots=True)
class Trend:
    """Drills and live incidents, each oldest first. ``is_live_unknown``: the live figures could not be read."""

    points: tuple[TrendPoint, ...]
    real_figures: tuple[shared_status.ResponseFigure, ...]
    is_live_unknown: bool


def latest_compared(env: Environment) -> Drill | None:
    """The newest drill that may be compared with others, else the newest that ended; None if there is none."""
    ended = [drill for drill in all_drills(env.databases.environment) if drill.ended is not None]
    played = [drill for drill in ended if not drill.is_suspended and not drill.is_tabletop]
    return next((drill for drill in played if drill.is_measured), None) or next(iter(played), None)


def build_trend(
    env: Environment, *, scenario: str = "", leader: str = "", similar_to: Drill | None = None, now: datetime
) -> Trend:
    """All drills that were played to their end, or those of one scenario or leader, or of the same scenario as
    ``similar_to``; with the newest live figures.

    Figures whose clock a form started are never compared with others, tutorials only with tutorials. An announced drill
    lacks the time until somebody noticed: it is compared only with other announced ones.
    """
    numbered = [
        (n, drill)
        for n, drill in enumerate(reversed(all_drills(env.databases.environment)), 1)
        if drill.ended is not None and not drill.is_suspended and not drill.is_tabletop
    ]
    selected = [
        (n, drill) for n, drill in numbered if scenario in ("", drill.scenario) and leader in ("", drill.leader)
    ]
    selected = [(n, drill) for n, drill in selected if similar_to is None or have_same_scenario(drill, similar_to)]
    only_tutorials = all(drill.is_solo for _, drill in selected)
    points = _without_announced([_trend_point(env, n, drill, only_tutorials, now) for n, drill in selected])
    live = shared_status.read_status(env.live_status_path) if env.live_status_path is not None else None
    real_figures = tuple(sorted(live.figures, key=lambda figure: figure.at)) if live else ()
    return Trend(points, real_figures, env.live_status_path is not None and live is None)


def _without_announced(points: Sequence[TrendPoint]) -> tuple[TrendPoint, ...]:
    """Removes announced drills from the comparison, if any figure counts from an alert."""
    mixed = len({point.report.start_kind for point in points if point.is_comparable}) > 1
    return tuple(
        replace(point, is_comparable=False) if mixed and point.report.start_kind == "announced" else point
        for point in points
    )


def _trend_point(env: Environment, number: int, drill: Drill, only_tutorials: bool, now: datetime) -> TrendPoint:
    drill_report = report(env, drill.id, now=now)
    slowest = drill_report.incidents[0].slowest if drill_report.incidents else None
    slowest_duration = slowest.duration if slowest else timedelta()
    is_measured_alike = not drill_report.started_from_form and not drill_report.is_clock_changed
    is_comparable = is_measured_alike and (only_tutorials or not drill.is_solo)
    return TrendPoint(
        number,
        drill,
        drill_report.duration,
        drill_report,
        is_comparable,
        slowest.stage if slowest else "",
        slowest_duration,
    )
