"""How the time to the first notice went from drill to drill, and beside what happened for real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage.storage.drills import Drill
from statuspage.usecases.drills.drill_report import Report, report, same_story
from statuspage.usecases.drills.lifecycle import all_drills
from statuspage.usecases.environment import Environment, shared_status

YARDSTICKS = (5, 15, 16, 29, 30)
"""Minutes that others take or set themselves, by which ours are seen: PagerDuty's rule of 5 + 5, Azure's goal, the
median and the mean of 25 outages measured from outside by Metrist (2022/23), the guideline for Japanese carriers."""


@dataclass(frozen=True, slots=True)
class Point:
    """One drill: ``number`` counts all from 1. ``took`` None: no first notice could be read. ``joined``: its figure may
    stand in one line with others."""

    number: int
    drill: Drill
    took: timedelta | None
    report: Report
    joined: bool = True
    slowest: str = ""
    length: timedelta = timedelta()

    @property
    def reached(self) -> bool:
        """Whether its goal was met."""
        return self.report.reached


@dataclass(frozen=True, slots=True)
class Trend:
    """Drills and real incidents, each the oldest first. ``blind``: the live world's figures could not be read."""

    points: tuple[Point, ...]
    real: tuple[shared_status.Figure, ...]
    blind: bool


def trend(
    world: Environment, *, scenario: str = "", leader: str = "", like: Drill | None = None, now: datetime
) -> Trend:
    """All drills that were not broken off, or those of one scenario or leader, or of the same story as ``like``; beside
    the newest real figures.

    A clock that a form started is never in one line with others, a tutorial only with tutorials. A drill that was
    announced lacks the time until somebody noticed: it is in one line only with others that were.
    """
    counted = [(n, d) for n, d in enumerate(reversed(all_drills(world)), 1) if d.ended is not None and not d.suspended]
    kept = [(n, d) for n, d in counted if scenario in ("", d.scenario) and leader in ("", d.leader)]
    kept = [(n, d) for n, d in kept if like is None or same_story(d, like)]
    alone = all(d.alone for _, d in kept)
    points = _joined([_point(world, n, d, alone, now) for n, d in kept])
    live = shared_status.read_status(world.live_summary) if world.live_summary is not None else None
    real = tuple(sorted(live.figures, key=lambda figure: figure.at)) if live else ()
    return Trend(points, real, world.live_summary is not None and live is None)


def _joined(points: Sequence[Point]) -> tuple[Point, ...]:
    """Without the announced ones in the line, where any of it counts from an alert."""
    mixed = len({one.report.kind for one in points if one.joined}) > 1
    return tuple(replace(one, joined=False) if mixed and one.report.kind == "announced" else one for one in points)


def _point(world: Environment, number: int, drill: Drill, alone: bool, now: datetime) -> Point:
    found = report(world, drill.id, now=now)
    slowest = found.incidents[0].slowest if found.incidents else None
    length = slowest.length if slowest else timedelta()
    joined = not found.from_form and (alone or not drill.alone)
    return Point(number, drill, found.took, found, joined, slowest.stage if slowest else "", length)
