"""Administrators invite people on the desk, and nobody can lock everybody out."""

from __future__ import annotations

import re

import pytest
import structlog

from statuspage.storage import audit_log as audit_rows
from statuspage.storage.accounts import Account
from statuspage.usecases import account_administration, accounts, audit_log
from statuspage.usecases.account_administration import AccountRefused
from statuspage.usecases.accounts import Role
from statuspage.usecases.audit_log import COMMAND_LINE, Actor
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, as_role, clock, desk_of, env

__all__ = ["clock", "env"]


def account_of(env: Environment, login: str) -> Account:
    account = accounts.find_by_login(env.databases.accounts, login)
    assert account is not None
    return account


def link_on(browser: Browser) -> str:
    (address,) = browser.tree.xpath("//input[@id='new-link']/@value")
    return re.sub(r"^https?://[^/]+", "", address)


def path_of(env: Environment, login: str) -> str:
    return f"/settings/accounts/{account_of(env, login).id}"


def do(browser: Browser, env: Environment, login: str, **fields: str) -> Browser:
    token = browser.open("/settings/accounts").fields("/settings/accounts")["csrf_token"][0]
    browser.page = browser.client.post(path_of(env, login), data={"csrf_token": token, **fields}, follow_redirects=True)
    return browser


def test_who_is_invited_signs_in_once_by_the_link_and_then_by_a_password(env: Environment, clock: Clock):
    administrator = as_role(env, clock, Role.ADMINISTRATOR)
    administrator.open("/settings/accounts").send(name="Aya Mori", role="reporter", language="en")
    link = link_on(administrator)
    assert "link-out" not in administrator.open("/settings/accounts").text  # shown once
    clock.later(days=6)
    aya = Browser(desk_of(env, clock)).open(link).send()
    assert aya.path == "/"
    assert aya.open("/account").words.startswith(" Your account Aya Mori Reporter")
    aya.send({"new": "a good long password"}, action="/account/password")
    assert "password has been set" in aya.text
    assert Browser(desk_of(env, clock)).open(link).send().page.status_code == 403
    again = Browser(desk_of(env, clock)).sign_in("aya.mori", "a good long password")
    assert again.path == "/"
    again.open("/account").send({"old": "wrong", "new": "another long password"}, action="/account/password")
    assert again.page.status_code == 422
    assert Browser(desk_of(env, clock)).sign_in("aya.mori", "another long password").path == "/sign-in"


def test_an_invitation_ends_after_a_week(env: Environment, clock: Clock):
    administrator = as_role(env, clock, Role.ADMINISTRATOR)
    administrator.open("/settings/accounts").send(name="森 彩", role="viewer")
    link = link_on(administrator)
    clock.later(days=7, minutes=1)
    assert Browser(desk_of(env, clock)).open(link).send().page.status_code == 403


def test_a_reset_ends_password_sessions_and_links_and_gives_a_new_one(env: Environment, clock: Clock):
    administrator, reporter = as_role(env, clock, Role.ADMINISTRATOR), as_role(env, clock, Role.REPORTER)
    accounts.set_password(env.databases.accounts, account_of(env, "reporter").id, "a good long password", now=clock())
    old_link = accounts.create_sign_in_link(env.databases.accounts, account_of(env, "reporter").id, now=clock())
    do(administrator, env, "reporter", do="reset")
    link = link_on(administrator)
    assert reporter.open("/").path == "/sign-in"
    assert Browser(desk_of(env, clock)).sign_in("reporter", "a good long password").path == "/sign-in"
    assert Browser(desk_of(env, clock)).open(f"/sign-in/link/{old_link}").send().page.status_code == 403
    assert Browser(desk_of(env, clock)).open(link).send().path == "/"


def test_who_is_disabled_is_out_at_once_until_enabled(env: Environment, clock: Clock):
    administrator, reporter = as_role(env, clock, Role.ADMINISTRATOR), as_role(env, clock, Role.REPORTER)
    do(administrator, env, "reporter", do="disable")
    assert reporter.open("/").path == "/sign-in"
    assert "無効" in administrator.words
    do(administrator, env, "reporter", do="enable")
    assert "サインインできます" in administrator.text


def test_nobody_disables_resets_or_demotes_themselves(env: Environment, clock: Clock):
    administrator = as_role(env, clock, Role.ADMINISTRATOR)
    for fields in ({"do": "disable"}, {"do": "reset"}, {"do": "role", "role": "viewer"}):
        assert do(administrator, env, "administrator", **fields).page.status_code == 422
    assert administrator.open("/settings/accounts").page.status_code == 200


def test_an_administrator_who_never_came_does_not_count(env: Environment, clock: Clock):
    """The last administrator who has signed in stays, whoever asks; the machine itself may."""
    as_role(env, clock, Role.ADMINISTRATOR)
    database, own = env.databases.accounts, account_of(env, "administrator")
    account_administration.invite(
        database, "New", login="new", role=Role.ADMINISTRATOR, language="", by=Actor(), now=clock()
    )
    for refused in (account_administration.disable, _demote):
        with pytest.raises(AccountRefused):
            refused(database, own.id, by=Actor("x", "New", "192.0.2.1"), now=clock())
    account_administration.disable(database, own.id, by=Actor(origin=COMMAND_LINE), now=clock())


def _demote(database, account_id, *, by, now):
    account_administration.change_role(database, account_id, Role.VIEWER, by=by, now=now)


def test_a_change_is_a_line_of_the_log_once_it_is_stored(env: Environment, clock: Clock):
    with structlog.testing.capture_logs() as lines:
        aiko = accounts.add_account(
            env.databases.accounts, "aiko", "Aiko", role=Role.REPORTER, language="en", now=clock()
        )
        account_administration.change_role(
            env.databases.accounts, aiko.id, Role.LEAD, by=Actor("a1", "Ren", "::1"), now=clock()
        )
        with pytest.raises(ZeroDivisionError), env.databases.accounts.begin() as tx:
            audit_rows.record_action(tx, "role.changed", at=clock(), by=Actor("a1", "Ren", "::1"), target="never")
            raise ZeroDivisionError
    told = [(line["action"], line["account"], line["target"]) for line in lines if line["event"] == "audit"]
    assert told[-1] == ("role.changed", "a1", "Aiko (aiko)")
    assert "never" not in [target for _, _, target in told]


def test_each_change_is_in_the_audit_log_with_who_from_where_before_and_after(env: Environment, clock: Clock):
    administrator = as_role(env, clock, Role.ADMINISTRATOR)
    as_role(env, clock, Role.REPORTER)
    do(administrator, env, "reporter", do="role", role="lead")
    row = audit_log.list_actions(env.databases.accounts, 1).rows[0]
    assert (row["account_id"], row["origin"]) == (account_of(env, "administrator").id, "127.0.0.1")
    assert (row["before"], row["after"]) == ({"role": "reporter"}, {"role": "lead"})
    assert "reporter" in row["target"]
