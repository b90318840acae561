"""Passkeys, with Chromium's virtual authenticator: made, used, wrong, removed."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from statuspage.storage.accounts import Account
from statuspage.storage.tables import session
from statuspage.usecases import second_factor, sign_in_stages
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.sign_in_stages import Requirement
from tests.support.desk import PASSWORD, Clock, clock, desk_of, env, person_in
from tests.support.desk import Browser as Client
from tests.support.second_factors import code_of, keeping_secrets, with_app
from tests.support.served_desk import Served, desk

__all__ = ["clock", "desk", "env"]

ADD, USE = "[data-passkey=create] button", "[data-passkey=get] button"


class Authenticator:
    """A security key that is plugged in: somebody touches it when the browser asks."""

    def __init__(self, page: Page) -> None:
        self._cdp = page.context.new_cdp_session(page)
        self._cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "usb",
            "hasResidentKey": False,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self.id = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def credentials(self) -> list[dict[str, Any]]:
        """What it holds."""
        found: list[dict[str, Any]] = self._cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})[
            "credentials"
        ]
        return found

    def put(self, credential: dict[str, Any]) -> None:
        """Puts this credential in the place of the one with the same id."""
        self._cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})
        self._cdp.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})

    def remove(self) -> None:
        """Unplugs it."""
        self._cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})


@contextmanager
def somebody(browser: Browser, desk: Served, **how: Any) -> Iterator[tuple[Page, str, Account]]:
    """A browser of somebody with a password, and the desk's address under a host name, which passkeys need."""
    person = person_in(desk.env, "yamada", "山田", "en", role=Role.ADMINISTRATOR)
    context = browser.new_context(locale="en", **how)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page, desk.desk.replace("127.0.0.1", "localhost"), person
    context.close()
    assert problems == []


def sign_in(page: Page, address: str) -> None:
    """Gives login and password."""
    page.goto(f"{address}/sign-in")
    page.fill("[name=login]", "yamada")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("main button")


def add(page: Page, address: str, name: str) -> None:
    """Adds a passkey with this name."""
    page.goto(f"{address}/account/second-factor")
    page.fill("[name=name]", name)
    with page.expect_navigation():
        page.click(ADD)


@pytest.mark.slow
def test_a_passkey_is_made_named_used_to_sign_in_and_removed(browser: Browser, desk: Served, axe):
    with somebody(browser, desk) as (page, address, person):
        key = Authenticator(page)
        sign_in(page, address)
        add(page, address, "Blue key")
        assert len(page.inner_text("pre").split()) == 10, "the first factor comes with recovery codes"
        assert len(key.credentials()) == 1
        page.click("text=I have kept them")
        expect(page.locator("main")).to_contain_text("Blue key")
        assert axe(page) == []
        page.context.clear_cookies()
        sign_in(page, address)
        expect(page).to_have_url(re.compile("/sign-in/second"))
        assert axe(page) == []
        page.goto(f"{address}/incidents/new")
        expect(page, "nothing opens before it").to_have_url(re.compile("/sign-in"))
        sign_in(page, address)
        use(page)
        expect(page).to_have_url(f"{address}/")
        page.goto(f"{address}/account/second-factor")
        assert second_factor.factors_of(desk.env.databases.accounts, person).passkeys[0].last_used
        with page.expect_navigation():
            page.click("button[value=remove_passkey]")
        expect(page.locator("main")).not_to_contain_text("Blue key")
        page.context.clear_cookies()
        sign_in(page, address)
        page.wait_for_url(f"{address}/")
        assert not second_factor.factors_of(desk.env.databases.accounts, person).codes, "the codes went with it"


