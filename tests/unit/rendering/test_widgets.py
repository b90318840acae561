"""Calendar, badges and the embeddable banner, read back by the programs that use them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar, Event
from lxml import etree

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import State
from statuspage.domain.incident import Incident
from statuspage.rendering.site.api import RecentIncidents
from statuspage.rendering.site.feeds import calendar
from statuspage.rendering.site.widgets import badges
from tests.support.recent_incidents import everywhere, recent
from tests.support.site import ADDRESS, DRILL, booking, drilled, maintenance, site_context

SVG = "{http://www.w3.org/2000/svg}"


PLAN = datetime(2026, 7, 5, 17, 0, tzinfo=UTC)


def event(catalog: Catalog, work: Incident, language: str = "en") -> Event:
    (found,) = events(catalog, work, language=language)
    return found


def events(catalog: Catalog, *works: Incident, language: str = "en") -> list[Event]:
    read = Calendar.from_ical(calendar.calendar_files(site_context(catalog), works)[f"{language}/calendar.ics"])
    assert not read.errors
    assert not [fault for one in read.walk("VEVENT") for fault in one.errors]
    return list(read.walk("VEVENT"))


def test_planned_work_is_an_event_with_its_window_text_and_address(catalog: Catalog):
    found = event(catalog, maintenance(catalog, "announced"))
    assert (found["DTSTART"].dt, found["DTEND"].dt) == (PLAN, PLAN + timedelta(hours=2))
    assert found["UID"] == "upgrade00000@fitline.example"
    assert found["SUMMARY"] == "Maintenance on class booking (6 July)"
    assert found["URL"] == f"{ADDRESS}/en/incidents/upgrade00000/"
    assert "class booking" in found["DESCRIPTION"]
    assert found["STATUS"] == "CONFIRMED"
    assert event(catalog, maintenance(catalog, "announced"), "ja")["SUMMARY"] == "レッスン予約のメンテナンス（7月6日）"


@pytest.mark.parametrize(
    ("published", "sequence", "status", "hours"),
    [
        (["announced"], 0, "CONFIRMED", 2),
        (["announced", "reminder", "started"], 0, "CONFIRMED", 2),
        (["announced", "started", "extended"], 1, "CONFIRMED", 4),
        (["announced", "started", "extended", "finished"], 1, "CONFIRMED", 4),
        (["announced", "cancelled"], 1, "CANCELLED", 2),
    ],
)
def test_the_id_stays_and_the_sequence_rises_when_the_plan_changes(
    catalog: Catalog, published: list[str], sequence: int, status: str, hours: int
):
    found = event(catalog, maintenance(catalog, *published))
    assert found["UID"] == "upgrade00000@fitline.example"
    assert (found["SEQUENCE"], found["STATUS"]) == (sequence, status)
    assert found["DTEND"].dt - found["DTSTART"].dt == timedelta(hours=hours)


def test_a_calendar_keeps_its_bytes_and_is_one_when_nothing_is_planned(catalog: Catalog):
    works = [maintenance(catalog, "announced")]
    assert calendar.calendar_files(site_context(catalog), works) == calendar.calendar_files(
        site_context(catalog), works
    )
    empty = calendar.calendar_files(site_context(catalog), [])["ja/calendar.ics"]
    assert Calendar.from_ical(empty)["X-WR-CALNAME"] == "Fitlineのメンテナンスの予定"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in empty
    assert all(
        len(line) <= 75
        for line in calendar.calendar_files(site_context(catalog), works)["ja/calendar.ics"].split(b"\r\n")
    )


def test_the_calendar_of_a_drill_says_so(catalog: Catalog):
    work = maintenance(drilled(catalog), "announced", id="drillplan000")
    read = Calendar.from_ical(calendar.calendar_files(site_context(drilled(catalog)), [work])["ja/calendar.ics"])
    (found,) = read.walk("VEVENT")
    assert read["X-WR-CALNAME"].startswith("【訓練】")
    assert read["X-CAP-STATUS"] == "Exercise"
    assert found["SUMMARY"].startswith("【訓練】") and not found["SUMMARY"].startswith("【訓練】【訓練】")
    assert found["DESCRIPTION"].endswith(DRILL["ja"].end)
    assert found["CATEGORIES"].cats == ["Exercise"]


def pictures(catalog: Catalog, *incidents: Incident) -> dict[str, etree._Element]:
    files = badges.badge_files(site_context(catalog), recent(*incidents) if incidents else RecentIncidents())
    return {name: etree.fromstring(data) for name, data in files.items()}


def title(picture: etree._Element) -> str:
    return picture.findtext(f"{SVG}title") or ""


def test_there_is_a_badge_of_the_page_in_every_language(catalog: Catalog):
    found = pictures(catalog)
    assert found.keys() == {f"{language}/badge.svg" for language in catalog.languages}
    assert title(found["en/badge.svg"]) == "Fitline: Working"


def test_a_badge_differs_by_shape_and_word_and_not_by_colour_alone(catalog: Catalog):
    stories = {
        "working": (),
        "slow": (everywhere(catalog, State.DEGRADED),),
        "down": (everywhere(catalog, State.MAJOR),),
        "work": (maintenance(catalog, "announced", "started"),),
        "watched": (booking(("12:03", "first"), ("12:18", "monitoring")),),
    }
    found = {name: pictures(catalog, *published)["en/badge.svg"] for name, published in stories.items()}
    shapes = {name: etree.tostring(one.find(f"{SVG}g")[0]) for name, one in found.items()}
    assert len(set(shapes.values())) == len(stories)
    assert {name: title(one).partition(": ")[2] for name, one in found.items()} == {
        "working": "Working",
        "slow": "Partly unavailable",
        "down": "Unavailable",
        "work": "Maintenance",
        "watched": "Checking",
    }


def test_a_badge_of_a_drill_says_so_in_the_picture_and_for_machines(catalog: Catalog):
    data = badges.badge_files(site_context(drilled(catalog)), recent(booking(marks=DRILL)))["en/badge.svg"]
    picture = etree.fromstring(data)
    assert picture.get("data-cap-status") == "Exercise"
    assert title(picture).startswith("[DRILL] ")
    assert picture.findtext(f"{SVG}text") == "DRILL Fitline"
