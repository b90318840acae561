"""A desk and its page on loopback, as seen by a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from statuspage.domain.catalog import Catalog
from statuspage.domain.incident import Incident
from statuspage.storage import incidents
from statuspage.usecases import accounts
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk.app import create_app
from statuspage.web.server import static_site
from statuspage.web.server.http_server import ServerThread, open_listener
from tests.support.desk import alertmanager, drill_environment_in, environment_in, person_in, working
from tests.support.environments import with_changes
from tests.support.fakes.x_server import SECOND, Account, Server, x_server


def now() -> datetime:
    return datetime.now(UTC)


class MovedClock:
    """A clock that goes on from a chosen time, and can be moved to another one."""

    def __init__(self, at: datetime) -> None:
        self._ahead = at - now()

    def __call__(self) -> datetime:
        return now() + self._ahead

    def move(self, to: datetime) -> None:
        """Moves it."""
        self._ahead = to - now()


@dataclass
class Served:
    """A served environment: desk and page on loopback, a worker, and an X server of our own."""

    env: Environment
    desk: str
    page: str
    x: Server
    clock: Callable[[], datetime] = now

    def alert(self, minutes_ago: int, **how: Any) -> None:
        """A monitor sends an alert."""
        body = alertmanager(self.clock() - timedelta(minutes=minutes_ago), **how)
        requests.post(f"{self.desk}/intake/alertmanager", data=body, timeout=10).raise_for_status()

    @property
    def incident(self) -> Incident:
        """The only open incident."""
        with self.env.databases.environment.read() as tx:
            (found,) = incidents.open_incidents(tx)
        return found

    def read(self, language: str) -> str:
        """What customers read of it."""
        answer = requests.get(f"{self.page}/{language}/incidents/{self.incident.id}/", timeout=10)
        answer.raise_for_status()
        answer.encoding = "utf-8"
        return re.sub(r"<[^>]+>", "", answer.text)


@contextmanager
def served(env: Environment, x: Server, clock: Callable[[], datetime] = now) -> Iterator[Served]:
    with ExitStack() as stack:
        site = stack.enter_context(
            ServerThread(static_site.application(lambda: env.site_folder.current), open_listener("127.0.0.1", 0))
        )
        changed_env = with_changes(env, address=site.address)
        desk = stack.enter_context(ServerThread(create_app(changed_env, clock=clock), open_listener("127.0.0.1", 0)))
        stack.enter_context(working(changed_env, clock))
        yield Served(changed_env, desk.address, site.address, x, clock)
    env.databases.environment.close()
    env.databases.accounts.close()


@pytest.fixture
def desk(tmp_path: Path, catalog: Catalog) -> Iterator[Served]:
    with x_server(Account(), SECOND) as x:
        environ = {**Account().environ("x-ja"), **SECOND.environ("x-en"), "STATUSPAGE_X_API": x.address}
        with served(environment_in(tmp_path, catalog, environ=environ), x) as env:
            yield env


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Served]:
    with x_server() as x, served(drill_environment_in(tmp_path), x) as env:
        yield env


@contextmanager
def on_the_desk(browser: Browser, desk: Served, *, language: str = "ja", login: str = "", **how: Any) -> Iterator[Page]:
    """A page of a user who has just signed in with a one-time link. Any browser error fails the test."""
    person = person_in(desk.env, login or language, "佐藤", language, password="")
    how.setdefault("viewport", {"width": 1280, "height": 900})
    context: BrowserContext = browser.new_context(locale=language, **how)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    link = accounts.create_sign_in_link(desk.env.databases.accounts, person.id, now=desk.clock())
    page.goto(f"{desk.desk}/sign-in/link/{link}")
    page.click("main button")
    page.wait_for_url(f"{desk.desk}/")
    yield page
    context.close()
    assert [c for c in complaints if "422" not in c and "409" not in c] == []


def press_key(page: Page, key: str) -> None:
    """Press a key once the page's script, which arrives after what is seen, listens to them."""
    expect(page.locator("html.script")).to_be_attached()
    page.keyboard.press(key)


def write_in(page: Page, name: str, text: str) -> None:
    """Types into a box of the form; what it is folded into is opened first."""
    unfold(page, f"[name={name}]")
    page.fill(f"[name={name}]", text)


def unfold(page: Page, selector: str) -> None:
    """Opens everything of the form that this is folded into, from the outside in."""
    page.locator(selector).first.wait_for(state="attached")  # What it is folded into is there before it.
    folds = page.locator(f"details:has({selector})")
    for number in range(folds.count()):
        if folds.nth(number).get_attribute("open") is None:
            folds.nth(number).locator("> summary").press("Enter")  # A click misses what an answer moves meanwhile.
