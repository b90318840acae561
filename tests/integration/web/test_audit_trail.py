"""Every request that changes something leaves a line in the audit log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, redirect
from sqlalchemy import insert

from statuspage.storage.engine import Database
from statuspage.storage.tables import channel_health
from statuspage.usecases import account_administration, accounts, audit_log
from statuspage.usecases.accounts import Role
from statuspage.usecases.audit_log import LogFilter
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk import permissions
from statuspage.web.desk.audit_trail import RECORDED_ELSEWHERE
from tests.integration.web.test_permissions import account_of, addresses
from tests.support.desk import (
    NOW,
    Browser,
    Clock,
    alert_arrives,
    as_role,
    clock,
    desk_of,
    drill_environment_in,
    env,
    person_in,
    signed_in,
)

__all__ = ["clock", "env"]

SIGN_IN = ("sign_in.submit_password", "sign_in.use_link", "sign_in.sign_out", "sign_in.set_language")
"""Nobody is signed in before or after these: their own tests look at their lines."""


def rows_of(env: Environment, **only: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in audit_log.export_lines(env.databases.accounts, LogFilter(**only))]


@pytest.fixture
def desks(env: Environment, clock: Clock, tmp_path: Path) -> list[tuple[Environment, Flask]]:
    (tmp_path / "other").mkdir()
    drill = drill_environment_in(tmp_path / "other")
    return [(env, desk_of(env, clock)), (drill, desk_of(drill, clock))]


@pytest.mark.slow
def test_every_writing_address_leaves_a_line_or_stands_in_the_list_with_its_reason(desks, clock: Clock):
    seen = set()
    for desk_env, app in desks:
        browser = as_role(desk_env, clock, Role.ADMINISTRATOR, app)
        (token, *_) = browser.open("/account").fields()["csrf_token"]
        for endpoint, method, path in addresses(app):
            if method != "POST" or endpoint in SIGN_IN:
                continue
            seen.add(endpoint)
            _lets_it_write(app, endpoint, desk_env.databases.environment)
            before = len(rows_of(desk_env))
            answer = browser.post(path, {"do": "something", "csrf_token": token})
            new = rows_of(desk_env)[before:]
            if endpoint in RECORDED_ELSEWHERE:
                assert new == [], endpoint
                continue
            assert len(new) == 1, (endpoint, path, answer.status)
            row = new[0]
            assert row["action"] == endpoint
            stranger = endpoint in permissions.OPEN_TO_ALL
            assert stranger or row["account_id"] == account_of(desk_env, "administrator").id, endpoint
            assert (row["origin"], row["detail"]["do"]) == ("127.0.0.1", "something")
            assert row["detail"].get("environment", "live") == desk_env.name
            assert any(key.startswith("channel_health") for key in row["after"]), endpoint
    assert set(RECORDED_ELSEWHERE) <= seen
    assert len(seen) > 70


def _lets_it_write(app: Flask, endpoint: str, database: Database) -> None:
    """Replaces what is behind the address by something that changes one row."""

    def write(**arguments: object) -> Any:
        with database.begin() as tx:
            health = {"channel": endpoint, "failures": 1, "closed_until": NOW, "reason": "", "detail": ""}
            tx.execute(insert(channel_health).values(**health))
        return redirect("/", 303)

    app.view_functions[endpoint] = write


def test_what_fails_or_is_only_being_typed_leaves_no_line(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    alert_arrives(browser)
    before = len(rows_of(env))
    browser.post("/alerts", {"do": "acknowledge"})  # without a form token
    browser.open("/incidents/new").send(do="save", **{"text-ja": "まだ"})
    assert len(rows_of(env)) == before


@pytest.mark.slow
def test_an_alert_handled_says_by_whom_and_what_was_before_and_after(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    alert_arrives(browser)
    browser.open("/")
    form = next(f for f in browser.tree.xpath("//form") if "/alerts/" in (f.get("action") or ""))
    alert = form.get("action").rpartition("/")[2]
    browser.post(form.get("action"), {"do": "acknowledge", "csrf_token": form.xpath(".//*[@name='csrf_token']/@value")})
    (row,) = rows_of(env, action="alerts.act_on_alert")
    assert (row["account_name"], row["account_id"]) == ("佐藤", account_of(env, "sato").id)
    assert row["target"] == alert
    assert row["before"][f"alert {alert} state"] != row["after"][f"alert {alert} state"]
    shown = as_role(env, clock, Role.ADMINISTRATOR).open("/audit-log").words
    assert "アラートに対応" in shown


def test_two_people_of_one_name_can_be_told_apart_and_filtered(env: Environment, clock: Clock):
    for login in ("tanaka1", "tanaka2"):
        person_in(env, login, "田中")
    administrator = as_role(env, clock, Role.ADMINISTRATOR)
    for login in ("tanaka1", "tanaka2"):
        Browser(administrator.app).sign_in(login)
    shown = administrator.open("/audit-log").words
    assert "田中 (tanaka1)" in shown
    assert "田中 (tanaka2)" in shown
    lines = "//main//ol[contains(@class, 'rows2')]"
    id = account_of(env, "tanaka2").id
    (own,) = administrator.open(f"/audit-log?person={id}&action=signed.in").tree.xpath(lines)
    assert "田中 (tanaka2)" in own.text_content()
    assert "田中 (tanaka1)" not in own.text_content()


def test_the_log_is_filtered_by_action_target_and_day_and_pages_keep_the_filter(env: Environment, clock: Clock):
    administrator = as_role(env, clock, Role.ADMINISTRATOR)
    other = person_in(env)
    for role in [Role.LEAD, Role.REPORTER] * 60:
        account_administration.change_role(
            env.databases.accounts, other.id, role, by=accounts.NOBODY, now=clock.later(seconds=1)
        )
    page = administrator.open("/audit-log?action=role.changed&target=SATO")
    assert len(page.tree.xpath("//main//ol/li")) == 100
    (older,) = page.tree.xpath("//main//a[@rel='next']/@href")
    assert "target=SATO" in older
    assert len(administrator.open(older).tree.xpath("//main//ol/li")) == 19 + 1  # one row fewer than roles: it was one
    assert administrator.open("/audit-log?until=2001-01-01").words.count("役割") == 1  # in the choice of actions
    assert len(administrator.open("/audit-log?since=2001-01-01").tree.xpath("//main//ol/li")) == 100
    for odd in ("since=x", "until=9999-12-31", "person=%00", "target=%25"):
        assert administrator.open(f"/audit-log?{odd}").page.status_code == 200


def test_the_export_gives_the_filtered_rows_oldest_first_to_administrators_only(env: Environment, clock: Clock):
    administrator, lead = as_role(env, clock, Role.ADMINISTRATOR), as_role(env, clock, Role.LEAD)
    lines = administrator.open("/audit-log/export?action=signed.in").page.get_data(as_text=True).splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["account_id"] for row in rows] == [account_of(env, each).id for each in ("administrator", "lead")]
    assert all(row["action"] == "signed.in" and row["at"] for row in rows)
    assert lead.open("/audit-log/export").page.status_code == 403
