"""The formats of times, durations and lists."""

from __future__ import annotations

from datetime import timedelta

import pytest

from statuspage.domain import TimeText
from statuspage.domain.catalog import LocaleRules
from statuspage.rendering.wording.locale_format import Clock, join_list, plural_form
from statuspage.rendering.wording.times.time_layout import words_after
from tests.support.content import demo_catalog
from tests.support.language_grammar import grammar_of
from tests.support.times import at

PACKS = demo_catalog().packs
JA_WRITING, EN_WRITING, DE_WRITING = PACKS["ja"].locale_rules, PACKS["en"].locale_rules, LocaleRules("de")
JA, EN = Clock(JA_WRITING, "Asia/Tokyo"), Clock(EN_WRITING, "Asia/Tokyo")


def test_the_clock_has_24_hours_in_every_language():
    assert [c.format_time(at("23:05")) for c in (JA, EN)] == ["23:05", "23:05"]
    assert [c.format_time(at("00:05")) for c in (JA, EN)] == ["0:05", "00:05"]


def test_a_day_has_its_weekday_and_its_month_in_letters_in_english():
    assert JA.format_day(at("11:55")) == "7月4日(土)"
    assert EN.format_day(at("11:55")) == "Sat 4 July"
    assert (JA.format_date(at("11:55")), EN.format_date(at("11:55"))) == ("7月4日", "4 July")


def test_the_day_is_that_of_the_zone_not_of_utc():
    assert EN.format_day(at("00:30", "2026-07-05")) == "Sun 5 July"
    assert Clock(EN_WRITING, "Europe/London").format_day(at("00:30", "2026-07-05")) == "Sat 4 July"


def test_the_year_is_said_when_it_is_not_this_one():
    now = at("00:10", "2027-01-01")
    assert JA.format_full_day(at("23:50", "2026-12-31"), now=now) == "2026年12月31日(木)"
    assert EN.format_full_day(at("23:50", "2026-12-31"), now=now) == "Thursday 31 December 2026"
    assert EN.format_full_day(at("00:05", "2027-01-01"), now=now) == "Friday 1 January"


def test_a_range_names_its_days_only_where_they_differ():
    assert JA.format_span(at("09:10"), at("09:48")) == "9:10–9:48"
    assert JA.format_span(at("23:40"), at("00:20", "2026-07-05")) == "7月4日(土) 23:40–7月5日(日) 0:20"
    assert EN.format_span(at("23:40"), at("00:20", "2026-07-05")) == "Sat 4 July, 23:40–Sun 5 July, 00:20"


def test_a_word_after_the_clock_is_said_once_in_a_range():
    german = Clock(grammar_of("de")[1], "Asia/Tokyo")
    assert german.format_span(at("09:10"), at("09:48")) == "9:10–9:48 Uhr"
    assert german.format_duration(timedelta(minutes=137)) == "2 Stunden und 17 Minuten"


@pytest.mark.parametrize(
    ("length", "ja", "en"),
    [
        (timedelta(seconds=59), "1分未満", "less than a minute"),
        (timedelta(minutes=1), "1分", "1 minute"),
        (timedelta(minutes=77, seconds=59), "1時間17分", "1 hour 17 minutes"),
        (timedelta(hours=2), "2時間", "2 hours"),
        (timedelta(days=1, minutes=3), "1日3分", "1 day 3 minutes"),
    ],
)
def test_lengths_are_rounded_down_and_agree_with_their_number(length: timedelta, ja: str, en: str):
    assert (JA.format_duration(length), EN.format_duration(length)) == (ja, en)


def test_the_moment_for_machines_keeps_the_offset_of_that_moment():
    london = Clock(EN_WRITING, "Europe/London")
    assert JA.format_iso(at("11:55")) == "2026-07-04T11:55:00+09:00"
    assert london.format_iso(at("12:00", "2026-03-28")).endswith("+00:00")
    assert london.format_iso(at("12:00", "2026-03-30")).endswith("+01:00")


def test_months_and_years_are_named_as_each_language_does():
    assert (JA.format_month(2026, 7), EN.format_month(2026, 7)) == ("2026年7月", "July 2026")
    assert (JA.format_year(2026), EN.format_year(2026)) == ("2026年", "2026")


def test_lists_are_joined_as_each_language_does():
    assert join_list(["ログイン"], JA_WRITING) == "ログイン"
    assert join_list(["ログイン", "レッスン予約"], JA_WRITING) == "ログインとレッスン予約"
    assert join_list(["通知とメール", "レッスン予約"], JA_WRITING) == "通知とメール、レッスン予約"
    assert join_list(["ログイン", "レッスン予約", "入館ゲート"], JA_WRITING) == "ログイン、レッスン予約、入館ゲート"
    assert join_list(["sign-in", "class booking"], EN_WRITING) == "sign-in and class booking"
    assert (
        join_list(["sign-in", "class booking", "the entry gates"], EN_WRITING)
        == "sign-in, class booking and the entry gates"
    )
    assert join_list([], EN_WRITING) == ""


def test_a_language_of_which_the_company_says_nothing_speaks_as_the_world_writes_it():
    assert Clock(DE_WRITING, "Asia/Tokyo").format_day(at("11:55")) == "Sa., 4. Juli"
    assert join_list(["A", "B", "C"], LocaleRules("fr")) == "A, B et C"


def test_a_language_may_write_its_hours_in_its_own_way():
    assert Clock(LocaleRules("fr", clock="H 'h' mm"), "Asia/Tokyo").format_time(at("09:05")) == "9 h 05"
    assert Clock(LocaleRules("es", clock="HH:mm"), "Asia/Tokyo").format_time(at("01:05")) == "01:05"


def test_numbers_choose_their_form_as_each_language_does():
    assert [plural_form(n, EN_WRITING) for n in (0, 1, 2)] == ["many", "one", "many"]
    assert [plural_form(n, LocaleRules("fr")) for n in (0, 1, 2)] == ["one", "one", "many"]
    assert [plural_form(n, JA_WRITING) for n in (1, 2)] == ["one", "many"]


@pytest.mark.parametrize(
    ("after", "text"),
    [
        ("까지", "11:11까지"),
        ("에 알게 됨", "11:11에 알게 됨"),
        (" 사이", "11:11 사이"),
        ("7월 5일(일)", "11:11 7월 5일(일)"),
    ],
)
def test_a_korean_particle_stands_right_on_the_time_before_it(after: str, text: str):
    assert "11:11" + words_after(TimeText("11:11", "", after), LocaleRules("ko")) == text


@pytest.mark.parametrize(
    ("time", "text"), [("00:05", "午前0時5分"), ("07:00", "午前7時"), ("12:05", "午後0時5分"), ("19:10", "午後7時10分")]
)
def test_a_clock_with_words_has_twelve_hours_and_no_minutes_on_the_hour(time: str, text: str):
    assert Clock(LocaleRules("ja", uses_spaces=False, clock="aK時m分"), "Asia/Tokyo").format_time(at(time)) == text
