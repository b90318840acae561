"""On call is set up on the desk: steps, rosters that are tried before they are kept, and a call that says it is a
test."""

from __future__ import annotations

import io
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.content.loading.loader import read_content
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.domain.staff_notification import NotificationReason
from statuspage.storage import alerts
from statuspage.usecases import audit_log
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import ContentSource, Environment
from tests.support.content import DEMO
from tests.support.desk import Browser, Clock, as_role, clock, desk_of, environment_in
from tests.support.fakes.calendar_server import calendar_of
from tests.support.on_call import OnCallSetup, on_call_setup
from tests.support.settings import content_file

__all__ = ["clock", "on_call_setup"]

CALENDAR = calendar_of("中村 恵")


@pytest.fixture
def env(tmp_path: Path) -> Iterator[Environment]:
    content = shutil.copytree(DEMO, tmp_path / "content")
    catalog, errors = read_content(content)
    assert catalog is not None, errors
    env = replace(environment_in(tmp_path, catalog), content_source=ContentSource(content))
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


@pytest.fixture
def lead(env: Environment, clock: Clock) -> Browser:
    return as_role(env, clock, Role.LEAD, desk_of(env, clock))


def test_who_is_on_call_and_every_step_are_shown(lead: Browser):
    words = lead.open("/settings/on-call").words
    assert "desk.on" not in words
    assert [lead.fields("/settings/on-call")[f"step.{n}.minutes"] for n in range(4)] == [["0"], ["5"], ["10"], [""]]
    assert lead.fields("/settings/on-call")["step.1.recipients"] == ["now", "next"]
    assert "中村 恵" in words and "サポート" in words


@pytest.mark.slow
def test_steps_are_changed_added_and_left_out_and_comments_stay(env: Environment, lead: Browser):
    before = content_file(env, "on_call.toml").read_text("utf-8")
    change = {"step.0.minutes": "2", "step.2.minutes": "", "step.3.minutes": "20", "step.3.channel": "mail"}
    lead.open("/settings/on-call").send({**change, "step.3.recipients": "all"}, action="/settings/on-call")
    assert lead.page.status_code == 200, lead.words
    text = content_file(env, "on_call.toml").read_text("utf-8")
    steps = [(each["after_minutes"], each["channel"], each["recipients"]) for each in tomllib.loads(text)["steps"]]
    assert steps == [(2, "chat", ["now"]), (5, "mail", ["now", "next"]), (20, "mail", ["all"])]
    assert [line for line in before.splitlines() if line.startswith("#")] == [
        line for line in text.splitlines() if line.startswith("#")
    ]
    lead.open("/settings/changes").send(action="/settings/changes/1")
    assert content_file(env, "on_call.toml").read_text("utf-8") == before


def test_every_wrong_step_is_named_beside_its_field_and_what_was_typed_stays(env: Environment, lead: Browser):
    before = content_file(env, "on_call.toml").read_bytes()
    lead.open("/settings/on-call").send({"step.0.minutes": "soon", "step.3.minutes": "9"}, action="/settings/on-call")
    assert lead.page.status_code == 422
    assert lead.tree.xpath("//input[@name='step.0.minutes'][@aria-invalid='true']")
    assert lead.tree.xpath("//*[@id='wrong-step-3-recipients']")
    assert lead.fields("/settings/on-call")["step.0.minutes"] == ["soon"]
    assert content_file(env, "on_call.toml").read_bytes() == before


def test_a_calendar_is_tried_and_nothing_is_written(env: Environment, lead: Browser):
    before = content_file(env, "on_call.toml").read_bytes()
    lead.open("/settings/on-call/rosters")
    sent = {key: values[0] for key, values in lead.fields().items() if values}
    page = lead.client.post(
        "/settings/on-call/rosters",
        data={**sent, "name.en": "Night", "do": "try", "file": (io.BytesIO(CALENDAR.encode()), "night.ics")},
    )
    lead.page = page
    assert "このカレンダーによると中村 恵" in lead.words
    assert lead.fields()["calendar"][0].strip() == CALENDAR.strip()
    assert content_file(env, "on_call.toml").read_bytes() == before


