"""Runbooks of incident types: read from content, shown on the desk, ticked on the timeline."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from statuspage.content.loading.folder import ContentFolder
from statuspage.content.loading.loader import read_content
from statuspage.domain.alert import AlertState, MonitorAlert
from statuspage.domain.catalog import Catalog
from statuspage.domain.incident import EventKind, Incident, TimelineEvent
from statuspage.domain.runbook import link_phone_numbers, parse_runbook
from statuspage.storage import alerts
from statuspage.usecases import incidents
from statuspage.usecases.alerts import AlreadySettled, checklists
from statuspage.usecases.alerts.grouping import group
from statuspage.usecases.alerts.handling import confirm, receive_alerts, tick_alert
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import ActionRefused
from statuspage.web.desk.app import create_app
from tests.support.content import whole_copy
from tests.support.desk import Browser, Clock, clock, env, person_in
from tests.support.times import at

__all__ = ["clock", "env"]


def test_lines_to_tick_off_stand_apart_from_the_rest_and_an_emptied_heading_goes_with_them():
    found = parse_runbook("## Check\n\n- [ ] One\n- [ ] Two **now**\n\n## Know\n\n- Three\n")
    assert found.items == ("One", "Two **now**")
    assert found.text == "## Know\n\n- Three"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("渡辺 +81 3-0000-0003、次に", "渡辺 [+81 3-0000-0003](tel:+81300000003)、次に"),
        ("(+1 555 010 0199)", "([+1 555 010 0199](tel:+15550100199))"),
        ("[us](tel:+81300000003)", "[us](tel:+81300000003)"),
        ("1+1 = 2, +5 %", "1+1 = 2, +5 %"),
    ],
)
def test_phone_numbers_can_be_tapped(text: str, made: str):
    assert link_phone_numbers(text) == made


def test_every_incident_type_of_the_sample_company_has_one_in_every_language_of_its_desk(catalog: Catalog):
    assert set(catalog.runbooks) == set(catalog.incident_types)
    for spoken in catalog.runbooks.values():
        assert set(spoken) == set(catalog.desk_languages)
        assert all(one.items and one.text for one in spoken.values())


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("boking.ja.md", "- [ ] x", "“boking” is not an incident type; did you mean “booking”?"),
        ("booking.md", "- [ ] x", "name it like “booking.ja.md”"),
        ("booking.en.md", " ", "This file is empty"),
        ("booking.en.md", "- [ ] only one", "items to check off"),
        ("booking.en.md", None, "This file is missing"),
    ],
)
def test_check_reads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str | None, message: str):
    folder = tmp_path / "content"
    monkeypatch.setattr(ContentFolder, "_layers", lambda self: [self.path])
    whole_copy(folder)
    root_folder = folder / "runbooks" / name
    root_folder.unlink() if text is None else root_folder.write_text(text, "utf-8")
    faults = read_content(folder)[1]
    assert any(f.file.startswith("runbooks/bo") and message in f.message for f in faults), faults


def test_a_tick_is_a_step_and_taking_it_back_is_a_new_one_whichever_language_it_was_in(env: Environment, clock: Clock):
    signal = MonitorAlert("alertmanager", "gate", "Gate", "", {"service": "gate-api"}, clock())
    incident = confirm(env, receive_alerts(env, [signal], now=clock())[0].id, actor="佐藤", now=clock())
    for language, done in (("ja", True), ("en", True), ("en", False)):
        checklists.tick_item(
            env, incident.id, 1, done=done, language=language, actor="Mika", now=clock.later(minutes=1)
        )
    with env.databases.environment.read() as tx:
        found = incidents.require_incident(tx, incident.id)
    steps = [
        (r.entry.event, r.entry.actor)
        for r in found.entries
        if isinstance(r.entry, TimelineEvent) and "tick" in r.entry.event
    ]
    assert steps == [(EventKind.TICKED, "Mika"), (EventKind.UNTICKED, "Mika")]
    assert [one.tick for one in checklists.incident_checklist(env.site.catalog, found, "entry", "ja")] == [
        None,
        None,
        None,
    ]
    with pytest.raises(ActionRefused):
        checklists.tick_item(env, incident.id, 99, done=True, language="ja", actor="Mika", now=clock())


def test_what_is_ticked_off_beside_an_alert_comes_onto_the_timeline_once(env: Environment, clock: Clock):
    alert, other = (
        receive_alerts(env, [MonitorAlert("alertmanager", id, id, "", {"service": id}, clock())], now=clock())[0]
        for id in ("gate-api", "booking-api")
    )
    for number, done in ((0, True), (1, True), (1, True), (1, False)):
        tick_alert(env, alert.id, number, done=done, language="ja", actor="佐藤", now=clock.later(minutes=1))
    tick_alert(env, other.id, 0, done=True, language="en", actor="Mika", now=clock.later(minutes=1))
    incident = confirm(env, alert.id, actor="佐藤", now=clock.later(minutes=1))
    assert confirm(env, alert.id, actor="佐藤", now=clock()).latest_sequence == incident.latest_sequence
    texts = [one.text for one in checklists.incident_checklist(env.site.catalog, incident, "entry", "ja")]
    assert ticks(incident) == [
        (EventKind.TICKED, texts[0], "佐藤", at("12:03")),
        (EventKind.TICKED, texts[1], "佐藤", at("12:04")),
        (EventKind.UNTICKED, texts[1], "佐藤", at("12:06")),
    ]
    assert [
        one.tick is not None for one in checklists.incident_checklist(env.site.catalog, incident, "entry", "en")
    ] == [
        True,
        False,
        False,
    ]
    group(env, other.id, incident.id, actor="佐藤", now=clock())
    with env.databases.environment.read() as tx:
        joined = incidents.require_incident(tx, incident.id)
    assert [by for _, _, by, _ in ticks(joined)] == ["佐藤", "佐藤", "佐藤", "Mika"]
    with pytest.raises(AlreadySettled):
        tick_alert(env, alert.id, 2, done=True, language="ja", actor="佐藤", now=clock())


def test_whoever_ticks_off_beside_an_alert_has_it(env: Environment, clock: Clock):
    signal = MonitorAlert("alertmanager", "gate", "ゲート", "", {"service": "gate-api"}, clock())
    alert = receive_alerts(env, [signal], now=clock())[0]
    person_in(env)
    browser = Browser(create_app(env, clock=clock)).sign_in()
    browser.open(f"/alerts/{alert.id}").send(action=f"/alerts/{alert.id}/checks/0")
    assert "残り2件（全3件）" in browser.words
    assert "佐藤さん 12:02" in browser.words
    with env.databases.environment.read() as tx:
        stored_alert = alerts.find_alert(tx, alert.id)
    assert stored_alert is not None
    assert stored_alert.state is AlertState.ACKNOWLEDGED
    token = {"csrf_token": browser.fields()["csrf_token"][0], "done": "yes"}
    for nowhere in (f"/alerts/{alert.id}/checks/99", "/alerts/nobody/checks/0"):
        assert browser.post(nowhere, token).status_code == 404


def ticks(incident: Incident) -> list[tuple[EventKind, str, str, datetime]]:
    steps = [(r.entry, r.happened) for r in incident.entries if isinstance(r.entry, TimelineEvent)]
    return [(s.event, s.text, s.actor, when) for s, when in steps if s.event in (EventKind.TICKED, EventKind.UNTICKED)]


@pytest.mark.slow
def test_the_desk_shows_it_beside_the_alert_and_ticks_it_off_on_the_incident(env: Environment, clock: Clock):
    person_in(env)
    signal = MonitorAlert("alertmanager", "gate", "ゲート", "", {"service": "gate-api"}, clock())
    alert = receive_alerts(env, [signal], now=clock())[0]
    browser = Browser(create_app(env, clock=clock)).sign_in()
    assert [one.get("href") for one in browser.tree.xpath("//aside//a[starts-with(@href, 'tel:')]")]
    assert "中の人が出られるか最初に聞く" in browser.open(f"/alerts/{alert.id}").words
    assert browser.tree.xpath("//main//a[@href='tel:+81300000119']")
    incident = confirm(env, alert.id, actor="佐藤", now=clock())
    browser.open(f"/incidents/{incident.id}")
    assert "残り3件（全3件）" in browser.words
    browser.send(action=f"/incidents/{incident.id}/checks/0")
    assert "残り2件（全3件）" in browser.words
    assert "佐藤さん 12:02" in browser.words
    browser.send(action=f"/incidents/{incident.id}/checks/0")
    assert "残り3件（全3件）" in browser.words
    assert "確認項目のチェックを解除" in browser.words