@pytest.mark.slow
def test_another_key_or_a_copied_one_does_not_open_the_desk(browser: Browser, desk: Served):
    with somebody(browser, desk) as (page, address, _):
        key = Authenticator(page)
        sign_in(page, address)
        add(page, address, "Key")
        (own,) = key.credentials()
        page.context.clear_cookies()
        sign_in(page, address)
        key.put(own | {"privateKey": private_key()})
        use(page)
        expect(page.locator("main")).to_contain_text("That was not right")
        key.put(own | {"signCount": 500})
        use(page)
        expect(page).to_have_url(f"{address}/")
        page.context.clear_cookies()
        sign_in(page, address)
        key.put(own | {"signCount": 3})
        use(page)
        expect(page.locator("main"), "a copy lags behind in its counter").to_contain_text("That was not right")


@pytest.mark.slow
def test_an_answer_is_good_for_its_own_challenge_and_once(browser: Browser, desk: Served):
    with somebody(browser, desk) as (page, address, _):
        Authenticator(page)
        sign_in(page, address)
        add(page, address, "Key")
        page.context.clear_cookies()
        sign_in(page, address)
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
        page.click(USE)
        page.wait_for_url(f"{address}/")
        (answer,) = [body for body in sent if "passkey=%7B" in body]
        page.context.clear_cookies()
        sign_in(page, address)
        token = page.get_attribute("main [name=csrf_token]", "value") or ""
        replayed = "&".join(
            f"csrf_token={token}" if part.startswith("csrf_token=") else part for part in answer.split("&")
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert page.request.post(f"{address}/sign-in/second", data=replayed, headers=headers).status == 403
        page.goto(f"{address}/account")
        expect(page).to_have_url(re.compile("/sign-in"))


@pytest.mark.slow
def test_each_of_several_passkeys_opens_the_desk_and_the_settings(browser: Browser, desk: Served):
    with somebody(browser, desk) as (page, address, person):
        database = desk.env.databases.accounts
        first = Authenticator(page)
        sign_in(page, address)
        add(page, address, "First")
        (kept,) = first.credentials()
        first.remove()
        second = Authenticator(page)
        add(page, address, "Second")
        passkeys = second_factor.factors_of(database, person).passkeys
        assert [one.name for one in passkeys] == ["First", "Second"]
        page.context.clear_cookies()
        sign_in(page, address)
        use(page)
        expect(page).to_have_url(f"{address}/")
        second.put(kept)
        with database.begin() as tx:
            tx.execute(update(session).values(verified_at=desk.clock() - timedelta(minutes=16)))
        page.goto(f"{address}/settings/security")
        page.select_option("#required", "leads")
        page.click("form[action$=second-factor] button")
        expect(page.locator("main")).to_contain_text("Confirm that it’s you")
        use(page)
        expect(page.locator("body")).to_contain_text("Saved.")
        assert sign_in_stages.requirement(database) is Requirement.LEADS


@pytest.mark.slow
def test_every_page_of_it_is_valid_html(
    env: Environment, clock: Clock, tmp_path: Path, nu: Callable[[list[Path]], list[str]]
):
    env = keeping_secrets(env)
    sato = person_in(env)
    user = Client(desk_of(env, clock)).sign_in()
    pages = [user.open(path).text for path in ("/account/second-factor", "/account/second-factor/app", "/account")]
    key = with_app(env, sato, clock())
    pages.append(user.open("/account/second-factor").text)
    token = user.fields()["csrf_token"][0]
    codes = user.post("/account/second-factor", {"do": "new_codes", "csrf_token": token})
    clock.later(minutes=16)
    asked = user.post("/account/second-factor", {"do": "new_codes", "csrf_token": token})
    pages += [codes.get_data(as_text=True), asked.get_data(as_text=True)]
    pages.append(Client(desk_of(env, clock)).sign_in().send(code=code_of(key, clock.later(hours=-1))).text)
    names = [tmp_path / f"{n}.html" for n in range(len(pages))]
    for name, page in zip(names, pages, strict=True):
        name.write_text(page, "utf-8")
    assert nu(names) == []


def use(page: Page) -> None:
    """Presses the button of the passkey, and waits for the page that follows."""
    with page.expect_navigation():
        page.click(USE)


def private_key() -> str:
    """A new P-256 key, as the virtual authenticator takes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    return base64.b64encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
