"""History from incidents: the states of each service over time, and the resulting ninety days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.domain.facts import WORST_FIRST, Affected, Facts, NoticeKind, Precision, StartTime, State
from statuspage.domain.incident import Entry, EventKind, Incident, Notice, TimelineEntry, TimelineEvent
from statuspage.domain.services.outages import StatePeriod, state_periods
from statuspage.domain.services.uptime import WEIGHT, midnight, recent_days, uptime_record, uptime_share
from tests.support.site import over
from tests.support.times import at

MAJOR, PARTIAL, SLOW, CHECKING, MAINTENANCE = (
    State.MAJOR,
    State.PARTIAL,
    State.DEGRADED,
    State.CHECKING,
    State.MAINTENANCE,
)


def facts(started: str = "11:55", ended: str = "", **states: State) -> Facts:
    affected = tuple(Affected(name.replace("_", "-"), state) for name, state in states.items())
    begun = StartTime(Precision.ABOUT, at(started)) if started else None
    return Facts("booking", affected, start=begun, ended_at=at(ended) if ended else None)


def incident_of(*events: tuple[str, str, Facts] | tuple[str, EventKind]) -> Incident:
    """An incident from (clock, kind of notice, facts) and (clock, event)."""
    entries = []
    for number, each in enumerate(events, 1):
        entry: Entry = (
            TimelineEvent(each[1]) if isinstance(each[1], EventKind) else Notice(NoticeKind(each[1]), each[2], {})
        )
        entries.append(TimelineEntry(number, at(each[0]), at(each[0]), entry))
    return Incident("k3m9p2q7x4ab", at("11:57"), at("11:57"), "alert", tuple(entries))


def periods_of(incident: Incident) -> list[tuple[str, State, str, str]]:
    """Service, state, from, to, as times of day."""
    zone = ZoneInfo("Asia/Tokyo")
    return [
        (s.service, s.state, f"{s.start.astimezone(zone):%H:%M}", f"{s.end.astimezone(zone):%H:%M}" if s.end else "")
        for s in state_periods(incident)
    ]


def test_trouble_runs_from_its_start_to_its_end_whenever_that_was_told():
    assert periods_of(over()) == [("booking", MAJOR, "11:55", "13:12"), ("desk-booking", SLOW, "11:55", "13:12")]


def test_trouble_that_is_not_over_goes_on():
    assert periods_of(incident_of(("12:03", "first", facts(booking=MAJOR)))) == [("booking", MAJOR, "11:55", "")]


def test_a_state_changes_when_customers_were_told_so():
    incident = incident_of(
        ("12:03", "first", facts(booking=MAJOR)),
        ("12:30", "partly_restored", facts(booking=PARTIAL, fees=SLOW)),
        ("13:15", "resolved", facts(booking=PARTIAL, ended="13:12")),
    )
    assert periods_of(incident) == [
        ("booking", MAJOR, "11:55", "12:30"),
        ("booking", PARTIAL, "12:30", "13:12"),
        ("fees", SLOW, "12:30", "13:12"),
    ]


def test_a_correction_counts_from_the_beginning_of_what_it_corrects():
    incident = incident_of(
        ("12:03", "first", facts(booking=MAJOR)),
        ("12:10", "correction", facts("11:40", fees=PARTIAL)),
        ("13:15", "resolved", facts("11:40", ended="13:12", fees=PARTIAL)),
        ("15:00", "correction", facts("11:45", ended="13:05", fees=PARTIAL)),
    )
    assert periods_of(incident) == [("fees", PARTIAL, "11:45", "13:05")]


def test_what_was_withdrawn_never_was():
    assert periods_of(incident_of(("12:03", "first", facts(booking=MAJOR)), ("12:10", "withdrawal", facts()))) == []


def test_a_service_that_works_again_while_we_watch_is_checking_until_the_end_is_told():
    first, monitoring = ("12:03", "first", facts(booking=MAJOR)), ("12:50", "monitoring", facts(booking=MAJOR))
    assert periods_of(incident_of(first, monitoring)) == [
        ("booking", MAJOR, "11:55", "12:50"),
        ("booking", CHECKING, "12:50", ""),
    ]
    ended = incident_of(first, monitoring, ("13:30", "resolved", facts(ended="12:55", booking=MAJOR)))
    assert periods_of(ended) == [("booking", MAJOR, "11:55", "12:55")]


def test_trouble_that_came_back_has_a_break_in_it():
    incident = incident_of(
        ("12:03", "first", facts(booking=MAJOR)),
        ("12:35", "resolved", facts(ended="12:30", booking=MAJOR)),
        ("13:00", EventKind.REOPENED),
        ("13:05", "update", facts(booking=MAJOR)),
        ("13:30", "resolved", facts(ended="13:25", booking=MAJOR)),
        ("18:00", "postmortem", facts(ended="13:25", booking=MAJOR)),
    )
    assert periods_of(incident) == [("booking", MAJOR, "11:55", "12:30"), ("booking", MAJOR, "13:00", "13:25")]


def test_what_was_closed_without_a_word_ended_then():
    incident = incident_of(("12:03", "first", facts("", booking=MAJOR)), ("12:40", EventKind.CLOSED))
    assert periods_of(incident) == [("booking", MAJOR, "12:03", "12:40")]


def test_an_incident_nobody_was_told_of_leaves_no_trace():
    assert state_periods(incident_of(("12:03", EventKind.CONFIRMED))) == ()


NOTICE_KINDS = st.sampled_from([notice_kind.value for notice_kind in NoticeKind])
STEPS = st.sampled_from([EventKind.REOPENED, EventKind.CLOSED])
STATES = st.dictionaries(st.sampled_from(["booking", "fees"]), st.sampled_from([MAJOR, PARTIAL, SLOW]))
CLOCKS = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
EVENTS_AND_NOTICES = st.one_of(
    st.tuples(CLOCKS, NOTICE_KINDS, st.builds(lambda s, e, a: facts(s, e, **a), CLOCKS, CLOCKS | st.just(""), STATES)),
    st.tuples(CLOCKS, STEPS),
)


def test_a_part_never_begins_before_all_parts_told_before_it_were_over():
    incident = incident_of(
        ("00:08", "first", facts("00:00", booking=MAJOR)),
        ("00:01", EventKind.CLOSED),
        ("16:40", "first", facts("03:14")),
        ("00:00", EventKind.CLOSED),
        ("03:03", "first", facts("00:00", booking=SLOW)),
    )
    assert periods_of(incident) == [("booking", MAJOR, "00:00", "00:01"), ("booking", SLOW, "00:01", "")]


@given(st.lists(EVENTS_AND_NOTICES, max_size=9))
def test_whatever_the_story_its_spans_are_in_order_and_do_not_overlap(story: list[tuple[str, EventKind]]):
    found = state_periods(incident_of(*story))
    assert all(span.end is None or span.start < span.end for span in found)
    for one, next_ in pairwise(found):
        if one.service == next_.service:
            assert one.end is not None
            assert one.end <= next_.start


MINUTES = st.integers(0, 599)
SPANS = st.lists(
    st.tuples(MINUTES, MINUTES | st.none(), st.sampled_from([MAJOR, PARTIAL, SLOW, CHECKING, MAINTENANCE])), max_size=8
)


@given(SPANS)
def test_the_share_is_what_counting_every_minute_finds(made: list[tuple[int, int | None, State]]):
    start = at("00:00")
    total = lost = 0.0
    for minute in range(600):
        states = [state for a, b, state in made if a <= minute and (b is None or minute < b)]
        if MAINTENANCE not in states:
            total += 1
            lost += max((WEIGHT.get(state, 0) for state in states), default=0)
    found = uptime_share(
        [
            StatePeriod("x", state, start + timedelta(minutes=a), None if b is None else start + timedelta(minutes=b))
            for a, b, state in made
        ],
        start,
        start + timedelta(minutes=600),
    )
    assert found == (pytest.approx(1 - lost / total) if total else None)


@given(SPANS, st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"]))
def test_a_day_is_the_worst_minute_on_it(made: list[tuple[int, int | None, State]], zone: str):
    now = datetime(2026, 4, 6, 9, tzinfo=UTC)
    start, hour = now - timedelta(hours=600), timedelta(hours=1)
    found = [StatePeriod("x", s, start + a * hour, None if b is None else start + b * hour) for a, b, s in made]
    expected: dict[date, State] = {}
    for span in found:
        moment = span.start
        while moment < (span.end or now):
            day = moment.astimezone(ZoneInfo(zone)).date()
            expected[day] = min(expected.get(day, State.OPERATIONAL), span.state, key=WORST_FIRST.index)
            moment += timedelta(minutes=30)
    kept = uptime_record(found, now=now, zone=zone)
    days = dict(zip(recent_days(now, zone), kept.days, strict=True))
    assert {day: state for day, state in days.items() if state is not State.OPERATIONAL} == expected


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Santiago", date(2026, 9, 6), 23),  # The clock there jumps at midnight.
        ("Asia/Tokyo", date(2026, 3, 29), 24),
    ],
)
def test_a_day_is_as_long_as_it_is_there(zone: str, day: date, hours: int):
    length = midnight(day + timedelta(days=1), zone) - midnight(day, zone)
    assert length == timedelta(hours=hours)


def test_days_before_the_records_begin_are_not_judged():
    outage = StatePeriod("x", MAJOR, at("11:00"), at("12:00"))
    kept = uptime_record([outage], now=at("12:00"), zone="Asia/Tokyo", first_day=date(2026, 7, 4))
    assert kept.days[:-1] == (None,) * 89
    assert kept.counted_days == 1
    assert kept.uptime == pytest.approx(11 / 12)


def test_maintenance_that_was_announced_is_left_out():
    work = StatePeriod("x", MAINTENANCE, at("02:00"), at("04:00"))
    outage = StatePeriod("x", MAJOR, at("03:00"), at("06:00"))
    assert uptime_share([work, outage], at("00:00"), at("12:00")) == pytest.approx(1 - 2 / 10)


def test_a_future_end_counts_only_up_to_now():
    kept = uptime_record(
        [StatePeriod("x", MAJOR, at("11:00"), at("18:00"))], now=at("12:00"), zone="Asia/Tokyo", days=1
    )
    assert kept.uptime == pytest.approx(11 / 12)
    assert replace(kept, uptime=None).days == (MAJOR,)
