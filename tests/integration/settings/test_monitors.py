"""Monitors are set up on the desk: what to copy, what was sent last, a test alert that counts for nothing, and a
mapping that is tried before it is kept."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta

import pytest

from statuspage.storage import alerts, incidents, staff_notifications, test_alerts
from statuspage.usecases import audit_log
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk.request_context import Intake
from tests.support.desk import Browser, Clock, alertmanager, as_role, clock, desk_of
from tests.support.settings import content_file, env

__all__ = ["clock", "env"]

CANARY = "canary-of-monitors"
DESK = "https://desk.ours.example"
BEARER = {"Authorization": f"Bearer {CANARY}"}


def browser_of(env: Environment, clock: Clock, role: Role = Role.LEAD) -> Browser:
    return as_role(env, clock, role, desk_of(env, clock, believes=Intake({"": CANARY}), siblings={"live": DESK}))


def send(browser: Browser, path: str, body: bytes, **headers: str) -> int:
    return browser.client.post(path, data=body, headers={**BEARER, **headers}).status_code


def test_each_monitor_has_its_address_its_configuration_and_a_command_to_try(env: Environment, clock: Clock):
    lead = browser_of(env, clock).open("/settings/monitors")
    links = lead.tree.xpath("//a[@class='chip']/@href")
    assert len(links) == 9
    for link in links[:-1]:
        source = link.rpartition("/")[2]
        words = lead.open(link).words
        assert f"{DESK}/intake/{source}" in words
        assert f"{DESK}/intake/{source}/test" in words
        assert "desk.monitor" not in words and "desk.example.com" not in words
    assert "credentials: SECRET" in lead.open("/settings/monitors/alertmanager").words


def test_a_desk_that_does_not_know_its_address_repeats_no_host_name(env: Environment, clock: Clock):
    lead = as_role(env, clock, Role.LEAD, desk_of(env, clock)).open("/settings/monitors/alertmanager")
    assert "localhost" not in lead.text  # where the browser found it
    assert "STATUSPAGE_DESK_ADDRESS" in lead.words


def test_the_secret_is_in_no_page_until_an_administrator_asks_and_that_is_recorded(env: Environment, clock: Clock):
    lead = browser_of(env, clock)
    assert CANARY not in lead.open("/settings/monitors/alertmanager").text
    assert not lead.tree.xpath("//form[contains(@action, '/secret')]//button")
    token = lead.fields()["csrf_token"][0]
    assert lead.client.post("/settings/monitors/alertmanager/secret", data={"csrf_token": token}).status_code == 403
    administrator = browser_of(env, clock, Role.ADMINISTRATOR).open("/settings/monitors/alertmanager")
    assert CANARY not in administrator.text
    administrator.send(action="/settings/monitors/alertmanager/secret")
    assert f"credentials: {CANARY}" in administrator.words
    assert administrator.page.headers["Cache-Control"] == "no-store"
    assert CANARY not in administrator.open("/settings/monitors/alertmanager").text
    (row,) = [row for row in audit_log.list_actions(env.databases.accounts, 9).rows if row["action"].startswith("m")]
    assert (row["action"], row["target"]) == ("monitor.secret_shown", "alertmanager")
    assert CANARY not in str(dict(row))


def test_a_monitor_that_makes_its_own_secret_is_not_given_ours(env: Environment, clock: Clock):
    administrator = browser_of(env, clock, Role.ADMINISTRATOR).open("/settings/monitors/sentry")
    assert administrator.tree.xpath("//input[@name='value'][@type='password']")
    assert not administrator.tree.xpath("//form[contains(@action, '/secret')]")


def test_the_last_alert_and_the_last_refusal_are_shown_with_the_reason(env: Environment, clock: Clock):
    lead = browser_of(env, clock)
    assert send(lead, "/intake/alertmanager", alertmanager(clock())) == 200
    clock.later(minutes=1)
    assert send(lead, "/intake/grafana", b"{}", Authorization="Bearer wrong") == 401
    words = lead.open("/settings/monitors").words
    assert "1 alert in 30 days" in words and "Receiving" in words
    assert "Refused" in words
    words = lead.open("/settings/monitors/grafana").words
    assert "Last refused The secret or signature is missing or wrong. 1 ×" in words


@pytest.mark.parametrize("from_monitor", [False, True])
def test_a_test_alert_is_shown_as_one_counts_for_nothing_and_disappears(
    env: Environment, clock: Clock, from_monitor: bool
):
    lead = browser_of(env, clock)
    if from_monitor:
        assert send(lead, "/intake/alertmanager/test", alertmanager(clock())) == 200
    else:
        lead.open("/settings/monitors/alertmanager").send(
            {"labels": "service = api"}, action="/settings/monitors/alertmanager"
        )
        assert "Test" in lead.words and "service=api" in lead.words
    home = lead.open("/")
    assert "Test alerts" in home.words
    assert not home.tree.xpath("//section[contains(@class, 'alerts-of')]")
    with env.databases.environment.read() as tx:
        assert alerts.open_alerts(tx) == ()
        assert incidents.open_incidents(tx) == ()
        assert alerts.unacknowledged_alerts(tx, 1) == (0, ())
        (test,) = test_alerts.list_alerts(tx, clock())
        assert staff_notifications.notifications_of_alert(tx, test.id) == ()
    shared_status.write_status(env, now=clock())
    summary = json.loads((env.home / "summary.json").read_text("utf-8"))
    assert test.id not in json.dumps(summary)
    clock.later(minutes=10)
    assert "Test alerts" not in lead.open("/").words


def test_a_test_alert_can_be_removed_and_the_oldest_go_first(env: Environment, clock: Clock):
    lead = browser_of(env, clock)
    for _ in range(test_alerts.MAX_TEST_ALERTS + 5):
        clock.later(seconds=1)
        send(lead, "/intake/alertmanager/test", alertmanager(clock()))
    with env.databases.environment.read() as tx:
        kept = test_alerts.list_alerts(tx, clock())
    assert len(kept) == test_alerts.MAX_TEST_ALERTS
    assert kept[0].received_at == clock() and kept[-1].received_at > clock() - timedelta(seconds=20)
    lead.open("/").send(action=f"/test-alerts/{kept[0].id}/remove")
    with env.databases.environment.read() as tx:
        assert kept[0].id not in [each.id for each in test_alerts.list_alerts(tx, clock())]


def test_a_test_message_without_the_secret_is_refused_and_shows_nothing(env: Environment, clock: Clock):
    lead = browser_of(env, clock)
    assert send(lead, "/intake/alertmanager/test", alertmanager(clock()), Authorization="Bearer no") == 401
    assert "Test alerts" not in lead.open("/").words


def test_a_line_that_is_no_label_is_named_beside_the_field(env: Environment, clock: Clock):
    lead = browser_of(env, clock).open("/settings/monitors/alertmanager")
    lead.send({"labels": "service"}, action="/settings/monitors/alertmanager")
    assert lead.page.status_code == 422
    assert lead.tree.xpath("//textarea[@name='labels'][@aria-invalid='true']")
    assert lead.fields("/settings/monitors/alertmanager")["labels"] == ["service"]


MESSAGE = json.dumps({"check": {"id": 7, "name": "Bookings fail", "service": "api"}, "status": "down"})
MAPPING = {
    "name": "backup",
    "message": MESSAGE,
    "id": "check.id",
    "title": "check.name",
    "state": "status",
    "resolved_values": "ok, recovered",
    "labels": "service = check.service",
}
RULES = """\
# Ours.

