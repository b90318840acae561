"""The bars of a drill report: each stage after the one before, with the whole against the goal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from statuspage.drills import Told
from statuspage.measures import Interval
from statuspage.web.voice import Voice, short

WIDTH = 600
"""Units of a bar's drawing, from the alert to the end of the scale."""

STEPS = (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600)
"""Seconds between two of the scale's marks, of which the last is the fifth."""

FAR_BELOW = 4
"""When the goal is this many times what it took, it is not drawn: only its figure says where it lies."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: what it took, and where it lies. ``goal`` is the goal's length for the whole, "" elsewhere;
    ``goal_width`` is 0 where it lies beyond the scale."""

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
    """What is written over the bars, from 0 to the end in five steps: whole minutes, else minutes and seconds."""
    step = _whole(told, goal) / 5
    marks = [step * n for n in range(6)]
    if step % timedelta(minutes=1):
        return [short(mark) for mark in marks]
    return [str(mark // timedelta(minutes=1)) for mark in marks]


def _whole(told: Told, goal: timedelta) -> timedelta:
    """The end of the scale: past the longer of the goal and what it took; past what it took where that is far less."""
    took = _length(told)
    longest = took * 1.2 if _far_below(took, goal) else max(took, goal)
    seconds = longest.total_seconds() / 5
    return 5 * timedelta(seconds=next((step for step in STEPS if step >= seconds), -(-seconds // 3600) * 3600))


def _length(told: Told) -> timedelta:
    return told.took if told.took is not None else told.stamps[-1].at - told.stamps[0].at


def _far_below(took: timedelta, goal: timedelta) -> bool:
    return took * FAR_BELOW < goal


def _bar(interval: Interval, after: timedelta, whole: timedelta, voice: Voice) -> Bar:
    stage = voice.t(f"stage.{interval.stage}")
    width = max(2, _units(interval.length, whole))
    return Bar(stage, interval.by, short(interval.length), min(_units(after, whole), WIDTH - 2), width)


def _total(took: timedelta, goal: timedelta, whole: timedelta, voice: Voice) -> Bar:
    over = f"+{short(took - goal)}" if took > goal else ""
    look = "over" if over else "fin"
    units = max(2, _units(took, whole))
    line = 0 if goal > whole else _units(goal, whole)
    return Bar(voice.t("stage.total"), "", short(took), 0, units, look, short(goal), line, over)


def _units(part: timedelta, whole: timedelta) -> int:
    return min(WIDTH, round(WIDTH * (part / whole))) if whole else 0
