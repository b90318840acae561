"""The desk in a real browser: a first report by mouse, keyboard and touch, with and without scripts, and its layout."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from statuspage.domain.catalog import Catalog
from statuspage.rendering.wording.locale_format import Clock
from tests.support.browser import sideways
from tests.support.desk import environment_in
from tests.support.fakes.x_server import x_server
from tests.support.served_desk import Served, desk, drill, now, on_the_desk, press_key, served, unfold, write_in
from tests.support.situation import bad_night, waits_for_entry

__all__ = ["desk", "drill"]


class Hand:
    """Counts inputs: each click is one, and so is each field that is filled or chosen."""

    def __init__(self, page: Page, press: str = "click") -> None:
        self.page, self.count, self._press = page, 0, press

    def click(self, selector: str) -> None:
        """One click."""
        self.count += 1
        getattr(self.page.locator(selector).first, self._press)()

    def fill(self, selector: str, text: str) -> None:
        """One field."""
        self.count += 1
        self.page.fill(selector, text)


def clock_of(desk: Served, language: str) -> Clock:
    """The site's clock in this language."""
    return Clock(desk.env.site.catalog.packs[language].locale_rules, "Asia/Tokyo")


def report_from_nothing(hand: Hand, desk: Served, started: datetime) -> None:
    """Five facts, none of them as proposed by the form: 7 inputs."""
    hand.click("main a[href='/incidents/new']")
    hand.click("label.tile:has(input[value=payment])")
    hand.click("label:has(input[name=service][value=fees])")
    hand.click("label:has(input[name=audience][value=some])")
    hand.fill("[name=start_at]", clock_of(desk, "ja").format_time(started))
    hand.click("label:has(input[name=estimate][value='60m'])")
    hand.click("#publish")


