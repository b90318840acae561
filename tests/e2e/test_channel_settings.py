"""A lead connects channels in the browser, tests them, and publishes: no restart, on a desktop and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Browser, Page, expect

from statuspage.settings import read_settings
from statuspage.usecases import accounts
from statuspage.usecases.accounts import Role
from statuspage.usecases.bootstrap import live_environment
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk.app import create_app
from statuspage.web.server import static_site
from statuspage.web.server.http_server import ServerThread, open_listener
from statuspage.web.server.run import follow_content
from tests.support.desk import working
from tests.support.fakes.hooks import Subscriber
from tests.support.fakes.mastodon_server import TOKEN, Server
from tests.support.fakes.service import running
from tests.support.served_desk import unfold
from tests.support.settings import SERVICES
from tests.support.trial_company import write_company

SECRET = "whsec_Y2FuYXJ5LTliMWQtNGU3MC1zaWduaW5nLXNlY3JldC0x"

SERVICE_BY_WIDTH = {1280: "api", 390: "web"}
"""Each report is of a service of its own: a second open incident of the same service has to be confirmed."""


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Environment, str]]:
    """The desk of a small company as ``serve`` runs it: page, worker, and content that is followed."""
    home = tmp_path_factory.mktemp("company")
    write_company(home / "content", "general", ["en", "ja"], services=SERVICES)
    with ExitStack() as stack:
        folder = [Path(home / "site")]
        site = ServerThread(static_site.application(lambda: folder[0]), open_listener("127.0.0.1", 0))
        address = stack.enter_context(site).address
        env = live_environment(read_settings({"STATUSPAGE_ADDRESS": address}, home=str(home)), now=now())
        for database in (env.databases.environment, env.databases.accounts):
            stack.callback(database.close)
        served = stack.enter_context(ServerThread(create_app(env, clock=now), open_listener("127.0.0.1", 0)))
        stop = Event()
        stack.callback(stop.set)
        stack.enter_context(working(env, now))  # type: ignore[arg-type]
        follow_content(env, clock=now, stop=stop)
        folder[0] = env.site_folder.current
        yield env, served.address


def signed_in(browser: Browser, desk: tuple[Environment, str], viewport: dict[str, int]) -> Page:
    env, address = desk
    person = accounts.find_by_login(env.databases.accounts, "lead") or accounts.add_account(
        env.databases.accounts, "lead", "Aya Mori", role=Role.LEAD, language="en", password="", now=now()
    )
    page = browser.new_context(locale="en", viewport=viewport).new_page()  # type: ignore[arg-type]
    token = accounts.create_sign_in_link(env.databases.accounts, person.id, now=now())
    page.goto(f"{address}/sign-in/link/{token}")
    page.click("main button")
    page.wait_for_url(f"{address}/")
    return page


@pytest.mark.parametrize("width", list(SERVICE_BY_WIDTH))
def test_a_lead_connects_tests_publishes_and_sees_receipts(
    browser: Browser, desk: tuple[Environment, str], width: int, axe: Callable[[Page], list[str]]
):
    with running(Server()) as mastodon, running(Subscriber()) as receiver:
        receiver.secret = SECRET
        page = signed_in(browser, desk, {"width": width, "height": 900})
        page.goto(f"{desk[1]}/settings/channels")
        page.click("text=Add a channel")
        page.click("main >> text=Mastodon")
        page.fill("[name=server]", mastodon.address)
        page.fill("[name='secret.token']", "a-wrong-token")
        page.click("form.channel button.go")
        expect(page.locator("main .opened [role=status]")).to_contain_text("401")
        page.locator("li:has(.opened [role=status]) details.pop summary").click()
        page.locator("li:has(.opened [role=status]) .menu a").click()
        assert page.input_value("[name='secret.token']") == ""
        page.fill("[name='secret.token']", TOKEN)
        assert axe(page) == []
        page.click("form.channel button.go")
        expect(page.locator("main .opened [role=status]")).to_contain_text("@fitline@")
        page.goto(f"{desk[1]}/settings/new-channel/webhook")
        page.fill("[name='secret.url']", receiver.url)
        page.fill("[name='secret.secret']", SECRET)
        page.click("form.channel button.go")
        expect(page.locator("main .opened [role=status]")).to_contain_text("It works")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert axe(page) == []
        assert TOKEN not in page.content()
        assert mastodon.received == []
        page.wait_for_timeout(2000)  # in force everywhere
        publish(page, desk[1], SERVICE_BY_WIDTH[width])
        expect(page.locator("main")).to_contain_text("Mastodon", timeout=30_000)
        wait_for(page, lambda: len(mastodon.received) == 1 and len(receiver.received) == 1)
        remove_all(page, desk[1])


def publish(page: Page, address: str, service: str) -> None:
    """A first report of this service from nothing, to everything that is ready."""
    page.goto(f"{address}/incidents/new")
    page.locator("label.tile").first.click()
    unfold(page, "[name=service]")
    page.click(f"label:has(input[name=service][value={service}])")
    page.click("label:has(input[name=start][value='5m'])")
    page.click("#publish")
    page.wait_for_url(re.compile(r"/notices/\d+$"), timeout=30_000)
    expect(page.locator("h1")).to_contain_text(re.compile(r"(\d+) of \1"), timeout=30_000)


def wait_for(page: Page, true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        page.wait_for_timeout(200)
    raise AssertionError("it never came to be")


def remove_all(page: Page, address: str) -> None:
    for _ in range(2):
        page.goto(f"{address}/settings/channels")
        page.locator("li:has(details.pop) summary").first.click()
        page.locator(".menu button[value=remove]").first.click()
    page.goto(f"{address}/settings/channels")
    expect(page.locator("main li.row")).to_have_count(1)
