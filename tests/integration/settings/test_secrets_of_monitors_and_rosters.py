"""What a monitor sends and where a roster is read are secrets: kept encrypted, in force at once, and read by nobody
again."""

from __future__ import annotations

import hashlib
import hmac
import json
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from statuspage.settings import read_settings
from statuspage.storage import audit_log
from statuspage.usecases import backup
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.settings import kept_secrets
from statuspage.web.desk.settings.rosters import SEALED
from tests.support.desk import NOW, Browser, Clock, alertmanager, as_role, clock, desk_of
from tests.support.fakes.calendar_server import CalendarServer, calendar_of
from tests.support.fakes.service import running
from tests.support.live_company import checked, environment_at, home

__all__ = ["checked", "clock", "home"]

CANARY, SHARED = "canary-5ea1-monitor-secret", "the-one-of-all-others"
PAGERDUTY = "/settings/monitors/pagerduty"
ROSTER = "/settings/on-call/rosters"
PEOPLE = """\
[responders.aya]
name = "Aya Mori"
email = "aya@example.com"
"""


@pytest.fixture
def env(home: Path) -> Iterator[Environment]:
    env = environment_at(home, INTAKE_SECRET=SHARED)
    yield env
    for database in (env.databases.environment, env.databases.accounts, env.databases.subscribers, env.secret_store):
        assert database is not None
        database.close()


@pytest.fixture
def administrator(env: Environment, clock: Clock) -> Browser:
    return as_role(env, clock, Role.ADMINISTRATOR, desk_of(env, clock))


@pytest.fixture
def calendars() -> Iterator[CalendarServer]:
    with running(CalendarServer()) as server:
        yield server


def pagerduty_event(browser: Browser, secret: str) -> int:
    event = {"id": "1", "event_type": "incident.triggered", "occurred_at": NOW.isoformat()}
    body = json.dumps({"event": {**event, "data": {"id": "P1", "title": "Try"}}}).encode()
    signature = f"v1={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}"
    return browser.client.post("/intake/pagerduty", data=body, headers={"X-PagerDuty-Signature": signature}).status_code


def reload(env: Environment) -> None:
    """What every process does within two seconds."""
    env.reload_content(NOW)
    env.reload_content(NOW)


def actions_of(env: Environment) -> list[dict[str, Any]]:
    with env.databases.accounts.read() as tx:
        return [dict(row) for row in audit_log.list_actions(tx, 50)]


def texts_of(env: Environment) -> bytes:
    """All that the instance has in files, and its backup."""
    backup.create_backup(read_settings({}, home=str(env.home)), env.home / "backup.zip", now=NOW)
    return b"".join(path.read_bytes() for path in env.home.rglob("*") if path.is_file())


def test_the_secret_that_pagerduty_made_is_kept_and_counts_at_once(
    env: Environment, administrator: Browser, capfd: pytest.CaptureFixture[str]
):
    assert pagerduty_event(administrator, CANARY) == 401
    administrator.open(PAGERDUTY).send({"value": CANARY, "do": "keep"}, action=f"{PAGERDUTY}/own-secret")
    assert administrator.page.status_code == 200
    reload(env)
    assert pagerduty_event(administrator, CANARY) == 200
    pages = "".join(administrator.open(path).text for path in (PAGERDUTY, "/settings/monitors", "/audit-log"))
    logs = capfd.readouterr()
    assert CANARY not in pages + logs.out + logs.err
    assert CANARY.encode() not in texts_of(env)
    changed = next(row for row in actions_of(env) if row["action"] == "monitor.secret.changed")
    assert (changed["target"], changed["detail"]) == ("pagerduty", {"secrets": "STATUSPAGE_INTAKE_PAGERDUTY_SECRET"})
    administrator.open(PAGERDUTY).send({"value": "", "do": "forget"}, action=f"{PAGERDUTY}/own-secret")
    reload(env)
    assert pagerduty_event(administrator, CANARY) == 401


