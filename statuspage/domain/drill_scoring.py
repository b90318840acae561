"""Scores a drill: its objectives graded with evidence, the promises kept, and the slowest interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.domain.drill_scenario import FACTS, TIMED, Objective
from statuspage.domain.facts import NOTICES_AFTER_END, AffectedAudience, NoticeKind, Unknown
from statuspage.domain.incident import Incident, RecordedNotice
from statuspage.domain.response_times import ResponseClock, Stamp, default_clock, first_standing, stamps

SLIGHTLY_LATE_FACTOR = 1.5
"""A stage reached within this multiple of its minutes had some challenges; later than that, major ones."""


class Grade(StrEnum):
    """How well an objective was met, on the four-step scale of HSEEP (P, S, M, U)."""

    PERFORMED = "performed"
    SOME_CHALLENGES = "some_challenges"
    MAJOR_CHALLENGES = "major_challenges"
    UNABLE = "unable"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a grade is based on: the last part of a label key, and its slots. Durations and facts stay values."""

    code: str
    slots: Mapping[str, str | int | timedelta | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GradeOverride:
    """The leader's own grade, and the reason."""

    grade: Grade
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An evaluator's grade of one objective, and the evidence for it: what was seen or heard."""

    grade: Grade
    evidence: str
    actor: str


@dataclass(frozen=True, slots=True)
class GradedObjective:
    """An objective with its grade. ``computed_grade`` is None if only people can judge it, or if it never applied.
    ``evaluations`` are those of the evaluators, one from each."""

    objective: Objective
    computed_grade: Grade | None
    evidence: Evidence
    override: GradeOverride | None = None
    evaluations: tuple[Evaluation, ...] = ()

    @property
    def grade(self) -> Grade | None:
        """The leader's grade if there is one, else the computed one, else the lowest of the evaluators'."""
        if self.override:
            return self.override.grade
        order = list(Grade)
        lowest = max((evaluation.grade for evaluation in self.evaluations), key=order.index, default=None)
        return self.computed_grade or lowest


@dataclass(frozen=True, slots=True)
class Promise:
    """The next update as a notice promised it. ``kept_at`` is when it came (None: it did not). ``pause`` is how long
    the drill was paused in between, which extends the promise by as much."""

    sequence: int
    due: datetime
    kept_at: datetime | None = None
    pause: timedelta = timedelta()

    @property
    def was_on_time(self) -> bool:
        """Whether it came in time."""
        return self.kept_at is not None and self.kept_at - self.pause <= self.due


@dataclass(frozen=True, slots=True)
class DrillResult:
    """What is graded: the incident, the number of errors and warnings in its texts, whether a wrong fact was injected,
    when the drill ended (while it runs: now; None: everything counts as due), and the clock of its figures. At a table
    (``is_tabletop``) only people grade."""

    incident: Incident | None
    errors: int = 0
    warnings: int = 0
    had_wrong_fact: bool = False
    until: datetime | None = None
    clock: ResponseClock | None = None
    is_tabletop: bool = False


def grade_objectives(
    objectives: Sequence[Objective],
    result: DrillResult,
    overrides: Mapping[str, GradeOverride],
    evaluations: Mapping[str, tuple[Evaluation, ...]],
) -> tuple[GradedObjective, ...]:
    """Every objective with its grade and evidence. Overrides and evaluations are by the objective's id."""
    return tuple(
        GradedObjective(
            objective,
            *_grade_objective(objective, result),
            overrides.get(objective.id),
            evaluations.get(objective.id, ()),
        )
        for objective in objectives
    )


def _grade_objective(objective: Objective, result: DrillResult) -> tuple[Grade | None, Evidence]:
    if result.is_tabletop:
        return None, Evidence("tabletop")
    if objective.measure == "leader":
        return None, Evidence("leader")
    if result.incident is None or not result.incident.entries:
        return Grade.UNABLE, Evidence("nothing")
    if objective.measure in TIMED:
        return _grade_stage(objective, result.incident, result.clock or default_clock(result.incident))
    if objective.measure == "facts":
        return _grade_facts(objective, result.incident)
    if objective.measure == "promises":
        return _grade_promises(result.incident, result.until, result.clock)
    if objective.measure == "plain":
        return _grade_plain_language(result.incident, result)
    return _grade_correction(result.incident, result.had_wrong_fact)


def _grade_stage(objective: Objective, incident: Incident, clock: ResponseClock) -> tuple[Grade, Evidence]:
    reached_at = {stamp.stage: stamp.at for stamp in stamps(incident, clock)}
    target = objective.within or timedelta()
    if objective.measure not in reached_at:
        return Grade.UNABLE, Evidence("never", {"within": target})
    elapsed = clock.elapsed_until(reached_at[objective.measure])
    evidence = Evidence("took", {"took": elapsed, "within": target})
    if elapsed <= target:
        return Grade.PERFORMED, evidence
    return (Grade.SOME_CHALLENGES if elapsed <= target * SLIGHTLY_LATE_FACTOR else Grade.MAJOR_CHALLENGES), evidence


def facts_in_notice(notice: RecordedNotice) -> tuple[str, ...]:
    """The facts that a notice gave. A fact that is not known yet counts if the notice says so."""
    facts = notice.notice.facts
    present = {
        "scope": bool(facts.affected),
        "audience": facts.audience.extent is not AffectedAudience.CHECKING,
        "start": facts.start is not None,
        "estimate": bool(facts.estimate != Unknown() or _has_fact_row(notice, "estimate")),
        "workaround": bool(facts.workarounds),
        "next_update": facts.next_update is not None,
    }
    return tuple(fact for fact in FACTS if present[fact])


def _has_fact_row(notice: RecordedNotice, row_key: str) -> bool:
    return any(fact_row.key == row_key for text in notice.notice.texts.values() for fact_row in text.rows)


def _grade_facts(objective: Objective, incident: Incident) -> tuple[Grade, Evidence]:
    expected = objective.facts or ("scope", "start", "estimate")
    if (first_notice := first_standing(incident)) is None:
        return Grade.UNABLE, Evidence("no_notice")
    present = facts_in_notice(first_notice)
    missing = tuple(fact for fact in expected if fact not in present)
    evidence = Evidence("facts", {"there": len(expected) - len(missing), "all": len(expected), "lacking": missing})
    if not missing:
        return Grade.PERFORMED, evidence
    return (Grade.SOME_CHALLENGES if len(missing) == 1 else Grade.MAJOR_CHALLENGES), evidence


def promises(incident: Incident, until: datetime | None, clock: ResponseClock | None = None) -> tuple[Promise, ...]:
    """The promises that were kept, or fell due before ``until`` (None: all of them)."""
    actual_clock = clock or default_clock(incident)
    notices = [item for item in incident.notices if item.notice.notice not in NOTICES_AFTER_END]
    due_promises = []
    for index, notice in enumerate(notices):
        due = notice.notice.facts.next_update
        if due is None or notice.notice.notice is NoticeKind.RESOLVED:
            continue
        next_at = notices[index + 1].recorded if index + 1 < len(notices) else None
        pause = actual_clock.pause_between(notice.recorded, next_at or until or due)
        if next_at is None and until is not None and due + pause > until:
            continue
        due_promises.append(Promise(notice.sequence, due, next_at, pause))
    return tuple(due_promises)


def _grade_promises(
    incident: Incident, until: datetime | None, clock: ResponseClock | None
) -> tuple[Grade | None, Evidence]:
    if not incident.notices:
        return Grade.UNABLE, Evidence("no_notice")
    due_promises = promises(incident, until, clock)
    if not due_promises:
        return None, Evidence("no_promise")
    kept_count = sum(promise.was_on_time for promise in due_promises)
    evidence = Evidence("promises", {"kept": kept_count, "all": len(due_promises)})
    if kept_count == len(due_promises):
        return Grade.PERFORMED, evidence
    return (Grade.SOME_CHALLENGES if kept_count * 2 >= len(due_promises) else Grade.MAJOR_CHALLENGES), evidence


def _grade_plain_language(incident: Incident, result: DrillResult) -> tuple[Grade, Evidence]:
    if not incident.notices:
        return Grade.UNABLE, Evidence("no_notice")
    finding_count = result.errors + result.warnings
    evidence = Evidence("plain" if finding_count else "plain_none", {"found": finding_count})
    if not finding_count:
        return Grade.PERFORMED, evidence
    return (Grade.MAJOR_CHALLENGES if result.errors else Grade.SOME_CHALLENGES), evidence


def _grade_correction(incident: Incident, had_wrong_fact: bool) -> tuple[Grade | None, Evidence]:
    if not had_wrong_fact:
        return None, Evidence("not_misled")
    was_corrected = any(item.notice.notice is NoticeKind.CORRECTION for item in incident.notices)
    return (Grade.PERFORMED, Evidence("corrected")) if was_corrected else (Grade.UNABLE, Evidence("uncorrected"))


def last_stage_reached(incident: Incident | None, clock: ResponseClock | None = None) -> Stamp | None:
    """The last stage reached if no first notice became readable; None if one did, or if nothing began."""
    reached_stamps = stamps(incident, clock) if incident else ()
    return (
        None if not reached_stamps or any(stamp.stage == "readable" for stamp in reached_stamps) else reached_stamps[-1]
    )
