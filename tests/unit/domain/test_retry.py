"""Retry rules: growing pauses, limits for Retry-After, pauses of channels. No clock is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from statuspage.domain.retry import (
    FAILURE_THRESHOLD,
    LONGEST_OF_CHANNEL,
    NEEDS_PERSON,
    PROBE,
    ChannelHealth,
    after_failure,
    after_permanent_failure,
    clamp_retry_after,
    half_open,
    pause_before,
    should_give_up,
)
from tests.support.times import at

NOON = at("12:00")
WELL = ChannelHealth("x-ja")


def after_failures(count: int, chance: float = 1, wish: timedelta | None = None) -> ChannelHealth:
    health = WELL
    for _ in range(count):
        health = after_failure(health, "channel_down", "503", now=NOON, jitter=chance, retry_after=wish)
    return health


def test_pauses_double_up_to_half_an_hour_and_chance_takes_any_part_of_them():
    assert [pause_before(n, 1).total_seconds() for n in (1, 2, 3, 9, 10, 500)] == [5, 10, 20, 1280, 1800, 1800]
    assert [pause_before(4, chance).total_seconds() for chance in (0, 0.25, 0.5, 1)] == [1, 10, 20, 40]
    assert pause_before(1, 0) == timedelta(seconds=1)
    assert pause_before(99, 1, timedelta(minutes=1)) == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("wish", "kept"), [(None, None), (-5, None), (0, None), (0.2, 1), (1.5, 1.5), (90, 90), (86_400, 3600), (1e9, 3600)]
)
def test_another_sides_wish_is_kept_within_reason(wish: float | None, kept: float | None):
    found = clamp_retry_after(None if wish is None else timedelta(seconds=wish))
    assert found == (None if kept is None else timedelta(seconds=kept))


def test_a_channel_is_left_in_peace_after_the_third_failure_in_a_row_and_not_before():
    assert [after_failures(n).is_resting(NOON) for n in range(FAILURE_THRESHOLD + 1)] == [False] * FAILURE_THRESHOLD + [
        True
    ]


def test_its_rest_grows_with_each_failure_and_never_past_five_minutes():
    rests = [(after_failures(n).closed_until or NOON) - NOON for n in (3, 4, 5, 50)]
    assert [rest.total_seconds() for rest in rests] == [20, 40, 80, LONGEST_OF_CHANNEL.total_seconds()]


def test_a_limit_holds_for_the_whole_channel_at_the_first_word():
    health = after_failures(1, wish=timedelta(seconds=90))
    assert (health.closed_until, health.is_resting(at("12:01"))) == (at("12:01:30"), True)
    assert not health.is_resting(at("12:01:30"))


def test_when_its_rest_is_over_one_message_tries_and_the_others_wait():
    health = after_failures(3)
    later = at("12:00:20")
    assert not health.is_resting(later)
    assert half_open(health, later).is_resting(later + PROBE / 2)
    assert not half_open(health, later).is_resting(later + PROBE)


def test_one_more_failure_closes_it_again_and_says_since_when():
    again = after_failure(after_failures(3), "no_connection", "", now=at("12:05"), jitter=1, retry_after=None)
    assert (again.failures, again.failing_since, again.closed_until) == (4, NOON, at("12:05:40"))


@pytest.mark.parametrize("reason", NEEDS_PERSON)
def test_what_only_a_person_can_end_pauses_it_for_half_an_hour_at_a_time(reason: str):
    first = after_permanent_failure(after_failures(2), reason, "401", now=at("12:10"))
    again = after_permanent_failure(first, reason, "401", now=at("12:40"))
    assert (first.needs_person, first.closed_until, first.failing_since) == (True, at("12:40"), at("12:10"))
    assert (again.closed_until, again.failing_since) == (at("13:10"), at("12:10"))


def test_a_clock_set_back_by_an_hour_does_not_lengthen_a_rest():
    health = after_failures(3)
    assert health.is_resting(NOON)
    assert not health.is_resting(NOON - timedelta(hours=1))
    assert health.is_resting(NOON - timedelta(seconds=30)), "what two machines' clocks differ by is no jump"


def test_a_clock_set_forward_by_an_hour_ends_a_rest():
    assert not after_failures(3).is_resting(NOON + timedelta(hours=1))


def test_we_give_up_after_a_day_but_not_when_the_machine_slept_through_it():
    assert not should_give_up(NOON, 500, NOON + timedelta(hours=23))
    assert not should_give_up(NOON, 2, NOON + timedelta(hours=60))
    assert should_give_up(NOON, 5, NOON + timedelta(hours=25))


def test_a_channel_that_is_well_is_the_plain_one():
    assert (
        replace(
            after_failures(9),
            failures=0,
            last_failure_at=None,
            closed_until=None,
            failing_since=None,
            reason="",
            detail="",
        )
        == WELL
    )
