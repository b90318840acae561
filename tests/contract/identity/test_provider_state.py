"""Whether the identity provider works, as the desk's settings and ``doctor`` say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from statuspage.integrations.net import DnsClient
from statuspage.settings import drill_environ
from statuspage.storage.identity import emergencies, identities
from statuspage.usecases import accounts
from statuspage.usecases.accounts import Role
from statuspage.usecases.diagnostics import sign_in_checks
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.identity import emergency_links, open_provider
from tests.support.desk import PASSWORD, Browser, Clock, as_role, desk_of, drill_environment_in, env, person_in
from tests.support.environments import with_changes
from tests.support.fakes.name_server import name_server, zone
from tests.support.identity_provider import RunningProvider, running_provider

__all__ = ["env"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


def security_page(env: Environment, clock: Clock, provider: RunningProvider | None, **settings: str) -> str:
    opened = open_provider(provider.settings(**settings), "live") if provider else None
    return (
        as_role(env, clock, Role.ADMINISTRATOR, desk_of(env, clock, provider=opened)).open("/settings/security").words
    )


def test_the_settings_say_whether_it_is_on_and_whether_it_works(
    env: Environment, clock: Clock, provider: RunningProvider
):
    assert "使っていません" in security_page(env, clock, None)
    works = security_page(env, clock, provider)
    assert f"応答があります：{provider.issuer}" in works
    assert "status-leads" in works
    unusable = security_page(env, clock, provider, STATUSPAGE_OIDC_GROUPS="a=king")
    assert "STATUSPAGE_OIDC_GROUPS がない" in unusable
    away = security_page(env, clock, provider, STATUSPAGE_OIDC_ISSUER="http://127.0.0.1:1")
    assert "今は使えません" in away
    other = security_page(env, clock, provider, STATUSPAGE_OIDC_ISSUER=f"{provider.issuer}/")
    assert f"it says that its issuer is {provider.issuer}" in other


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"STATUSPAGE_OIDC_ISSUER": "http://login.example"}, "STATUSPAGE_OIDC_ISSUER"),
        ({"STATUSPAGE_OIDC_CLIENT_ID": ""}, "STATUSPAGE_OIDC_CLIENT_ID"),
        ({"STATUSPAGE_OIDC_GROUPS": "leads"}, "STATUSPAGE_OIDC_GROUPS"),
        ({"STATUSPAGE_DRILL_OIDC_CLIENT_ID": "desk"}, "STATUSPAGE_DRILL_OIDC_CLIENT_ID"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_passwords_go_on(
    env: Environment, clock: Clock, provider: RunningProvider, settings: dict[str, str], named: str
):
    opened = provider.opened(**settings, STATUSPAGE_OIDC_PASSWORDS="0")
    assert (opened.problem, opened.connection) == (named, None)
    browser = Browser(desk_of(env, clock, provider=opened)).open("/sign-in")
    assert browser.tree.xpath("//input[@type='password']")


def test_a_drill_process_is_given_its_own_client_and_not_that_of_live(provider: RunningProvider):
    visible = drill_environ(provider.settings().secrets)
    assert "STATUSPAGE_OIDC_CLIENT_SECRET" not in visible
    assert visible["STATUSPAGE_DRILL_OIDC_CLIENT_SECRET"] == "secret of drill-desk"


def test_a_drill_desk_without_a_client_refuses_passwords_too_where_they_are_off(
    tmp_path: Path, clock: Clock, provider: RunningProvider
):
    env = drill_environment_in(tmp_path)
    person = person_in(env)
    opened = provider.opened("drill", STATUSPAGE_DRILL_OIDC_CLIENT_ID="", STATUSPAGE_OIDC_PASSWORDS="0")
    assert (opened.connection, opened.problem) == (None, "")
    browser = Browser(desk_of(env, clock, provider=opened)).open("/sign-in")
    assert "認証サービスもパスワードも使えません" in browser.words
    assert not browser.tree.xpath("//input[@type='password']")
    own = browser.open("/sign-in/link/none").fields()
    assert browser.post("/sign-in", {**own, "login": person.login, "password": PASSWORD}).status_code == 403
    assert browser.post("/sign-in/provider", own).status_code == 404
    link = accounts.create_sign_in_link(env.databases.accounts, person.id, now=clock())
    assert browser.open(f"/sign-in/link/{link}").send().path == "/"
    assert findings(env, provider, clock, {}, STATUSPAGE_DRILL_OIDC_CLIENT_ID="") == {}


def test_a_password_past_the_provider_is_recorded_on_a_drill_desk_without_a_client(
    tmp_path: Path, clock: Clock, provider: RunningProvider
):
    env = drill_environment_in(tmp_path)
    person, opened = (
        person_in(env, role=Role.ADMINISTRATOR),
        provider.opened("drill", STATUSPAGE_DRILL_OIDC_CLIENT_ID=""),
    )
    with env.databases.accounts.begin() as tx:
        identities.bind_account(tx, opened.issuer, "u-1", person.id, has_group_role=False, at=clock())
    browser = Browser(desk_of(env, clock, provider=opened)).open("/sign-in")
    assert browser.send(action="/sign-in", login=person.login, password=PASSWORD).path == "/"
    with env.databases.accounts.read() as tx:
        assert [one.name for one in emergencies.list_emergency_sign_ins(tx, clock() - timedelta(days=1))]


def findings(env: Environment, provider: RunningProvider, clock: Clock, zones: object, **settings: str) -> dict:
    with name_server(zones) as resolver:
        names = DnsClient(resolver)
        found = list(sign_in_checks.check_sign_in(env, provider.settings(**settings), names, clock()))
    return {(one.code, one.slots.get("host", "")): (str(one.level), one.slots.get("same", "")) for one in found}


def test_doctor_says_what_the_provider_shares_with_us_and_whether_a_link_is_left(
    env: Environment, clock: Clock, provider: RunningProvider
):
    env = with_changes(env, address="https://status.shop.example")
    zones = {
        "shop.example": zone("shop.example", "ns1.shop.example.", "a.shop", status="203.0.113.9", desk="203.0.113.5"),
        "login.example": zone("login.example", "ns1.login.example.", "a.login", sso="203.0.113.5"),
    }
    settings = {
        "STATUSPAGE_OIDC_ISSUER": "https://sso.login.example:1",
        "STATUSPAGE_DESK_ADDRESS": "https://desk.shop.example",
    }
    found = findings(env, provider, clock, zones, **settings)
    assert found["provider", ""][0] == "problem"
    assert found["emergency_links", ""][0] == "problem"
    assert found["provider_fate", "desk.shop.example"] == ("problem", "203.0.113.5")
    assert found["provider_fate", "status.shop.example"] == ("ok", "")
    emergency_links.create(env.databases.accounts, person_in(env).id, count=1, days=9, by=accounts.NOBODY, now=clock())
    found = findings(env, provider, clock, zones, **settings)
    assert found["emergency_links", ""][0] == "ok"
    assert found["provider_fate", "desk.shop.example"][0] == "info"
    same_domain = {**settings, "STATUSPAGE_OIDC_ISSUER": "https://desk.shop.example"}
    found = findings(env, provider, clock, zones, **same_domain)
    assert found["provider_fate", "desk.shop.example"][1] == "desk.shop.example"
    assert found["provider_fate", "status.shop.example"][1] == "shop.example"


def test_doctor_finds_nothing_wrong_with_a_provider_that_answers(
    env: Environment, clock: Clock, provider: RunningProvider
):
    assert findings(env, provider, clock, {})["provider", ""][0] == "ok"
    assert findings(env, provider, clock, {}, STATUSPAGE_OIDC_ISSUER="") == {}
