"""The clock starts when the alert fired according to its monitor; its receipt is a second time."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from statuspage import settings
from statuspage.domain.alert import Alert, MonitorAlert
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import EventKind, Incident, TimelineEvent
from statuspage.domain.response_times import intervals
from statuspage.storage import incidents
from statuspage.usecases import alerts, notices
from statuspage.usecases.bootstrap import live_environment
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Clock, clock, env, signed_in
from tests.support.instance import Cli, cli, home
from tests.support.times import at
from tests.support.typed import typed_input

__all__ = ["cli", "clock", "env", "home"]

both_databases = pytest.mark.usefixtures("database")


def arrives(
    env: Environment, fired: str | datetime, received: str, number: int = 1, service: str = "booking-api"
) -> Alert:
    """An alert that fired, according to its monitor, some time before it reached us."""
    labels = {"service": service, "severity": "critical"}
    when = at(fired) if isinstance(fired, str) else fired
    signal = MonitorAlert("alertmanager", f"f{number}", f"Alert {number}", "", labels, when)
    return alerts.receive_alerts(env, [signal], now=at(received))[0]


def load(env: Environment, id: str) -> Incident:
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, id)
    assert incident is not None
    return incident


def confirmed(env: Environment, alert: Alert, time: str = "10:50") -> Incident:
    return alerts.confirm(env, alert.id, actor="佐藤", now=at(time))


@both_databases
def test_the_clock_starts_when_the_monitor_fired_and_its_arrival_is_a_second_mark(env: Environment):
    incident = confirmed(env, arrives(env, "10:44:21", "10:47:27"))
    assert (incident.t0, incident.t0_source) == (at("10:44:21"), "alert")
    assert incident.first_time_of(EventKind.RECEIVED) == at("10:47:27")
    assert [(one.stage, one.duration.seconds) for one in intervals(incident)] == [
        ("received", 186),
        ("acknowledged", 153),
        ("confirmed", 0),
    ]


def test_an_alert_that_reached_us_at_once_has_one_mark(env: Environment):
    incident = confirmed(env, arrives(env, "10:47:27", "10:47:27"))
    assert incident.t0 == at("10:47:27") and incident.first_time_of(EventKind.RECEIVED) is None


def test_a_monitor_repeating_with_another_time_moves_no_clock(env: Environment):
    arrives(env, "10:44", "10:45")
    again = arrives(env, "10:46", "10:49")
    assert confirmed(env, again).t0 == at("10:44")


def test_a_monitor_whose_clock_runs_ahead_starts_ours_with_its_message(env: Environment):
    arrives(env, "23:00", "10:47")
    again = arrives(env, "23:00", "10:49")
    assert confirmed(env, again).t0 == at("10:47")


@both_databases
@pytest.mark.parametrize(
    ("before", "counts", "source"),
    [(timedelta(hours=24), True, "alert"), (timedelta(hours=24, seconds=1), False, "received")],
)
def test_what_fired_more_than_a_day_before_it_reached_us_counts_from_its_arrival(
    env: Environment, before: timedelta, counts: bool, source: str
):
    incident = confirmed(env, arrives(env, at("10:47") - before, "10:47"))
    assert (incident.t0 == at("10:47") - before, incident.t0_source) == (counts, source)


@both_databases
def test_the_first_of_a_line_to_fire_starts_its_clock(env: Environment):
    lead = arrives(env, "10:44", "10:47")
    arrives(env, "10:43", "10:48", 2)
    assert confirmed(env, lead).t0 == at("10:43")


@both_databases
@pytest.mark.parametrize("confirmed_first", [True, False])
def test_an_alert_that_has_fired_for_hours_and_joins_a_line_moves_nothing(env: Environment, confirmed_first: bool):
    lead = arrives(env, "10:44", "10:47")
    if confirmed_first:
        confirmed(env, lead, "10:47:30")
    arrives(env, "07:00", "10:48", 2)
    assert confirmed(env, lead).t0 == at("10:44")


def test_one_that_fired_a_little_earlier_and_comes_after_the_confirmation_moves_the_clock(env: Environment):
    incident = confirmed(env, arrives(env, "10:44", "10:47"), "10:47:30")
    arrives(env, "10:43", "10:48", 2)
    assert load(env, incident.id).t0 == at("10:43")


@both_databases
def test_an_alert_joined_by_hand_brings_its_own_clock_and_who_took_it(env: Environment):
    target = notices.new_incident_target(env, now=at("10:34"))
    notice_input = typed_input(incident_type="booking", start="about:5m", next_update="30m")
    preview = notices.preview_notice(env, notice_input, notice_kind=NoticeKind.FIRST, target=target, now=at("10:34"))
    notices.publish_notice(env, notice_input, preview.token, actor="佐藤", now=at("10:35"))
    assert load(env, target.incident_id).t0_source == "form"
    alert = arrives(env, "10:29", "10:31")
    alerts.acknowledge(env, alert.id, actor="鈴木", now=at("10:32"))
    alerts.group(env, alert.id, target.incident_id, actor="佐藤", now=at("10:40"))
    incident = load(env, target.incident_id)
    assert (incident.t0, incident.t0_source) == (at("10:29"), "alert")
    assert (incident.first_time_of(EventKind.RECEIVED), incident.first_time_of(EventKind.ACKNOWLEDGED)) == (
        at("10:31"),
        at("10:32"),
    )


def test_the_notice_after_an_alert_that_joined_late_is_asked_about_its_start_once(env: Environment):
    target = notices.new_incident_target(env, now=at("10:34"))
    first = typed_input(incident_type="booking", start="about:5m", next_update="30m")
    preview = notices.preview_notice(env, first, notice_kind=NoticeKind.FIRST, target=target, now=at("10:34"))
    notices.publish_notice(env, first, preview.token, actor="佐藤", now=at("10:35"))
    alerts.group(env, arrives(env, "10:21", "10:36").id, target.incident_id, actor="佐藤", now=at("10:40"))

    def doubts(start: str, now: str) -> list[tuple[str, datetime | None, bool]]:
        later = notices.NoticeTarget(target.incident_id, load(env, target.incident_id).latest_sequence)
        typed = typed_input(incident_type="booking", start=start, next_update="30m")
        update = notices.preview_notice(env, typed, notice_kind=NoticeKind.UPDATE, target=later, now=at(now))
        if now == "10:50":
            notices.publish_notice(env, typed, update.token, actor="佐藤", now=at(now))
        return [(doubt.field, doubt.at, doubt.is_late_alert) for doubt in update.doubts]

    assert doubts("10:21", "10:45") == []
    assert doubts("10:29", "10:45") == [("start", at("10:21"), True)]
    assert doubts("10:29", "10:50") == [("start", at("10:21"), True)]
    assert doubts("10:29", "10:55") == [], "whoever published the last notice was asked"


def test_desk_and_incident_show_both_times(env: Environment, clock: Clock):
    alert = arrives(env, "10:44:21", "10:47:27")
    clock.now = at("10:49:21")
    assert "10:44から（5分経過）" in signed_in(env, clock).open("/").words
    browser = signed_in(env, clock).open(f"/alerts/{alert.id}")
    assert "10:47:27" in browser.words and "監視の発報：10:44:21。" in browser.words
    incident = confirmed(env, alert, "10:49:21").id
    browser.open(f"/incidents/{incident}")
    bar = browser.tree.xpath("//section[@class='clock']")[0]
    assert bar.xpath(".//p[@class='t']/b")[0].text_content() == "05:00"
    stops = [" ".join(stop.text_content().split()) for stop in bar.xpath(".//*[local-name()='g']")]
    assert "0:00検知" in stops and any(stop.endswith("受信") for stop in stops)
    assert "10:44" in browser.words and "10:47" in browser.words and "アラートを受信" in browser.words


@pytest.mark.slow
def test_an_alert_of_days_ago_says_why_its_clock_counts_from_its_arrival(env: Environment, clock: Clock):
    alert = arrives(env, at("10:00", "2026-07-02"), "10:47:27")
    clock.now = at("10:49:27")
    assert "10:47から（2分経過）" in signed_in(env, clock).open("/").words
    browser = signed_in(env, clock).open(f"/alerts/{alert.id}")
    assert "監視の発報：7月2日" in browser.words and "受信時刻から計測します" in browser.words
    incident = confirmed(env, alert).id
    bar = browser.open(f"/incidents/{incident}").tree.xpath("//section[@class='clock']")[0].text_content()
    assert "アラートの受信から" in bar and "受信より1日以上前" in bar


@pytest.mark.slow
def test_by_command_both_times_are_told(cli: Cli, home: Path):
    live = live_environment(settings.read_settings({}, home=str(home)), now=at("09:00"))
    alert = arrives(live, "10:44:21", "10:47:27")
    incident = confirmed(live, alert).id
    incident_json = cli("show", incident, "--json").json
    assert (incident_json["t0"], incident_json["t0_source"], incident_json["received"]) == (
        "2026-07-04T01:44:21Z",
        "alert",
        "2026-07-04T01:47:27Z",
    )
    output = cli("show", incident).out
    assert "The clock counts from 10:44, when the alert fired according to the monitor; received at 10:47." in output
    live.databases.environment.close()
    live.databases.accounts.close()


def test_the_summary_says_how_each_figure_was_counted(env: Environment):
    target = notices.new_incident_target(env, now=at("10:34"))
    notice_input = typed_input(incident_type="booking", start="about:5m", next_update="30m")
    preview = notices.preview_notice(env, notice_input, notice_kind=NoticeKind.FIRST, target=target, now=at("10:34"))
    published = notices.publish_notice(env, notice_input, preview.token, actor="佐藤", now=at("10:34:30"))
    assert isinstance(published, notices.Published)
    with env.databases.environment.begin() as tx:
        step = TimelineEvent(EventKind.READABLE, text=str(published.sequence))
        incidents.append_entry(tx, published.incident_id, step, happened=at("10:35"), recorded=at("10:35"))
    shared_status.write_status(env, now=at("10:36"))
    written = json.loads((env.home / "summary.json").read_text("utf-8"))
    assert [(one["source"], one["withdrawn"]) for one in written["figures"]] == [("form", False)]
    withdrawn = notices.open_notice_form(
        env.databases.environment, published.incident_id, actor="佐藤", now=at("10:37")
    )
    assert withdrawn is not None
    preview = notices.preview_notice(
        env, notice_input, notice_kind=NoticeKind.WITHDRAWAL, target=withdrawn, now=at("10:37")
    )
    assert isinstance(
        notices.publish_notice(env, notice_input, preview.token, actor="佐藤", now=at("10:37")), notices.Published
    )
    shared_status.write_status(env, now=at("10:38"))
    status = shared_status.read_status(env.home / "summary.json")
    assert status is not None and status.figures == (), "what was withdrawn is no figure"


def test_beside_a_drill_a_real_alert_is_said_to_be_as_old_as_its_monitor_says(env: Environment):
    arrives(env, "10:44", "10:47")
    shared_status.write_status(env, now=at("10:48"))
    status = shared_status.read_status(env.home / "summary.json")
    assert status is not None
    assert [one.opened for one in status.oldest_alerts] == [at("10:44")]


@pytest.mark.slow
def test_by_command_a_report_names_the_time_its_clock_will_start_at(cli: Cli, home: Path):
    live = live_environment(settings.read_settings({}, home=str(home)), now=at("09:00"))
    lead = arrives(live, "10:44", "10:47")
    arrives(live, "10:43", "10:48", 2)
    output = cli("report", "--start", "10m", "--yes").out
    assert f"This is about alert {lead.id} (Alert 1); the clock started at Sat 4 July, 10:43." in output
    (brief,) = cli("show", "--json").json
    assert load(live, brief["id"]).t0 == at("10:43")
    live.databases.environment.close()
    live.databases.accounts.close()


@pytest.mark.slow
def test_by_command_an_old_alert_is_not_said_to_have_been_timed_by_its_monitor(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
):
    live = live_environment(settings.read_settings({}, home=str(home)), now=at("09:00"))
    arrives(live, at("10:00", "2026-07-02"), "10:47")
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", "ja")
    output = cli("report", "--start", "10m", "--yes").out
    assert "10:47から時間を計測します。" in output and "監視が発報した" not in output
    live.databases.environment.close()
    live.databases.accounts.close()
