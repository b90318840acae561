"""The bars of a drill report: each stage after the one before, with the whole against the goal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from statuspage.drills import Told
from statuspage.measures import Interval
from statuspage.web.voice import Voice, short

WIDTH = 600
"""Units of a bar's drawing, from the alert to the end of the scale."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: what it took, and where it lies. ``goal`` is the goal's length for the whole, 0 elsewhere."""

    stage: str
    by: str
    took: str
    x: int
    width: int
    look: str = "act"
    goal: str = ""
    goal_width: int = 0
    over: str = ""


def bars(told: Told, goal: timedelta, voice: Voice) -> list[Bar]:
    """A bar for every stage up to the notice, the whole, then what came after."""
    whole = _whole(told, goal)
    start = told.stamps[0].at
    readable = next((s.at for s in told.stamps if s.stage == "readable"), None)
    before = [i for i in told.intervals if readable is None or i.end <= readable]
    after = [i for i in told.intervals if readable is not None and i.end > readable]
    rows = [_bar(i, i.start - start, whole, voice) for i in before]
    if told.took is not None:
        rows.append(_total(told.took, goal, whole, voice))
    return rows + [_bar(i, timedelta(), max(whole, i.length), voice) for i in after]


def scale(told: Told, goal: timedelta) -> list[str]:
    """The minutes written over the bars, from 0 to the end in five steps."""
    minutes = _whole(told, goal).total_seconds() / 60
    return [f"{minutes * n / 5:g}" for n in range(6)]


def _whole(told: Told, goal: timedelta) -> timedelta:
    """The end of the scale: the goal, or as many goals as it took."""
    took = told.took or (told.stamps[-1].at - told.stamps[0].at)
    times = -(-took // goal) if goal else 1
    return goal * max(1, times)


def _bar(interval: Interval, after: timedelta, whole: timedelta, voice: Voice) -> Bar:
    stage = voice.t(f"stage.{interval.stage}")
    width = max(2, _units(interval.length, whole))
    return Bar(stage, interval.by, short(interval.length), min(_units(after, whole), WIDTH - 2), width)


def _total(took: timedelta, goal: timedelta, whole: timedelta, voice: Voice) -> Bar:
    over = f"+{short(took - goal)}" if took > goal else ""
    look = "over" if over else "fin"
    units = max(2, _units(took, whole))
    return Bar(voice.t("stage.total"), "", short(took), 0, units, look, short(goal), _units(goal, whole), over)


def _units(part: timedelta, whole: timedelta) -> int:
    return min(WIDTH, round(WIDTH * (part / whole))) if whole else 0
