"""Drills: who may start one and when, and what their report says about where the time went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage import settings
from statuspage.domain.alert import MonitorAlert
from statuspage.domain.delivery import SITE
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import EventKind, TimelineEvent
from statuspage.domain.notice_input import NoticeInput
from statuspage.integrations.monitors.registry import SOURCES
from statuspage.storage import alerts, deliveries, incidents
from statuspage.usecases import delivery, drills, notices
from statuspage.usecases.alerts.handling import acknowledge, confirm, receive_alerts
from statuspage.usecases.bootstrap import drill_environment, live_environment
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import add_note, close_incident, reopen_incident
from tests.support.instance import Answer, Cli, cli, home, settings_of
from tests.support.times import at
from tests.support.typed import typed_input

__all__ = ["cli", "home"]

pytestmark = pytest.mark.usefixtures("database")

SMOOTH = {
    "alerted": "10:00:00",
    "acknowledged": "10:00:30",
    "confirmed": "10:01:30",
    "colleagues_told": "10:02:10",
    "opened": "10:02:20",
    "written": "10:03:40",
    "published": "10:04:00",
    "readable": "10:04:02",
    "resolved": "10:20:00",
}
"""A drill that goes well, stage by stage."""


@pytest.fixture
def env(home: Path) -> Iterator[Environment]:
    """The drill environment of an instance whose live environment has nothing open."""
    here = settings.read_settings(settings_of(home), home=str(home))
    live = live_environment(here, now=at("09:00"))
    shared_status.write_status(live, now=at("09:00"))
    databases = {"database": here.databases.drill, "accounts": here.databases.accounts}
    drill = drill_environment(home, home / "content", now=at("09:00"), **databases)
    yield drill
    for env in (live, drill):
        env.databases.environment.close()
        env.databases.accounts.close()


def begin(env: Environment, clock: str = "10:00:00") -> drills.Begun:
    """A drill with the sample alert."""
    body = (Path(env.home).parent / "content" / "sample_alert.json").read_bytes()
    signals = SOURCES["alertmanager"].parse(body, at(clock))
    return drills.start_drill(
        env, title="Booking is down", leader="Nakamura", goal=timedelta(minutes=10), signals=signals, now=at(clock)
    )


def play(env: Environment, times: Mapping[str, str]) -> drills.Report:
    """A whole drill at these times of day."""
    begun = begin(env, times["alerted"])
    alert = begun.drill.alert
    acknowledge(env, alert, actor="Sato", now=at(times["acknowledged"]))
    incident = confirm(env, alert, actor="Takahashi", now=at(times["confirmed"])).id
    add_note(env, incident, "Booking is down", actor="Sato", now=at(times["colleagues_told"]))
    notice_input = typed_input(incident_type="booking", start="about:09:55")
    notices.open_notice_form(env.databases.environment, incident, actor="Sato", now=at(times["opened"]))
    publish(env, incident, notice_input, NoticeKind.FIRST, times["published"], times["written"])
    read(env, incident, times["readable"])
    ended = typed_input(incident_type="booking", start="about:09:55", ended=times["resolved"][:5])
    publish(env, incident, ended, NoticeKind.RESOLVED, times["resolved"])
    drills.end_drill(env, now=at("11:00"))
    return drills.report(env, now=at("11:00"))


def publish(
    env: Environment, incident: str, notice_input: NoticeInput, notice: NoticeKind, clock: str, ready: str = ""
) -> None:
    """Stores one notice, whose text was ready at ``ready`` before it was published."""
    target = notices.open_notice_form(env.databases.environment, incident, actor="Sato", now=at(ready or clock))
    assert target is not None
    preview = notices.preview_notice(env, notice_input, notice_kind=notice, target=target, now=at(ready or clock))
    assert preview.problems == ()
    assert isinstance(
        notices.publish_notice(env, notice_input, preview.token, actor="Sato", now=at(clock)), notices.Published
    )


def read(env: Environment, incident: str, clock: str) -> None:
    """Records that the first notice was readable from then on, as the worker does."""
    with env.databases.environment.begin() as tx:
        known = incidents.load_incident(tx, incident)
        assert known is not None
        step = TimelineEvent(EventKind.READABLE, text=str(known.notices[0].sequence))
        incidents.append_entry(tx, incident, step, happened=at(clock), recorded=at(clock))


@pytest.mark.slow
def test_a_drill_begins_with_its_alert_as_if_it_fired_now(env: Environment) -> None:
    begun = begin(env)
    assert begun.drill.id.startswith("drill")
    assert begun.drill.alert.startswith("drill")
    assert begun.is_live_unknown is False
    assert [d.id for d in drills.all_drills(env.databases.environment)] == [begun.drill.id]


@pytest.mark.slow
def test_the_same_file_fires_afresh_in_the_next_drill(env: Environment) -> None:
    first = begin(env)
    drills.end_drill(env, now=at("10:30"))
    assert begin(env, "10:40:00").drill.alert not in ("", first.drill.alert)


@pytest.mark.slow
def test_one_drill_at_a_time(env: Environment) -> None:
    running = begin(env).drill
    with pytest.raises(drills.AlreadyRunning) as refused:
        begin(env)
    assert refused.value.drill == running


@pytest.mark.slow
def test_no_drill_begins_while_something_real_is_going_on(home: Path, env: Environment) -> None:
    live = live_environment(settings.read_settings({}, home=str(home)), now=at("09:00"))
    target = notices.new_incident_target(live, now=at("09:59"))
    notice_input = typed_input(incident_type="payment", start="about:09:55")
    preview = notices.preview_notice(live, notice_input, notice_kind=NoticeKind.FIRST, target=target, now=at("09:59"))
    notices.publish_notice(live, notice_input, preview.token, actor="Sato", now=at("09:59"))
    shared_status.write_status(live, now=at("09:59"))
    with pytest.raises(drills.LiveIncident) as refused:
        begin(env)
    assert [one.id for one in refused.value.open_items] == [target.incident_id]
    assert drills.all_drills(env.databases.environment) == ()


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["gone", "broken"])
def test_when_nobody_can_tell_whether_something_real_goes_on_the_drill_says_so_and_begins(
    home: Path, env: Environment, harm: str
) -> None:
    path = home / "summary.json"
    path.unlink() if harm == "gone" else path.write_text("{", "utf-8")
    assert begin(env).is_live_unknown is True


@pytest.mark.slow
def test_ending_what_does_not_run_is_refused(env: Environment) -> None:
    for drill_id in ("", "drillxxxxxxx"):
        with pytest.raises(drills.NoSuchDrill):
            drills.end_drill(env, drill_id, now=at("10:00"))
    with pytest.raises(drills.NoSuchDrill):
        drills.report(env, now=at("10:00"))


@pytest.mark.slow
def test_a_report_measures_every_stage_without_a_gap(env: Environment) -> None:
    report = play(env, SMOOTH)
    incident_report = report.incidents[0]
    assert [(i.stage, i.duration.total_seconds()) for i in incident_report.intervals] == [
        ("acknowledged", 30),
        ("confirmed", 60),
        ("colleagues_told", 40),
        ("opened", 10),
        ("written", 80),
        ("published", 20),
        ("readable", 2),
        ("resolved", 958),
    ]
    assert (report.duration, report.is_goal_met) == (timedelta(minutes=4, seconds=2), True)


@pytest.mark.slow
@pytest.mark.parametrize("slow", ["acknowledged", "confirmed", "colleagues_told", "opened", "written", "readable"])
def test_the_slowest_stretch_before_the_notice_is_named_whichever_it_is(env: Environment, slow: str) -> None:
    names = list(SMOOTH)
    late = {
        name: clock.replace("10:", "10:", 1) if names.index(name) < names.index(slow) else _later(clock)
        for name, clock in SMOOTH.items()
    }
    report = play(env, late)
    slowest = report.incidents[0].slowest
    assert slowest is not None
    assert slowest.stage == slow
    assert report.is_goal_met is False


def _later(clock: str) -> str:
    minutes = int(clock[3:5]) + 15
    return f"10:{minutes:02}{clock[5:]}"


@pytest.mark.slow
def test_a_notice_that_nobody_can_read_has_no_figure(env: Environment) -> None:
    begun = begin(env)
    confirm(env, begun.drill.alert, actor="Sato", now=at("10:01"))
    report = drills.report(env, now=at("10:05"))
    assert (report.duration, report.is_goal_met, report.incidents[0].slowest) == (None, False, None)


@pytest.mark.slow
def test_earlier_drills_are_there_to_compare_with(env: Environment) -> None:
    play(env, SMOOTH)
    begin(env, "12:00:00")
    assert drills.report(env, now=at("12:05")).earlier_durations == (timedelta(minutes=4, seconds=2),)


@pytest.mark.slow
def test_in_a_drill_the_channels_write_what_they_would_have_sent(env: Environment) -> None:
    begun = begin(env)
    incident = confirm(env, begun.drill.alert, actor="Sato", now=at("10:01")).id
    publish(env, incident, typed_input(incident_type="booking", start="about:09:55"), NoticeKind.FIRST, "10:02")
    delivery.drain(env, clock=lambda: at("10:03"), patience=10)
    with env.databases.environment.read() as tx:
        ends = {d.channel: d.status.value for d in deliveries.deliveries_of_incident(tx, incident)}
    assert ends == {SITE: "delivered", "x-ja": "delivered", "x-en": "delivered"}
    assert len(list((env.home / "outbox").glob("x-*/*.json"))) == 2


@pytest.mark.slow
def test_what_a_drill_leaves_open_is_closed_with_it_so_that_the_next_starts_clean(env: Environment) -> None:
    begun = begin(env)
    incident = confirm(env, begun.drill.alert, actor="Sato", now=at("10:01")).id
    publish(env, incident, typed_input(incident_type="booking", start="about:09:55"), NoticeKind.FIRST, "10:02")
    other = receive_alerts(env, [_another(env)], now=at("10:03"))[0].id
    ended = drills.end_drill(env, now=at("10:30"))
    assert (ended.alert_ids, ended.incident_ids) == ((other,), (incident,))
    front = env.site_folder.current / "en" / "index.html"
    assert incident not in front.read_text("utf-8").partition("<main")[2].partition("<h2")[0]
    second = begin(env, "10:40:00")
    with env.databases.environment.read() as tx:
        assert incidents.open_incidents(tx) == ()
        assert [a.id for a in alerts.open_alerts(tx)] == [second.drill.alert]
        known = incidents.load_incident(tx, incident)
    assert known is not None
    assert (known.is_over, known.is_announced_over, known.affected) == (True, False, ())


def _another(env: Environment) -> MonitorAlert:
    """An alert of another service, which joins no group."""
    body = (Path(env.home).parent / "content" / "sample_alert.json").read_bytes()
    (signal,) = SOURCES["alertmanager"].parse(body, at("10:02"))
    about = {"service": "payment-api"}
    return replace(signal, identity="another", labels=about, started_at=at("10:02"), ended_at=None)


@pytest.mark.slow
def test_a_closed_incident_that_is_opened_again_is_open(env: Environment) -> None:
    incident = confirm(env, begin(env).drill.alert, actor="Sato", now=at("10:01")).id
    close_incident(env.databases.environment, incident, actor="Sato", now=at("10:02"))
    reopen_incident(env.databases.environment, incident, actor="Sato", now=at("10:03"))
    with env.databases.environment.read() as tx:
        assert [i.id for i in incidents.open_incidents(tx)] == [incident]


def in_drill(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Commands of a process that already is a drill's."""
    monkeypatch.setattr("statuspage.cli.framework.enter_drill_process", lambda _: None)
    monkeypatch.setenv("STATUSPAGE_ENVIRONMENT", "drill")
    return cli