def test_a_monitor_gets_a_secret_of_its_own_that_is_shown_once(env: Environment, administrator: Browser):
    path = "/settings/monitors/alertmanager"
    administrator.open(path).send(action=f"{path}/own-secret", do="make")
    (secret,) = administrator.tree.xpath("//code[@id='secret']/text()")
    assert f"credentials: {secret}" in administrator.words
    reload(env)
    headers = {"Authorization": f"Bearer {secret}"}
    sent = administrator.client.post("/intake/alertmanager", data=alertmanager(NOW), headers=headers)
    assert sent.status_code == 200
    assert secret not in administrator.open(path).text
    assert not administrator.tree.xpath("//form[contains(@action, 'alertmanager/secret')]")
    token = administrator.fields()["csrf_token"][0]
    assert administrator.client.post(f"{path}/secret", data={"csrf_token": token}).status_code == 404


@pytest.mark.parametrize("value", ["", "short", "with a space in it", "x" * 501, "ひみつのことばです"])
def test_what_is_no_secret_is_said_beside_the_field_and_not_repeated(administrator: Browser, value: str):
    administrator.open(PAGERDUTY).send({"value": value, "do": "keep"}, action=f"{PAGERDUTY}/own-secret")
    assert administrator.page.status_code == 422
    (field,) = administrator.tree.xpath("//input[@name='value'][@aria-invalid='true']")
    assert field.get("value") in (None, "")


def test_live_does_not_take_the_secret_of_the_drill(home: Path, clock: Clock):
    env = environment_at(home, DRILL_INTAKE_SECRET=CANARY, INTAKE_SECRET=SHARED)
    administrator = as_role(env, clock, Role.ADMINISTRATOR, desk_of(env, clock)).open(PAGERDUTY)
    administrator.send({"value": CANARY, "do": "keep"}, action=f"{PAGERDUTY}/own-secret")
    assert administrator.page.status_code == 422
    reload(env)
    assert pagerduty_event(administrator, CANARY) == 401


def test_a_monitors_secret_that_is_set_outside_counts_and_cannot_be_typed(home: Path, clock: Clock):
    env = environment_at(home, INTAKE_PAGERDUTY_SECRET=CANARY)
    administrator = as_role(env, clock, Role.ADMINISTRATOR, desk_of(env, clock)).open(PAGERDUTY)
    assert "STATUSPAGE_INTAKE_PAGERDUTY_SECRET" in administrator.words
    assert administrator.tree.xpath("//input[@name='value']") == []
    assert CANARY not in administrator.text
    assert pagerduty_event(administrator, CANARY) == 200


@pytest.mark.parametrize("do", ["make", "keep"])
def test_no_secret_is_kept_or_made_beside_one_that_is_set_outside(home: Path, clock: Clock, do: str):
    env = environment_at(home, INTAKE_ALERTMANAGER_SECRET=CANARY)
    administrator = as_role(env, clock, Role.ADMINISTRATOR, desk_of(env, clock)).open("/settings/monitors/alertmanager")
    token = {"csrf_token": administrator.tree.xpath("//input[@name='csrf_token']/@value")[0]}
    typed = {**token, "do": do, "value": "a-secret-of-its-own"}
    answer = administrator.client.post("/settings/monitors/alertmanager/own-secret", data=typed)
    assert answer.status_code == 422
    assert "STATUSPAGE_INTAKE_ALERTMANAGER_SECRET の値が使われます" in answer.get_data(as_text=True)
    assert env.secret_store is not None
    assert env.secret_store.list_kept() == {}


def test_a_rosters_address_is_tried_kept_and_read_by_every_process(
    env: Environment, administrator: Browser, calendars: CalendarServer, capfd: pytest.CaptureFixture[str]
):
    (env.home / "content" / "on_call.toml").write_text(PEOPLE, "utf-8")
    reload(env)
    calendars.text = calendar_of("Aya Mori")
    address = f"{calendars.address}/{CANARY}.ics"
    administrator.open(ROSTER).send({"name.en": "Night", "address": address, "do": "try"})
    assert "Aya Mori" in administrator.words
    assert CANARY not in administrator.text
    administrator.send({"do": "keep"})  # what was tried is kept without being typed again
    assert administrator.page.status_code == 200, administrator.words
    table = tomllib.loads((env.home / "content" / "on_call.toml").read_text("utf-8"))
    assert table["rosters"]["night"] == {"has_address": True, "name": {"en": "Night"}}
    reload(env)
    assert env.content.errors == ()
    assert env.content.roster_urls == {"night": address}
    assert "Aya Mori" in administrator.open("/settings/on-call").words  # read at once, not only after ten minutes
    logs, pages = capfd.readouterr(), administrator.open(f"{ROSTER}/night").text + administrator.open("/audit-log").text
    assert CANARY not in pages + logs.out + logs.err + str(actions_of(env))
    assert CANARY.encode() not in texts_of(env)


