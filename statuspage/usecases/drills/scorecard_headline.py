"""The top of a scorecard: which drill it is, its verdict, and what slowed it most."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from statuspage.domain import Interval
from statuspage.usecases.drills.drill_report import Report
from statuspage.usecases.drills.scorecard import Score
from statuspage.usecases.drills.scorecard_formatter import LabelLookup, ScorecardFormatter
from statuspage.usecases.duration_words import with_seconds

WORTH_A_SENTENCE = timedelta(seconds=30)
"""A stage shorter than this is nothing to work on, even if no other was longer."""


def scorecard_heading(score: Score, formatter: ScorecardFormatter) -> str:
    """Which drill it is."""
    drill = score.drill
    return formatter.label(
        "desk.scorecard.heading", title=drill.title, when=formatter.clock.format_day_time(drill.started)
    )


def scorecard_verdict(score: Score, formatter: ScorecardFormatter) -> str:
    """The time to the first notice against the goal."""
    report, goal = score.report, formatter.format_length(score.drill.goal)
    duration = formatter.format_length(report.duration) if report.duration is not None else ""
    key = (
        "suspended"
        if score.drill.is_suspended
        else "tabletop"
        if score.drill.is_tabletop
        else "time_taken"
        if duration
        else "none"
    )
    sentences = [formatter.label(f"desk.scorecard.{key}", took=duration, goal=goal)]
    if notes := headline_caveats(report, formatter.label):
        sentences.append(formatter.label("desk.scorecard.how_counted", how=formatter.format_list(notes)))
    return formatter.label("desk.join_sentences").join(sentences)


def caveat_labels(report: Report, label: LabelLookup) -> tuple[str, ...]:
    """Short notes that accompany the figure everywhere: how it differs from the usual one."""
    return _caveat_texts(report.caveats, report, label)


def _caveat_texts(names: Iterable[str], report: Report, label: LabelLookup) -> tuple[str, ...]:
    paused = with_seconds(report.pause_time, label)
    return tuple(label(f"desk.scorecard.caveat.{name}", paused=paused) for name in names)


def headline_caveats(report: Report, label: LabelLookup) -> tuple[str, ...]:
    """The same notes, without those that the page already gives above the figure: that the drill was suspended, a
    tabletop, or a surprise."""
    names = [name for name in report.caveats if name not in ("suspended", "tabletop", "surprise")]
    return _caveat_texts(names, report, label)


def explain_slowest(score: Score, formatter: ScorecardFormatter) -> tuple[str, str]:
    """What slowed it most, in one sentence, and what helps against it; "" twice if there is nothing to say."""
    if score.drill.is_suspended or score.drill.is_tabletop:
        return "", ""
    if score.last_stage is not None:
        elapsed = formatter.format_length(score.report.incidents[0].clock.elapsed_until(score.last_stage.at))
        stage = formatter.label(f"desk.stage.{score.last_stage.stage}")
        hint = formatter.label(f"desk.scorecard.hint.{_next_stage(score.last_stage.stage)}")
        return formatter.label("desk.scorecard.stuck", stage=stage, at=elapsed), hint
    incident_report = score.report.incidents[0] if score.report.incidents else None
    if (
        incident_report is None
        or incident_report.duration is None
        or incident_report.slowest is None
        or incident_report.slowest.duration < WORTH_A_SENTENCE
    ):
        return "", ""
    return _slowest_sentence(incident_report.slowest, incident_report.duration, formatter), formatter.label(
        f"desk.scorecard.hint.{incident_report.slowest.stage}"
    )


def _slowest_sentence(interval: Interval, total: timedelta, formatter: ScorecardFormatter) -> str:
    stage = formatter.label(f"desk.scorecard.slow.{interval.stage}")
    length, whole = formatter.format_length(interval.duration), formatter.format_length(total)
    return formatter.label("desk.scorecard.slowest", stage=stage, length=length, whole=whole)


def _next_stage(stage: str) -> str:
    """What was not reached after this stage."""
    if stage in ("alerted", "received"):
        return "acknowledged"
    order = ("announced", "acknowledged", "confirmed", "opened", "published", "readable")
    index = order.index(stage) if stage in order else order.index("confirmed")
    return order[min(index + 1, len(order) - 1)]
