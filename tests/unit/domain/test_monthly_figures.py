"""The figures of a month: what counts, in which month, and how minutes of several services go together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from statuspage.domain.facts import State
from statuspage.domain.post_incident.monthly_figures import (
    Figures,
    PublishedIncident,
    count_figures,
    months_from,
    next_month,
    sum_figures,
)
from statuspage.domain.services.outages import StatePeriod
from statuspage.domain.services.uptime import midnight

TOKYO, BERLIN = "Asia/Tokyo", "Europe/Berlin"
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def down(start: str, end: str | None, service: str = "api", state: State = State.MAJOR) -> StatePeriod:
    """A service in a state between two times in UTC."""
    return StatePeriod(service, state, utc(start), utc(end) if end else None)


def month_of(
    month: date,
    *periods: StatePeriod,
    incidents: Sequence[PublishedIncident] = (),
    zone: str = TOKYO,
    now: str = "2027-01-01",
) -> Figures:
    end = min(midnight(next_month(month), zone), utc(now))
    return count_figures(incidents, periods, midnight(month, zone), end)


def minutes(figures: Figures) -> dict[State, int]:
    """The minutes of each state that has any."""
    return {state: count for state, count in figures.minutes.items() if count}


def one(opened: str, **known: object) -> PublishedIncident:
    return PublishedIncident("k3m9p2q7x4ab", utc(opened), **known)


def test_minutes_across_the_end_of_a_month_count_in_each_month_in_the_zone_of_the_site():
    # 30 June 23:30 to 1 July 00:45 in Tokyo.
    period = down("2026-06-30T14:30", "2026-06-30T15:45")
    assert minutes(month_of(JUNE, period)) == {State.MAJOR: 30}
    assert minutes(month_of(JULY, period)) == {State.MAJOR: 45}


def test_an_incident_counts_once_in_the_month_in_which_it_was_opened():
    incident = one("2026-06-30T15:00")  # midnight in Tokyo
    assert month_of(JUNE, incidents=[incident]).incidents == 0
    assert month_of(JULY, incidents=[incident]).incidents == 1


@pytest.mark.parametrize(("month", "extra"), [(3, -60), (10, 60)])
def test_the_months_of_summer_time_have_an_hour_less_and_an_hour_more(month: int, extra: int):
    first = date(2026, month, 1)
    whole = down("2026-01-01", "2026-12-31")
    assert minutes(month_of(first, whole, zone=BERLIN)) == {State.MAJOR: 31 * 24 * 60 + extra}


def test_two_services_at_once_count_each_minute_once_in_the_worst_state():
    periods = (
        down("2026-06-10T10:00", "2026-06-10T11:00", "api", State.DEGRADED),
        down("2026-06-10T10:30", "2026-06-10T11:30", "web", State.MAJOR),
    )
    assert minutes(month_of(JUNE, *periods)) == {State.DEGRADED: 30, State.MAJOR: 60}


def test_planned_work_hides_its_own_service_and_no_other():
    work = down("2026-06-10T10:00", "2026-06-10T12:00", "api", State.MAINTENANCE)
    own, other = down("2026-06-10T10:00", "2026-06-10T10:20"), down("2026-06-10T11:00", "2026-06-10T11:10", "web")
    assert minutes(month_of(JUNE, work, own, other)) == {State.MAINTENANCE: 110, State.MAJOR: 10}


def test_a_service_that_works_again_and_is_watched_has_no_minutes():
    assert minutes(month_of(JUNE, down("2026-06-10T10:00", "2026-06-10T11:00", state=State.CHECKING))) == {}


def test_what_is_not_over_counts_until_now():
    period = down("2026-06-10T10:00", None)
    assert minutes(month_of(JUNE, period, now="2026-06-10T10:07")) == {State.MAJOR: 7}
    assert minutes(month_of(JULY, period, now="2026-06-10T10:07")) == {}


def test_a_withdrawn_incident_counts_only_as_withdrawn():
    known = {"is_withdrawn": True, "promises_made": 2, "corrections": 1, "cause": "power"}
    figures = month_of(JUNE, incidents=[one("2026-06-10", **known)])
    assert (figures.incidents, figures.withdrawn) == (0, 1)
    assert (figures.promises_made, figures.corrections, figures.causes) == (0, 0, {})


def test_times_by_the_form_are_in_no_line_with_those_from_an_alert():
    times = [(300, False), (600, False), (900, False), (5, True)]
    incidents = [
        one("2026-06-10", time_to_notice=timedelta(seconds=seconds), is_clocked_by_form=by_form)
        for seconds, by_form in times
    ]
    figures = month_of(JUNE, incidents=[*incidents, one("2026-06-11")])
    assert (figures.incidents, figures.alerted.count, figures.clocked_by_form.count) == (5, 3, 1)
    assert (figures.alerted.median, figures.alerted.worst) == (timedelta(minutes=10), timedelta(minutes=15))
    assert figures.clocked_by_form.median == timedelta(seconds=5)


def test_the_median_of_two_is_between_them_and_there_is_none_without_any():
    incidents = [one("2026-06-10", time_to_notice=timedelta(seconds=seconds)) for seconds in (100, 205)]
    assert month_of(JUNE, incidents=incidents).alerted.median == timedelta(seconds=152)
    assert month_of(JULY, incidents=incidents).alerted.median is None


def test_all_promises_but_one_are_not_a_hundred_percent():
    figures = month_of(JUNE, incidents=[one("2026-06-10", promises_made=400, promises_kept=399)])
    assert figures.promises_kept_percent == 99
    assert month_of(JULY).promises_kept_percent is None


def test_a_month_without_incidents_is_empty_and_all_zero():
    figures = month_of(JUNE)
    assert figures.is_empty
    assert (figures.incidents, figures.corrections, {*figures.minutes.values()}) == (0, 0, {0})


def test_a_year_is_the_sum_of_what_its_months_show():
    short = down("2026-06-10T10:00:00", "2026-06-10T10:00:31"), down("2026-07-10T10:00:00", "2026-07-10T10:00:31")
    incidents = [
        one("2026-06-10", time_to_notice=timedelta(minutes=9), cause="power", contributing_causes=("capacity",)),
        one("2026-07-10", time_to_notice=timedelta(minutes=1), cause="power"),
    ]
    months = [month_of(month, *short, incidents=incidents) for month in (JUNE, JULY)]
    assert [minutes(month) for month in months] == [{State.MAJOR: 1}, {State.MAJOR: 1}]
    whole = sum_figures(months)
    assert minutes(whole) == {State.MAJOR: 2}
    assert (whole.incidents, whole.alerted.median, whole.alerted.worst) == (
        2,
        timedelta(minutes=5),
        timedelta(minutes=9),
    )
    assert (whole.causes, whole.contributing_causes) == ({"power": 2}, {"capacity": 1})


def test_months_follow_each_other_over_the_end_of_a_year():
    assert months_from(date(2025, 11, 30), date(2026, 2, 1)) == (
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    )
    assert next_month(date(2025, 12, 1)) == date(2026, 1, 1)
