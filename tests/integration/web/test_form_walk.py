"""Walks through every control of every notice form: nothing that is filled or chosen is silently lost.

The controls are taken from the page, so that a new field is included automatically.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer

from statuspage import serialization
from statuspage.domain.catalog import Catalog
from statuspage.domain.fact_request import answers
from statuspage.domain.facts import Facts, NoticeKind
from statuspage.domain.notice_input import NoticeInput
from statuspage.domain.notice_parsing import parse_notice
from statuspage.storage import alerts, incidents
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.on_call import fact_requests
from statuspage.web.desk.notice_form.pages import WRITABLE_KINDS
from tests.support.desk import Browser, Clock, alert_arrives, clock, desk_of, environment_in, signed_in, values_of
from tests.support.fakes.x_server import SECOND, Account
from tests.support.times import at

__all__ = ["clock"]

FIRST = {"incident_type": "booking", "start": "5m"}
PLAN = {"service": ["booking"], "begins": "2026-07-08T02:00", "ends": "2h"}
AFTER_FIRST: dict[str, dict[str, object]] = {
    "update": {}, "partly_restored": {"state-booking": "partial"}, "monitoring": {}, "resolved": {"ended": "now"},
    "correction": {"start": "15m"}, "withdrawal": {},
}  # fmt: skip
"""The notices that may follow a first report, with what each must have."""

AFTER_PLAN: dict[str, dict[str, object]] = {
    "announced": {"ends": "4h"}, "started": {}, "extended": {"ends_at": "2026-07-04T15:00"}, "finished": {},
    "cancelled": {},
}  # fmt: skip
"""The same after announced maintenance."""

SEEN = ("radio", "checkbox", "text", "date", "datetime-local", "number", "email", "url")


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog) -> Iterator[Environment]:
    """An environment that posts in two languages, so that there is a choice of channels."""
    env = environment_in(tmp_path, catalog, environ={**Account().environ("x-ja"), **SECOND.environ("x-en")})
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


@dataclass(frozen=True)
class Step:
    """One input on the form: what is submitted, and the field it belongs to."""

    field: str
    value: str
    sent: Mapping[str, list[str]]


def steps(browser: Browser, base: Mapping[str, object]) -> Iterator[Step]:
    """Everything that can be filled or chosen on this page, one at a time, in addition to ``base``."""
    form, fields = browser.form(), browser.fields()
    outside = browser.tree.xpath(f"//*[@form='{form.get('id')}']")
    for control in [*form.xpath(".//input | .//select | .//textarea"), *outside]:
        name = control.get("name") or ""
        control_type = control.get("type", "text") if control.tag == "input" else control.tag
        if (
            name.startswith("pv-")
            or control_type not in (*SEEN, "select", "textarea")
            or control.get("disabled") is not None
        ):
            continue
        yield from of_control(control, control_type, name, {**fields, **{k: listed(v) for k, v in base.items()}})


def listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def of_control(control: Any, control_type: str, name: str, fields: Mapping[str, list[str]]) -> Iterator[Step]:
    value = control.get("value", "on")
    if control_type == "radio" and value not in fields.get(name, []):
        yield Step(name, value, {name: [value]})
    elif control_type == "checkbox":
        before = fields.get(name, [])
        after = [one for one in before if one != value] if value in before else [*before, value]
        yield Step(name, value, {name: after})
    elif control_type == "select":
        other = next(o.get("value") for o in control.xpath("./option") if o.get("value") not in fields[name])
        boxes = control.xpath("./ancestor::*[contains(@class, 'chip')][1]//input[@type='checkbox']")
        ticked = {box.get("name"): [*{*fields.get(box.get("name"), []), box.get("value")}] for box in boxes}
        yield Step(name, other, {**ticked, name: [other]})
    elif control_type not in ("radio", "checkbox"):
        text = sample(control, control_type)
        yield Step(name, text, {name: [text]})


def sample(control: Any, control_type: str) -> str:
    """A value that fits this field."""
    time = re.search(r"\d{1,2}:\d{2}", control.get("placeholder", ""))
    if time:
        return time[0]
    if control_type == "datetime-local":
        return "2026-07-08T05:00"
    return "45" if control.get("inputmode") == "numeric" else "通路は開いています。"


@dataclass(frozen=True)
class Outcome:
    """The result of one submission of the form."""

    shown: str
    facts: object
    wrong: frozenset[str]


def outcome(browser: Browser, env: Environment) -> Outcome:
    """The texts and channels shown on the page, what was approved for the database, and what was refused."""
    tree = browser.tree
    words = tree.xpath("//aside[@id='preview']//*[contains(@class, 'pv')]")
    shown = [" ".join(one.text_content().split()) for one in [*words, *tree.xpath("//section[@class='send']//h2")]]
    (token,) = tree.xpath("//input[@name='token']/@value") or [""]
    wrong = {one.getparent().get("id") for one in tree.xpath("//form//p[@class='wrong']")}
    return Outcome("\n".join(shown), approved(env, token) if token else None, frozenset(wrong))


def approved(env: Environment, token: str) -> object:
    """What the database would store of an approved preview."""
    found = URLSafeSerializer("").loads_unsafe(token)[1]
    typed, notice, now = (
        serialization.from_json_value(NoticeInput, found["notice_input"]),
        NoticeKind(found["notice_kind"]),
        found["previewed_at"],
    )
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, found["target"]["incident_id"])
    previous: Facts | None = incident.current_facts if incident else None
    moment = datetime.fromisoformat(now)
    facts, _ = parse_notice(typed, catalog=env.site.catalog, notice=notice, now=moment, previous=previous)
    return serialization.to_json_value(facts), typed.reason, typed.only, typed.text


def lost(browser: Browser, env: Environment, path: str, base: Mapping[str, object]) -> list[str]:
    """Every input on the form at this path that is lost."""
    fresh = {**browser.open(path).fields(), **{name: listed(value) for name, value in base.items()}}
    start = browser.send({**base, "do": "preview"})
    assert start.page.status_code == 200, start.words
    fresh |= {name: value for name, value in start.fields().items() if name.startswith("shown_")}
    plain = outcome(start, env)
    found = []
    todo = list(steps(start, base))
    assert todo
    for step in todo:
        browser.page = browser.post(path, {**fresh, **step.sent, "do": "preview"})
        now = outcome(browser, env)
        if not now.wrong and (now.shown, now.facts) == (plain.shown, plain.facts):
            found.append(f"{step.field}={step.value} says nothing")
        still = [value for one in browser.tree.xpath(f"//*[@name='{step.field}']") for value in values_of(one)]
        if not set(step.sent[step.field]) <= set(still):
            found.append(f"{step.field}={step.value} is not in the form any more")
    return found


def reported(env: Environment, clock: Clock) -> Browser:
    """A published incident."""
    return signed_in(env, clock).open("/incidents/new").send({**FIRST, "estimate_minutes": "50", "do": "publish"})


def resolved(browser: Browser, incident: str) -> Browser:
    return browser.open(f"/incidents/{incident}/notices/new/resolved").send({"ended": "5m", "do": "publish"})


@pytest.mark.slow
def test_no_field_of_a_first_report_is_lost(env: Environment, clock: Clock):
    assert lost(signed_in(env, clock), env, "/incidents/new", FIRST) == []


@pytest.mark.slow
@pytest.mark.parametrize(("notice", "base"), AFTER_FIRST.items())
def test_no_field_of_a_later_notice_is_lost(env: Environment, clock: Clock, notice: str, base: dict[str, object]):
    browser = reported(env, clock)
    incident = browser.path.split("/")[2]
    clock.now = at("12:30")
    assert lost(browser, env, f"/incidents/{incident}/notices/new/{notice}", base) == []


@pytest.mark.slow
def test_no_field_of_the_correction_of_what_is_over_is_lost(env: Environment, clock: Clock):
    browser = reported(env, clock)
    incident = browser.path.split("/")[2]
    clock.now = at("13:30")
    resolved(browser, incident)
    assert lost(browser, env, f"/incidents/{incident}/notices/new/correction", {"start": "15m", "ended": "now"}) == []


@pytest.mark.slow
@pytest.mark.parametrize("do", ["write", "placeholder"])
def test_no_field_of_an_alerts_first_report_is_lost(env: Environment, clock: Clock, do: str):
    browser = signed_in(env, clock)
    alert_arrives(browser, at("11:40"))
    with env.databases.environment.read() as tx:
        (alert,) = alerts.open_alerts(tx)
    browser.open("/").send(do=do, action=f"/alerts/{alert.id}")
    placeholder = "?placeholder=1" if do == "placeholder" else ""
    assert lost(browser, env, f"{browser.path}{placeholder}", {}) == []


@pytest.mark.slow
def test_no_field_of_a_follow_up_is_lost(env: Environment, clock: Clock):
    browser = reported(env, clock)
    incident = browser.path.split("/")[2]
    clock.now = at("13:30")
    resolved(browser, incident)
    assert lost(browser, env, f"/incidents/{incident}/notices/new/follow_up", {"answer-made": "valid"}) == []


@pytest.mark.slow
def test_no_field_of_an_engineers_answer_is_lost(env: Environment, clock: Clock):
    incident = reported(env, clock).path.split("/")[2]
    clock.now = at("12:30")
    number = fact_requests.ask_engineers(env, incident, actor="佐藤", now=clock())
    path = f"/facts/{fact_requests.request_token(env, incident, number)}"
    phone = Browser(desk_of(env, clock)).open(path)
    fresh, base = phone.fields(), {"name": "山田", "start": "5m"}
    assert not phone.send(base).tree.xpath("//form//p[@class='wrong']")
    plain, todo = recorded(env, incident), list(steps(phone.open(path), base))
    assert {step.field for step in todo} >= {"service", "start_at", "estimate_minutes", "ended", "answer-made", "text"}
    found = []
    for step in todo:
        before = recorded(env, incident)
        phone.page = phone.post(path, {**fresh, **{k: [v] for k, v in base.items()}, **step.sent})
        refused = bool(phone.tree.xpath("//form//p[@class='wrong']"))
        now = recorded(env, incident)
        if not refused and now[len(before) :] in ([], plain[-1:]):
            found.append(f"{step.field}={step.value} says nothing")
    assert found == []


def recorded(env: Environment, incident: str) -> list[object]:
    """The recorded answers: who, what, which facts, and the line of text."""
    with env.databases.environment.read() as tx:
        loaded = incidents.load_incident(tx, incident)
    assert loaded is not None
    return [(one.actor, serialization.to_json_value(one.engineer_answer), one.text) for one in answers(loaded)]


@pytest.mark.slow
def test_no_field_of_a_report_to_customers_is_lost(env: Environment, clock: Clock):
    browser = reported(env, clock)
    incident = browser.path.split("/")[2]
    clock.now = at("13:30")
    resolved(browser, incident)
    path = f"/incidents/{incident}/notices/new/postmortem"
    choice = browser.open(path).tree.xpath("//input[@name='prevention']/@value")[0]
    assert lost(browser, env, path, {"prevention": [choice]}) == []


def test_every_form_that_writes_a_notice_is_walked():
    written = {NoticeKind.FIRST, NoticeKind.ANNOUNCED, NoticeKind.FOLLOW_UP, NoticeKind.POSTMORTEM}
    walked = {*written, *AFTER_FIRST, *AFTER_PLAN}
    assert walked == set(WRITABLE_KINDS)


@pytest.mark.slow
def test_no_field_of_a_plan_is_lost(env: Environment, clock: Clock):
    assert lost(signed_in(env, clock), env, "/maintenance/new", PLAN) == []


@pytest.mark.slow
@pytest.mark.parametrize(("notice", "base"), AFTER_PLAN.items())
def test_no_field_of_a_notice_of_planned_work_is_lost(
    env: Environment, clock: Clock, notice: str, base: dict[str, object]
):
    plan = PLAN if notice == "announced" else {**PLAN, "begins": "2026-07-04T12:20"}
    browser = signed_in(env, clock).open("/maintenance/new").send({**plan, "do": "publish"})
    incident = browser.path.split("/")[2]
    if notice in ("started", "extended", "finished"):
        clock.later(minutes=25)
    if notice in ("extended", "finished"):
        browser.open(f"/incidents/{incident}/notices/new/started").send({"do": "publish"})
        clock.later(minutes=25)
    assert lost(browser, env, f"/incidents/{incident}/notices/new/{notice}", base) == []
