"""After an incident, in one go: the next day it is found, two people look back, and what they decide is seen done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from statuspage.domain.catalog import Catalog
from statuspage.integrations import channels
from statuspage.usecases import retrospectives
from tests.support.browser import sideways
from tests.support.desk import environment_in, until
from tests.support.environments import with_changes
from tests.support.fakes.hooks import SlackHook
from tests.support.fakes.service import running
from tests.support.fakes.x_server import x_server
from tests.support.served_desk import MovedClock, Served, on_the_desk, served, unfold
from tests.support.times import at

DUE = date(2026, 7, 10)
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


@pytest.fixture
def chat() -> Iterator[SlackHook]:
    with running(SlackHook()) as found:
        yield found


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(at("12:02"))


@pytest.fixture
def desk(tmp_path: Path, catalog: Catalog, chat: SlackHook, clock: MovedClock) -> Iterator[Served]:
    spec = catalog.notification_channels["chat"]
    chat_channel = channels.open_live(spec, {"STATUSPAGE_ON_CALL_CHAT_URL": chat.url})
    env = with_changes(environment_in(tmp_path, catalog), staff_channels={"chat": chat_channel})
    with x_server() as x, served(env, x, clock) as made:
        yield made


def morning(day: date) -> datetime:
    """Five past ten in Tokyo."""
    return at("10:05", day.isoformat())


def publish_whole_incident(page: Page, desk: Served) -> str:
    """A first report and its end, which promises a report; returns its id."""
    page.goto(f"{desk.desk}/incidents/new")
    page.click("label.tile:has(input[value=booking])")
    page.click("label:has(input[name=start][value='5m'])")
    expect(page.locator("#gate")).to_have_class(re.compile("ready"))
    page.click("#publish")
    page.wait_for_url(re.compile(r"/notices/\d+$"))
    id = desk.incident.id
    page.goto(f"{desk.desk}/incidents/{id}/notices/new/resolved")
    page.click("label:has(input[name=ended][value=now])")
    for name in {field.get_attribute("name") for field in page.locator("input[type=radio][name^=answer-]").all()}:
        unfold(page, f"[name='{name}']")
        page.locator(f"label:has([name='{name}'])").first.click()
    unfold(page, "[name=report_by]")
    page.fill("[name=report_by]", DUE.isoformat())
    expect(page.locator("#gate")).to_have_class(re.compile("ready"))
    page.click("#publish")
    page.wait_for_url(re.compile(r"/notices/\d+$"))
    return id


def add_note(page: Page, section: str, text: str) -> None:
    form = page.locator(f"#part-{section} > form")
    form.locator("textarea").fill(text)
    form.locator("button").click()
    expect(page.locator(f"#part-{section} .note-text", has_text=text)).to_have_count(1)


def look_back_together(one: Page, other: Page, desk: Served, id: str) -> None:
    """Both have the page open before either writes, and then change the same note."""
    for page in (one, other):
        page.goto(f"{desk.desk}/retrospectives/{id}")
    add_note(one, "why", "接続数の上限に達していた")
    add_note(other, "why", "上限のアラートがなかった")
    expect(other.locator("#part-why .note-text")).to_have_count(2)
    one.reload()
    for page, text in ((one, "接続数の上限が低かった"), (other, "接続が閉じられていなかった")):
        note = page.locator("#part-why li", has_text="接続数の上限に達していた")
        note.locator("summary").click()
        note.locator("textarea").fill(text)
    for page in (one, other):
        page.locator("#part-why li details[open] button").click()
        page.wait_for_load_state()
    expect(other.locator("body")).to_contain_text("あなたの文は別のメモ")
    found = retrospectives.find_retrospective(desk.env, id, now=desk.clock())
    texts = {note.text for note in found.record.notes}
    assert texts == {"接続数の上限が低かった", "接続が閉じられていなかった", "上限のアラートがなかった"}


def decide(page: Page, desk: Served, id: str) -> None:
    """An action item with owner and day, from the retrospective."""
    page.goto(f"{desk.desk}/retrospectives/{id}")
    page.locator("section:has(#h-actions) > details > summary").click()
    form = page.locator("section:has(#h-actions) > details form")
    form.locator("[name=text]").fill("接続数のアラートを足す")
    form.locator("[name=owner]").fill("渡辺 健")
    form.locator("[name=due]").fill(DUE.isoformat())
    form.locator("button").click()
    expect(page.locator(".action-item .name")).to_have_text(["接続数のアラートを足す"])
    assert sideways(page) == 0


def read_report(desk: Served, id: str) -> None:
    """The report in each language, as readers get it."""
    packs = desk.env.site.catalog.packs
    assert len(desk.env.site.catalog.languages) == 3
    for language in desk.env.site.catalog.languages:
        sentence = packs[language].lists["prevention"]["watch"].text
        until(lambda language=language, sentence=sentence: sentence in _page(desk, language, id))


def _page(desk: Served, language: str, id: str) -> str:
    answer = requests.get(f"{desk.page}/{language}/incidents/{id}/", timeout=10)
    return answer.content.decode()


@pytest.mark.parametrize("size", SIZES)
def test_what_was_decided_after_an_incident_is_followed_until_it_is_done(
    browser: Browser, desk: Served, clock: MovedClock, chat: SlackHook, size: str
) -> None:
    with on_the_desk(browser, desk, login="aya", **SIZES[size]) as page:
        id = publish_whole_incident(page, desk)

    clock.move(morning(date(2026, 7, 5)))
    until(lambda: any("振り返り" in one.body["text"] for one in chat.received), patience=60)
    with (
        on_the_desk(browser, desk, login="aya", **SIZES[size]) as page,
        on_the_desk(browser, desk, login="ken", **SIZES[size]) as other,
    ):
        page.goto(f"{desk.desk}/incidents")
        page.fill("[name=q]", "予約")
        page.press("[name=q]", "Enter")
        page.wait_for_url(re.compile(r"q="))
        page.locator(f"a[href='/incidents/{id}']").click()
        page.wait_for_url(f"{desk.desk}/incidents/{id}")
        assert sideways(page) == 0
        look_back_together(page, other, desk, id)
        decide(page, desk, id)

    clock.move(morning(DUE + timedelta(days=1)))
    until(lambda: any("接続数のアラートを足す" in one.body["text"] for one in chat.received), patience=60)
    until(lambda: any("お客様への報告が遅れています" in one.body["text"] for one in chat.received), patience=60)
    with on_the_desk(browser, desk, login="aya", **SIZES[size]) as page:
        expect(page.locator("main")).to_contain_text("接続数のアラートを足す")
        expect(page.locator("main")).to_contain_text("お客様に約束したご報告")
        assert sideways(page) == 0
        page.goto(f"{desk.desk}/incidents/{id}/notices/new/postmortem")
        page.locator("label:has([name=prevention][value=watch])").click()
        expect(page.locator("#gate")).to_have_class(re.compile("ready"))
        page.click("#publish")
        page.wait_for_url(re.compile(r"/notices/\d+$"))
        read_report(desk, id)
        page.goto(f"{desk.desk}/actions")
        with page.expect_navigation():
            page.locator(".action-item button[value=done]").click()
        page.goto(f"{desk.desk}/")
        expect(page.locator("main")).not_to_contain_text("接続数のアラートを足す")
        expect(page.locator("main")).not_to_contain_text("お客様に約束したご報告")
