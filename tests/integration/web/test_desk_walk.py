"""Walks through the desk's other forms: what is typed is stored, or is refused and stays in its field."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.usecases import drills
from statuspage.usecases.accounts import Role
from statuspage.usecases.drills.lifecycle import Setup
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.on_call import fact_requests
from tests.support.desk import (
    NOW,
    Browser,
    Clock,
    clock,
    desk_of,
    drill_environment_in,
    environment_in,
    person_in,
    signed_in,
)
from tests.support.drill_series import QUICK, play
from tests.support.times import at

__all__ = ["clock"]

NEVER = "\u202e これは訓練ではありません "
"""Text that must never be accepted on a desk: it reverses text, or claims that this is not a drill."""

TEXTS = ("text", "date", "email", "url", "number", "search")


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog) -> Iterator[Environment]:
    """An environment in which notices about doors need approval."""
    entry = replace(catalog.incident_types["entry"], needs_approval=True)
    yield from opened(
        environment_in(tmp_path, replace(catalog, incident_types={**catalog.incident_types, "entry": entry}))
    )


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Environment]:
    """A drill environment."""
    yield from opened(drill_environment_in(tmp_path))


def opened(env: Environment) -> Iterator[Environment]:
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def leader(env: Environment, clock: Clock) -> Browser:
    person_in(env, "lead", "中村", role=Role.ADMINISTRATOR, password="")
    return signed_in(env, clock, "lead", "中村")


@dataclass(frozen=True)
class Box:
    """A field of a form on a page, and the button that submits it."""

    form: tuple[str, int]
    name: str
    sample: str
    button: tuple[str, str]


def boxes(browser: Browser) -> list[Box]:
    """Every field on the page in which something can be typed."""
    return [
        Box(place, control.get("name"), sample(control, place[1]), button)
        for place, form in forms(browser).items()
        for button in buttons(form)
        for control in form.xpath(".//input | .//textarea")
        if control.tag == "textarea" or control.get("type", "text") in TEXTS
    ]


def forms(browser: Browser) -> dict[tuple[str, int], Any]:
    """The forms of the page by target, numbered for each target."""
    found: dict[tuple[str, int], Any] = {}
    for form in browser.tree.xpath("//main//form"):
        action = form.get("action") or ""
        found[action, sum(other == action for other, _ in found)] = form
    return found


def buttons(form: Any) -> list[tuple[str, str]]:
    elements = form.xpath(".//button[not(@formaction)][not(@data-copy)]")
    return [(one.get("name") or "", one.get("value") or "") for one in elements]


def sample(control: Any, n: int) -> str:
    """A value that fits this field and occurs nowhere else."""
    time = re.fullmatch(r"\d{1,2}:\d{2}", control.get("placeholder", ""))
    if time:
        return time[0]
    if control.get("type") == "date":
        return "2026-07-31"
    if control.get("inputmode") == "numeric":
        return control.get("placeholder") or "45"
    return f"walked {control.get('name')} {n}"


def sent(browser: Browser, path: str, box: Box, fill: str, base: Mapping[str, str]) -> Browser:
    """The page after the form was submitted with this field filled."""
    form = forms(browser.open(path))[box.form]
    data = [(k, v) for k, v in form.form_values() if k not in (*base, box.name)]
    data += [*base.items(), (box.name, fill), *([box.button] if box.button[0] else [])]
    body: dict[str, list[str]] = {}
    for name, value in data:
        body.setdefault(name, []).append(value)
    browser.page = browser.client.post(form.get("action") or browser.path, data=body, follow_redirects=True)
    return browser


def in_database(home: Path) -> str:
    """Everything in all databases below this folder."""
    found = []
    for file in sorted(home.rglob("*.db")):
        with closing(sqlite3.connect(file)) as connection:
            found.append("\n".join(connection.iterdump()))
    return "\n".join(found).encode().decode("unicode_escape", errors="ignore")


def refused(browser: Browser) -> bool:
    return bool(browser.tree.xpath("//p[contains(@class, 'wrong')] | //*[@aria-invalid='true']"))


def still_there(browser: Browser, box: Box, fill: str) -> bool:
    elements = browser.tree.xpath(f"//main//*[@name='{box.name}']")
    return any(fill.strip() in str(one.get("value") or one.text or "").strip() for one in elements)


def lost(browser: Browser, home: Path, path: str, base: Mapping[str, str] | None = None) -> list[str]:
    """Every field of the page at this path whose input is lost."""
    found = []
    todo = boxes(browser.open(path))
    assert todo, browser.words
    for box in todo:
        for fill in (NEVER + box.sample, box.sample):
            before = in_database(home)
            sent(browser, path, box, fill, base or {})
            if refused(browser):
                kept = still_there(browser, box, fill)
            else:
                kept = status_of(in_database(home), fill) > status_of(before, fill) or fill in browser.words
            if not kept:
                found.append(f"{path} {box.name} {box.button} {fill}")
    return found


def status_of(connection: str, fill: str) -> int:
    """How often this occurs; times, and minutes from now, are searched in UTC."""
    if re.fullmatch(r"\d\d:\d\d", fill):
        return len(re.findall(f"{at(fill):%Y-%m-%d[T ]%H:%M:}", connection))
    return connection.count(f"{NOW + timedelta(minutes=int(fill)):%Y-%m-%dT%H:%M:}" if fill.isdigit() else fill)


def reported(env: Environment, clock: Clock, **more: object) -> tuple[Browser, str]:
    """A published incident, and a signed-in lead."""
    browser = leader(env, clock).open("/incidents/new")
    browser.send({"incident_type": "booking", "start": "5m", "do": "publish", **more})
    return browser, browser.path.split("/")[2]


def test_nothing_typed_on_the_page_of_an_incident_is_lost(env: Environment, clock: Clock):
    browser, incident = reported(env, clock)
    assert lost(browser, env.home, f"/incidents/{incident}") == []


@pytest.mark.slow
def test_no_answer_of_an_engineer_is_lost(env: Environment, clock: Clock):
    _, incident = reported(env, clock)
    number = fact_requests.ask_engineers(env, incident, actor="佐藤", now=clock())
    path = f"/facts/{fact_requests.request_token(env, incident, number)}"
    engineer = Browser(desk_of(env, clock))
    assert lost(engineer, env.home, path, {"service": "fees"}) == []
    assert lost(engineer, env.home, path, {"service": "fees", "name": "Tanaka"}) == []


def test_no_reason_against_a_notice_is_lost(env: Environment, clock: Clock):
    browser, _ = reported(env, clock, **{"incident_type": "entry", "answer-exit": "free"})
    second = signed_in(env, clock, "second", "鈴木")
    assert "/approvals/" in browser.path
    assert lost(second, env.home, browser.path) == []


def test_nothing_typed_to_take_words_away_is_lost(env: Environment, clock: Clock):
    browser, incident = reported(env, clock, **{"extra-ja": "通路は開いています。"})
    link = browser.open(f"/incidents/{incident}").tree.xpath("//a[contains(@href, 'redact')]/@href")
    assert lost(browser, env.home, link[0]) == []


def test_nothing_typed_about_subscribers_is_lost(env: Environment, clock: Clock):
    assert lost(leader(env, clock), env.home, "/settings/subscribers") == []


@pytest.mark.slow
@pytest.mark.parametrize("when", ["now", "at", "secret"])
def test_nothing_typed_to_set_up_a_drill_is_lost(drill: Environment, clock: Clock, when: str):
    browser = leader(drill, clock)
    plan = {"title": "予約が取れない", "when": when, **({} if when == "now" else {"from": "13:00", "to": "17:00"})}
    if when == "at":
        del plan["to"]
    found = []
    for box in boxes(browser.open("/drills")):
        base = {name: value for name, value in plan.items() if name != box.name}
        for fill in (NEVER + box.sample, box.sample):
            before = in_database(drill.home)
            sent(browser, "/drills", box, fill, base)
            if refused(browser):
                kept = still_there(browser, box, fill)
            elif box.name in ("every", "times"):
                kept = len(drills.upcoming_rehearsals(drill.databases.environment)) > 1
            else:
                kept = status_of(in_database(drill.home), fill) > status_of(before, fill)
            if not kept:
                found.append(f"{box.name}={fill}")
            for one in drills.upcoming_rehearsals(drill.databases.environment):
                drills.cancel_rehearsal(drill.databases.environment, one.id)
            if drills.running_drill(drill.databases.environment):
                drills.end_drill(drill, now=clock())
    assert found == []


def test_nothing_typed_while_a_drill_is_led_is_lost(drill: Environment, clock: Clock):
    browser = leader(drill, clock)
    browser.open("/drills").send({"scenario": "booking-phone", "when": "now"}, action="/drills")
    assert lost(browser, drill.home, "/drills/console") == []


@pytest.mark.slow
def test_nothing_typed_about_a_drill_afterwards_is_lost(drill: Environment, clock: Clock):
    script = drill.site.catalog.scenarios["booking-phone"]
    report = play(drill, at("10:00"), QUICK, setup=Setup(script, "ja"))
    clock.now = at("20:00")
    assert lost(leader(drill, clock), drill.home, f"/drills/{report.drill.id}", {"grade": "some_challenges"}) == []


@pytest.mark.slow
def test_a_day_that_cannot_be_read_is_not_left_out(drill: Environment, clock: Clock):
    report = play(drill, at("10:00"), QUICK)
    clock.now = at("20:00")
    browser = leader(drill, clock).open(f"/drills/{report.drill.id}")
    browser.send({"text": "答え方を決める", "due": "7月末"}, action=f"/drills/{report.drill.id}/actions")
    assert browser.page.status_code == 422
    assert {"7月末", "答え方を決める"} <= set(browser.tree.xpath("//input/@value"))
