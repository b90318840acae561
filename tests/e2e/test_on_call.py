"""On call in a real browser: an alert escalates, staff are told, checklist items are ticked, a promise is missed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from statuspage.domain.catalog import Catalog
from statuspage.integrations import channels
from statuspage.storage import incidents
from statuspage.usecases.notices import update_deadlines
from tests.support.browser import sideways
from tests.support.desk import environment_in
from tests.support.environments import with_changes
from tests.support.fakes.hooks import SlackHook
from tests.support.fakes.service import running
from tests.support.fakes.x_server import x_server
from tests.support.served_desk import Served, now, on_the_desk, press_key, served
from tests.support.site import composed


@pytest.fixture
def chat() -> Iterator[SlackHook]:
    with running(SlackHook()) as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, catalog: Catalog, chat: SlackHook) -> Iterator[Served]:
    spec = catalog.notification_channels["chat"]
    staff_channels = {"chat": channels.open_live(spec, {"STATUSPAGE_ON_CALL_CHAT_URL": chat.url})}
    env = with_changes(
        environment_in(tmp_path, catalog),
        staff_channels=staff_channels,
        unready_staff_channels={"phone": "notification_unready"},
    )
    with x_server() as x, served(env, x) as made:
        yield made


@pytest.mark.parametrize("width", [1280, 390])
def test_an_alert_escalates_is_acknowledged_and_its_points_are_ticked_off(
    browser: Browser, desk: Served, chat: SlackHook, width: int
) -> None:
    desk.alert(0)
    with on_the_desk(browser, desk, viewport={"width": width, "height": 900}) as page:
        page.goto(f"{desk.desk}{page.locator('.alerts .menu a').first.get_attribute('href')}")
        expect(page.locator(".notifications li").first).to_contain_text("Slack #status", timeout=30_000)
        page.goto(f"{desk.desk}/")
        expect(page.locator(".on-call")).to_contain_text("未接続のため")
        expect(page.locator(".on-call a[href^='tel:+81']").first).to_be_visible()
        assert sideways(page) == 0
        assert len(chat.received) == 1
        page.click(".alerts .pop summary")
        with page.expect_navigation():
            page.click("button[value=tell_colleagues]")
        expect(page.locator("button[value=tell_colleagues]")).to_have_count(0)
        with page.expect_navigation():
            page.click("button[value=write]")
        page.goto(f"{desk.desk}/incidents/{desk.incident.id}")
        page.locator(".checks button").first.click()
        expect(page.locator("#h-rb")).to_contain_text("残り2件")
        expect(page.locator(".checks li").first).to_contain_text("佐藤さん")
        expect(page.locator(".route").first).to_contain_text("Slack #statusで呼び出し")
        expect(page.locator(".route").first).to_contain_text("アラートを確認")
        assert sideways(page) == 0


def test_a_missed_promise_is_seen_on_the_desk_and_heard_in_the_chat(
    browser: Browser, desk: Served, chat: SlackHook
) -> None:
    incident = composed(desk.env.site.catalog, ("12:03", "first"))
    due = now() - timedelta(minutes=1)  # also past for the desk, which checks by itself meanwhile
    with desk.env.databases.environment.begin() as tx:
        incidents.open_incident(tx, incident.id, at=incident.opened, t0=incident.t0, t0_source="alert")
        late = replace(incident.notices[0].notice, facts=replace(incident.notices[0].notice.facts, next_update=due))
        incidents.append_entry(tx, incident.id, late, happened=incident.opened, recorded=incident.opened)
    update_deadlines.remind_staff(desk.env, now=now())
    with on_the_desk(browser, desk) as page:
        expect(page.locator(".next-step .late")).to_contain_text("超過")
        page.goto(f"{desk.desk}/incidents/{incident.id}")
        expect(page.locator(".route").first).to_contain_text("Slack #statusで社内に連絡", timeout=30_000)
    assert "遅れています" in chat.received[0].text


def test_no_news_takes_two_keys_and_another_tells_colleagues(browser: Browser, desk: Served, chat: SlackHook) -> None:
    desk.alert(2)
    with on_the_desk(browser, desk) as page:
        page.click("button[value=write]")
        page.locator("html.script #tell-colleagues").wait_for(state="attached", timeout=30_000)
        press_key(page, "t")
        expect(page.locator("#notice-form")).to_contain_text("に連絡済み", timeout=30_000)
        page.locator("html.script #ask-engineers").wait_for(state="attached", timeout=30_000)
        press_key(page, "q")
        expect(page.locator("#fact-requests .notifications li.ok")).to_contain_text("Slack #status", timeout=30_000)
        text = "\n".join(one.text for one in chat.received)
        assert "障害の連絡：" in text and "1. 何に影響がありますか" in text
        page.click("#add-more > summary")
        page.click("[data-row=next_update] summary")
        page.click("label:has(input[name=next_update][value='15m'])")
        press_key(page, "Control+Enter")
        page.wait_for_url(re.compile(r"/notices/\d+$"))
        before = desk.incident.latest
        assert before is not None and before.notice.facts.next_update is not None
        page.goto(desk.desk)
        press_key(page, "n")
        page.wait_for_url(re.compile("/notices/new/update$"))
        page.locator("html.script").wait_for(timeout=30_000)
        expect(page.locator("[data-hint=no-change]")).to_contain_text("状況は変わっていません")
        press_key(page, "Control+Enter")
        page.wait_for_url(re.compile(r"/notices/\d+$"))
    after = desk.incident.latest
    assert after is not None and after.notice.facts.next_update is not None
    assert after.sequence > before.sequence
    assert after.notice.facts.next_update > before.notice.facts.next_update
    assert "前のお知らせから、状況は変わっていません。" in after.notice.texts["ja"].media["page"].body
    assert "Nothing has changed since our last update." in after.notice.texts["en"].media["page"].body
