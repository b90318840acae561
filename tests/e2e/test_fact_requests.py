"""Engineers and approvers in a real browser: an answer by link on a phone, one key at the desk, an approval."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from statuspage.domain.catalog import Catalog
from statuspage.domain.fact_request import asks
from statuspage.usecases import account_administration, accounts
from statuspage.usecases.accounts import Role
from statuspage.usecases.on_call import fact_requests
from tests.support.browser import sideways
from tests.support.desk import PASSWORD, environment_in, person_in
from tests.support.fakes.x_server import x_server
from tests.support.served_desk import Served, now, on_the_desk, press_key, served, write_in

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def desk(tmp_path: Path, catalog: Catalog) -> Iterator[Served]:
    """A desk on which notices about doors need approval."""
    entry = replace(catalog.incident_types["entry"], needs_approval=True)
    with x_server() as x:
        incident_types = {**catalog.incident_types, "entry": entry}
        with served(environment_in(tmp_path, replace(catalog, incident_types=incident_types)), x) as env:
            yield env


def sound(page: Page, axe: Callable[[Page], list[str]]) -> None:
    """No accessibility problem, and no horizontal scrolling."""
    assert axe(page) == []
    assert sideways(page) == 0


def answered_on_a_phone(browser: Browser, desk: Served, axe: Callable[[Page], list[str]]) -> None:
    """An engineer without an account opens the link and answers."""
    (ask,) = asks(desk.incident)
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="ja")
    page = context.new_page()
    page.goto(f"{desk.desk}/facts/{fact_requests.request_token(desk.env, desk.incident.id, ask.sequence)}")
    sound(page, axe)
    page.locator("label:has(input[name=service][value=desk-booking])").tap()
    page.fill("[name=estimate_minutes]", "45")
    page.locator("label:has(input[name=start][value='15m'])").tap()
    page.fill("[name=text]", "DBのフェイルオーバー中です")
    page.fill("[name=name]", "山田")
    page.locator("main form button[type=submit]").tap()
    expect(page.locator("main [role=status]")).to_be_visible(timeout=60_000)
    sound(page, axe)
    context.close()


def test_an_answer_by_link_arrives_by_itself_and_one_key_takes_it_over(
    browser: Browser, desk: Served, axe: Callable[[Page], list[str]]
):
    desk.alert(minutes_ago=6)
    with on_the_desk(browser, desk) as page:
        page.click("main form button[value=write]")
        page.wait_for_url(re.compile("/notices/new/first"))
        page.locator("h1").click()
        press_key(page, "q")
        expect(page.locator("#fact-requests .wait")).to_be_visible(timeout=60_000)
        page.fill("[name=start_at]", "0:01")
        expect(page.locator("#notice-form.stale")).to_have_count(0)
        answered_on_a_phone(browser, desk, axe)
        expect(page.locator("#take-facts")).to_be_visible(timeout=60_000)
        expect(page.locator("#fact-requests")).to_contain_text("フェイルオーバー")
        sound(page, axe)
        page.locator("h1").click()
        press_key(page, "f")
        expect(page.locator("[name=service][value=desk-booking]")).to_be_checked(timeout=60_000)
        expect(page.locator("[name=start_at]")).to_have_value("0:01")
        expect(page.locator("input[name=estimate]:checked")).to_have_value("at")
        press_key(page, "Control+Enter")
        page.wait_for_url(re.compile(r"/notices/\d+$"), timeout=60_000)


def test_a_second_person_approves_on_a_phone(browser: Browser, desk: Served, axe: Callable[[Page], list[str]]):
    with on_the_desk(browser, desk) as page:
        page.goto(f"{desk.desk}/incidents/new")
        page.click("label.tile:has(input[value=entry])")
        page.click("label:has(input[name=start][value='5m'])")
        page.click("label:has(input[name='answer-exit'][value=free])")
        press_key(page, "Control+Enter")
        page.wait_for_url(re.compile(r"/approvals/\d+$"), timeout=60_000)
        sound(page, axe)
        assert desk.incident.latest is None
        address = page.url
    phone = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    with on_the_desk(browser, desk, login="tanaka", **phone) as other:
        other.goto(address)
        sound(other, axe)
        other.locator("button[value=approve]").tap()
        other.wait_for_url(re.compile(r"/notices/\d+$"), timeout=60_000)
    assert desk.incident.latest is not None


def test_a_session_that_ends_in_the_middle_loses_nothing(browser: Browser, desk: Served):
    person = person_in(desk.env)
    context = browser.new_context(locale="ja", viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(
        f"{desk.desk}/sign-in/link/{accounts.create_sign_in_link(desk.env.databases.accounts, person.id, now=now())}"
    )
    page.locator("main button").tap()
    page.wait_for_url(f"{desk.desk}/")
    page.goto(f"{desk.desk}/incidents/new")
    page.locator("label.tile:has(input[value=payment])").tap()
    page.locator("label:has(input[name=start][value='5m'])").tap()
    write_in(page, "extra-ja", "窓口へどうぞ。")
    expect(page.locator("#gate.ready")).to_be_visible(timeout=60_000)
    accounts.sign_out_everywhere(desk.env.databases.accounts, person.id, now=now())
    write_in(page, "extra-ja", "窓口へどうぞ。現金でお願いします。")
    page.locator("#publish").tap()
    page.fill("[name=login]", person.login)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").tap()
    page.wait_for_url(re.compile(r"/incidents/new\?draft=open$"), timeout=60_000)
    expect(page.locator("[name=extra-ja]")).to_have_value("窓口へどうぞ。現金でお願いします。")
    page.locator("#publish").tap()
    page.wait_for_url(re.compile(r"/notices/\d+$"), timeout=60_000)
    assert desk.incident.latest is not None
    assert desk.incident.latest.notice.facts.extra["ja"] == "窓口へどうぞ。現金でお願いします。"
    context.close()


@pytest.mark.parametrize("width", [390, 320])
def test_the_pages_about_accounts_fit_a_phone_and_double_size(
    browser: Browser, desk: Served, axe: Callable[[Page], list[str]], width: int
):
    administrator = person_in(desk.env, "boss")
    account_administration.change_role(
        desk.env.databases.accounts, administrator.id, Role.ADMINISTRATOR, by=accounts.NOBODY, now=now()
    )
    with on_the_desk(browser, desk, login="boss", viewport={"width": width, "height": 640}) as page:
        for path in ("/account", "/settings/accounts", "/audit-log"):
            page.goto(f"{desk.desk}{path}")
            sound(page, axe)
