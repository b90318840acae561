"""Sign-in through an identity provider in a real browser; and without it, once it is dead."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from statuspage.domain.catalog import Catalog
from statuspage.usecases import accounts
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.identity import emergency_links
from statuspage.web.desk.app import create_app
from statuspage.web.desk.settings.emergency_links import _printed
from statuspage.web.server.http_server import ServerThread, address_of, open_listener
from tests.support.desk import environment_in, person_in
from tests.support.identity_provider import DRILL_DESK, RunningProvider, running_provider
from tests.support.served_desk import now


@dataclass
class ProviderDesk:
    """A served desk, and the provider through which people sign in there."""

    env: Environment
    address: str
    provider: RunningProvider


@pytest.fixture
def desk(tmp_path: Path, catalog: Catalog) -> Iterator[ProviderDesk]:
    env = environment_in(tmp_path, catalog)
    with ExitStack() as stack:
        listener = open_listener("127.0.0.1", 0)
        address = address_of(listener)
        provider = stack.enter_context(running_provider((address, DRILL_DESK)))
        app = create_app(env, clock=now, provider=provider.opened(), siblings={"live": address})
        stack.enter_context(ServerThread(app, listener))
        yield ProviderDesk(env, address, provider)
    env.databases.environment.close()
    env.databases.accounts.close()


@pytest.mark.parametrize(
    ("language", "button"), [("ja", "Example SSOでサインイン"), ("en", "Sign in with Example SSO")]
)
@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_one_press_leads_through_the_provider_to_where_one_wanted_to_be(
    browser: Browser, desk: ProviderDesk, language: str, button: str, scripts: bool
) -> None:
    context = browser.new_context(locale=language, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{desk.address}/incidents")
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"{desk.address}/incidents")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    names = {cookie["name"] for cookie in context.cookies() if cookie["domain"] == "127.0.0.1"}
    assert {"desk", "desk-provider-live"} <= names
    context.close()


def test_with_the_provider_dead_somebody_signs_in_with_a_code_from_paper(
    browser: Browser, desk: ProviderDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    lead = person_in(desk.env, role=Role.LEAD, password="")
    database = desk.env.databases.accounts
    (link,) = emergency_links.create(database, lead.id, count=1, days=30, by=accounts.NOBODY, now=now())
    desk.provider.stop()
    context = browser.new_context(locale="en", viewport={"width": 390, "height": 844})
    page = context.new_page()
    started = time.monotonic()
    page.goto(f"{desk.address}/sign-in")
    page.get_by_role("button", name="Sign in with Example SSO").click()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    page.get_by_role("link", name="Sign in with an emergency link").click()
    page.get_by_label("Code").fill(link.code.lower())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{desk.address}/")
    seconds = time.monotonic() - started
    with capsys.disabled():
        print(f"\nwith the provider dead, signed in after {seconds:.1f} s (allowed: 30 s)")
    (used,) = emergency_links.list_links(database)
    assert used.used_at is not None
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_the_printed_picture_fills_the_code_in_and_sends_it_to_no_server_before_the_press(
    browser: Browser, desk: ProviderDesk, scripts: bool
) -> None:
    administrator = person_in(desk.env, role=Role.ADMINISTRATOR)
    with create_app(desk.env, clock=now, siblings={"live": desk.address}).test_request_context():
        address = _printed(emergency_links.NewEmergencyLink(1, "ABCD-EFGH")).address
    assert address == f"{desk.address}/sign-in/emergency#code=ABCD-EFGH"
    (link,) = emergency_links.create(
        desk.env.databases.accounts, administrator.id, count=1, days=30, by=accounts.NOBODY, now=now()
    )
    context = browser.new_context(locale="en", java_script_enabled=scripts)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address.replace("ABCD-EFGH", link.code))
    field = page.get_by_label("Code")
    expect(field).to_have_value(link.code if scripts else "")
    assert not any(link.code in url.partition("#")[0] for url in asked)
    assert not scripts or link.code not in page.url
    field.fill(link.code)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{desk.address}/")
    context.close()


def test_a_provider_that_hangs_keeps_nobody_waiting_for_long(browser: Browser, desk: ProviderDesk) -> None:
    desk.provider.set(hang=True)
    context = browser.new_context(locale="en")
    page = context.new_page()
    page.goto(f"{desk.address}/sign-in")
    page.get_by_role("button", name="Sign in with Example SSO").click()
    expect(page.get_by_role("alert")).to_contain_text("does not answer", timeout=30_000)
    context.close()
