"""Maintenance: its state, its input, and how it is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statuspage.domain.facts import (
    MAINTENANCE,
    Affected,
    Facts,
    MaintenanceWindow,
    NoticeKind,
    Precision,
    StartTime,
    State,
)
from statuspage.domain.incident import Incident, Notice, ScheduledNotice, TimelineEntry
from statuspage.domain.notice_parsing import parse_notice
from statuspage.serialization import from_json_value, to_json_value
from tests.support.content import demo_catalog
from tests.support.times import at
from tests.support.typed import retyped, typed_input

CATALOG = demo_catalog()
PLAN = MaintenanceWindow(at("02:00", "2026-07-12"), at("04:00", "2026-07-12"), at("02:00", "2026-07-11"))
FACTS = Facts(incident_type=MAINTENANCE, affected=(Affected("booking", State.MAJOR),), maintenance_window=PLAN)
N = NoticeKind


def incident_of(*notices: NoticeKind, facts: Facts = FACTS) -> Incident:
    """A maintenance with these notices, an hour apart."""
    entries = tuple(
        TimelineEntry(n, at(f"{n:02}:00"), at(f"{n:02}:00"), Notice(notice_kind, facts, {}))
        for n, notice_kind in enumerate(notices, 1)
    )
    return Incident("m" * 12, at("01:00"), at("01:00"), "form", entries)


def test_planned_work_affects_nothing_before_it_has_started():
    incident = incident_of(N.ANNOUNCED, N.REMINDER)
    assert incident.is_maintenance and not incident.has_started and not incident.is_over
    assert (incident.affected, incident.state, incident.status) == ((), State.OPERATIONAL, "scheduled")


def test_its_services_are_under_maintenance_while_it_lasts_however_badly_they_are_hit():
    incident = incident_of(N.ANNOUNCED, N.STARTED, N.EXTENDED)
    assert incident.affected == (Affected("booking", State.MAINTENANCE),)
    assert (incident.state, incident.status) == (State.MAINTENANCE, "in_progress")


@pytest.mark.parametrize("end", [N.FINISHED, N.CANCELLED])
def test_it_is_over_once_finished_or_cancelled(end: NoticeKind):
    incident = incident_of(N.ANNOUNCED, N.STARTED, end)
    assert incident.is_over and incident.is_announced_over
    assert (incident.affected, incident.state, incident.status) == ((), State.OPERATIONAL, "completed")


def test_it_overruns_when_its_end_has_passed_and_nobody_has_said_more():
    incident = incident_of(N.ANNOUNCED, N.STARTED)
    assert not incident.is_overrun(at("03:59", "2026-07-12"))
    assert incident.is_overrun(at("04:00", "2026-07-12"))
    assert not incident_of(N.ANNOUNCED, N.STARTED, N.FINISHED).is_overrun(at("05:00", "2026-07-12"))


def test_trouble_is_no_maintenance():
    trouble = incident_of(N.FIRST, facts=replace(FACTS, incident_type="booking", maintenance_window=None))
    assert not trouble.is_maintenance and not trouble.is_overrun(at("05:00"))
    assert trouble.state is State.MAJOR


def test_a_plan_with_what_follows_on_it_by_itself_is_kept_whole():
    follows = (ScheduledNotice(N.REMINDER, PLAN.start, FACTS, {}),)
    notice = Notice(N.ANNOUNCED, FACTS, {}, scheduled=follows)
    assert from_json_value(Notice, to_json_value(notice)) == notice


def test_a_notice_written_before_there_were_plans_is_still_read():
    old = to_json_value(Notice(N.FIRST, Facts(incident_type="booking"), {}))
    del old["scheduled"], old["facts"]["maintenance_window"]
    assert from_json_value(Notice, old) == Notice(N.FIRST, Facts(incident_type="booking"), {})


def typed(notice: NoticeKind = N.ANNOUNCED, previous: Facts | None = None, now: str = "12:00", **fields: object):
    assert CATALOG is not None
    base = typed_input(incident_type=MAINTENANCE, services=("booking",))
    return parse_notice(retyped(base, **fields), catalog=CATALOG, notice=notice, now=at(now), previous=previous)


@pytest.mark.parametrize("ends", ["7/12 04:00", "2h", "120m", "2026-07-12T04:00"])
def test_a_window_is_typed_as_two_times_or_as_a_start_and_a_length(ends: str):
    facts, problems = typed(begins="7/12 02:00", ends=ends)
    assert (facts.maintenance_window, problems) == (PLAN, ())


@pytest.mark.parametrize(
    ("begins", "remind", "expected"),
    [
        ("7/6 02:00", "", at("02:00", "2026-07-05")),
        ("7/5 02:00", "", at("01:00", "2026-07-05")),
        ("13:00", "", None),
        ("7/12 02:00", "2h", at("00:00", "2026-07-12")),
        ("7/12 02:00", "none", None),
    ],
)
def test_customers_are_reminded_a_day_before_or_an_hour_where_that_is_too_late(begins, remind, expected):
    facts, problems = typed(begins=begins, ends="1h", remind=remind)
    assert facts.maintenance_window is not None
    assert (facts.maintenance_window.remind_at, problems) == (expected, ())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("begins", "window.missing")),
        ({"begins": "soon", "ends": "2h"}, ("begins", "window.unreadable")),
        ({"begins": "7/12 02:00", "ends": "7/12 01:00"}, ("ends", "window.order")),
        ({"begins": "7/3 02:00", "ends": "2h"}, ("begins", "window.past")),
        ({"begins": "7/12 02:00", "ends": "2h", "remind": "9d"}, ("remind", "remind.past")),
        ({"begins": "7/12 02:00", "ends": "2h", "remind": "early"}, ("remind", "remind.unreadable")),
        ({"begins": "7/12 02:00", "ends": "2h", "services": ()}, ("services", "services.missing")),
    ],
)
def test_what_is_wrong_with_a_plan_stands_beside_its_field(fields, expected):
    _, problems = typed(**fields)
    assert (problems[0].field, problems[0].code) == expected


def test_an_extension_gives_another_end_and_keeps_the_rest():
    begun = replace(FACTS, start=StartTime(Precision.EXACT, PLAN.start))
    facts, problems = typed(N.EXTENDED, begun, services=("booking:major",), ends="7/12 05:30")
    assert (facts.maintenance_window, facts.start, problems) == (
        replace(PLAN, end=at("05:30", "2026-07-12")),
        begun.start,
        (),
    )
    _, same = typed(N.EXTENDED, begun, services=("booking:major",))
    assert [(p.field, p.code) for p in same] == [("ends", "window.same")]


def test_it_started_and_finished_now_unless_another_time_is_typed():
    facts, problems = typed(N.STARTED, FACTS)
    assert (facts.start, problems) == (StartTime(Precision.EXACT, at("12:00")), ())
    begun = replace(FACTS, start=StartTime(Precision.EXACT, at("10:00")))
    over, problems = typed(N.FINISHED, begun, ended="11:45")
    assert (over.ended_at, problems) == (at("11:45"), ())


def test_a_day_without_a_year_is_one_to_come():
    facts, problems = typed(begins="1/5 02:00", ends="2h")
    assert facts.maintenance_window is not None
    assert (facts.maintenance_window.start, problems) == (at("02:00", "2027-01-05"), ())
