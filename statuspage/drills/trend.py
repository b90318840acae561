"""How the time to the first notice went from drill to drill, and beside what happened for real."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage import summary
from statuspage.drills.reporting import report
from statuspage.drills.running import every
from statuspage.store.drills import Drill
from statuspage.world import World

YARDSTICKS = (5, 15, 16, 29, 30)
"""Minutes that others take or set themselves, by which ours are seen: PagerDuty's rule of 5 + 5, Azure's goal, the
median and the mean of 25 outages measured from outside by Metrist (2022/23), the guideline for Japanese carriers."""


@dataclass(frozen=True, slots=True)
class Point:
    """One drill: ``number`` counts all from 1. ``took`` None: no first notice could be read."""

    number: int
    drill: Drill
    took: timedelta | None
    slowest: str = ""
    length: timedelta = timedelta()

    @property
    def reached(self) -> bool:
        """Whether its goal was met."""
        return self.took is not None and self.took <= self.drill.goal


@dataclass(frozen=True, slots=True)
class Trend:
    """Drills and real incidents, each the oldest first. ``blind``: the live world's figures could not be read."""

    points: tuple[Point, ...]
    real: tuple[summary.Figure, ...]
    blind: bool


def trend(world: World, *, scenario: str = "", leader: str = "", now: datetime) -> Trend:
    """All drills that were not broken off, or those of one scenario or leader, beside the newest real figures."""
    counted = [(n, d) for n, d in enumerate(reversed(every(world)), 1) if d.ended is not None and not d.suspended]
    kept = [(n, d) for n, d in counted if scenario in ("", d.scenario) and leader in ("", d.leader)]
    live = summary.read(world.live_summary) if world.live_summary is not None else None
    real = tuple(sorted(live.figures, key=lambda figure: figure.at)) if live else ()
    return Trend(
        tuple(_point(world, n, d, now) for n, d in kept), real, world.live_summary is not None and live is None
    )


def _point(world: World, number: int, drill: Drill, now: datetime) -> Point:
    found = report(world, drill.id, now=now)
    slowest = found.incidents[0].slowest if found.incidents else None
    length = slowest.length if slowest else timedelta()
    return Point(number, drill, found.took, slowest.stage if slowest else "", length)