@pytest.mark.slow
def test_the_command_line_tells_where_the_time_went(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli = in_drill(cli, monkeypatch)
    begun = cli(
        "drill", "start", "--title", "Booking", "--leader", "Nakamura", "--alert", "alertmanager", "--json"
    ).json
    assert begun["live_known"] is True
    assert cli("report", "--alert", begun["alert"], "--yes", "--json").code == 0
    answer = cli("drill", "end", "--json").json
    assert answer["id"] == begun["id"]
    assert answer["ended_at"] is not None
    stages = [interval["stage"] for interval in answer["incidents"][0]["intervals"]]
    assert stages[-1] == "published"
    read_out = cli("drill", "report").out
    assert "Booking" in read_out
    assert "No first report has been readable yet" in read_out
    assert [d["id"] for d in cli("drill", "list", "--json").json] == [begun["id"]]


@pytest.mark.slow
def test_a_drill_fires_the_sample_alert_and_a_report_joins_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli = in_drill(cli, monkeypatch)
    begun = cli("drill", "start", "--json").json
    assert [a["id"] for a in cli("alert", "list", "--json").json] == [begun["alert"]]
    result = cli("report", "--yes")
    assert (result.code, f"This is about alert {begun['alert']}" in result.out) == (0, True)
    assert cli("drill", "end", "--json").json["t0_source"] == "alert"


@pytest.mark.slow
def test_without_an_alert_the_report_says_from_when_it_counts(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli = in_drill(cli, monkeypatch)
    assert cli("drill", "start", "--no-alert", "--json").json["alert"] is None
    assert cli("drill", "start", "--no-alert", "--alert", "alertmanager").code == 2
    incident = cli("report", "--incident-type", "booking", "--start", "5m", "--yes", "--json").json["incident"]
    with_page = drills.report
    monkeypatch.setattr(drills, "report", lambda *args, **more: _readable(with_page(*args, **more)))
    output = cli("drill", "end").out
    assert "The first report was readable 0 s after the drill was announced," in output
    assert "after the alert" not in output
    assert "took longest" not in output
    assert f"Incident {incident}" in output


def _readable(found: drills.Report) -> drills.Report:
    incident_report = replace(found.incidents[0], duration=timedelta())
    return replace(found, incidents=(incident_report,))


@pytest.mark.slow
def test_the_command_line_refuses_a_drill_while_something_real_goes_on(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("report", "--incident-type", "payment", "--start", "10m", "--yes", "--json").code == 0
    result: Answer = in_drill(cli, monkeypatch)("drill", "start", "--alert", "alertmanager")
    assert result.code == 1
    assert "A real incident has been open for 0 min" in result.err


def test_ending_nothing_is_said_in_a_sentence(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    result = in_drill(cli, monkeypatch)("drill", "end")
    assert (result.code, result.err) == (1, "No drill is running.\n")
