"""A lasting fault is a handful of lines, not a flood."""

from __future__ import annotations

from datetime import timedelta

from statuspage.usecases import repeated_events
from statuspage.usecases.repeated_events import RepeatedEvents
from tests.support.times import at

NOON = at("12:00")


def test_a_fault_of_an_hour_is_one_line_a_minute_and_no_time_is_forgotten() -> None:
    events = RepeatedEvents()
    lines = [events.count_if_due("secret", NOON + timedelta(seconds=second)) for second in range(3600)]
    counts = [count for count in lines if count is not None]
    assert lines[0] == 1
    assert len(counts) == 60
    assert sum(counts) + (events.end("secret") or 0) == 3600


def test_a_fault_that_comes_again_later_begins_anew_and_others_are_lines_of_their_own() -> None:
    events = RepeatedEvents()
    assert events.count_if_due("secret", NOON) == 1
    assert events.count_if_due("secret", NOON + timedelta(seconds=5)) is None
    assert events.count_if_due("unreadable", NOON + timedelta(seconds=5)) == 1
    assert events.end("secret") == 1
    assert events.end("secret") is None
    assert events.count_if_due("secret", NOON + timedelta(seconds=6)) == 1


def test_a_clock_set_back_does_not_silence_a_fault() -> None:
    events = RepeatedEvents()
    assert events.count_if_due("secret", NOON) == 1
    assert events.count_if_due("secret", NOON - timedelta(hours=2)) == 1


def test_strangers_who_make_up_faults_take_no_more_room() -> None:
    events = RepeatedEvents()
    made_up = 2 * repeated_events.MAX_FAULTS
    lines = [events.count_if_due(number, NOON) for number in range(made_up)]
    assert sum(line is not None for line in lines) == repeated_events.MAX_FAULTS
    later = NOON + repeated_events.OVER_AFTER + timedelta(seconds=1)
    assert events.count_if_due("new", later) == 1
