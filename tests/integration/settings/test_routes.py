"""Every route of the settings, from the map of the desk's addresses: each is known here with its least role, refuses
whoever has less, and takes nothing that its own form did not send."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from statuspage.usecases.accounts import RANKS, Role
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, as_role, clock, desk_of
from tests.support.live_company import checked, environment_at, home

__all__ = ["checked", "clock", "home"]

FILLING = {
    "service": "api",
    "group": "eu",
    "key": "no_change.text",
    "language": "en",
    "channel": "toots",
    "source": "alertmanager",
    "roster": "night",
    "change": "1",
    "account": "nobody",
    "type": "mastodon",
    "number": "1",
}
"""What stands in the addresses in place of a name."""

LEAST: dict[str, Role] = {
    "/settings": Role.VIEWER,
    "/settings/channels": Role.VIEWER,
    "/settings/tokens": Role.VIEWER,
    "/settings/accounts": Role.ADMINISTRATOR,
    "/settings/accounts/<account>": Role.ADMINISTRATOR,
    "/settings/security": Role.ADMINISTRATOR,
    "/settings/emergency-links": Role.ADMINISTRATOR,
    "/settings/emergency-links/<int:number>": Role.ADMINISTRATOR,
    "/settings/security/second-factor": Role.ADMINISTRATOR,
    "/settings/monitors/<source>/secret": Role.ADMINISTRATOR,
    "/settings/monitors/<source>/own-secret": Role.ADMINISTRATOR,
    "/settings/retention": Role.ADMINISTRATOR,
    "/audit-log/export": Role.ADMINISTRATOR,
    "/audit-log": Role.ADMINISTRATOR,
    "/audit-log/refused": Role.ADMINISTRATOR,
    **dict.fromkeys(
        [
            *("/settings/page", "/settings/services", "/settings/services/<service>", "/settings/changes"),
            *("/settings/words", "/settings/words/sentence/<key>", "/settings/changes/<int:change>"),
            *("/settings/languages", "/settings/languages/read", "/settings/languages/<language>.csv"),
            *("/settings/new-channel", "/settings/new-channel/<type>", "/settings/channels/<channel>"),
            *("/settings/staff-channels/<channel>", "/settings/monitors", "/settings/monitors/<source>"),
            *("/settings/monitor-mapping", "/settings/monitor-mapping/<source>", "/settings/on-call"),
            *("/settings/on-call/test", "/settings/on-call/rosters", "/settings/on-call/rosters/<roster>"),
            *("/settings/subscribers", "/settings/customers/<group>"),
        ],
        Role.LEAD,
    ),
}
"""The least role of each address of the settings."""


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory, checked: Path) -> Iterator[Environment]:
    env = environment_at(checked)
    yield env
    for database in (env.databases.environment, env.databases.accounts, env.databases.subscribers, env.secret_store):
        assert database is not None
        database.close()


@pytest.fixture(scope="module")
def desk(env: Environment) -> Flask:
    return desk_of(env, Clock())


def routes(desk: Flask) -> list[tuple[str, str, str]]:
    """Every route of the settings: its pattern, method and an address of it."""
    found = []
    for rule in desk.url_map.iter_rules():
        if rule.rule.startswith(("/settings", "/audit-log")):
            address = rule.rule
            for name in rule.arguments:
                address = address.replace(f"<int:{name}>", FILLING[name]).replace(f"<{name}>", FILLING[name])
            found += [(rule.rule, method, address) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


def content_of(env: Environment) -> str:
    assert env.content_source.folder is not None
    files = sorted(path for path in env.content_source.folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(str(path).encode() + path.read_bytes() for path in files)).hexdigest()


def test_every_address_of_the_settings_has_its_role_here(desk: Flask):
    assert {pattern for pattern, _, _ in routes(desk)} == set(LEAST)


@pytest.mark.parametrize("role", RANKS)
def test_whoever_has_a_lower_role_is_refused_and_whoever_has_it_must_send_the_pages_form(
    env: Environment, desk: Flask, role: Role
):
    browser, before = as_role(env, Clock(), role, desk), content_of(env)
    token = browser.open("/account").tree.xpath("//input[@name='csrf_token']/@value")[0]
    for pattern, method, address in routes(desk):
        may = RANKS.index(role) >= RANKS.index(LEAST[pattern])
        if method == "GET":
            status = browser.client.get(address).status_code
            assert status in ({200, 404} if may else {403}), (pattern, status)
            continue
        sent = browser.client.post(address, data={"do": "save"} if may else {"csrf_token": token, "do": "save"})
        assert sent.status_code == (400 if may else 403), pattern
    assert content_of(env) == before


def test_whoever_is_not_signed_in_is_sent_to_sign_in(desk: Flask):
    browser = Browser(desk)
    for pattern, method, address in routes(desk):
        sent = browser.client.open(address, method=method)
        assert sent.status_code == (303 if method == "GET" else 401), pattern
        assert method == "POST" or sent.headers["Location"].startswith("/sign-in"), pattern