def is_published_everywhere(page: Page, desk: Served, started: datetime) -> None:
    """Each of the five facts is on the page in both languages and in both posts."""
    page.wait_for_url(re.compile(r"/notices/\d+$"))
    expect(page.locator("h1")).to_contain_text(re.compile(r"(3/3|3 of 3)"), timeout=30_000)
    facts = desk.incident.notices[0].notice.facts
    assert facts.incident_type == "payment"
    assert "fees" in [a.service for a in facts.affected]
    assert facts.estimate.shape == "known"
    for language in ("ja", "en"):
        read, times = desk.read(language), clock_of(desk, language)
        pack = desk.env.site.catalog.packs[language]
        assert pack.services["fees"].name in read
        assert times.format_time(started) in read
        assert times.format_time(facts.estimate.at) in read
        assert {"ja": "一部のお客様", "en": "some people"}[language].lower() in read.lower()
    assert {post.username for post in desk.x.posts} == {"fitline_jp", "fitline_en"}
    assert all(clock_of(desk, "ja").format_time(started) in post.text for post in desk.x.posts)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_first_report_from_nothing_takes_seven_inputs(browser: Browser, desk: Served, script: bool):
    started = (now() - timedelta(minutes=23)).replace(second=0, microsecond=0)
    with on_the_desk(browser, desk, java_script_enabled=script) as page:
        hand = Hand(page)
        report_from_nothing(hand, desk, started)
        assert hand.count == 7
        if script:
            is_published_everywhere(page, desk, started)
        else:
            page.wait_for_url(re.compile(r"/notices/\d+$"))
            assert [a.service for a in desk.incident.notices[0].notice.facts.affected] == ["fees"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_where_the_alerts_proposal_is_right_it_takes_three(browser: Browser, desk: Served, script: bool):
    desk.alert(6)
    with on_the_desk(browser, desk, java_script_enabled=script) as page:
        hand = Hand(page)
        hand.click("button[value=write]")
        hand.click("label:has(input[name=estimate][value='30m'])")
        hand.click("#publish")
        assert hand.count == 3
        page.wait_for_url(re.compile(r"/notices/\d+$"))
        facts = desk.incident.notices[0].notice.facts
        assert facts.incident_type == "booking"
        assert facts.estimate.shape == "known"
        assert facts.start is not None
        assert abs(facts.start.at - (now() - timedelta(minutes=6))) < timedelta(minutes=2)


ORDERS = {"type first": ("slow", "fees"), "another type before": ("login", "fees", "slow")}
"""The services are offered once a type is chosen."""


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("order", ORDERS)
def test_a_service_has_the_state_of_the_type_in_every_order_of_clicks(
    browser: Browser, desk: Served, order: str, script: bool
):
    with on_the_desk(browser, desk, java_script_enabled=script) as page:
        page.goto(f"{desk.desk}/incidents/new")
        for one in ORDERS[order]:
            if one == "fees":
                page.locator("#add-service").evaluate("menu => menu.open = true")
                page.locator("[name=service][value=fees]").check()
            else:
                page.locator("#kind").evaluate("menu => menu.open = true")
                page.click(f"label.tile:has(input[value={one}])")
        page.click("label:has(input[name=start][value=now])")
        if not script:
            page.locator(".refresh button").click()
        expect(page.locator(".pv-page[lang=en] h3")).to_contain_text(re.compile("slow|late"))
        expect(page.locator("[name=state-fees]")).to_have_value("degraded")


def test_a_state_chosen_by_hand_stays_when_the_type_is_clicked(browser: Browser, desk: Served):
    with on_the_desk(browser, desk) as page:
        page.goto(f"{desk.desk}/incidents/new")
        page.click("label.tile:has(input[value=slow])")
        page.locator("#add-service").evaluate("menu => menu.open = true")
        page.locator("[name=service][value=fees]").check()
        page.locator("[name=state-fees]").select_option("partial")
        page.locator("[name=state-fees]").select_option("degraded")
        page.locator("#kind").evaluate("menu => menu.open = true")
        page.click("label.tile:has(input[value=login])")
        page.click("label:has(input[name=start][value=now])")
        expect(page.locator("#gate")).to_have_class(re.compile("ready"))
        expect(page.locator("[name=state-fees]")).to_have_value("degraded")
        expect(page.locator("[name=service]:checked")).to_have_count(2)


def test_a_first_report_on_a_phone_by_thumb(browser: Browser, desk: Served):
    started = (now() - timedelta(minutes=23)).replace(second=0, microsecond=0)
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with on_the_desk(browser, desk, **phone) as page:
        hand = Hand(page, "tap")
        report_from_nothing(hand, desk, started)
        assert hand.count == 7
        is_published_everywhere(page, desk, started)


def test_a_first_report_by_keyboard_alone(browser: Browser, desk: Served):
    with on_the_desk(browser, desk) as page:
        page.goto(f"{desk.desk}/incidents/new")
        press_key(page, "5")
        page.locator("[name=start][value='5m']").focus()
        page.keyboard.press("Space")
        expect(page.locator("#gate")).to_have_class(re.compile("ready"))
        press_key(page, "Control+Enter")
        page.wait_for_url(re.compile(r"/notices/\d+$"))
    assert desk.incident.notices[0].notice.facts.incident_type == "booking"


def test_the_preview_follows_the_hand_and_is_what_gets_published(browser: Browser, desk: Served):
    with on_the_desk(browser, desk) as page:
        page.goto(f"{desk.desk}/incidents/new")
        page.click("label.tile:has(input[value=booking])")
        expect(page.locator("[name=service]:checked")).to_have_count(2)
        page.click("label:has(input[name=start][value=now])")
        shown = page.locator(".pv-page[lang=ja]")
        expect(shown).to_contain_text("予約できません")
        write_in(page, "extra-ja", "お店の電話でも承ります。")
        expect(shown).to_contain_text("お店の電話でも承ります。")
        page.select_option("#pv-language", "1")
        expect(page.locator(".pv-page[lang=en]")).to_be_visible()
        expect(shown).to_be_hidden()
        page.click("label:has(#t-x)")
        expect(page.locator(".pv-x[data-l='1']")).to_contain_text("残り")
        page.click(".send .to > summary")
        expect(page.locator(".send h2")).to_contain_text("3")
        page.locator(".send [name=channel]").first.uncheck()
        expect(page.locator(".send h2")).to_contain_text("2")
        page.locator(".send [name=page_only]").check()
        expect(page.locator(".send h2")).to_contain_text("配信先：")
        (promised,) = re.findall(r"\d{1,2}:\d{2}", page.locator("[data-hint=next_update]").text_content() or "")
        page.click("#publish")
        page.wait_for_url(re.compile(r"/notices/\d+$"))
        due = desk.incident.notices[0].notice.facts.next_update
        assert due is not None
        assert clock_of(desk, "ja").format_time(due) == promised


def test_what_is_wrong_stands_beside_its_field_while_it_is_typed(browser: Browser, desk: Served):
    with on_the_desk(browser, desk) as page:
        page.goto(f"{desk.desk}/incidents/new")
        page.click("label.tile:has(input[value=booking])")
        page.click("label:has(input[name=start][value='5m'])")
        write_in(page, "estimate_at", "2.15...")
        expect(page.locator("#f-estimate > .wrong")).to_contain_text("時刻として認識できません")
        expect(page.locator("[name=estimate_at]")).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#gate")).not_to_have_class(re.compile("ready"))
        write_in(page, "estimate_at", "")
        page.click("label:has(input[name=estimate][value=unknown])")
        expect(page.locator("#f-estimate > .wrong")).to_have_count(0)
        expect(page.locator("#gate")).to_have_class(re.compile("ready"))


def test_pressing_publish_at_once_after_typing_says_what_was_typed(browser: Browser, desk: Served):
    desk.alert(3)
    with on_the_desk(browser, desk) as page:
        page.click("button[value=write]")
        write_in(page, "extra-ja", "最後に打った言葉。")
        page.click("#publish")
        page.wait_for_url(re.compile(r"/notices/\d+$"))
    assert desk.incident.notices[0].notice.facts.extra == {"ja": "最後に打った言葉。"}


TYPED_DURING_THE_LAST_PREVIEW = """() => {
  const [box, real] = [document.querySelector("[name=extra-ja]"), window.fetch];
  const type = (text) => { box.value = text; box.dispatchEvent(new Event("input", { bubbles: true })); };
  window.fetch = async (...request) => {
    window.fetch = real;
    const answer = await real(...request);
    type("最後に打った言葉。");
    return answer;
  };
  type("はじめに打った言葉。");
  document.querySelector("#publish").click();
}"""


def test_words_typed_while_publishing_gets_its_preview_are_published_with_it(browser: Browser, desk: Served):
    desk.alert(3)
    with on_the_desk(browser, desk) as page:
        page.click("button[value=write]")
        unfold(page, "[name=extra-ja]")
        expect(page.locator("html.script")).to_be_attached()
        page.evaluate(TYPED_DURING_THE_LAST_PREVIEW)
        page.wait_for_url(re.compile(r"/notices/\d+$"))
    assert desk.incident.notices[0].notice.facts.extra == {"ja": "最後に打った言葉。"}


def test_what_was_chosen_before_the_script_arrived_counts(browser: Browser, desk: Served):
    with on_the_desk(browser, desk) as page:
        held: list[Route] = []
        page.route(re.compile(r"/desk[^/]*\.js"), lambda route: held.append(route))
        page.goto(f"{desk.desk}/incidents/new", wait_until="commit")
        page.click("label.tile:has(input[value=slow])")
        assert page.input_value("[name=shown_incident_type]") == ""
        held[0].continue_()
        expect(page.locator("[name=shown_incident_type]")).to_have_value("slow")
        expect(page.locator("#preview")).to_contain_text("遅")


def test_a_button_pressed_after_typing_in_a_box_wins(browser: Browser, desk: Served):
    with on_the_desk(browser, desk) as page:
        page.goto(f"{desk.desk}/incidents/new")
        page.click("label.tile:has(input[value=booking])")
        page.fill("[name=start_at]", "00:01")
        page.click("label:has(input[name=start][value=now])")
        write_in(page, "estimate_minutes", "20")
        page.click("label:has(input[name=estimate][value=unknown])")
        page.click("#publish")
        page.wait_for_url(re.compile(r"/notices/\d+$"))
    facts = desk.incident.notices[0].notice.facts
    assert facts.start is not None
    assert now() - facts.start.at < timedelta(minutes=3)
    assert facts.estimate.shape == "unknown"


def test_what_is_typed_is_kept_while_typing(browser: Browser, desk: Served):
    with on_the_desk(browser, desk) as page:
        page.goto(f"{desk.desk}/incidents/new")
        page.click("label.tile:has(input[value=login])")
        with page.expect_response(lambda answer: "報告の途中" in (answer.request.post_data or "")):
            write_in(page, "extra-ja", "報告の途中")
        page.goto(f"{desk.desk}/")
        page.goto(f"{desk.desk}/incidents/new")
        expect(page.locator("#draft")).to_contain_text("報告の途中")
        page.click("#continue-draft")
        expect(page.locator("[name=extra-ja]")).to_have_value("報告の途中")
        expect(page.locator("[name=incident_type][value=login]")).to_be_checked()


def test_two_people_at_once_lose_nothing(browser: Browser, desk: Served):
    desk.alert(4)
    with on_the_desk(browser, desk) as sato, on_the_desk(browser, desk, language="en") as kim:
        sato.click("button[value=write]")
        sato.click("#publish")
        sato.wait_for_url(re.compile(r"/notices/\d+$"))
        path = f"{desk.desk}/incidents/{desk.incident.id}/notices/new/update"
        sato.goto(path)
        kim.goto(path)
        write_in(kim, "extra-en", "We called the vendor.")
        write_in(sato, "estimate_minutes", "30")
        sato.click("#publish")
        sato.wait_for_url(re.compile(r"/notices/\d+$"))
        kim.click("#publish")
        expect(kim.locator(".newer")).to_contain_text("published first")
        expect(kim.locator("[name=extra-en]")).to_have_value("We called the vendor.")
        kim.click("#publish")
        kim.wait_for_url(re.compile(r"/notices/\d+$"))
    assert len(desk.incident.notices) == 3


def test_a_new_alert_appears_by_itself(browser: Browser, desk: Served):
    with on_the_desk(browser, desk) as page:
        page.clock.install()
        page.reload()
        desk.alert(1)
        page.clock.run_for(21_000)
        expect(page.locator(".alerts")).to_contain_text("予約の応答エラー")


def screens(desk: Served, page: Page) -> Iterator[str]:
    """Opens one screen after the other."""
    base, id = desk.desk, desk.incident.id
    page.goto(f"{base}/")
    yield "home"
    page.goto(f"{base}/incidents/new")
    yield "report"
    write_in(page, "estimate_at", "25:99")
    page.click("#publish")
    page.wait_for_selector("#errs")
    yield "problems"
    page.goto(f"{base}/incidents/new")
    yield "draft"
    page.click("button[value=discard]")
    for name, path in {
        "receipts": f"/incidents/{id}/notices/{desk.incident.notices[0].sequence}",
        "story": f"/incidents/{id}",
        "update": f"/incidents/{id}/notices/new/update",
        "resolved": f"/incidents/{id}/notices/new/resolved",
    }.items():
        page.goto(base + path)
        page.wait_for_timeout(300)
        yield name
    if desk.env.name == "drill":
        for path in ("/drills", "/drills/sandbox"):
            page.goto(base + path)
            yield path


def in_the_middle(browser: Browser, desk: Served) -> None:
    """One published incident, and a waiting alert."""
    desk.alert(4)
    with on_the_desk(browser, desk) as page:
        page.click("button[value=write]")
        page.click("#publish")
        page.wait_for_url(re.compile(r"/notices/\d+$"))
        expect(page.locator("main")).not_to_have_attribute("data-poll", re.compile(".*"), timeout=30_000)
    desk.alert(2, fingerprint="f2", service="gate-7")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_screen_can_be_used_by_everybody(
    browser: Browser, desk: Served, axe: Callable[[Page], list[str]], language: str, scheme: Any
):
    in_the_middle(browser, desk)
    with on_the_desk(browser, desk, language=language, color_scheme=scheme, bypass_csp=True) as page:
        for name in screens(desk, page):
            assert (name, axe(page)) == (name, [])
    context = browser.new_context(color_scheme=scheme, locale=language, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{desk.desk}/sign-in")
    assert axe(page) == []
    context.close()


def test_every_screen_of_a_drill_can_be_used_by_everybody(
    browser: Browser, drill: Served, axe: Callable[[Page], list[str]]
):
    in_the_middle(browser, drill)
    for scheme in ("light", "dark"):
        with on_the_desk(browser, drill, color_scheme=scheme, bypass_csp=True) as page:
            for name in screens(drill, page):
                assert (name, axe(page)) == (name, [])


@pytest.mark.parametrize("width", [320, 390])
def test_no_screen_scrolls_sideways(browser: Browser, desk: Served, width: int):
    in_the_middle(browser, desk)
    for language in ("ja", "en"):
        with on_the_desk(browser, desk, language=language, viewport={"width": width, "height": 800}) as page:
            for name in screens(desk, page):
                over = sideways(page)
                assert (name, over) == (name, 0)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_bad_night_can_be_read_by_everybody_at_any_width(
    browser: Browser, tmp_path: Path, catalog: Catalog, axe: Callable[[Page], list[str]], language: str
):
    with x_server() as x, served(environment_in(tmp_path, waits_for_entry(catalog)), x) as desk:
        paths = (*bad_night(desk.env, now()).paths, "/keyboard-help")
        with on_the_desk(browser, desk, language=language, bypass_csp=True) as page:
            for path in paths:
                page.goto(desk.desk + path)
                assert (path, axe(page)) == (path, [])
                for width in (640, 390, 320):  # the first is 1280 at 200 %
                    page.set_viewport_size({"width": width, "height": 900})
                    over = sideways(page)
                    assert (path, width, over) == (path, width, 0)
