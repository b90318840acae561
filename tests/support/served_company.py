"""A small company, served for browsers as ``serve`` does it: desk, page, worker, and content that is followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

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
from tests.support.served_desk import unfold
from tests.support.settings import SERVICES
from tests.support.trial_company import write_company


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class ServedCompany:
    """The environment, and where its desk and its page are."""

    env: Environment
    address: str
    page: str

    @property
    def content(self) -> Path:
        """Its content folder."""
        return self.env.home / "content"


@contextmanager
def served_company(home: Path, *languages: str) -> Iterator[ServedCompany]:
    """The company in this folder, served during the block."""
    write_company(home / "content", "general", languages, services=SERVICES)
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
        stack.enter_context(working(env, now))
        follow_content(env, clock=now, stop=stop)
        folder[0] = env.site_folder.current
        yield ServedCompany(env, served.address, address)


def signed_in(browser: Browser, desk: ServedCompany, width: int, role: Role) -> Page:
    """A page of somebody with this role, who has just signed in."""
    database = desk.env.databases.accounts
    person = accounts.find_by_login(database, str(role)) or accounts.add_account(
        database, str(role), "Aya Mori", role=role, language="en", password="", now=now()
    )
    page = browser.new_context(locale="en", viewport={"width": width, "height": 900}).new_page()
    page.goto(f"{desk.address}/sign-in/link/{accounts.create_sign_in_link(database, person.id, now=now())}")
    page.click("main button")
    page.wait_for_url(f"{desk.address}/")
    return page


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
