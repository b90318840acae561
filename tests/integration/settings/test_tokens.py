"""API tokens in the settings: shown once, listed for their owner, ended by the owner or an administrator."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from statuspage.storage.accounts import Account
from statuspage.storage.engine import Database
from statuspage.usecases import account_administration, accounts, second_factor
from statuspage.usecases.accounts import Role
from statuspage.usecases.api import Scope, tokens
from statuspage.usecases.environment.model import Environment
from statuspage.web.api import create_api
from tests.support.api import Program, new_token
from tests.support.desk import Clock, as_role, clock, drill_environment_in, env

__all__ = ["clock", "env"]


def test_a_token_is_shown_once_and_proposes_unless_told_otherwise(env: Environment, clock: Clock):
    page = as_role(env, clock, Role.REPORTER).open("/settings/tokens")
    page.send(name="当番ボット", do="create")
    (secret,) = page.tree.xpath("//input[@id='new-token']/@value")
    assert re.fullmatch(r"spt_[\w-]{43}", secret)
    assert secret not in page.open("/settings/tokens").text
    assert "当番ボット" in page.words
    shown = Program(create_api(env, clock=clock), secret).get("/token")
    assert (shown["scope"], shown["owner"], shown["environment"]) == ("propose", "reporter", "live")
    assert "トークンを作成" in as_role(env, clock, Role.ADMINISTRATOR).open("/audit-log").words


def test_everybody_sees_and_ends_their_own_and_an_administrator_all(env: Environment, clock: Clock):
    theirs = new_token(env, clock, role=Role.LEAD, name="lead's")
    other = as_role(env, clock, Role.REPORTER).open("/settings/tokens")
    assert "lead's" not in other.words
    csrf = other.fields("")["csrf_token"]
    other.post("/settings/tokens", {"do": "end", "token": theirs.token.id, "csrf_token": csrf})
    assert tokens.list_tokens(env.databases.accounts)
    administrator = as_role(env, clock, Role.ADMINISTRATOR).open("/settings/tokens")
    assert "lead's" in administrator.words
    fields = {"do": "end", "token": theirs.token.id, "csrf_token": administrator.fields("")["csrf_token"]}
    administrator.post("/settings/tokens", fields)
    assert not tokens.list_tokens(env.databases.accounts)


def test_a_reader_is_offered_reading_only_and_a_nameless_token_is_refused(env: Environment, clock: Clock):
    page = as_role(env, clock, Role.VIEWER).open("/settings/tokens")
    assert page.tree.xpath("//select[@name='scope']/option/@value") == ["read"]
    page.send(name=" ", do="create")
    assert page.page.status_code == 422
    assert "用途を40文字以内で" in page.text
    token = page.open("/settings/tokens").fields("")["csrf_token"]
    forged = {"do": "create", "name": "x", "scope": "publish", "days": "30", "csrf_token": token}
    assert page.post("/settings/tokens", forged).status_code == 400
    endless = {**forged, "scope": "read", "days": "0" * 5000}
    assert page.post("/settings/tokens", endless).status_code == 400


def test_a_token_made_in_a_drill_is_one_of_drills(tmp_path, clock: Clock):
    env = drill_environment_in(tmp_path)
    page = as_role(env, clock, Role.REPORTER).open("/settings/tokens")
    page.send(name="bot", do="create")
    assert "訓練でだけ使えます" in page.words
    assert [token.environment for token in tokens.list_tokens(env.databases.accounts)] == ["drill"]
    env.databases.environment.close()
    env.databases.accounts.close()


def test_an_account_that_is_reset_loses_its_tokens(env: Environment, clock: Clock):
    made = new_token(env, clock, Scope.PUBLISH, Role.LEAD)
    owner = made.token.owner
    account_administration.reset(env.databases.accounts, owner.id, by=accounts.NOBODY, now=clock())
    assert not tokens.list_tokens(env.databases.accounts, owner.id)


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(
            lambda database, owner, now: accounts.set_password(database, owner.id, "lagoon hammer teapot", now=now),
            marks=pytest.mark.slow,
            id="a new password",
        ),
        pytest.param(
            lambda database, owner, now: accounts.sign_out_everywhere(database, owner.id, now=now),
            id="signing out everywhere",
        ),
        pytest.param(
            lambda database, owner, now: second_factor.reset(database, None, owner, by=accounts.NOBODY, now=now),
            id="a reset of the second factor",
        ),
    ],
)
def test_what_ends_the_sessions_of_an_account_ends_its_tokens(
    env: Environment, clock: Clock, ends: Callable[[Database, Account, object], object]
):
    made, other = new_token(env, clock), new_token(env, clock, role=Role.LEAD)
    ends(env.databases.accounts, made.token.owner, clock())
    bot = Program(create_api(env, clock=clock), made.secret)
    bot.get("/token")
    assert bot.status == 401
    assert [token.id for token in tokens.list_tokens(env.databases.accounts)] == [other.token.id]
