"""A chosen time becomes a fixed time of day: in a draft opened later, in the preview, in what is published."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.fact_request import answers
from statuspage.domain.facts import Facts, Known
from statuspage.storage import alerts, incidents
from statuspage.usecases.alerts import confirm
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.on_call import fact_requests
from tests.support.desk import (
    PASSWORD,
    Browser,
    Clock,
    alert_arrives,
    clock,
    desk_of,
    env,
    environment_in,
    person_in,
    signed_in,
)
from tests.support.fakes.x_server import Account
from tests.support.times import at

__all__ = ["clock", "env"]


def published_facts(env: Environment) -> Facts:
    """The facts of the newest notice."""
    with env.databases.environment.read() as tx:
        ((_, recorded),) = incidents.latest_notices(tx, 1)
    return recorded.notice.facts


def chip(browser: Browser, field: str, value: str) -> str:
    """The text of a button."""
    (box,) = browser.tree.xpath(f"//input[@name='{field}'][@value='{value}']/ancestor::*[contains(@class,'chip')][1]")
    return " ".join(box.text_content().split())


def preview(browser: Browser) -> str:
    (pane,) = browser.tree.xpath("//aside[@id='preview']")
    return " ".join(pane.text_content().split())


def started(env: Environment) -> datetime:
    facts = published_facts(env)
    assert facts.start
    return facts.start.at


def test_minutes_ago_mean_the_same_moment_in_a_draft_opened_later(env: Environment, clock: Clock):
    browser = signed_in(env, clock, language="en").open("/incidents/new")
    assert chip(browser, "start", "5m") == "5 min ago"
    browser.send({"incident_type": "booking", "start": "5m", "do": "preview"})
    assert chip(browser, "start", "5m") == "11:57"
    clock.later(minutes=47)
    browser.resume("/incidents/new")
    assert chip(browser, "start", "5m") == "11:57"
    assert chip(browser, "start", "15m") == "15 min ago"
    assert "11:57" in preview(browser)
    assert "12:44" not in preview(browser)
    browser.send({"do": "preview"})
    assert "11:57" in preview(browser)
    browser.send({"do": "publish"})
    assert started(env) == at("11:57")


def test_another_choice_counts_from_when_it_is_made(env: Environment, clock: Clock):
    browser = (
        signed_in(env, clock).open("/incidents/new").send({"incident_type": "booking", "start": "5m", "do": "preview"})
    )
    assert chip(browser, "start", "5m") == "11:57"
    clock.later(minutes=10)
    browser.send({"start": "now", "do": "preview"})
    assert (chip(browser, "start", "5m"), chip(browser, "start", "now")) == ("5分前", "12:12")
    clock.later(minutes=1)
    browser.send({"do": "publish"})
    assert started(env) == at("12:12")


def test_an_estimate_in_minutes_counts_from_when_it_was_chosen(env: Environment, clock: Clock):
    browser = signed_in(env, clock, language="en").open("/incidents/new")
    browser.send({"incident_type": "booking", "start": "5m", "estimate": "minutes", "do": "preview"})
    assert chip(browser, "estimate", "minutes") == "In aboutmin 12:32 (from when you chose this)"
    clock.later(minutes=20)
    browser.resume("/incidents/new").send({"do": "publish"})
    assert published_facts(env).estimate == Known(at("12:32"))


def test_an_estimate_that_has_passed_in_the_draft_is_refused_and_not_moved(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new")
    browser.send({"incident_type": "booking", "start": "5m", "estimate_minutes": "20", "do": "preview"})
    clock.later(minutes=25)
    browser.resume("/incidents/new").send({"do": "publish"})
    assert browser.page.status_code == 422
    (box,) = browser.tree.xpath("//*[@id='f-estimate']//p[@class='wrong']")
    assert "すでに過ぎています" in box.text_content()
    assert browser.fields()["estimate_minutes"] == ["20"]


def test_the_next_update_is_promised_from_when_the_notice_goes_out(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new")
    browser.send({"incident_type": "booking", "start": "5m", "next_update": "15m", "do": "preview"})
    clock.later(minutes=20)
    browser.resume("/incidents/new").send({"do": "publish"})
    assert published_facts(env).next_update == clock() + timedelta(minutes=15)


def test_a_draft_of_yesterday_keeps_its_day(env: Environment, clock: Clock):
    clock.now = at("23:58")
    browser = signed_in(env, clock, language="en").open("/incidents/new")
    browser.send(
        {"incident_type": "booking", "start": "5m", "estimate_at": "00:40", "next_update_at": "0:30", "do": "preview"}
    )
    clock.later(minutes=10)
    browser.resume("/incidents/new")
    assert chip(browser, "start", "5m") == "Sat 4 July, 23:53"
    assert browser.fields()["estimate_at"] == ["00:40"]
    browser.send({"do": "publish"})
    facts = published_facts(env)
    assert started(env) == at("23:53")
    assert facts.estimate == Known(at("23:58") + timedelta(minutes=42))
    assert facts.next_update == at("23:58") + timedelta(minutes=32)


@pytest.mark.slow
@pytest.mark.parametrize(
    "typed",
    [{"estimate_at": "12:30"}, {"estimate_from": "12:30", "estimate_to": "13:30"}, {"estimate_not_before": "15:00"}],
)
def test_times_typed_yesterday_say_their_day_and_are_not_todays(env: Environment, clock: Clock, typed: dict[str, str]):
    browser = signed_in(env, clock).open("/incidents/new")
    browser.send({"incident_type": "booking", "start_at": "11:40", **typed, "do": "preview"})
    clock.later(hours=23)
    browser = signed_in(env, clock).resume("/incidents/new")
    fields = browser.fields()
    assert fields["start_at"] == ["2026-07-04 11:40"]
    assert {name: fields[name] for name in typed} == {name: [f"2026-07-04 {time}"] for name, time in typed.items()}
    browser.send({"do": "publish"})
    assert browser.page.status_code == 422
    (wrong,) = browser.tree.xpath("//*[@id='f-estimate']//p[@class='wrong']")
    assert "すでに過ぎています" in wrong.text_content()
    browser.send({"estimate": "unknown", "do": "publish"})
    assert started(env) == at("11:40")


def test_when_it_ended_is_held_to_the_press_as_well(env: Environment, clock: Clock):
    browser = (
        signed_in(env, clock).open("/incidents/new").send({"incident_type": "booking", "start": "15m", "do": "publish"})
    )
    incident = browser.path.split("/")[2]
    clock.later(minutes=30)
    for choice, shown in (("5m", "12:27"), ("now", "12:39")):
        browser.resume(f"/incidents/{incident}/notices/new/resolved").send({"ended": choice, "do": "preview"})
        assert chip(browser, "ended", choice) == shown
        clock.later(minutes=7)
        browser.resume(f"/incidents/{incident}/notices/new/resolved")
        assert chip(browser, "ended", choice) == shown
    browser.send({"do": "publish"})
    assert published_facts(env).ended_at == at("12:39")


def test_now_of_planned_work_is_when_customers_are_told(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/maintenance/new")
    browser.send({"service": ["booking"], "begins": "2026-07-04T12:05", "ends": "2h", "do": "publish"})
    incident = browser.path.split("/")[2]
    clock.later(minutes=5)
    browser.open(f"/incidents/{incident}/notices/new/started").send({"extra-ja": "予定どおりです。", "do": "preview"})
    clock.later(minutes=4)
    browser.resume(f"/incidents/{incident}/notices/new/started").send({"do": "publish"})
    assert started(env) == at("12:11")


@pytest.mark.slow
def test_what_was_chosen_before_signing_in_again_keeps_its_time(env: Environment, clock: Clock):
    person_in(env)
    browser = Browser(desk_of(env, clock)).sign_in().open("/incidents/new")
    clock.later(hours=13)
    chosen_at = clock()
    browser.send({"incident_type": "payment", "start": "15m", "do": "publish"})
    clock.later(minutes=6)
    browser.send(login="sato", password=PASSWORD)
    assert browser.path == "/incidents/new"
    browser.send({"do": "publish"})
    assert started(env) == chosen_at - timedelta(minutes=15)


def test_an_engineers_refused_answer_keeps_its_times(env: Environment, clock: Clock):
    browser = (
        signed_in(env, clock).open("/incidents/new").send({"incident_type": "booking", "start": "15m", "do": "publish"})
    )
    incident = browser.path.split("/")[2]
    number = fact_requests.ask_engineers(env, incident, actor="佐藤", now=clock())
    engineer = Browser(desk_of(env, clock)).open(f"/facts/{fact_requests.request_token(env, incident, number)}")
    engineer.send({"start": "5m", "estimate": "minutes", "name": ""})
    assert engineer.page.status_code == 422
    clock.later(minutes=9)
    engineer.send({"name": "Tanaka"})
    with env.databases.environment.read() as tx:
        stored = incidents.load_incident(tx, incident)
    assert stored is not None
    (answer,) = answers(stored)
    facts = answer.engineer_answer.facts
    assert facts.start is not None
    assert facts.start.at == at("11:57")
    assert facts.estimate == Known(at("12:32"))


def test_a_script_says_how_long_ago_the_press_was(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new")
    browser.send({"incident_type": "booking", "start": "5m", "ago-start": "240", "do": "publish"})
    assert started(env) == at("11:53")


@pytest.mark.parametrize(
    "forged",
    [
        "start 5m=",
        "start 5m=soon",
        "start 5m=2026-07-04T11:00",
        "start 5m=0001-01-01T00:00+23:00",
        "start 15m=2026-07-04T02:00:00+00:00",
        "=",
        "x",
    ],
)
def test_a_pin_that_nobody_made_says_nothing(env: Environment, clock: Clock, forged: str):
    browser = signed_in(env, clock).open("/incidents/new")
    browser.send({"incident_type": "booking", "start": "5m", "pin-start": forged, "do": "publish"})
    assert browser.page.status_code == 200
    assert started(env) == at("11:57")


def test_a_quiet_draft_is_still_quiet_when_it_is_opened_again(tmp_path: Path, catalog: Catalog, clock: Clock):
    env = environment_in(tmp_path, catalog, environ=Account().environ("x-ja"))
    browser = signed_in(env, clock).open("/incidents/new")
    browser.send({"incident_type": "booking", "start": "5m", "page_only": "1", "do": "preview"})
    clock.later(minutes=1)
    assert browser.resume("/incidents/new").fields()["page_only"] == ["1"]


def test_an_alerts_moment_reaches_the_form_with_its_seconds_and_its_zone(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    alert_arrives(browser, at("11:55") + timedelta(seconds=27))
    with env.databases.environment.read() as tx:
        (alert,) = alerts.open_alerts(tx)
    incident = confirm(env, alert.id, actor="佐藤", now=clock()).id
    fields = browser.open(f"/incidents/{incident}/notices/new/first").fields()
    assert fields["start_at"] == ["11:55"]
    assert fields["pin-start"] == ["start_at 11:55=2026-07-04T02:55:27+00:00"]
    browser.send({"incident_type": "booking", "do": "publish"})
    assert started(env) == at("11:55")