[[rule]]
source = "alertmanager"   # the only one
match = { service = "api" }
incident_type = "unreachable"
services = ["api:major"]
"""


def test_a_mapping_is_tried_on_a_pasted_message_and_nothing_is_written(env: Environment, clock: Clock):
    lead = browser_of(env, clock).open("/settings/monitor-mapping")
    lead.send({**MAPPING, "do": "try"})
    assert lead.page.status_code == 200
    assert "This message is 1 alert" in lead.words
    assert "Bookings fail firing" in lead.words
    assert "service=api" in lead.words
    assert not content_file(env, "alerts.toml").exists()


@pytest.mark.slow
def test_a_mapping_is_kept_and_undone_byte_for_byte(env: Environment, clock: Clock):
    content_file(env, "alerts.toml").write_text(RULES, "utf-8")
    lead = browser_of(env, clock).open("/settings/monitor-mapping").send({**MAPPING, "do": "keep"})
    assert lead.page.status_code == 200  # before the new content is loaded, too
    assert content_file(env, "alerts.toml").read_text("utf-8").startswith(RULES)
    tables = tomllib.loads(content_file(env, "alerts.toml").read_text("utf-8"))
    assert tables["source"] == {
        "backup": {
            "id": "check.id",
            "title": "check.name",
            "state": "status",
            "resolved_values": ["ok", "recovered"],
            "labels": {"service": "check.service"},
        }
    }
    assert "message" not in content_file(env, "alerts.toml").read_text("utf-8")
    lead.open("/settings/changes").send(action="/settings/changes/1")
    assert content_file(env, "alerts.toml").read_text("utf-8") == RULES


@pytest.mark.slow
def test_a_kept_mapping_is_changed_and_removed(env: Environment, clock: Clock):
    content_file(env, "alerts.toml").write_text(
        '[source.backup]\nid = "check.id"   # theirs\ntitle = "check.name"\nlabels = { service = "x", host = "y" }\n',
        "utf-8",
    )
    lead = browser_of(env, clock).open("/settings/monitor-mapping/backup")
    assert lead.fields()["labels"] == ["service = x\nhost = y"]
    lead.send({"message": MESSAGE, "labels": "service = check.service", "do": "keep"})
    text = content_file(env, "alerts.toml").read_text("utf-8")
    assert "# theirs" in text
    assert tomllib.loads(text)["source"]["backup"]["labels"] == {"service": "check.service"}
    lead.open("/settings/monitor-mapping/backup").send({"do": "remove"})
    assert "source" not in tomllib.loads(content_file(env, "alerts.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Backup Ü"}, "name"),
        ({"name": "grafana"}, "name"),
        ({"id": ""}, "id"),
        ({"title": "check.nothing"}, "title"),
        ({"resolved_values": ""}, "resolved_values"),
        ({"labels": "service"}, "labels"),
        ({"message": ""}, "message"),
        ({"message": "{"}, "message"),
    ],
)
def test_what_does_not_fit_is_named_beside_its_field_and_what_was_typed_stays(
    env: Environment, clock: Clock, change: dict[str, str], field: str
):
    lead = browser_of(env, clock).open("/settings/monitor-mapping")
    lead.send({**MAPPING, **change, "do": "keep"})
    assert lead.page.status_code == 422, lead.words
    assert lead.tree.xpath(f"//*[@name='{field}'][@aria-invalid='true']")
    typed = {**MAPPING, **change}
    assert {key: lead.fields()[key] for key in typed} == {key: [value] for key, value in typed.items()}
    assert not content_file(env, "alerts.toml").exists()


def test_a_hand_edit_meanwhile_is_a_conflict(env: Environment, clock: Clock):
    lead = browser_of(env, clock).open("/settings/monitor-mapping")
    content_file(env, "alerts.toml").write_text(RULES, "utf-8")
    lead.send({**MAPPING, "do": "keep"})
    assert lead.page.status_code == 409
    assert content_file(env, "alerts.toml").read_text("utf-8") == RULES


def test_who_is_no_lead_does_not_get_in(env: Environment, clock: Clock):
    reporter = browser_of(env, clock, Role.REPORTER)
    for path in ("/settings/monitors", "/settings/monitors/alertmanager", "/settings/monitor-mapping"):
        assert reporter.open(path).page.status_code == 403
    assert "/settings/monitors" not in reporter.open("/settings").text
