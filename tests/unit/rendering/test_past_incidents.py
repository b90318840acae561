"""What is over: one line each in the history, without a verb and with the date once; its email says the day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from statuspage.domain import Affected, Facts, NoticeKind, Precision, StartTime, State
from statuspage.domain.catalog import Catalog
from statuspage.rendering.site.displayed_words import without_date
from statuspage.rendering.site.pages.history_days import first_day_of, last_days, list_days
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import IncidentContext
from tests.support.site import composed, maintenance, site_context
from tests.support.times import at


def test_a_past_incident_is_listed_by_service_and_state_and_an_open_one_by_its_title_without_the_date(
    catalog: Catalog,
):
    made, now = site_context(catalog), at("09:00", "2026-07-07")
    over = composed(catalog, ("12:03", "first"), ("13:15", "resolved"))
    still_open = composed(catalog, ("12:03", "first"))
    titles = {
        language: [list_days(made, language, [incident], now)[0].incidents[0].title for incident in (over, still_open)]
        for language in ("ja", "en")
    }
    assert titles["en"][0] == "Class booking: Unavailable · Managing bookings: Slow"
    assert titles["ja"][0] == "レッスン予約：使えない不具合 · 予約の管理：遅くなる不具合"
    assert not [title for both in titles.values() for title in both if "July" in title or "7月" in title]
    assert titles["en"][1] == without_date(still_open.notices[0].notice.texts["en"].title)


def test_planned_work_that_is_to_come_is_not_among_the_past_days(catalog: Catalog):
    made, now = site_context(catalog), at("11:30")
    coming, over = maintenance(catalog, "announced"), composed(catalog, ("09:03", "first"), ("10:15", "resolved"))
    day = first_day_of(made, over)
    listed = {one.iso: one for one in last_days(made, "en", [coming, over], {day: 2}, now)}
    (only,) = listed[day.isoformat()].incidents
    assert over.id in only.href
    assert listed[day.isoformat()].omitted_count == 0
    assert not last_days(made, "en", [coming], {day: 1}, now)[0].incidents


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Sign-in is slow (4 July)", "Sign-in is slow"),
        ("ログインが遅くなっています（2027年7月4日）", "ログインが遅くなっています"),
        ("수업 예약이 느립니다(7월 4일)", "수업 예약이 느립니다"),
        ("Payments (EU) are down", "Payments (EU) are down"),
        ("Payments (EU) are down (4 July)", "Payments (EU) are down"),
    ],
)
def test_the_date_at_the_end_of_a_title_alone_is_left_out(title: str, short: str):
    assert without_date(title) == short


@pytest.mark.parametrize(("written", "says_day"), [("2026-07-04", False), ("2026-07-06", True)])
def test_the_email_of_what_was_over_on_another_day_says_the_day(catalog: Catalog, written: str, says_day: bool):
    start = at("09:10")
    facts = Facts(
        "login",
        (Affected("login", State.MAJOR),),
        start=StartTime(Precision.EXACT, start),
        ended_at=start + timedelta(minutes=38),
    )
    incident = IncidentContext("k3m9p2q7x4ab", "")
    texts = compose(NoticeKind.RESOLVED, facts, catalog=catalog, incident=incident, now=at("10:00", written))
    assert ("Saturday 4 July · 09:10 – 09:48 (38 minutes)" in texts["en"].media["mail"].body) is says_day
    assert ("7月4日(土) · 9:10 – 9:48（38分）" in texts["ja"].media["mail"].body) is says_day
    assert "4 July" not in " ".join(line for row in texts["en"].rows for line in row.lines)
