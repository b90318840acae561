"""Times as people type them."""

from datetime import UTC, datetime

import pytest

from statuspage.domain.time_parsing import TimeParser


def tokyo(hour: int, minute: int = 0, day: int = 4) -> datetime:
    """A moment on a July day of 2026 in Tokyo, in UTC."""
    return datetime.fromisoformat(f"2026-07-{day:02}T{hour:02}:{minute:02}+09:00").astimezone(UTC)


NOON = TimeParser("Asia/Tokyo", tokyo(12, 2))


@pytest.mark.parametrize(
    "typed",
    [
        "11:55",
        "１１：５５",
        "1155",
        "11時55分",
        "11.55",
        "7/4 11:55",
        "2026-07-04 11:55",
        "7月4日(土)11:55",
        "7m",
        "7分前",
    ],
)
def test_a_past_time_is_read_however_it_is_typed(typed: str) -> None:
    assert NOON.parse_past(typed) == tokyo(11, 55)


@pytest.mark.parametrize(
    "typed", ["13:30", "1330", "13時30分", "88m", "1h28m", "88分後", "7/4 13:30", "2026-07-04T13:30:00+09:00"]
)
def test_a_time_ahead_is_read_however_it_is_typed(typed: str) -> None:
    assert NOON.parse_future(typed) == tokyo(13, 30)


@pytest.mark.parametrize(
    "typed", ["", "soon", "25:00", "12:60", "13/45 10:00", "2026-02-30 10:00", "99999", "::", "１２３４５６"]
)
def test_what_is_no_time_is_not_guessed(typed: str) -> None:
    assert NOON.parse_past(typed) is None
    assert NOON.parse_future(typed) is None


def test_just_after_midnight_ten_to_twelve_was_yesterday() -> None:
    assert TimeParser("Asia/Tokyo", tokyo(0, 10, day=5)).parse_past("23:50") == tokyo(23, 50, day=4)


def test_just_before_midnight_half_past_twelve_is_tomorrow() -> None:
    assert TimeParser("Asia/Tokyo", tokyo(23, 50)).parse_future("0:30") == tokyo(0, 30, day=5)


def test_a_start_typed_for_later_today_is_not_moved_to_yesterday() -> None:
    assert NOON.parse_past("12:30") == tokyo(12, 30)


def test_an_update_promised_for_earlier_today_is_not_moved_to_tomorrow() -> None:
    assert NOON.parse_future("11:30") == tokyo(11, 30)


def test_the_hour_that_a_clock_change_repeats_is_its_first() -> None:
    berlin = TimeParser("Europe/Berlin", datetime(2026, 10, 25, 6, 0, tzinfo=UTC))
    assert berlin.parse_past("2:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
