"""The bars of a drill report: one stage after the other, and the total compared with the goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from statuspage.domain import Interval, ResponseClock
from statuspage.usecases.drill_figures import IncidentReport
from statuspage.web.desk.translations import Translator, short_stopwatch

WIDTH = 600
"""The width in units of a bar's drawing, from the alert to the end of the scale."""

SCALE_STEPS = (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600)
"""The possible numbers of seconds between two marks of the scale; the last mark is the fifth."""

FAR_BELOW_RATIO = 4
"""If the goal is more than this many times the duration, it is not drawn; only its figure is given."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its duration and its position. ``goal`` is the target time, "" if there is none; ``goal_width`` is 0 if
    that is beyond the scale. ``overrun_width`` is the part of ``width`` past the target; ``previous`` is the same stage
    in the previous drill. ``is_total``: all stages together, up to the notice. ``is_cut``: it is longer than the scale,
    and drawn with a break."""

    stage: str
    actor: str
    took: str
    x: int
    width: int
    style: str = "act"
    goal: str = ""
    goal_width: int = 0
    overrun: str = ""
    overrun_width: int = 0
    previous: str = ""
    is_total: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the stages are compared with: the overall goal, the targets of single stages (both from the alert), and the
    durations in the previous drill, of each stage and in total."""

    goal: timedelta
    stage_goals: Mapping[str, timedelta]
    previous_stages: Mapping[str, timedelta]
    previous_total: timedelta | None


def bars(report: IncidentReport, comparison: Comparison, translator: Translator) -> list[Bar]:
    """A bar for every stage up to the notice, the total, then the later stages."""
    whole = _scale_end(report, comparison.goal)
    counting = report.clock
    readable_at = next((stamp.at for stamp in report.stamps if stamp.stage == "readable"), None)
    until_notice = [interval for interval in report.intervals if readable_at is None or interval.end <= readable_at]
    after_notice = [interval for interval in report.intervals if readable_at is not None and interval.end > readable_at]
    rows = [
        _with_stage_goal(
            _bar(interval, counting.elapsed_until(interval.start), whole, comparison, translator),
            interval,
            counting,
            whole,
            comparison,
            translator,
        )
        for interval in until_notice
    ]
    if report.duration is not None:
        rows.append(_total_bar(report.duration, whole, comparison, translator))
    return rows + [_bar(interval, timedelta(), whole, comparison, translator) for interval in after_notice]


def scale(report: IncidentReport, goal: timedelta) -> list[str]:
    """The labels above the bars, from 0 to the end in five steps: in whole minutes if possible, else in minutes and
    seconds."""
    step = _scale_end(report, goal) / 5
    marks = [step * n for n in range(6)]
    if step % timedelta(minutes=1):
        return [short_stopwatch(mark) for mark in marks]
    return [str(mark // timedelta(minutes=1)) for mark in marks]


def _scale_end(report: IncidentReport, goal: timedelta) -> timedelta:
    """The end of the scale: beyond the longer of goal and duration; beyond the duration if that is far shorter."""
    took = _time_taken(report)
    longest = took * 1.2 if _far_below(took, goal) else max(took, goal)
    seconds = longest.total_seconds() / 5
    return 5 * timedelta(seconds=next((step for step in SCALE_STEPS if step >= seconds), -(-seconds // 3600) * 3600))


def _time_taken(report: IncidentReport) -> timedelta:
    return report.duration if report.duration is not None else report.clock.elapsed_until(report.stamps[-1].at)


def _far_below(took: timedelta, goal: timedelta) -> bool:
    return took * FAR_BELOW_RATIO < goal


def _bar(
    interval: Interval, offset: timedelta, whole: timedelta, comparison: Comparison, translator: Translator
) -> Bar:
    stage = translator.t(f"stage.{interval.stage}")
    width = max(2, _units(interval.duration, whole))
    previous = comparison.previous_stages.get(interval.stage)
    x = min(_units(offset, whole), WIDTH - 2)
    return Bar(
        stage,
        interval.actor,
        translator.stopwatch(interval.duration),
        x,
        width,
        previous=_short_or_empty(previous, translator),
        is_cut=interval.duration > whole,
    )


def _with_stage_goal(
    bar: Bar,
    interval: Interval,
    counting: ResponseClock,
    whole: timedelta,
    comparison: Comparison,
    translator: Translator,
) -> Bar:
    """The bar with this stage's target time, if there is one."""
    stage_goal = comparison.stage_goals.get(interval.stage)
    if stage_goal is None:
        return bar
    reached = counting.elapsed_until(interval.end)
    overrun = f"+{translator.stopwatch(reached - stage_goal)}" if reached > stage_goal else ""
    overrun_width = min(bar.width, _units(reached - stage_goal, whole)) if overrun else 0
    goal_width = 0 if stage_goal > whole else _units(stage_goal, whole)
    return replace(
        bar,
        goal=translator.t("drills.by", time=translator.stopwatch(stage_goal)),
        goal_width=goal_width,
        overrun=overrun,
        overrun_width=overrun_width,
    )


def _total_bar(took: timedelta, whole: timedelta, comparison: Comparison, translator: Translator) -> Bar:
    goal = comparison.goal
    overrun = f"+{translator.stopwatch(took - goal)}" if took > goal else ""
    return Bar(
        stage=translator.t("stage.total"),
        actor="",
        took=translator.stopwatch(took),
        x=0,
        width=max(2, _units(took, whole)),
        style="act" if overrun else "fin",
        goal=f"{translator.t('clock.goal')} {translator.stopwatch(goal)}",
        goal_width=0 if goal > whole else _units(goal, whole),
        overrun=overrun,
        overrun_width=_units(took - goal, whole) if overrun else 0,
        previous=_short_or_empty(comparison.previous_total, translator),
        is_total=True,
    )


def _short_or_empty(length: timedelta | None, translator: Translator) -> str:
    return "" if length is None else translator.stopwatch(length)


def _units(part: timedelta, whole: timedelta) -> int:
    return min(WIDTH, round(WIDTH * (part / whole))) if whole else 0
