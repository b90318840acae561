"""Times on the form in a real browser: a choice is pinned to the moment of the press, and no choice is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from statuspage.domain.catalog import Catalog
from statuspage.domain.fact_request import answers
from statuspage.domain.facts import Facts, Known
from statuspage.domain.incident import Incident
from statuspage.storage import incidents
from statuspage.usecases import accounts
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.on_call import fact_requests
from statuspage.web.desk.app import create_app
from statuspage.web.server.http_server import ServerThread, open_listener
from tests.support.desk import Clock, environment_in, person_in
from tests.support.served_desk import unfold, write_in
from tests.support.times import at


@dataclass
class Served:
    """A desk on loopback. Its clock, and that of every browser on it, stands still until it is moved."""

    env: Environment
    clock: Clock
    address: str

    @property
    def incident(self) -> Incident:
        """The only open incident."""
        with self.env.databases.environment.read() as tx:
            (found,) = incidents.open_incidents(tx)
        return found

    @property
    def published_facts(self) -> Facts:
        """The last published facts."""
        (*_, newest) = self.incident.notices
        return newest.notice.facts


@pytest.fixture
def desk(tmp_path: Path, catalog: Catalog) -> Iterator[Served]:
    env, clock = environment_in(tmp_path, catalog), Clock(at("10:41"))
    with ServerThread(create_app(env, clock=clock), open_listener("127.0.0.1", 0)) as listening:
        yield Served(env, clock, listening.address)
    env.databases.environment.close()
    env.databases.accounts.close()


@contextmanager
def form(browser: Browser, desk: Served, *, language: str = "en", script: bool = True) -> Iterator[Page]:
    """The form of a first report, opened."""
    person = person_in(desk.env, language, "佐藤", language, password="")
    context = browser.new_context(locale=language, java_script_enabled=script)
    page = context.new_page()
    token = accounts.create_sign_in_link(desk.env.databases.accounts, person.id, now=desk.clock())
    page.goto(f"{desk.address}/sign-in/link/{token}")
    page.click("main button")
    page.wait_for_url(f"{desk.address}/")
    page.goto(f"{desk.address}/incidents/new")
    yield page
    context.close()


def press(page: Page, field: str, value: str) -> None:
    page.locator(f"input[name={field}][value='{value}']").check()


def chip(page: Page, value: str, field: str = "start") -> str:
    return page.locator(f"label:has(input[name={field}][value='{value}'])").inner_text().strip()


def published(page: Page) -> None:
    page.click("#publish")
    page.wait_for_url(re.compile(r"/notices/\d+$"))


def test_five_minutes_ago_stay_where_they_were_pressed(browser: Browser, desk: Served):
    with form(browser, desk) as page:
        page.locator("label.tile:has(input[value=booking])").click()
        press(page, "start", "5m")
        expect(page.locator("[data-hint='start-5m']")).to_have_text("10:36")
        expect(page.locator("#preview")).to_contain_text("10:36")
        desk.clock.later(minutes=8)
        write_in(page, "extra-en", "The front desk can help.")
        expect(page.locator("#preview")).to_contain_text("The front desk can help.")
        expect(page.locator("[data-hint='start-5m']")).to_have_text("10:36")
        page.goto(f"{desk.address}/")
        desk.clock.later(minutes=30)
        page.goto(f"{desk.address}/incidents/new")
        expect(page.locator("#draft")).to_contain_text("10:36")
        page.click("#continue-draft")
        expect(page.locator("[data-hint='start-5m']")).to_have_text("10:36")
        expect(page.locator("#preview")).to_contain_text("10:36")
        published(page)
    assert desk.published_facts.start
    assert desk.published_facts.start.at == at("10:36")


def test_pressing_it_anew_counts_anew(browser: Browser, desk: Served):
    with form(browser, desk, language="ja") as page:
        page.locator("label.tile:has(input[value=booking])").click()
        press(page, "start", "5m")
        expect(page.locator("[data-hint='start-5m']")).to_have_text("10:36")
        desk.clock.later(minutes=10)
        press(page, "start", "15m")
        press(page, "start", "5m")
        expect(page.locator("[data-hint='start-5m']")).to_have_text("10:46")
        expect(page.locator("[data-hint='start-15m']")).to_have_text("15分前")
        published(page)
    assert desk.published_facts.start
    assert desk.published_facts.start.at == at("10:46")


def test_a_press_counts_from_its_moment_though_the_network_was_away(browser: Browser, desk: Served):
    with form(browser, desk) as page:
        page.clock.install()
        page.reload()
        page.locator("label.tile:has(input[value=booking])").click()
        page.context.set_offline(True)
        press(page, "start", "5m")
        expect(page.locator("#notice-form")).to_have_class(re.compile("stale"))
        page.clock.fast_forward(180_000)
        desk.clock.later(minutes=3)
        page.context.set_offline(False)
        write_in(page, "extra-en", "The front desk can help.")
        expect(page.locator("[data-hint='start-5m']")).to_have_text("10:36")


@pytest.mark.parametrize("script", [True, False])
def test_the_minutes_that_are_shown_are_those_that_are_meant(browser: Browser, desk: Served, script: bool):
    with form(browser, desk, script=script) as page:
        page.locator("label.tile:has(input[value=booking])").click()
        press(page, "start", "now")
        unfold(page, "[name=estimate_minutes]")
        assert page.input_value("[name=estimate_minutes]") == "30"
        press(page, "estimate", "minutes")
        if script:
            expect(page.locator("[data-hint=estimate]")).to_contain_text("11:11")
            expect(page.locator("[data-hint=minutes]")).to_have_text("11:11 (from when you chose this)")
            desk.clock.later(minutes=6)
        published(page)
    assert desk.published_facts.estimate == Known(at("11:11"))


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(
    ("field", "value", "empty"),
    [
        ("start", "at", ()), ("estimate", "at", ()), ("estimate", "range", ()), ("estimate", "not_before", ()),
        ("estimate", "minutes", ("estimate_minutes",)), ("next_update", "at", ()),
    ],
)  # fmt: skip
def test_a_choice_without_its_time_is_refused_beside_it(
    browser: Browser, desk: Served, field: str, value: str, empty: tuple[str, ...], script: bool
):
    with form(browser, desk, script=script) as page:
        page.locator("label.tile:has(input[value=booking])").click()
        press(page, "start", "5m")
        unfold(page, f"[name={field}][value={value}]")
        for box in empty:
            page.fill(f"[name={box}]", "")
        press(page, field, value)
        if script:
            expect(page.locator("#gate")).not_to_have_class(re.compile("ready"))
            expect(page.locator("#gate .yes")).to_have_count(0)
        page.click("#publish")
        expect(page.locator(f"#f-{field} > .wrong")).to_contain_text("The option you chose needs a value.")
        expect(page.locator("#gate .yes")).to_have_count(0)
        expect(page.locator(f"input[name={field}][value={value}]")).to_be_checked()
        expect(page.locator("input[name=incident_type][value=booking]")).to_be_checked()


def test_an_engineers_answer_counts_from_its_press(browser: Browser, desk: Served):
    with form(browser, desk) as page:
        page.locator("label.tile:has(input[value=booking])").click()
        press(page, "start", "15m")
        published(page)
    number = fact_requests.ask_engineers(desk.env, desk.incident.id, actor="佐藤", now=desk.clock())
    page = browser.new_page(locale="en")
    page.clock.install()
    page.goto(f"{desk.address}/facts/{fact_requests.request_token(desk.env, desk.incident.id, number)}")
    press(page, "start", "5m")
    press(page, "estimate", "minutes")
    page.clock.fast_forward(240_000)
    desk.clock.later(minutes=4)
    page.fill("[name=name]", "Tanaka")
    page.click("main button[type=submit]")
    expect(page.locator(".flash.ok")).to_be_visible()
    page.close()
    (answer,) = answers(desk.incident)
    assert answer.engineer_answer.facts.start
    assert answer.engineer_answer.facts.start.at == at("10:36")
    assert answer.engineer_answer.facts.estimate == Known(at("10:41") + timedelta(minutes=30))
