"""The limits of the design for home, forms, an incident and receipts: controls at first sight, heights, plus 10 %; and
what holds on every screen of the desk: nothing scrolls sideways, and on phones every control is large enough. On the
public page: where the services begin, and that it prints on one sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import NoticeKind
from statuspage.rendering.site.pages import status
from statuspage.storage import incidents
from tests.support.browser import sideways
from tests.support.desk import environment_in
from tests.support.fakes.x_server import SECOND, Account, x_server
from tests.support.public_stories import NOW, booking_life, past_incidents, planned_work, three_at_once
from tests.support.served_desk import Served, now, on_the_desk, served
from tests.support.site import site_context
from tests.support.site_pages import front
from tests.support.storm import calm, publish_first, publish_next, storm
from tests.support.times import at

MARGIN = 1.1
"""How far a screen may exceed what was measured on the mock."""

SEEN = """() => {
  const isOpen = (e) => {
    for (let d = e.closest("details:not([open])"); d; d = d.parentElement.closest("details:not([open])")) {
      if (!(e.tagName === "SUMMARY" && e.parentElement === d)) return false;
    }
    return e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().width > 1;
  };
  const found = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary");
  const all = [...found].filter((e) => !e.closest(".nav") && !e.classList.contains("skip") && isOpen(e));
  const isInText = (e) => e.tagName === "A" && getComputedStyle(e).display === "inline";
  const small = all.filter((e) => !isInText(e) && (e.closest("label") || e).getBoundingClientRect().height < 43.5);
  return {
    controls: all.filter((e) => e.getBoundingClientRect().top + scrollY < 900).length,
    height: document.documentElement.scrollHeight,
    blue: all.filter((e) => e.matches(".btn.go")).length,
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    small: small.map((e) => e.outerHTML.slice(0, 120)),
  };
}"""


@pytest.fixture
def desk(tmp_path: Path, catalog: Catalog) -> Iterator[Served]:
    """A desk with the page and no other channel."""
    with served(environment_in(tmp_path, catalog), None) as env:
        yield env


def holds(page: Page, controls: int, height: int, blue: int) -> None:
    """The page stays within the limits of its mock."""
    seen: dict[str, Any] = page.evaluate(SEEN)
    assert seen["controls"] <= round(controls * MARGIN), seen
    assert seen["height"] <= round(height * MARGIN), seen
    assert seen["blue"] == blue, seen
    assert seen["sideways"] == 0


def suits_a_phone(page: Page, height: int) -> None:
    """No control is smaller than a finger, and the page ends within the limit."""
    seen: dict[str, Any] = page.evaluate(SEEN)
    assert seen["small"] == []
    assert seen["sideways"] == 0
    assert seen["height"] <= round(height * MARGIN), seen


PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_storm_fits_one_screen_and_two_on_a_phone(browser: Browser, desk: Served, language: str):
    storm(desk.env, now())
    with on_the_desk(browser, desk, language=language) as page:
        holds(page, controls=30, height=905, blue=1)
        rows = page.evaluate("[...document.querySelectorAll('.open > .row')].map((e) => e.offsetHeight)")
        assert rows == [56, 56, 56]
        alerts = page.evaluate("[...document.querySelectorAll('.alerts > .row:not(.low)')].map((e) => e.offsetHeight)")
        assert alerts == [48] * 6
        page.set_viewport_size(PHONE)
        suits_a_phone(page, height=1_686)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_calm_home_fits_one_screen(browser: Browser, desk: Served, language: str):
    calm(desk.env, now())
    with on_the_desk(browser, desk, language=language) as page:
        holds(page, controls=15, height=900, blue=1)
        page.set_viewport_size(PHONE)
        suits_a_phone(page, height=1_685)


def test_an_incident_and_its_receipts_keep_within_their_limits(browser: Browser, desk: Served):
    *_, booking = storm(desk.env, now())
    facts = {"incident_type": "booking", "start": "about:38m", "estimate": "90m"}
    publish_next(desk.env, booking, NoticeKind.UPDATE, now(), **facts)
    with desk.env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, booking)
    assert incident is not None
    with on_the_desk(browser, desk) as page:
        page.goto(f"{desk.desk}/incidents/{booking}")
        holds(page, controls=19, height=1_097, blue=1)
        page.set_viewport_size(PHONE)
        suits_a_phone(page, height=2_007)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{desk.desk}/incidents/{booking}/notices/{incident.latest_sequence}")
        holds(page, controls=14, height=900, blue=1)
        page.set_viewport_size(PHONE)
        suits_a_phone(page, height=1_329)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_receipts_with_failures_keep_within_their_limits(
    browser: Browser, catalog: Catalog, tmp_path: Path, language: str
):
    with x_server(Account(), SECOND) as x:
        x.always = "403"
        environ = {**Account().environ("x-ja"), **SECOND.environ("x-en"), "STATUSPAGE_X_API": x.address}
        with served(environment_in(tmp_path, catalog, environ=environ), x) as desk:
            id = publish_first(desk.env, now(), incident_type="booking", start="5m", next_update="30m")
            with desk.env.databases.environment.read() as tx:
                incident = incidents.load_incident(tx, id)
            assert incident is not None
            with on_the_desk(browser, desk, language=language) as page:
                page.goto(f"{desk.desk}/incidents/{id}/notices/{incident.latest_sequence}")
                expect(page.locator(".troubled .flag")).to_have_count(2)
                expect(page.locator(".btn.go")).to_have_count(1)
                holds(page, controls=16, height=900, blue=1)
                page.set_viewport_size(PHONE)
                suits_a_phone(page, height=1_610)


@pytest.mark.parametrize("language", ["ja", "en", "ja-simple"])
def test_below_three_problems_the_services_begin_on_the_second_screen(
    browser: Browser, catalog: Catalog, tmp_path: Path, language: str
):
    page = laid(browser, front(site_context(catalog), *three_at_once(catalog), now=NOW), tmp_path, language)
    for size, limit in ((DESKTOP, 1_100), (PHONE, 1_400)):
        page.set_viewport_size(size)
        assert page.evaluate("document.querySelector('#svc').getBoundingClientRect().top + scrollY") <= limit
        assert sideways(page) == 0
    rows = page.evaluate("[...document.querySelectorAll('.probs summary')].map(e => e.offsetHeight)")
    assert len(rows) == 3
    page.close()


@pytest.mark.parametrize("language", ["ja", "en", "ja-simple"])
def test_one_problem_and_a_whole_life_print_on_one_sheet_each(
    browser: Browser, catalog: Catalog, tmp_path: Path, language: str
):
    context = site_context(catalog)
    pages = {
        "front": front(context, booking_life(catalog, 4), planned_work(catalog), *past_incidents(catalog), now=NOW),
        "open": status.incident_pages(context, booking_life(catalog, 4), now=NOW),
        "over": status.incident_pages(context, booking_life(catalog, 6), now=at("14:00")),
    }
    for name, files in pages.items():
        page = laid(browser, files, tmp_path / name, language)
        pdf = page.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "10mm"))
        assert len(re.findall(rb"/Type /Page\b", pdf)) == 1, name
        page.close()


def laid(browser: Browser, files: Mapping[str, bytes], folder: Path, language: str) -> Page:
    """The page of these files in this language, read at the moment of the story."""
    (name,) = (name for name in files if name.startswith(f"{language}/"))
    folder.mkdir(exist_ok=True)
    (folder / "page.html").write_bytes(files[name])
    page = browser.new_page(viewport=DESKTOP, timezone_id="Asia/Tokyo")
    page.clock.set_fixed_time(NOW)
    page.goto((folder / "page.html").as_uri())
    return page


def questions_at(page: Page) -> list[float]:
    """How far down each question of a first report ends."""
    return list(
        page.evaluate("[...document.querySelectorAll('.steps > .step')].map((e) => e.getBoundingClientRect().bottom)")
    )


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_first_report_asks_three_questions_on_one_screen(browser: Browser, desk: Served, language: str):
    desk.alert(3)
    with on_the_desk(browser, desk, language=language) as page:
        page.goto(f"{desk.desk}/incidents/new")
        holds(page, controls=27, height=900, blue=1)
        assert len(questions_at(page)) == 3
        assert max(questions_at(page)) < 836, "the last one ends above the bar"
        page.goto(f"{desk.desk}/")
        page.click("button[value=write]")
        page.wait_for_url("**/notices/new/first")
        holds(page, controls=27, height=900, blue=1)
        assert max(questions_at(page)) < 836
        page.set_viewport_size(PHONE)
        suits_a_phone(page, height=1_529)
        page.goto(f"{desk.desk}/incidents/new")
        suits_a_phone(page, height=1_512)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_nothing_new_is_one_key_and_a_change_is_a_row(browser: Browser, desk: Served, language: str):
    *_, booking = storm(desk.env, now())
    with on_the_desk(browser, desk, language=language) as page:
        page.goto(f"{desk.desk}/incidents/{booking}/notices/new/update")
        seen: dict[str, Any] = page.evaluate(SEEN)
        assert seen["controls"] <= 24, seen
        assert (seen["blue"], seen["sideways"]) == (1, 0)
        assert seen["height"] <= 990, seen
        page.set_viewport_size(PHONE)
        suits_a_phone(page, height=1_838)
        page.set_viewport_size(DESKTOP)
        page.click("[data-row=estimate] summary")
        page.click("[data-row=estimate] label:has([value='60m'])")
        page.click("[data-row=audience] summary")
        page.click("[data-row=audience] label:has([value=all])")
        page.wait_for_selector("[data-row=audience] .undo .btn")
        assert page.locator(".fact s").count() == 2
        page.click("[data-row=audience] summary")
        assert page.evaluate(SEEN)["controls"] <= 26
        assert "2" in page.inner_text("#publish")
        page.set_viewport_size(PHONE)
        suits_a_phone(page, height=2_049)
        page.set_viewport_size(DESKTOP)
        page.goto(f"{desk.desk}/incidents/{booking}/notices/new/resolved")
        page.click("[data-row=ended] summary")
        holds(page, controls=23, height=900, blue=1)
        page.set_viewport_size(PHONE)
        suits_a_phone(page, height=1_743)
