"""Maintenance and a withdrawal in a real browser: on a phone by touch, and by keyboard alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, expect

from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import Incident
from statuspage.storage import incidents
from tests.support.browser import sideways
from tests.support.served_desk import Served, desk, on_the_desk, press_key

__all__ = ["desk"]

N = NoticeKind
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def in_tokyo(**ahead: int) -> str:
    """That long from now in the site's zone, as typed into a field of the form."""
    return f"{datetime.now(ZoneInfo('Asia/Tokyo')) + timedelta(**ahead):%Y-%m-%dT%H:%M}"


def incident_of(desk: Served) -> Incident:
    """The only incident."""
    with desk.env.databases.environment.read() as tx:
        ((incident, _),) = incidents.latest_notices(tx, 1)
    return incident


def published(page: Page) -> None:
    """Waits until the receipts say that the page has been read back."""
    page.wait_for_url("**/notices/*")
    expect(page.locator("h1")).to_contain_text("読めます", timeout=30_000)


def go_to(page: Page, selector: str) -> None:
    """Presses Tab until the focus is there."""
    for _ in range(80):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")


def test_on_a_phone_work_is_planned_started_extended_and_finished(browser: Browser, desk: Served):
    with on_the_desk(browser, desk, **PHONE) as page:
        page.goto(f"{desk.desk}/maintenance")
        page.get_by_role("link", name="メンテナンスを登録").tap()
        page.locator("label", has_text="レッスン予約").first.tap()
        page.locator("input[name=begins]").fill(in_tokyo(days=2))
        expect(page.locator("#preview")).to_contain_text("自動で公開")
        assert sideways(page) == 0
        page.locator("#publish").tap()
        published(page)
        incident = incident_of(desk).id
        for name, button in (("started", "今すぐ開始する"), ("extended", "延長する"), ("finished", "終了する")):
            page.goto(f"{desk.desk}/incidents/{incident}")
            assert sideways(page) == 0
            page.get_by_role("link", name=button, exact=True).tap()
            page.wait_for_url(f"**/notices/new/{name}")
            if name == "extended":
                page.locator("input[name=ends_at]").fill(in_tokyo(days=3))
            expect(page.locator("#gate")).to_have_class("gate ready")
            page.locator("#publish").tap()
            published(page)
    assert [n.notice.notice for n in incident_of(desk).notices] == [N.ANNOUNCED, N.STARTED, N.EXTENDED, N.FINISHED]
    assert incident_of(desk).is_over


def test_a_notice_is_withdrawn_by_keyboard_alone(browser: Browser, desk: Served):
    with on_the_desk(browser, desk) as page:
        page.goto(f"{desk.desk}/incidents/new")
        press_key(page, "5")
        go_to(page, "input[name=start]")
        page.keyboard.press("Space")
        expect(page.locator("#gate")).to_have_class("gate ready")
        press_key(page, "Control+Enter")
        published(page)
        page.goto(f"{desk.desk}/incidents/{incident_of(desk).id}")
        go_to(page, ".strip .pop > summary")
        press_key(page, "Enter")
        go_to(page, "a[href$='/notices/new/withdrawal']")
        press_key(page, "Enter")
        page.wait_for_url("**/notices/new/withdrawal")
        expect(page.locator("fieldset.step")).to_have_count(0)
        expect(page.locator("#preview")).to_contain_text("起きていません")
        press_key(page, "Control+Enter")
        published(page)
    assert [n.notice.notice for n in incident_of(desk).notices] == [N.FIRST, N.WITHDRAWAL]
    assert incident_of(desk).is_over
