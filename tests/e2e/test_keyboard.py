"""The keys of the desk: lists, menus and screens without a mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from statuspage.domain.alert import AlertState
from statuspage.domain.catalog import Catalog
from statuspage.storage import alerts
from tests.support.desk import environment_in
from tests.support.served_desk import Served, now, on_the_desk, press_key, served
from tests.support.storm import calm, storm


@pytest.fixture
def desk(tmp_path: Path, catalog: Catalog) -> Iterator[Served]:
    """A desk with the page and no other channel, in a storm."""
    with served(environment_in(tmp_path, catalog), None) as env:
        storm(env.env, now())
        yield env


def focused(page: Page) -> Any:
    """The row of the element that has the focus, and what it is."""
    return page.evaluate(
        """() => {
          const rows = [...document.querySelectorAll("main .rows > .row:not(.low)")].filter((e) => e.checkVisibility());
          return [rows.indexOf(document.activeElement.closest(".row")), document.activeElement.tagName];
        }"""
    )


def test_j_and_k_go_through_the_incidents_and_enter_opens_one(browser: Browser, desk: Served):
    with on_the_desk(browser, desk, language="en") as page:
        press_key(page, "k")
        assert focused(page) == [0, "A"]
        press_key(page, "j")
        press_key(page, "j")
        press_key(page, "k")
        assert focused(page) == [1, "A"]
        link = page.evaluate("document.activeElement.getAttribute('href')")
        press_key(page, "Enter")
        page.wait_for_url(f"{desk.desk}{link}")


def test_x_ticks_an_alert_and_a_acknowledges_it(browser: Browser, desk: Served):
    with on_the_desk(browser, desk, language="en") as page:
        for _ in range(4):
            press_key(page, "j")
        assert focused(page) == [3, "INPUT"]
        press_key(page, "x")
        expect(page.locator(".check:checked")).to_have_count(1)
        expect(page.locator(".bulk")).to_be_visible()
        press_key(page, "x")
        expect(page.locator(".check:checked")).to_have_count(0)
        with page.expect_navigation():
            press_key(page, "a")
        with desk.env.databases.environment.read() as tx:
            states = [alert.state for alert in alerts.latest_alerts(tx, 10)]
        assert states.count(AlertState.ACKNOWLEDGED) == 1


def test_n_writes_the_update_that_is_due_first(browser: Browser, desk: Served):
    with on_the_desk(browser, desk, language="en") as page:
        due = page.locator(".next-step a").get_attribute("href")
        press_key(page, "n")
        page.wait_for_url(f"{desk.desk}{due}")
        press_key(page, "Control+Enter")
        page.wait_for_url(re.compile(r"/notices/\d+$"))


def test_f_writes_a_first_report_and_escape_gives_the_focus_back(browser: Browser, desk: Served):
    with on_the_desk(browser, desk, language="en") as page:
        press_key(page, "f")
        page.wait_for_url(f"{desk.desk}/incidents/new")
        press_key(page, "5")
        opener = page.locator("details.pop:not([open]) > summary.chip:visible").first
        opener.focus()
        press_key(page, "Enter")
        expect(page.locator("details.pop[open] > summary:focus")).to_have_count(1)
        press_key(page, "Escape")
        expect(opener).to_be_focused()
        assert not opener.evaluate("(e) => e.parentElement.open")


def test_a_slash_searches_and_letters_are_then_letters(browser: Browser, desk: Served):
    calm(desk.env, now(), count=2)
    with on_the_desk(browser, desk, language="en") as page:
        page.goto(f"{desk.desk}/incidents")
        press_key(page, "/")
        search = page.locator("input[type=search]")
        expect(search).to_be_focused()
        page.keyboard.type("fjn?")
        expect(search).to_have_value("fjn?")
        assert page.url == f"{desk.desk}/incidents"


def test_a_question_mark_shows_the_keys(browser: Browser, desk: Served):
    with on_the_desk(browser, desk, language="ja") as page:
        press_key(page, "?")
        page.wait_for_url(re.compile("keyboard"))
        for key in ("J", "K", "X", "A", "F", "N", "Q", "/"):
            assert page.locator("main kbd", has_text=re.compile(f"^{re.escape(key)}$")).count() > 0, key


def test_the_first_tab_leads_past_the_navigation(browser: Browser, desk: Served):
    with on_the_desk(browser, desk, language="en") as page:
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.goto(f"{desk.desk}/incidents/new")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#publish"