def test_a_tried_address_is_held_for_an_hour_and_what_was_typed_stays(
    env: Environment, administrator: Browser, calendars: CalendarServer, clock: Clock
):
    calendars.text = calendar_of("Aya Mori")
    names = {"name.en": "Night", "name.ja": "夜"}
    administrator.open(ROSTER).send({**names, "address": f"{calendars.address}/{CANARY}.ics", "do": "try"})
    sealed = administrator.fields()["sealed"][0]
    clock.now += timedelta(minutes=61)
    administrator = as_role(env, clock, Role.ADMINISTRATOR, administrator.app)  # who has just signed in again
    administrator.open(ROSTER).send({**names, "sealed": sealed, "do": "keep"})
    assert administrator.page.status_code == 422
    assert "入力した本人だけで、1時間以内" in administrator.words
    assert administrator.tree.xpath("//input[@name='address'][@aria-invalid='true']")
    assert [administrator.fields()[name] for name in names] == [["Night"], ["夜"]]
    administrator.send({"address": f"{calendars.address}/{CANARY}.ics", "do": "keep"})
    assert administrator.page.status_code == 200, administrator.words
    assert env.secret_store is not None and env.secret_store.list_kept()


def test_a_tried_address_is_of_no_use_to_another_account(
    env: Environment, administrator: Browser, calendars: CalendarServer, clock: Clock
):
    calendars.text = calendar_of("Aya Mori")
    administrator.open(ROSTER).send({"name.en": "Night", "address": f"{calendars.address}/{CANARY}.ics", "do": "try"})
    sealed = administrator.fields()["sealed"][0]
    with pytest.raises(kept_secrets.SealBroken):
        kept_secrets.unseal(env, SEALED, sealed, by=audit_log.Actor("another account", "鈴木"), now=clock())


def test_names_are_changed_without_the_address_and_deleting_it_needs_a_calendar(
    env: Environment, administrator: Browser, calendars: CalendarServer
):
    (env.home / "content" / "on_call.toml").write_text(PEOPLE, "utf-8")
    reload(env)
    calendars.text = calendar_of("Aya Mori")
    administrator.open(ROSTER).send({"name.en": "Night", "address": f"{calendars.address}/{CANARY}.ics", "do": "keep"})
    asked = len(calendars.requests)
    administrator.open(f"{ROSTER}/night").send({"name.en": "Nights", "do": "keep"})
    assert administrator.page.status_code == 200
    assert len(calendars.requests) == asked
    administrator.open(f"{ROSTER}/night").send({"delete": "1", "do": "keep"})
    assert administrator.page.status_code == 422
    administrator.open(f"{ROSTER}/night").send({"delete": "1", "calendar": calendar_of("Aya Mori"), "do": "keep"})
    assert administrator.page.status_code == 200, administrator.words
    table = tomllib.loads((env.home / "content" / "on_call.toml").read_text("utf-8"))
    assert table["rosters"]["night"] == {"name": {"en": "Nights"}, "calendars": ["on-call-night.ics"]}
    assert env.secret_store is not None
    assert env.secret_store.list_kept() == {}
    assert [row["action"] for row in actions_of(env)][:2] == ["roster.secret.deleted", "on_call.roster_changed"]


def test_a_rosters_address_that_is_set_outside_cannot_be_typed(home: Path, clock: Clock):
    (home / "content" / "on_call.toml").write_text(f"{PEOPLE}[rosters.night]\nhas_address = true\n", "utf-8")
    env = environment_at(home, ROSTER_NIGHT_URL=f"https://rota.example/{CANARY}.ics")
    administrator = as_role(env, clock, Role.ADMINISTRATOR, desk_of(env, clock)).open(f"{ROSTER}/night")
    assert "STATUSPAGE_ROSTER_NIGHT_URL" in administrator.words
    assert administrator.tree.xpath("//input[@name='address']") == []
    assert CANARY not in administrator.text
