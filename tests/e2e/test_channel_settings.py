"""A lead connects channels in the browser, tests them, and publishes: no restart, on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from statuspage.usecases.accounts import Role
from tests.support.browser import sideways
from tests.support.desk import until
from tests.support.fakes.hooks import Subscriber
from tests.support.fakes.mastodon_server import TOKEN, Server
from tests.support.fakes.service import running
from tests.support.served_company import ServedCompany, publish, served_company, signed_in

SECRET = "whsec_Y2FuYXJ5LTliMWQtNGU3MC1zaWduaW5nLXNlY3JldC0x"

SERVICE_BY_WIDTH = {1280: "api", 390: "web"}
"""Each report is of a service of its own: a second open incident of the same service has to be confirmed."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedCompany]:
    with served_company(tmp_path_factory.mktemp("company"), "en", "ja") as found:
        yield found


@pytest.mark.parametrize("width", list(SERVICE_BY_WIDTH))
def test_a_lead_connects_tests_publishes_and_sees_receipts(
    browser: Browser, desk: ServedCompany, width: int, axe: Callable[[Page], list[str]]
):
    with running(Server()) as mastodon, running(Subscriber()) as receiver:
        receiver.secret = SECRET
        page = signed_in(browser, desk, width, Role.LEAD)
        page.goto(f"{desk.address}/settings/channels")
        page.click("text=Add a channel")
        page.click("main >> text=Mastodon")
        page.fill("[name=server]", mastodon.address)
        page.fill("[name='secret.token']", "a-wrong-token")
        page.click("form.channel button.go")
        expect(page.locator("main .opened [role=status]")).to_contain_text("401")
        page.locator("li:has(.opened [role=status]) details.pop summary").click()
        page.locator("li:has(.opened [role=status]) .menu a").click()
        expect(page.locator("[name='secret.token']")).to_have_value("")
        page.fill("[name='secret.token']", TOKEN)
        assert axe(page) == []
        page.click("form.channel button.go")
        expect(page.locator("main .opened [role=status]")).to_contain_text("@fitline@")
        page.goto(f"{desk.address}/settings/new-channel/webhook")
        page.fill("[name='secret.url']", receiver.url)
        page.fill("[name='secret.secret']", SECRET)
        page.click("form.channel button.go")
        expect(page.locator("main .opened [role=status]")).to_contain_text("It works")
        assert sideways(page) == 0
        assert axe(page) == []
        assert TOKEN not in page.content()
        assert mastodon.received == []
        until(lambda: mastodon.address in repr(desk.env.site.catalog.channels) and len(desk.env.senders.channels) == 2)
        publish(page, desk.address, SERVICE_BY_WIDTH[width])
        expect(page.locator("main")).to_contain_text("Mastodon", timeout=30_000)
        until(lambda: len(mastodon.received) == 1 and len(receiver.received) == 1, patience=60)
        remove_all(page, desk.address)


def remove_all(page: Page, address: str) -> None:
    for _ in range(2):
        page.goto(f"{address}/settings/channels")
        page.locator("li:has(details.pop) summary").first.click()
        with page.expect_navigation():
            page.locator(".menu button[value=remove]").first.click()
    page.goto(f"{address}/settings/channels")
    expect(page.locator("main li.row")).to_have_count(1)
