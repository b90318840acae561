"""Roles: every address of both desks requires the role in the table, and nobody gets around it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from statuspage.domain.catalog import Catalog
from statuspage.storage.accounts import Account
from statuspage.usecases import accounts, drills
from statuspage.usecases.accounts import RANKS, Role
from statuspage.usecases.environment import restore_guard
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk import permissions
from tests.support.desk import (
    Browser,
    Clock,
    alert_arrives,
    as_role,
    clock,
    desk_of,
    drill_environment_in,
    env,
    environment_in,
)
from tests.support.situation import bad_night, waits_for_entry

__all__ = ["clock", "env"]


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """Every address with its placeholders filled: function, method, path."""
    filled = [
        (rule.endpoint, method, re.sub(r"<int:\w+>", "1", re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]
    return [(endpoint, method, re.sub(r"<[^>]+>", "nothing", path)) for endpoint, method, path in filled]


@pytest.fixture
def drill_app(tmp_path: Path, clock: Clock) -> tuple[Environment, Flask]:
    (tmp_path / "other").mkdir()
    env = drill_environment_in(tmp_path / "other")
    return env, desk_of(env, clock)


def test_every_address_stands_in_the_table_and_the_table_names_no_other(env: Environment, clock: Clock, drill_app):
    both = [*addresses(desk_of(env, clock)), *addresses(drill_app[1])]
    there = {endpoint for endpoint, _, _ in both}
    assert there == {
        *permissions.MINIMUM_ROLES,
        *permissions.OPEN_TO_ALL,
        *permissions.UNAUTHENTICATED,
        *permissions.INTAKE_ENDPOINTS,
    }


@pytest.mark.slow
@pytest.mark.parametrize("environment", ["live", "drill"])
def test_nobody_gets_by_their_role_and_each_gets_as_far_as_it(
    env: Environment, drill_app, clock: Clock, environment: str
):
    env, app = drill_app if environment == "drill" else (env, desk_of(env, clock))
    for role in RANKS:
        browser = as_role(env, clock, role, app)
        for endpoint, method, path in addresses(app):
            if endpoint not in permissions.MINIMUM_ROLES or endpoint == "sign_in.sign_out":
                continue
            answer = browser.client.open(path, method=method)
            refused = not permissions.is_allowed(role, endpoint)
            # Allowed requests fail later, for lack of a form token or an existing object.
            assert (answer.status_code == 403) == (refused or endpoint in CLOSER), (role, endpoint, answer.status_code)


CLOSER: frozenset[str] = frozenset()
"""Addresses with further checks, which refuse everybody here."""


def test_who_is_not_signed_in_meets_the_sign_in_page(env: Environment, clock: Clock):
    stranger = Browser(desk_of(env, clock))
    for endpoint, method, path in addresses(stranger.app):
        if endpoint in permissions.MINIMUM_ROLES:
            answer = stranger.client.open(path, method=method)
            assert answer.status_code in (303, 401), (endpoint, answer.status_code)


def test_a_reader_sees_everything_and_is_offered_nothing_to_press(env: Environment, clock: Clock):
    browser = as_role(env, clock, Role.VIEWER)
    alert_arrives(browser)
    browser.open("/")
    assert "予約の応答エラー" in browser.words
    assert browser.tree.xpath("//main//button | //nav//a[@href='/incidents/new']") == []
    (alert,) = alerts_of(env)
    answer = browser.post(f"/alerts/{alert}", {"do": "write"})
    assert answer.status_code == 403
    assert "お知らせ担当、責任者、管理者です。あなたの役割は閲覧です" in answer.get_data(as_text=True)


@pytest.mark.slow
def test_every_screen_of_a_bad_night_offers_a_reader_nothing_to_press(tmp_path: Path, catalog: Catalog, clock: Clock):
    env = environment_in(tmp_path, waits_for_entry(catalog), address="https://status.example")
    night = bad_night(env, clock())
    reader, administrator = as_role(env, clock, Role.VIEWER), as_role(env, clock, Role.ADMINISTRATOR)
    for path in night.paths:
        pressed = "//main//button[not(@type='button')] | //main//input[not(@type='hidden')]"
        assert reader.open(path).tree.xpath(pressed) == [], path
        assert reader.page.status_code == 200
        assert administrator.open(path).tree.xpath("//main//button"), path
    env.databases.environment.close()
    env.databases.accounts.close()


@pytest.mark.slow
def test_a_reader_in_a_drill_and_while_things_are_held_is_told_who_may(drill_app, clock: Clock):
    env, app = drill_app
    found = drills.start_drill(env, title="練習", leader="中村", goal=timedelta(minutes=10), now=clock())
    reader, reporter = as_role(env, clock, Role.VIEWER, app), as_role(env, clock, Role.REPORTER, app)
    for path in ("/", "/drills", f"/drills/{found.drill.id}"):
        assert reader.open(path).tree.xpath("//button[not(@type='button')][not(ancestor::header)]") == [], path
    assert reporter.open("/drills").tree.xpath("//main//form[@action='/drills/end']")


def test_only_who_leads_is_offered_to_let_things_go_out_again(env: Environment, clock: Clock):
    restore_guard.remember_sent(env.home, 99)
    restore_guard.detect_restored_backup(env.databases.environment, env.home, now=clock())
    for role in RANKS:
        browser = as_role(env, clock, role).open("/")
        offered = bool(browser.tree.xpath("//form[@action='/send-hold/release']"))
        assert offered == permissions.is_allowed(role, "home.release_send_hold")
        assert offered != ("再開できるのは、責任者と管理者です" in browser.text)


def alerts_of(env: Environment) -> list[str]:
    """The alerts that wait, by id."""
    from statuspage.storage import alerts

    with env.databases.environment.read() as tx:
        return [one.id for one in alerts.open_alerts(tx)]


def test_only_an_administrator_changes_roles_and_never_their_own(env: Environment, clock: Clock):
    administrator = as_role(env, clock, Role.ADMINISTRATOR)
    other = as_role(env, clock, Role.REPORTER)
    assert other.open("/settings/accounts").page.status_code == 403
    reporter, own = (f"/settings/accounts/{account_of(env, login).id}" for login in ("reporter", "administrator"))
    administrator.open("/settings/accounts").send(role="lead", do="role", action=reporter)
    assert "役割を変更しました" in administrator.text
    assert other.open("/account").words.count("責任者") == 1
    token = administrator.open("/settings/accounts").fields(reporter)["csrf_token"]
    assert administrator.post(own, {"do": "role", "role": "viewer", "csrf_token": token[0]}).status_code == 422
    assert account_of(env, "administrator").role == Role.ADMINISTRATOR
    log = administrator.open("/audit-log").words
    assert "役割を変更" in log
    assert "お知らせ担当 責任者" in log  # before and after


def test_what_people_did_stays_in_sight_whatever_strangers_try(env: Environment, clock: Clock):
    administrator = as_role(env, clock, Role.ADMINISTRATOR)
    stranger = Browser(desk_of(env, clock)).open("/sign-in/link/wrong")
    token = stranger.fields()
    tried = [stranger.post(f"/sign-in/link/wrong{n}", token).status_code for n in range(22)]
    assert tried == [403] * 20 + [429] * 2
    shown = administrator.open("/audit-log").words
    assert "アカウントを追加" in shown
    assert "サインイン用リンクを拒否" not in shown
    refused = administrator.open("/audit-log/refused")
    assert "サインイン用リンクを拒否 20回" in refused.words
    assert "127.0.0.1" in refused.words
    assert as_role(env, clock, Role.LEAD).open("/audit-log/refused").page.status_code == 403


def test_the_audit_log_has_pages(env: Environment, clock: Clock):
    administrator = as_role(env, clock, Role.ADMINISTRATOR)
    for _ in range(120):
        accounts.create_sign_in_link(env.databases.accounts, account_of(env, "administrator").id, now=clock())
    newest = administrator.open("/audit-log")
    assert len(newest.tree.xpath("//main//ol/li")) == 100
    assert not newest.tree.xpath("//main//a[@rel='prev']")
    (older,) = newest.tree.xpath("//main//a[@rel='next']/@href")
    oldest = administrator.open(older)
    assert "アカウントを追加" in oldest.words
    assert not oldest.tree.xpath("//main//a[@rel='next']")
    (newer,) = oldest.tree.xpath("//main//a[@rel='prev']/@href")
    assert len(administrator.open(newer).tree.xpath("//main//ol/li")) == 100
    for odd in ("before=x", "before=99999999999999999999", "after=-1"):
        assert administrator.open(f"/audit-log?{odd}").page.status_code == 200


def account_of(env: Environment, login: str) -> Account:
    """The account with this login."""
    account = accounts.find_by_login(env.databases.accounts, login)
    assert account is not None
    return account


def test_own_sessions_are_listed_and_ended_and_an_administrator_ends_others(env: Environment, clock: Clock):
    here, there = as_role(env, clock, Role.REPORTER), as_role(env, clock, Role.REPORTER)
    here.open("/account")
    assert here.words.count("最終使用") == 2
    assert here.words.count("このブラウザー") == 1
    here.send()
    assert "サインアウトさせました" in here.text
    assert there.open("/").path == "/sign-in"
    assert here.open("/").path == "/"
    administrator = as_role(env, clock, Role.ADMINISTRATOR)
    administrator.open("/settings/accounts")
    there_path = f"/settings/accounts/{account_of(env, 'reporter').id}"
    (form,) = administrator.tree.xpath(f"//form[@action='{there_path}'][.//input[@name='session']]")
    (session,) = form.xpath(".//input[@name='session']/@value")
    (token,) = form.xpath(".//input[@name='csrf_token']/@value")
    administrator.post(there_path, {"do": "end", "session": session, "csrf_token": token})
    assert here.open("/").path == "/sign-in"
