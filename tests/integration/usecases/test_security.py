"""Threats tested nowhere else, and the table of all of them (docs/reference/security.md)."""

from __future__ import annotations

import re
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from lxml import html

from statuspage.domain.catalog import Catalog
from statuspage.rendering.site.pages import status
from statuspage.usecases import passwords
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from tests.support.desk import (
    Browser,
    Clock,
    alert_arrives,
    clock,
    desk_of,
    drill_environment_in,
    env,
    person_in,
    signed_in,
)
from tests.support.documents import missing_tests, named_tests
from tests.support.site import present, site_context
from tests.support.times import at

__all__ = ["clock", "env"]

EVIL = "evil.example"


def test_a_made_up_host_name_is_repeated_nowhere(env: Environment, clock: Clock) -> None:
    browser = signed_in(env, clock)
    for path in ("/", "/incidents/new", "/sign-in", "/nowhere"):
        answer = browser.client.get(path, headers={"Host": EVIL, "X-Forwarded-Host": EVIL})
        assert EVIL not in answer.get_data(as_text=True), path
        assert EVIL not in answer.headers.get("Location", "")


def test_a_token_that_somebody_else_chose_becomes_no_session(env: Environment, clock: Clock) -> None:
    person_in(env)
    browser = Browser(desk_of(env, clock))
    browser.client.set_cookie("desk", "chosen-by-somebody-else")
    assert browser.open("/").path == "/sign-in"
    browser.sign_in()
    token = browser.client.get_cookie("desk")
    assert token is not None
    assert token.value != "chosen-by-somebody-else"
    other = Browser(desk_of(env, clock))
    other.client.set_cookie("desk", "chosen-by-somebody-else")
    assert other.open("/").path == "/sign-in"


@pytest.mark.slow
def test_an_unknown_login_costs_the_same_work_as_a_known_one(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person_in(env)
    worked: list[str] = []

    class Counting(PasswordHasher):
        """Counts what is hashed, and hashes it."""

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            """As usual."""
            worked.append(str(password))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for login in ("sato", "nobody"):
        Browser(desk_of(env, clock)).sign_in(login, "the wrong password")
    assert worked == ["the wrong password"] * 2


def test_a_file_sent_with_a_form_is_kept_nowhere(env: Environment, clock: Clock) -> None:
    browser = signed_in(env, clock).open("/incidents/new")
    fields = browser.fields()
    data = {**fields, "extra.ja": (BytesIO(b"<svg onload=alert(1)>"), "../../evil.svg"), "do": "refresh"}
    browser.client.post("/incidents/new", data=data, content_type="multipart/form-data")
    held = [path for path in env.home.rglob("*") if path.is_file() and b"<svg onload" in path.read_bytes()]
    assert held == []


def test_what_a_page_may_load_stands_here_once_more(env: Environment, clock: Clock, catalog: Catalog) -> None:
    headers = Browser(desk_of(env, clock)).open("/sign-in").page.headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["Referrer-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"
    here, now = site_context(catalog), at("12:20")
    page = html.fromstring(status.front_pages(here, present(here, now=now), now=now)["en/index.html"])
    hashed = [b64encode(sha256(page.findtext(f".//{one}").encode()).digest()).decode() for one in ("style", "script")]
    assert page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content") == [
        f"default-src 'none'; style-src 'sha256-{hashed[0]}'; script-src 'sha256-{hashed[1]}'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'"
    ]
    assert len(page.xpath("//style")) == len(page.xpath("//script")) == 1
    assert not page.xpath("//@style | //@*[starts-with(name(), 'on')]")


@pytest.fixture(params=["live", "drill"])
def either(request: pytest.FixtureRequest, tmp_path: Path, env: Environment) -> Environment:
    """Each environment, as its desk shows it."""
    if request.param == "live":
        return env
    (tmp_path / "other").mkdir()
    return drill_environment_in(tmp_path / "other")


def addresses(browser: Browser, incident: str) -> Iterator[tuple[str, str]]:
    """Every address of the desk with its method, with existing ids filled in."""
    for rule in browser.app.url_map.iter_rules():
        known = rule.rule.replace("<incident_id>", incident).replace("<notice>", "update")
        known = re.sub(r"<any\((\w+)[^>]*>", r"\1", re.sub(r"<int:\w+>", "1", known))
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield method, re.sub(r"<[^>]+>", "nothing", known)


def administrator_with_incident(either: Environment, clock: Clock) -> tuple[Browser, str]:
    """An administrator, with an alert and an incident stored."""
    person_in(either, role=Role.ADMINISTRATOR)
    browser = signed_in(either, clock)
    alert_arrives(browser)
    browser.open("/incidents/new").send({"incident_type": "booking", "start": "5m", "do": "publish"})
    return browser, browser.path.split("/")[2]


@pytest.mark.slow
def test_nothing_on_record_changes_by_a_get(either: Environment, clock: Clock) -> None:
    browser, incident = administrator_with_incident(either, clock)
    before = on_record(either)
    found = [browser.client.get(path).status_code for method, path in addresses(browser, incident) if method == "GET"]
    assert found.count(200) > 12
    assert on_record(either) == before


@pytest.mark.slow
def test_no_post_of_any_address_is_taken_without_its_token(either: Environment, clock: Clock) -> None:
    browser, incident = administrator_with_incident(either, clock)
    before = on_record(either)
    for method, path in addresses(browser, incident):
        if method == "POST" and not path.startswith("/intake/"):
            assert browser.client.post(path, data={"do": "publish"}).status_code == 400, path
    assert on_record(either) == before


def on_record(env: Environment) -> str:
    """Everything in the database of this environment."""
    with closing(sqlite3.connect(env.home / "environment.db")) as connection:
        return "\n".join(connection.iterdump())


def test_every_threat_in_the_table_has_a_test_that_exists() -> None:
    assert len(named_tests("reference/security.md")) > 30
    assert missing_tests("reference/security.md") == []
