"""The bars of a drill report: each stage after the one before, with the whole against the goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from statuspage.domain import Counted, Interval
from statuspage.usecases.drills import IncidentReport
from statuspage.web.desk.translations import Translator, short

WIDTH = 600
"""Units of a bar's drawing, from the alert to the end of the scale."""

STEPS = (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600)
"""Seconds between two of the scale's marks, of which the last is the fifth."""

FAR_BELOW = 4
"""When the goal is this many times what it took, it is not drawn: only its figure says where it lies."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: what it took, and where it lies. ``goal`` says by when it was to be reached, "" where nothing does;
    ``goal_width`` is 0 where that lies beyond the scale. ``late`` is so much of ``width`` as lies past it, ``before``
    what the same took in the drill before. ``whole``: all stages together, up to the notice."""

    stage: str
    by: str
    took: str
    x: int
    width: int
    look: str = "act"
    goal: str = ""
    goal_width: int = 0
    over: str = ""
    late: int = 0
    before: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """What the stages stand beside: the goal of the whole, when single stages were to be reached (both from the
    alert), and how long each took, and all together, in the drill before."""

    goal: timedelta
    within: Mapping[str, timedelta]
    before: Mapping[str, timedelta]
    took: timedelta | None


def bars(told: IncidentReport, beside: Beside, voice: Translator) -> list[Bar]:
    """A bar for every stage up to the notice, the whole, then what came after."""
    whole = _whole(told, beside.goal)
    how = told.counted
    readable = next((s.at for s in told.stamps if s.stage == "readable"), None)
    before = [i for i in told.intervals if readable is None or i.end <= readable]
    after = [i for i in told.intervals if readable is not None and i.end > readable]
    rows = [_targeted(_bar(i, how.after(i.start), whole, beside, voice), i, how, whole, beside, voice) for i in before]
    if told.took is not None:
        rows.append(_total(told.took, whole, beside, voice))
    return rows + [_bar(i, timedelta(), max(whole, i.length), beside, voice) for i in after]


def scale(told: IncidentReport, goal: timedelta) -> list[str]:
    """What is written over the bars, from 0 to the end in five steps: whole minutes, else minutes and seconds."""
    step = _whole(told, goal) / 5
    marks = [step * n for n in range(6)]
    if step % timedelta(minutes=1):
        return [short(mark) for mark in marks]
    return [str(mark // timedelta(minutes=1)) for mark in marks]


def _whole(told: IncidentReport, goal: timedelta) -> timedelta:
    """The end of the scale: past the longer of the goal and what it took; past what it took where that is far less."""
    took = _length(told)
    longest = took * 1.2 if _far_below(took, goal) else max(took, goal)
    seconds = longest.total_seconds() / 5
    return 5 * timedelta(seconds=next((step for step in STEPS if step >= seconds), -(-seconds // 3600) * 3600))


def _length(told: IncidentReport) -> timedelta:
    return told.took if told.took is not None else told.counted.after(told.stamps[-1].at)


def _far_below(took: timedelta, goal: timedelta) -> bool:
    return took * FAR_BELOW < goal


def _bar(interval: Interval, after: timedelta, whole: timedelta, beside: Beside, voice: Translator) -> Bar:
    stage = voice.t(f"stage.{interval.stage}")
    width = max(2, _units(interval.length, whole))
    before = beside.before.get(interval.stage)
    x = min(_units(after, whole), WIDTH - 2)
    return Bar(stage, interval.by, short(interval.length), x, width, before=_short(before))


def _targeted(bar: Bar, interval: Interval, how: Counted, whole: timedelta, beside: Beside, voice: Translator) -> Bar:
    """The same with the time by which this stage was to be reached, where there is one."""
    within = beside.within.get(interval.stage)
    if within is None:
        return bar
    reached = how.after(interval.end)
    over = f"+{short(reached - within)}" if reached > within else ""
    late = min(bar.width, _units(reached - within, whole)) if over else 0
    line = 0 if within > whole else _units(within, whole)
    return replace(bar, goal=voice.t("drills.by", time=short(within)), goal_width=line, over=over, late=late)


def _total(took: timedelta, whole: timedelta, beside: Beside, voice: Translator) -> Bar:
    goal = beside.goal
    over = f"+{short(took - goal)}" if took > goal else ""
    return Bar(
        stage=voice.t("stage.total"),
        by="",
        took=short(took),
        x=0,
        width=max(2, _units(took, whole)),
        look="act" if over else "fin",
        goal=f"{voice.t('clock.goal')} {short(goal)}",
        goal_width=0 if goal > whole else _units(goal, whole),
        over=over,
        late=_units(took - goal, whole) if over else 0,
        before=_short(beside.took),
        whole=True,
    )


def _short(length: timedelta | None) -> str:
    return "" if length is None else short(length)


def _units(part: timedelta, whole: timedelta) -> int:
    return min(WIDTH, round(WIDTH * (part / whole))) if whole else 0
