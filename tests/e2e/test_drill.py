"""A led drill in two browsers, the leader's and a participant's, from its secret start to its report."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Browser, Page, expect

from statuspage import serialization
from statuspage.usecases import drills
from statuspage.usecases.drills.scheduling import RehearsalRequest
from statuspage.usecases.environment import shared_status
from tests.support.browser import sideways
from tests.support.desk import person_in, until
from tests.support.served_desk import Served, drill, now, on_the_desk, press_key

__all__ = ["drill"]


def plan_in_secret(drill: Served) -> None:
    """Schedules it within the next hour, at a random time that happens to be now."""
    assert drill.env.live_status_path is not None
    drill.env.live_status_path.write_text(
        json.dumps(serialization.to_json_value(shared_status.StatusSummary(now()))), "utf-8"
    )
    asks = RehearsalRequest("booking-phone", "予約できない", "佐藤", "ja", kept_out=("鈴木",))
    window = (now(), now() + timedelta(hours=1))
    drills.plan_rehearsals(drill.env, asks, [window], chance=lambda: 0, now=now())


def fits(page: Page, axe: Callable[[Page], list[str]]) -> None:
    """It is accessible, and does not scroll sideways on a phone."""
    assert axe(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert sideways(page) == 0
    page.set_viewport_size({"width": 1280, "height": 900})


def fits_on_two_pages(page: Page) -> None:
    """The printed scorecard, in both desk languages: two sheets of A4, with nothing cut off."""
    for language in ("en", "ja"):
        page.click(".nav .pop summary")
        page.click(f"button[name=language][value={language}]")
        expect(page.locator("html")).to_have_attribute("lang", language)
        page.wait_for_load_state()
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True, print_background=True))) <= 2
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 718, "height": 1046})  # A4 within its margins, at 96 to the inch
        assert sideways(page) == 0
        page.emulate_media(media="null")
        page.set_viewport_size({"width": 1280, "height": 900})


def test_a_led_drill_from_its_secret_start_to_its_report(
    browser: Browser, drill: Served, axe: Callable[[Page], list[str]]
):
    person_in(drill.env, "kimura", "木村", "ja", password="")
    with (
        on_the_desk(browser, drill, bypass_csp=True) as leads,
        on_the_desk(browser, drill, login="kimura", bypass_csp=True, color_scheme="dark") as plays,
    ):
        plays.goto(f"{drill.desk}/drills")
        fits(plays, axe)
        plan_in_secret(drill)
        until_it_runs(leads, drill)
        leads.click("a[href='/drills/console']")
        expect(leads.locator(".secret")).to_contain_text("故障、という想定")
        fits(leads, axe)
        plays.goto(f"{drill.desk}/")
        plays.click("button[value=write]")
        leads.click("button[value='fire:2']")
        expect(plays.locator("#inbox-banner")).to_contain_text("もう一度押しても大丈夫ですか", timeout=15_000)
        plays.click("#publish")
        plays.wait_for_url(re.compile(r"/notices/\d+$"))
        leads.fill("#note", "電話を取りながら書けている")
        leads.click("button[value=note]")
        expect(leads.locator("#live-notes")).to_contain_text("電話を取りながら")
        for path in ("/drills/inbox", "/drills/sandbox"):
            plays.goto(drill.desk + path)
            fits(plays, axe)
        expect(plays.locator("#live-sandbox")).to_contain_text("【訓練】")
        leads.click("button[formaction='/drills/end']")
        leads.wait_for_url(re.compile(r"/drills/drill\w+$"))
        expect(leads.locator("h1")).to_contain_text("第一報")
        fits_on_two_pages(leads)
        plays.goto(f"{drill.desk}/")
        expect(plays.locator("#inbox-banner")).not_to_contain_text("もう一度")


QUOTED = re.compile(r"「([^」]+)」|“([^”]+)”")
"""What a guide asks to press, as the screen names it."""


def follow(page: Page, home: str) -> None:
    """Does only what the newest guide says: presses what it names, here, on the home page or on the open incident, and
    then the button of the form, if it names that too. A screen is looked at once it is there as a whole."""
    page.wait_for_load_state()
    guide = page.locator(".is-guide").inner_text()
    named = ["".join(found) for found in QUOTED.findall(guide)]
    if not press(page, named):
        with page.expect_navigation():
            page.get_by_role("link", name=re.compile(rf"^{home}( |$)")).first.click()
        if not press(page, named):
            with page.expect_navigation():
                page.locator("main .open a.whole").first.click()
            assert press(page, named), f"nothing on the screen is called {named}"
    page.wait_for_load_state()
    publish = page.locator("#publish")
    if publish.count() and (publish.locator(".cut").text_content() or "") in named:
        publish.click()


def press(page: Page, named: list[str]) -> bool:
    """Presses the first of these that exists, a button before a link; its key may follow its name."""
    for name in named:
        called = re.compile(rf"^{re.escape(name)}( [A-Z]| Ctrl ↵)?$")
        for found in (page.get_by_role("button", name=called), page.locator("main").get_by_role("link", name=called)):
            if found.count():
                found.first.click()
                return True
    return False


def test_the_tutorial_is_played_from_start_to_end_by_what_the_screen_says(browser: Browser, drill: Served):
    live = drill.env.live_status_path
    assert live is not None
    live.write_text(json.dumps(serialization.to_json_value(shared_status.StatusSummary(now()))), "utf-8")
    for language, home, head in (("ja", "ホーム", "第一報を公開しました"), ("en", "Home", "The first report took")):
        with on_the_desk(browser, drill, language=language) as alone:
            alone.goto(f"{drill.desk}/drills")
            alone.get_by_text(drill.env.site.catalog.scenarios["tutorial"].title[language], exact=True).click()
            alone.locator("main form button.go").click()
            for stage in range(4):
                pattern = re.compile(rf"(?:段階|Stage ){stage}")
                expect(alone.locator(".is-guide")).to_contain_text(pattern, timeout=30_000)
                follow(alone, home)
            alone.wait_for_url(re.compile(r"/drills/drill\w+$"))
            expect(alone.locator("h1")).to_contain_text(head)


def test_one_key_breaks_the_drill_off_when_something_real_begins(browser: Browser, drill: Served):
    live = drill.env.live_status_path
    assert live is not None
    live.write_text(json.dumps(serialization.to_json_value(shared_status.StatusSummary(now()))), "utf-8")
    drills.start_drill(drill.env, title="予約できない", leader="佐藤", goal=timedelta(minutes=10), now=now())
    real = shared_status.OpenItem("k3m9p2q7x4ab", now(), {"ja": "入館できません"})
    live.write_text(json.dumps(serialization.to_json_value(shared_status.StatusSummary(now(), (real,)))), "utf-8")
    with on_the_desk(browser, drill) as plays:
        plays.goto(f"{drill.desk}/")
        plays.wait_for_selector("html.script")
        expect(plays.locator("[role=alert]")).to_contain_text("入館できません")
        press_key(plays, "Escape")
        expect(plays.locator("[role=status]").first).to_contain_text("訓練を中止しました")
        assert drills.running_drill(drill.env.databases.environment) is None


def until_it_runs(page: Page, drill: Served) -> None:
    """The worker starts it automatically."""
    until(lambda: drills.running_drill(drill.env.databases.environment) is not None, patience=60)
    page.goto(f"{drill.desk}/drills")