@pytest.mark.slow
def test_a_roster_is_kept_with_its_calendar_and_undone(env: Environment, lead: Browser):
    before = content_file(env, "on_call.toml").read_bytes()
    lead.open("/settings/on-call/rosters").send({"name.en": "Night", "calendar": CALENDAR, "do": "keep"})
    assert lead.page.status_code == 200, lead.words
    tables = tomllib.loads(content_file(env, "on_call.toml").read_text("utf-8"))
    assert tables["rosters"]["night"] == {"calendars": ["on-call-night.ics"], "name": {"en": "Night"}}
    assert content_file(env, "on-call-night.ics").read_text("utf-8").strip() == CALENDAR.strip()
    lead.open("/settings/changes").send(action="/settings/changes/1")
    assert not content_file(env, "on-call-night.ics").exists()
    assert content_file(env, "on_call.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name.en": ""}, "name.en"), ({"calendar": ""}, "calendar"), ({"calendar": "BEGIN:NOTHING"}, "calendar")],
)
def test_what_cannot_be_used_is_named_beside_its_field(lead: Browser, change: dict[str, str], field: str):
    lead.open("/settings/on-call/rosters")
    lead.send({"name.en": "Night", "calendar": CALENDAR, **change, "do": "keep"})
    assert lead.page.status_code == 422
    assert lead.tree.xpath(f"//*[@name='{field}'][@aria-invalid='true']")


def test_only_an_administrator_tries_an_address_and_a_wrong_one_is_said(env: Environment, clock: Clock, lead: Browser):
    lead.open("/settings/on-call/rosters")
    assert "address" not in lead.fields()
    lead.send({"name.en": "Night", "address": "https://calendar.example/secret", "do": "try"})
    assert lead.page.status_code == 403
    administrator = as_role(env, clock, Role.ADMINISTRATOR, desk_of(env, clock)).open("/settings/on-call/rosters")
    administrator.send({"name.en": "Night", "address": "ftp://calendar.example/secret", "do": "keep"})
    assert administrator.page.status_code == 422
    assert administrator.tree.xpath("//input[@name='address'][@aria-invalid='true']")
    assert "secret" not in str([dict(row) for row in audit_log.list_actions(env.databases.accounts, 9).rows])


def test_a_call_as_a_test_takes_the_way_of_a_real_one_says_so_and_counts_for_nothing(on_call_setup: OnCallSetup):
    env, clock = on_call_setup.env, on_call_setup.clock
    env = replace(env, content_source=ContentSource(DEMO))
    lead = as_role(env, clock, Role.LEAD, desk_of(env, clock))
    lead.open("/settings/on-call").send({"responder": "nakamura", "channel": "chat"}, action="/settings/on-call/test")
    on_call_setup.carry_out()
    (sent,) = on_call_setup.made()
    assert (sent.trigger, sent.status, sent.alert, sent.incident, sent.escalation) == (
        *(NotificationReason.TEST, DeliveryStatus.DELIVERED),
        *("", "", 0),
    )
    assert on_call_setup.heard() == (1, 0, 0)
    assert "テストです" in str(on_call_setup.chat.received[0]) or "test" in str(on_call_setup.chat.received[0])
    with env.databases.environment.read() as tx:
        assert alerts.open_alerts(tx) == ()
    assert "中村 恵" in lead.open("/settings/on-call").words
    (row,) = [
        row for row in audit_log.list_actions(env.databases.accounts, 9).rows if row["action"] == "on_call.tested"
    ]
    assert row["target"] == "中村 恵"


def test_who_is_no_lead_does_not_get_in(env: Environment, clock: Clock):
    reporter = as_role(env, clock, Role.REPORTER, desk_of(env, clock))
    assert reporter.open("/settings/on-call").page.status_code == 403
    assert reporter.open("/settings/on-call/rosters").page.status_code == 403
