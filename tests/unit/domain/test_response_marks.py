"""Times of an incident beside the one number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from statuspage.domain.facts import EngineerAnswer, Facts, NoticeKind
from statuspage.domain.incident import EventKind, Incident, Notice, TimelineEntry, TimelineEvent
from statuspage.domain.response_marks import ResponseMark, grouped_stages, response_marks
from statuspage.domain.response_times import ResponseClock, default_clock
from tests.support.times import at

PLAIN = Facts(incident_type="booking")


def incident_of(*entries: tuple[str, TimelineEvent | Notice]) -> Incident:
    """An incident whose alert fired at 10:00."""
    recorded = [TimelineEntry(n, at(clock), at(clock), entry) for n, (clock, entry) in enumerate(entries, 1)]
    return Incident("a1b2c3d4e5f6", at("10:00"), at("10:00"), "alert", tuple(recorded))


def resolved(ended: str) -> Notice:
    return Notice(NoticeKind.RESOLVED, replace(PLAIN, ended_at=at(ended)), {}, "Sato")


def answer(facts: Facts, *fields: str) -> TimelineEvent:
    return TimelineEvent(EventKind.FACT_RECEIVED, "Ito", engineer_answer=EngineerAnswer(fields, facts))


def took(incident: Incident, clock: ResponseClock | None = None, broken: str = "") -> dict[str, int]:
    """Minutes by name."""
    marks = response_marks(incident, clock or default_clock(incident), at(broken) if broken else None)
    return {mark.name: round(mark.took.total_seconds() / 60) for mark in marks}


def test_customers_wait_from_the_moment_it_works_until_they_can_read_that() -> None:
    over = resolved("10:30")
    unread = incident_of(("10:05", Notice(NoticeKind.FIRST, PLAIN, {}, "Sato")), ("10:50", over))
    assert took(unread) == {}, "nobody can read it yet"
    read = incident_of(("10:50", over), ("10:52", TimelineEvent(EventKind.READABLE, text="1")))
    assert took(read) == {"told_over": 22}
    again = incident_of(
        ("10:50", over),
        ("10:52", TimelineEvent(EventKind.READABLE, text="1")),
        ("11:00", TimelineEvent(EventKind.REOPENED, "Sato")),
    )
    assert took(again) == {}, "it did not last"


def test_the_minute_of_the_notice_is_now_and_counts_no_seconds_before_it() -> None:
    ended_now = TimelineEntry(
        1, at("10:50") + timedelta(seconds=40), at("10:50") + timedelta(seconds=40), resolved("10:50")
    )
    read = TimelineEntry(2, *[at("10:50") + timedelta(seconds=57)] * 2, TimelineEvent(EventKind.READABLE, text="1"))
    story = Incident("a1b2c3d4e5f6", at("10:00"), at("10:00"), "alert", (ended_now, read))
    (told_over,) = response_marks(story, default_clock(story), None)
    assert told_over.took == timedelta(seconds=17)


def test_the_monitor_says_when_it_works_if_the_notice_does_not() -> None:
    story = incident_of(
        ("10:20", TimelineEvent(EventKind.RECOVERED, text="Bookings")),
        ("10:50", Notice(NoticeKind.RESOLVED, PLAIN, {}, "Sato")),
        ("10:51", TimelineEvent(EventKind.READABLE, text="2")),
    )
    assert took(story) == {"told_over": 31}


def test_engineers_answer_the_first_request_and_an_answer_without_one_is_no_wait() -> None:
    asked = TimelineEvent(EventKind.FACTS_REQUESTED, "Sato")
    assert took(incident_of(("10:02", answer(PLAIN, "start")))) == {}
    assert took(incident_of(("10:03", asked), ("10:05", asked))) == {}, "nobody has answered"
    story = incident_of(("10:03", asked), ("10:05", asked), ("10:10", answer(PLAIN, "start")))
    assert took(story) == {"answered": 7}


def test_the_cause_is_found_when_somebody_first_gives_it() -> None:
    caused = replace(PLAIN, cause="capacity")
    story = incident_of(("10:12", answer(caused, "services")), ("10:20", Notice(NoticeKind.UPDATE, caused, {}, "Sato")))
    assert took(story) == {"cause": 12}


def test_what_was_broken_on_purpose_waits_for_its_alert_and_no_form_is_one() -> None:
    story = incident_of()
    assert took(story, broken="09:56") == {"broken": 4}
    assert took(story, broken="10:01") == {}, "another alert came first"
    assert took(story, ResponseClock(at("10:00"), "form"), broken="09:56") == {}


def test_a_pause_is_in_no_mark() -> None:
    story = incident_of(("10:50", resolved("10:30")), ("10:52", TimelineEvent(EventKind.READABLE, text="1")))
    paused = ResponseClock(at("10:00"), "alert", ((at("10:40"), at("10:45")),))
    assert response_marks(story, paused) == (
        ResponseMark("told_over", at("10:30"), at("10:52"), timedelta(minutes=17)),
    )


def test_stages_are_compared_in_groups_and_an_unmeasured_one_is_no_zero() -> None:
    minute = timedelta(minutes=1)
    stages = {"acknowledged": minute, "opened": minute, "written": 2 * minute, "published": minute, "readable": minute}
    assert grouped_stages(stages) == {"acknowledged": minute, "written": 4 * minute, "readable": minute}
