"""Alert groups: one line on the desk, by rule or by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain.alert import Alert, AlertState, GroupingRules, MonitorAlert
from statuspage.domain.incident import EventKind, Incident
from statuspage.storage import alerts, incidents
from statuspage.usecases import alerts as alert_actions
from statuspage.usecases.alerts.grouping import AlreadySettled, NoSuchAlert, group
from statuspage.usecases.alerts.handling import acknowledge, confirm, false_alarm, receive_alerts, watch
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import ActionRefused, NoSuchIncident, close_incident
from tests.support import storm
from tests.support.desk import Clock, alert_arrives, alertmanager, clock, env, signed_in
from tests.support.environments import with_changes
from tests.support.instance import Cli, cli, home
from tests.support.times import at

__all__ = ["cli", "clock", "env", "home"]

both_databases = pytest.mark.usefixtures("database")


def arrives(env: Environment, time: str, number: int = 1, source: str = "alertmanager", **labels: str) -> Alert:
    """An alert of a monitor at this time."""
    alert_labels = labels or {"service": "booking-api", "severity": "critical"}
    signal = MonitorAlert(source, f"f{number}", f"Alert {number}", "", alert_labels, at(time))
    return receive_alerts(env, [signal], now=at(time))[0]


def over(env: Environment, time: str, number: int = 1, **labels: str) -> Alert:
    """The monitor reports that it is over."""
    alert_labels = labels or {"service": "booking-api", "severity": "critical"}
    signal = MonitorAlert("alertmanager", f"f{number}", f"Alert {number}", "", alert_labels, at("11:00"), at(time))
    return receive_alerts(env, [signal], now=at(time))[0]


def waiting(env: Environment) -> list[tuple[str, int]]:
    """Titles of the lines on the desk, and how many alerts each has besides its lead."""
    with env.databases.environment.read() as tx:
        lines = alerts.open_alerts(tx)
        joined = alerts.summarize_groups(tx, [one.id for one in lines])
    return [(one.monitor_alert.title, joined[one.id].count if one.id in joined else 0) for one in lines]


def load(env: Environment, id: str) -> Incident:
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, id)
    assert incident is not None
    return incident


@both_databases
def test_alerts_of_the_same_service_within_the_time_are_one_line(env: Environment):
    first = arrives(env, "12:00")
    second = arrives(env, "12:10", 2, service="booking-api")
    arrives(env, "12:20", 3)
    arrives(env, "12:21", 4, service="gate-7")
    assert (second.group_lead, second.state) == (first.id, AlertState.WAITING)
    assert waiting(env) == [("Alert 1", 2), ("Alert 4", 0)]


def test_a_line_ends_when_nothing_joined_it_for_so_long(env: Environment):
    arrives(env, "12:00")
    arrives(env, "12:14", 2)
    arrives(env, "12:28", 3)
    arrives(env, "12:44", 4)
    assert waiting(env) == [("Alert 1", 2), ("Alert 4", 0)]


def test_what_no_rule_knows_goes_by_its_monitor(env: Environment):
    arrives(env, "12:00", service="x")
    arrives(env, "12:01", 2, service="y")
    arrives(env, "12:02", 3, "grafana", service="x")
    assert waiting(env) == [("Alert 1", 1), ("Alert 3", 0)]


def test_the_company_says_what_is_the_same_and_for_how_long(env: Environment):
    never = with_changes(env, catalog=replace(env.site.catalog, grouping=GroupingRules(timedelta(0))))
    arrives(never, "12:00")
    arrives(never, "12:00", 2)
    assert sorted(waiting(env)) == [("Alert 1", 0), ("Alert 2", 0)]
    both = with_changes(
        env,
        catalog=replace(env.site.catalog, grouping=GroupingRules(timedelta(minutes=5), ("incident_type", "service"))),
    )
    arrives(both, "13:00", 3)
    arrives(both, "13:00", 4, service="booking-api")
    arrives(both, "13:00", 5)
    assert sorted(waiting(env)[2:]) == [("Alert 3", 1), ("Alert 4", 0)]


@both_databases
def test_what_happens_to_a_line_happens_to_all_of_it(env: Environment):
    first, second = arrives(env, "12:00"), arrives(env, "12:01", 2)
    assert acknowledge(env, second.id, actor="Aya", now=at("12:02")).id == first.id
    with env.databases.environment.read() as tx:
        assert alerts.find_alert(tx, second.id).state is AlertState.ACKNOWLEDGED
    incident = confirm(env, second.id, actor="Aya", now=at("12:03")).id
    with env.databases.environment.read() as tx:
        joined = alerts.alerts_of_incident(tx, incident)
    assert [(one.id, [step.state.value for step in one.steps]) for one in joined] == [
        (first.id, ["waiting", "acknowledged", "confirmed"]),
        (second.id, ["waiting", "acknowledged", "confirmed"]),
    ]
    assert load(env, incident).t0 == at("12:00")


@pytest.mark.parametrize("end", [false_alarm, watch])
def test_a_false_alarm_and_what_is_watched_end_without_an_incident(env: Environment, end):
    arrives(env, "12:00")
    second = arrives(env, "12:01", 2)
    state = end(env, second.id, actor="Aya", now=at("12:02")).state
    with env.databases.environment.read() as tx:
        assert {one.state for one in alerts.latest_alerts(tx, 9)} == {state}
        assert incidents.open_incidents(tx) == ()


def test_after_a_false_alarm_the_next_one_rings_again(env: Environment):
    false_alarm(env, arrives(env, "12:00").id, actor="Aya", now=at("12:01"))
    assert arrives(env, "12:02", 2).group_lead == ""


def test_what_comes_once_it_is_confirmed_goes_straight_to_the_incident_while_that_is_open(env: Environment):
    incident = confirm(env, arrives(env, "12:00").id, actor="Aya", now=at("12:01")).id
    late = arrives(env, "12:02", 2)
    assert (late.state, late.incident) == (AlertState.CONFIRMED, incident)
    assert waiting(env) == []
    close_incident(env.databases.environment, incident, actor="Aya", now=at("12:03"))
    assert arrives(env, "12:04", 3).state is AlertState.WAITING


@both_databases
@both_databases
def test_an_alert_that_flaps_joins_its_open_incident_however_late_and_an_ended_one_not(env: Environment):
    incident = confirm(env, arrives(env, "11:00").id, actor="Sato", now=at("11:01"))
    over(env, "11:05")
    again = arrives(env, "12:30")
    assert (again.incident, again.state) == (incident.id, AlertState.CONFIRMED)
    assert waiting(env) == []
    arrives(env, "13:00", 2)
    assert waiting(env) == [("Alert 2", 0)], "an alert with another title is another line"
    close_incident(env.databases.environment, incident.id, actor="Sato", now=at("13:40"))
    over(env, "13:41")
    fresh = arrives(env, "14:00")
    assert (fresh.incident, fresh.state) == ("", AlertState.WAITING)


def test_it_recovered_only_once_all_of_it_did_and_a_person_says_so(env: Environment):
    incident = confirm(env, arrives(env, "12:00").id, actor="Aya", now=at("12:01")).id
    arrives(env, "12:02", 2)
    over(env, "12:10", 1)
    assert load(env, incident).first_time_of(EventKind.RECOVERED) is None
    over(env, "12:12", 2)
    assert load(env, incident).first_time_of(EventKind.RECOVERED) == at("12:12")
    assert not load(env, incident).is_over


def test_somebody_puts_two_alerts_together_and_the_older_one_leads(env: Environment):
    gate, booking = arrives(env, "12:00", service="gate-7"), arrives(env, "12:01", 2)
    assert group(env, gate.id, booking.id, actor="Aya", now=at("12:05")).id == gate.id
    assert group(env, booking.id, gate.id, actor="Aya", now=at("12:06")).id == gate.id
    assert waiting(env) == [("Alert 1", 1)]


def test_the_state_is_that_of_the_line_it_joins(env: Environment):
    gate, booking = arrives(env, "12:00", service="gate-7"), arrives(env, "12:01", 2)
    acknowledge(env, booking.id, actor="Ken", now=at("12:02"))
    assert group(env, gate.id, booking.id, actor="Aya", now=at("12:03")).state is AlertState.ACKNOWLEDGED
    with env.databases.environment.read() as tx:
        assert {one.state for one in alerts.latest_alerts(tx, 9)} == {AlertState.ACKNOWLEDGED}


@both_databases
def test_an_alert_that_joins_an_incident_may_start_its_clock_earlier(env: Environment):
    gate, booking = arrives(env, "12:00", service="gate-7"), arrives(env, "12:01", 2)
    incident = confirm(env, booking.id, actor="Aya", now=at("12:02")).id
    joined = group(env, gate.id, incident, actor="Aya", now=at("12:03"))
    assert (joined.state, joined.incident) == (AlertState.CONFIRMED, incident)
    stored = load(env, incident)
    assert (stored.t0, stored.t0_source) == (at("12:00"), "alert")
    assert [r.entry.text for r in stored.entries if getattr(r.entry, "event", "") == "alerted"] == [
        "Alert 2",
        "Alert 1",
    ]


def test_an_alert_is_taken_out_of_its_line_and_waits_alone(env: Environment):
    first, second = arrives(env, "12:00"), arrives(env, "12:01", 2)
    acknowledge(env, first.id, actor="Aya", now=at("12:02"))
    alert_actions.ungroup(env, second.id, actor="Aya", now=at("12:03"))
    with env.databases.environment.read() as tx:
        alone = alerts.find_alert(tx, second.id)
    assert (alone.state, alone.group_lead) == (AlertState.WAITING, "")
    assert alert_actions.ungroup(env, first.id, actor="Aya", now=at("12:04")).id == first.id


def test_what_is_settled_stays_so(env: Environment):
    one, other = arrives(env, "12:00", service="gate-7"), arrives(env, "12:01", 2)
    false_alarm(env, one.id, actor="Aya", now=at("12:02"))
    for joined, to in ((one, other), (other, one)):
        with pytest.raises(AlreadySettled):
            group(env, joined.id, to.id, actor="Aya", now=at("12:03"))
    with pytest.raises(NoSuchAlert):
        group(env, "nobody", other.id, actor="Aya", now=at("12:03"))
    with pytest.raises(NoSuchIncident):
        group(env, other.id, "nobody", actor="Aya", now=at("12:03"))
    incident = confirm(env, other.id, actor="Aya", now=at("12:04")).id
    close_incident(env.databases.environment, incident, actor="Aya", now=at("12:05"))
    last = arrives(env, "13:00", 3)
    with pytest.raises(ActionRefused):
        group(env, last.id, incident, actor="Aya", now=at("13:01"))


@pytest.mark.slow
@both_databases
def test_a_storm_of_a_thousand_alerts_stays_one_line_that_says_how_many(env: Environment, clock: Clock):
    browser = signed_in(env, clock, language="en")
    one = json.loads(alertmanager(at("11:55")))
    for part in range(4):
        many = [{**one["alerts"][0], "fingerprint": f"f{part}-{number}"} for number in range(250)]
        raw = json.dumps({**one, "alerts": many}, ensure_ascii=False, separators=(",", ":")).encode()
        assert len(raw) < 256 * 1024
        answer = browser.app.test_client().post("/intake/alertmanager", data=raw)
        assert len(answer.json["alerts"]) == 250
    page = browser.open("/")
    (line,) = page.tree.xpath("//ul[contains(@class, 'alerts')]/li[.//form]")
    assert "+999" in line.text_content()
    (address,) = line.xpath(".//form/@action")
    page.open(address)
    assert "999 more alerts belong to this one." in page.words
    assert len(page.tree.xpath("//section[@id='group']//li")) == 6
    page.send({"do": "false_alarm"}, action=address)
    assert waiting(env) == []


def test_the_desk_puts_together_and_takes_apart(env: Environment, clock: Clock):
    browser = signed_in(env, clock, language="en")
    alert_arrives(browser)
    alert_arrives(browser, fingerprint="f2", service="gate-7", alertname="Gate")
    (address, *_) = browser.open("/").tree.xpath("//ul[contains(@class, 'alerts')]/li//form/@action")
    forms = browser.open(address).tree.xpath("//section[@id='group']/form")
    assert [option.text_content()[:5] for option in forms[0].xpath(".//option")] == ["12:02"]
    page = browser.send({"do": "group"}, action=forms[0].get("action"))
    assert "The alert has been grouped." in page.text
    assert "One more alert belongs to this one." in page.open(address).words
    (taken,) = page.tree.xpath("//section[@id='group']//li//form/@action")
    assert "removed from its group" in browser.send({"do": "ungroup"}, action=taken).text
    assert [count for _, count in waiting(env)] == [0, 0]


def test_several_alerts_are_grouped_or_dismissed_at_once(env: Environment, clock: Clock):
    browser = signed_in(env, clock, language="en")
    for number, service in enumerate(("booking-api", "gate-7", "payment-1")):
        alert_arrives(browser, fingerprint=f"f{number}", service=service, alertname=service)
    with env.databases.environment.read() as tx:
        first, second, third = (alert.id for alert in alerts.open_alerts(tx))
    browser.open("/").send({"do": "merge", "alert": [first]}, action="/alerts")
    assert "Choose at least two alerts to group." in browser.text
    browser.send({"do": "merge", "alert": [first, second]}, action="/alerts")
    assert [count for _, count in waiting(env)] == [1, 0]
    assert (
        "One alert had already been handled."
        in browser.send({"do": "false_alarm", "alert": [first, third, "gone"]}, action="/alerts").text
    )
    assert waiting(env) == []


def test_an_alert_is_added_to_the_open_incident_that_has_its_service(env: Environment, clock: Clock):
    browser = signed_in(env, clock, language="en")
    published = storm.publish_first(env, clock(), incident_type="booking", start="5m", next_update="30m")
    alert_arrives(browser)
    assert "Add to: You cannot book classes in the member app" in browser.open("/").words
    browser.send(do="group")
    with env.databases.environment.read() as tx:
        assert alerts.open_alerts(tx) == ()
        assert len(alerts.alerts_of_incident(tx, published)) == 1


def test_nobody_else_s_page_puts_alerts_together(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    alert_arrives(browser)
    with env.databases.environment.read() as tx:
        (alert,) = alerts.open_alerts(tx)
    assert browser.post(f"/alerts/{alert.id}/group", {"do": "group", "to": "x"}).status_code == 400


@pytest.mark.slow
def test_by_command_too(cli: Cli, home: Path):
    sample = home / "content" / "sample_alert.json"
    raw = json.loads(sample.read_text("utf-8"))
    first = cli("alert", "receive", "alertmanager", str(sample), "--json").json[0]["alert"]
    raw["alerts"][0] |= {"fingerprint": "another", "labels": {"service": "gate-7"}}
    other_file = home.parent / "other.json"
    other_file.write_text(json.dumps(raw), "utf-8")
    other_result = cli("alert", "receive", "alertmanager", str(other_file), "--json").json[0]["alert"]
    assert cli("alert", "watch", other_result, "--json").json == {"alert": other_result, "incident": None}
    assert cli("alert", "group", other_result, first, "--json").json["alert"] == first
    assert [one["grouped"] for one in cli("alert", "list", "--json").json] == [1]
    assert "1" in cli("alert", "list").out
    assert cli("alert", "ungroup", other_result, "--json").json["alert"] == other_result
    incident = cli("alert", "confirm", first, "--json").json["incident"]
    assert cli("alert", "group", other_result, incident, "--json").json == {"alert": other_result, "incident": incident}
    assert cli("alert", "group", other_result, "nobody").code == 1
