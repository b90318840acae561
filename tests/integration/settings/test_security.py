"""The desk says who is signed in, from where its keys come and who could open them; and signs everybody out."""

from __future__ import annotations

from pathlib import Path

import pytest

from statuspage.storage import audit_log
from statuspage.usecases.accounts import Role
from statuspage.usecases.api import tokens
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.secret_store import new_key
from statuspage.web.api import create_api
from tests.support.api import Program, new_token
from tests.support.desk import NOW, Browser, Clock, as_role, clock, desk_of, person_in
from tests.support.live_company import checked, env, environment_at, home

__all__ = ["checked", "clock", "env", "home"]

SECURITY = "/settings/security"
CANARY = "canary-of-security-2f6a"


def administrator_of(env: Environment, clock: Clock) -> Browser:
    return as_role(env, clock, Role.ADMINISTRATOR, desk_of(env, clock))


def test_all_sessions_but_ones_own_are_ended_and_that_is_recorded(env: Environment, clock: Clock):
    administrator = administrator_of(env, clock)
    lead, reporter = (as_role(env, clock, role, administrator.app) for role in (Role.LEAD, Role.REPORTER))
    new_token(env, clock)
    people = administrator.open(SECURITY).tree.xpath("//ul[contains(@class, 'people')]/li")
    assert len(people) == 3
    administrator.send(tokens=[])
    assert administrator.page.status_code == 200
    assert tokens.list_tokens(env.databases.accounts)
    assert len(administrator.open(SECURITY).tree.xpath("//ul[contains(@class, 'people')]/li")) == 1
    for browser in (lead, reporter):
        assert browser.client.get("/settings").headers["Location"].startswith("/sign-in")
    with env.databases.accounts.read() as tx:
        (row,) = [row for row in audit_log.list_actions(tx, 9) if row["action"] == "signed.out.everybody"]
    assert row["detail"] == {"sessions": "2", "tokens": "0"}


def test_the_tokens_of_all_accounts_end_with_the_sessions_unless_they_are_to_stay(env: Environment, clock: Clock):
    administrator = administrator_of(env, clock).open(SECURITY)
    secrets = [
        new_token(env, clock, name=name, environment=which).secret for name, which in (("a", "live"), ("b", "drill"))
    ]
    bot = Program(create_api(env, clock=clock), secrets[0])
    assert bot.get("/token")["name"] == "a"
    administrator.send()
    assert "2件のAPIトークンを無効にしました。" in administrator.text
    assert tokens.list_tokens(env.databases.accounts) == ()
    assert bot.get("/token")["status"] == 401


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, ("None yet.", "None. Only programs")),
        ({"SECRET_KEY": "", "INTAKE_SECRET": CANARY}, ("None yet.", "Set outside: STATUSPAGE_INTAKE_SECRET")),
        ({"SECRET_KEY": new_key()}, ("Set outside: STATUSPAGE_SECRET_KEY", "None. Only programs")),
    ],
)
def test_from_where_key_and_secret_come_is_said_and_neither_is_shown(
    home: Path, clock: Clock, environ: dict[str, str], said: tuple[str, str]
):
    env = environment_at(home, **environ)
    text = administrator_in_english(env, clock).words
    assert all(each in text for each in said), text
    for value in filter(None, environ.values()):
        assert value not in text


def administrator_in_english(env: Environment, clock: Clock) -> Browser:
    person_in(env, "boss", "Aya Mori", "en", role=Role.ADMINISTRATOR)
    return Browser(desk_of(env, clock)).sign_in("boss").open(SECURITY)


def test_a_key_of_the_instance_and_what_no_key_decrypts_are_named(env: Environment, clock: Clock):
    assert env.secret_store is not None
    env.secret_store.change({"STATUSPAGE_X_TOKEN": CANARY}, by="Aya", now=NOW)
    (env.home / "intake-secret").write_text(CANARY, "utf-8")
    page = administrator_in_english(env, clock)
    assert "In the file secret-key of the instance" in page.words
    assert "In the file intake-secret of the instance" in page.words
    assert "1 secret is kept" in page.words
    (env.home / "secret-key").write_text(new_key(), "ascii")
    page.open(SECURITY)
    assert "STATUSPAGE_X_TOKEN" in page.words
    assert CANARY not in page.text


def test_who_could_open_the_secrets_is_what_doctor_says(env: Environment, clock: Clock):
    administrator = administrator_in_english(env, clock)
    assert "No drill has run here" in administrator.words
    (env.home / "drill").mkdir()
    page = administrator.open(SECURITY)
    assert "who could open them" in page.words  # this process made it, as its owner
    assert "live's databases" in page.words
