"""The desk's subscriber page in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from statuspage.usecases import account_administration, accounts
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.web.server.http_server import ServerThread, open_listener
from tests.support.browser import sideways
from tests.support.bulk_sends import subscribe
from tests.support.desk import Clock, clock, desk_of, env, person_in
from tests.support.subscriber_lists import WRONG
from tests.support.subscribers import databases_of

__all__ = ["clock", "env"]


@pytest.mark.parametrize(("language", "width", "scheme"), [("ja", 390, "light"), ("en", 1280, "dark")])
def test_in_a_browser_it_can_be_read_by_everybody(
    env: Environment,
    clock: Clock,
    browser: Chromium,
    axe: Callable[[Page], list[str]],
    language: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    mine = person_in(env, "lead", "佐藤", language, password="")
    account_administration.change_role(env.databases.accounts, mine.id, Role.LEAD, by=accounts.NOBODY, now=clock())
    subscribe(databases_of(env), ["a@fitline.example"])
    with ServerThread(desk_of(env, clock), open_listener("127.0.0.1", 0)) as server:
        page = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
        token = accounts.create_sign_in_link(env.databases.accounts, mine.id, now=clock())
        page.goto(f"{server.address}/sign-in/link/{token}")
        page.locator("main button").first.click()
        page.wait_for_url(f"{server.address}/")
        page.goto(f"{server.address}/settings/subscribers")
        page.locator("input[name=address]").fill("a@fitline.example")
        page.locator("button[value=find]").click()
        expect(page.locator("button[value=erase]")).to_be_visible()
        assert axe(page) == []
        page.locator("textarea[name=list]").fill(WRONG)
        page.locator("button[value=import]").click()
        expect(page.locator("#f-list .wrong")).to_have_count(5)
        expect(page.locator("textarea[name=list]")).to_have_value(WRONG.rstrip() + "\n")
        assert axe(page) == []
        assert sideways(page) == 0
        page.context.close()
