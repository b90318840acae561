"""Grades of a drill's objectives, each with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from statuspage.domain.drill_scenario import Objective
from statuspage.domain.drill_scoring import (
    DrillResult,
    Evidence,
    Grade,
    GradedObjective,
    GradeOverride,
    Promise,
    facts_in_notice,
    grade_objectives,
    last_stage_reached,
    promises,
)
from statuspage.domain.facts import (
    Affected,
    AffectedAudience,
    Audience,
    Facts,
    Known,
    NoticeKind,
    Precision,
    StartTime,
    State,
)
from statuspage.domain.incident import Entry, EventKind, Incident, InternalNote, Notice, TimelineEntry, TimelineEvent
from statuspage.domain.response_times import format_duration, intervals, slowest
from tests.support.times import at

FULL = Facts(
    incident_type="booking",
    affected=(Affected("booking", State.MAJOR),),
    audience=Audience(AffectedAudience.ALL),
    start=StartTime(at("09:55"), Precision.ABOUT),
    estimate=Known(at("11:00")),
    workarounds=("phone",),
    next_update=at("10:30"),
)


def notice_of(notice_kind: NoticeKind, facts: Facts = FULL) -> Notice:
    return Notice(notice_kind, facts, {}, "Sato")


def incident_of(*entries: tuple[str, Entry], source: str = "alert") -> Incident:
    """An incident whose alert came at 10:00."""
    recorded = [TimelineEntry(n, at(clock), at(clock), entry) for n, (clock, entry) in enumerate(entries, 1)]
    return Incident("drilla1b2c3d", at("10:00"), at("10:00"), source, tuple(recorded))


def readable(clock: str, sequence: int) -> tuple[str, Entry]:
    return clock, TimelineEvent(EventKind.READABLE, text=str(sequence))


def grade(measure: str, played: DrillResult, within: int | None = None, facts: Sequence[str] = ()) -> GradedObjective:
    minutes = timedelta(minutes=within) if within is not None else None
    return grade_objectives([Objective("one", {}, measure, minutes, tuple(facts))], played, {}, {})[0]


@pytest.mark.parametrize(
    ("clock", "wanted"),
    [("10:10", Grade.PERFORMED), ("10:15", Grade.SOME_CHALLENGES), ("10:16", Grade.MAJOR_CHALLENGES)],
)
def test_a_stage_is_graded_by_its_minutes_from_the_alert(clock: str, wanted: Grade):
    incident = incident_of(("10:01", notice_of(NoticeKind.FIRST)), readable(clock, 1))
    grades = grade("readable", DrillResult(incident), within=10)
    assert grades.grade is wanted
    assert grades.evidence == Evidence("took", {"took": at(clock) - at("10:00"), "within": timedelta(minutes=10)})


def test_a_stage_never_reached_could_not_be_performed():
    assert grade("readable", DrillResult(incident_of(("10:01", notice_of(NoticeKind.FIRST)))), 10).grade is Grade.UNABLE
    assert grade("acknowledged", DrillResult(None), 10).evidence == Evidence("nothing")


def test_the_facts_of_the_first_notice_count_and_those_of_a_later_one_do_not():
    bare = replace(FULL, workarounds=(), next_update=None, audience=Audience())
    incident = incident_of(("10:05", notice_of(NoticeKind.FIRST, bare)), ("10:20", notice_of(NoticeKind.UPDATE)))
    assert facts_in_notice(incident.notices[0]) == ("scope", "start", "estimate")
    assert facts_in_notice(incident.notices[1]) == (
        "scope",
        "audience",
        "start",
        "estimate",
        "workaround",
        "next_update",
    )
    whole = grade("facts", DrillResult(incident), facts=("scope", "start"))
    lacks = grade("facts", DrillResult(incident), facts=("scope", "next_update"))
    wants = grade("facts", DrillResult(incident), facts=("workaround", "next_update"))
    assert (whole.grade, lacks.grade, wants.grade) == (Grade.PERFORMED, Grade.SOME_CHALLENGES, Grade.MAJOR_CHALLENGES)
    assert lacks.evidence.slots == {"there": 1, "all": 2, "lacking": ("next_update",)}


def test_a_promise_is_kept_late_broken_or_not_due_yet():
    due = {clock: replace(FULL, next_update=at(clock)) for clock in ("10:30", "11:00", "12:30")}
    incident = incident_of(
        ("10:05", notice_of(NoticeKind.FIRST, due["10:30"])),
        ("10:40", notice_of(NoticeKind.UPDATE, due["11:00"])),
        ("10:55", notice_of(NoticeKind.UPDATE, due["12:30"])),
    )
    found_promises = promises(incident, at("11:30"))
    assert found_promises == (Promise(1, at("10:30"), at("10:40")), Promise(2, at("11:00"), at("10:55")))
    assert [one.was_on_time for one in found_promises] == [False, True]
    assert promises(incident, at("13:00"))[-1] == Promise(3, at("12:30"))
    assert grade("promises", DrillResult(incident, until=at("11:30"))).grade is Grade.SOME_CHALLENGES
    assert grade("promises", DrillResult(incident, until=at("13:00"))).grade is Grade.MAJOR_CHALLENGES


def test_what_ended_before_any_promise_fell_due_is_not_graded():
    short = incident_of(("10:05", notice_of(NoticeKind.FIRST)))
    grades = grade("promises", DrillResult(short, until=at("10:20")))
    assert (grades.grade, grades.evidence.code) == (None, "no_promise")


@pytest.mark.parametrize(
    ("errors", "warnings", "wanted"),
    [(0, 0, Grade.PERFORMED), (0, 2, Grade.SOME_CHALLENGES), (1, 0, Grade.MAJOR_CHALLENGES)],
)
def test_hard_words_cost_the_grade(errors: int, warnings: int, wanted: Grade):
    incident = incident_of(("10:05", notice_of(NoticeKind.FIRST)))
    assert grade("plain", DrillResult(incident, errors, warnings)).grade is wanted


def test_a_wrong_fact_has_to_be_corrected_where_one_was_fed_in():
    first = ("10:05", notice_of(NoticeKind.FIRST))
    assert grade("corrected", DrillResult(incident_of(first))).grade is None
    assert grade("corrected", DrillResult(incident_of(first), had_wrong_fact=True)).grade is Grade.UNABLE
    mended = incident_of(first, ("10:12", notice_of(NoticeKind.CORRECTION)))
    assert grade("corrected", DrillResult(mended, had_wrong_fact=True)).grade is Grade.PERFORMED


def test_the_leader_has_the_last_word_and_ours_stays_beside_it():
    objective = Objective("calm", {"en": "Everybody stays calm"}, "leader")
    alone = grade_objectives([objective], DrillResult(incident_of(("10:05", notice_of(NoticeKind.FIRST)))), {}, {})[0]
    assert alone.grade is None
    override = GradeOverride(Grade.SOME_CHALLENGES, "One person shouted.", "Kato")
    ruled = grade_objectives(
        [objective], DrillResult(incident_of(("10:05", notice_of(NoticeKind.FIRST)))), {"calm": override}, {}
    )[0]
    assert (ruled.grade, ruled.computed_grade, ruled.override) == (Grade.SOME_CHALLENGES, None, override)


def test_where_it_stopped_is_known_when_nothing_became_readable():
    stopped = incident_of(("10:20", TimelineEvent(EventKind.ACKNOWLEDGED, "Sato")))
    stamp = last_stage_reached(stopped)
    assert stamp and (stamp.stage, stamp.at) == ("acknowledged", at("10:20"))
    assert last_stage_reached(incident_of(("10:05", notice_of(NoticeKind.FIRST)), readable("10:06", 1))) is None
    assert last_stage_reached(None) is None


SLOW = {
    "acknowledged": ("10:30", "10:31", "10:32", "10:33", "10:34", "10:35", "10:36"),
    "confirmed": ("10:01", "10:31", "10:32", "10:33", "10:34", "10:35", "10:36"),
    "colleagues_told": ("10:01", "10:02", "10:32", "10:33", "10:34", "10:35", "10:36"),
    "opened": ("10:01", "10:02", "10:03", "10:33", "10:34", "10:35", "10:36"),
    "written": ("10:01", "10:02", "10:03", "10:04", "10:34", "10:35", "10:36"),
    "published": ("10:01", "10:02", "10:03", "10:04", "10:05", "10:35", "10:36"),
    "readable": ("10:01", "10:02", "10:03", "10:04", "10:05", "10:06", "10:36"),
}


@pytest.mark.parametrize("cause", SLOW)
def test_each_cause_of_delay_is_named(cause: str):
    taken, sure, informed, opened, ready, out, read = SLOW[cause]
    incident = incident_of(
        (taken, TimelineEvent(EventKind.ACKNOWLEDGED, "Sato")),
        (sure, TimelineEvent(EventKind.CONFIRMED, "Sato")),
        (informed, InternalNote("Booking fails.", "Sato")),
        (opened, TimelineEvent(EventKind.FORM_OPENED, "Sato")),
        (ready, TimelineEvent(EventKind.WORDS_READY, "Sato")),
        (out, TimelineEvent(EventKind.APPROVED, "Kato")),
        (out, notice_of(NoticeKind.FIRST)),
        readable(read, 7),
    )
    longest = slowest(incident)
    assert longest and (longest.stage, longest.duration) == (cause, timedelta(minutes=30))
    assert intervals(incident)[-1].end == at(read)


def test_waiting_for_an_answer_is_a_stretch_of_its_own():
    incident = incident_of(
        ("10:01", TimelineEvent(EventKind.ACKNOWLEDGED, "Sato")),
        ("10:02", TimelineEvent(EventKind.FORM_OPENED, "Sato")),
        ("10:03", TimelineEvent(EventKind.FACTS_REQUESTED, "Sato")),
        ("10:25", TimelineEvent(EventKind.FACT_RECEIVED, "Kobayashi")),
        ("10:26", notice_of(NoticeKind.FIRST)),
        ("10:40", TimelineEvent(EventKind.FACT_RECEIVED, "Kobayashi")),
        readable("10:27", 5),
    )
    longest = slowest(incident)
    assert longest and (longest.stage, longest.duration) == ("facts", timedelta(minutes=23))


@pytest.mark.parametrize(
    ("length", "text"),
    [(timedelta(seconds=9), "0:09"), (timedelta(minutes=8, seconds=56), "8:56"), (timedelta(minutes=63), "1:03:00")],
)
def test_lengths_are_shown_in_minutes_and_seconds(length: timedelta, text: str):
    assert format_duration(length) == text
