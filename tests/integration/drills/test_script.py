"""A drill follows its script: automatically at its time, by hand, while paused, and to its end."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy import select

from statuspage import serialization
from statuspage.content import scenario_csv
from statuspage.content.loading.toml_source import parse_toml
from statuspage.domain.drill_scenario import InjectKind, Scenario
from statuspage.storage import alerts
from statuspage.storage.drill_injects import InjectState
from statuspage.storage.scheduled_drills import ScheduledDrillState
from statuspage.storage.tables import scheduled_drill
from statuspage.usecases import drills
from statuspage.usecases.alerts.handling import confirm
from statuspage.usecases.drills import calendar
from statuspage.usecases.drills.lifecycle import Setup
from statuspage.usecases.drills.scheduling import RehearsalRequest
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from tests.support.content import SAMPLE_ALERT
from tests.support.desk import drill_environment_in
from tests.support.drill_scenarios import WHOLE, read
from tests.support.environments import with_changes
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def env(tmp_path: Path) -> Iterator[Environment]:
    """A drill environment; according to its summary, live has nothing open."""
    env = drill_environment_in(tmp_path)
    assert env.live_status_path is not None
    env.live_status_path.write_text(
        json.dumps(serialization.to_json_value(shared_status.StatusSummary(at("09:00")))), "utf-8"
    )
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def scenario(env: Environment) -> Scenario:
    return env.site.catalog.scenarios["booking-phone"]


def begin(env: Environment, **how: object) -> drills.Begun:
    """The shipped scenario from ten o'clock on."""
    setup = Setup(scenario(env), "ja", **how)
    return drills.start_drill(
        env, title="予約できない", leader="中村", goal=timedelta(minutes=10), setup=setup, now=at("10:00")
    )


def fired(env: Environment) -> list[str]:
    return [fed.inject.id for fed in reversed(drills.inject_status(env.databases.environment).fired)]


def test_what_is_due_is_fed_in_by_itself_once_and_the_rest_waits(env: Environment):
    begin(env)
    for minute in ("10:00", "10:00", "10:02", "10:05", "10:05"):
        drills.advance_drill(env, now=at(minute))
    assert fired(env) == ["alert", "call", "jargon"]
    assert [fed.actor for fed in drills.inject_status(env.databases.environment).fired] == ["", "", ""]
    assert drills.inject_status(env.databases.environment).upcoming[0].inject.id == "answer"


def test_the_alert_of_a_script_comes_in_through_the_intake_with_its_mark_and_starts_the_clock(env: Environment):
    begin(env)
    drills.advance_drill(env, now=at("10:00"))
    drill = drills.running_drill(env.databases.environment)
    with env.databases.environment.read() as tx:
        (alert,) = alerts.open_alerts(tx)
    assert drill is not None
    assert (alert.id, alert.received_at) == (drill.alert, at("10:00"))
    assert alert.monitor_alert.title.startswith("【訓練】")
    assert alert.proposal.incident_type == "booking"


def test_a_payload_is_read_as_its_monitor_sends_it_and_marked_by_the_program(env: Environment):
    body = (SAMPLE_ALERT).read_text("utf-8")
    labels = 'labels = { alertname = "BookingErrors", service = "booking-api", severity = "critical" }'
    text = WHOLE.replace(labels, f"payload = '''{body}'''", 1)
    script, faults = read(text)
    assert faults == []
    drills.start_drill(
        env, title="t", leader="n", goal=timedelta(minutes=10), setup=Setup(script, "en"), now=at("10:00")
    )
    drills.advance_drill(env, now=at("10:00"))
    with env.databases.environment.read() as tx:
        (alert,) = alerts.open_alerts(tx)
    assert alert.monitor_alert.title.startswith("[DRILL] ")
    assert alert.monitor_alert.labels["service"] == "booking-api"


def test_a_leader_feeds_in_leaves_out_and_nothing_comes_twice(env: Environment):
    begin(env)
    assert drills.fire_inject(env, "next", actor="中村", now=at("10:01")).inject.id == "alert"
    assert drills.fire_inject(env, "post", actor="中村", now=at("10:01")).actor == "中村"
    assert (
        drills.skip_inject(env.databases.environment, "3", actor="中村", now=at("10:02")).state is InjectState.SKIPPED
    )
    for which in ("post", "3"):
        with pytest.raises(drills.InjectSettled):
            drills.fire_inject(env, which, actor="中村", now=at("10:03"))
    with pytest.raises(drills.NoSuchInject):
        drills.fire_inject(env, "99", actor="中村", now=at("10:03"))
    drills.advance_drill(env, now=at("10:24"))
    assert fired(env) == ["alert", "post", "call", "answer"]


def test_while_it_stands_still_nothing_comes_and_afterwards_all_of_it_later(env: Environment):
    begin(env)
    drills.advance_drill(env, now=at("10:01"))
    drills.pause_drill(env.databases.environment, now=at("10:02"))
    drills.advance_drill(env, now=at("10:20"))
    assert fired(env) == ["alert"]
    resumed = drills.resume_drill(env, now=at("10:22"))
    assert resumed.ends_at == at("10:50")
    inject = next(fed for fed in drills.inject_status(env.databases.environment).script if fed.inject.id == "call")
    assert (inject.planned_at, inject.delay) == (at("10:23"), timedelta(minutes=20))
    drills.advance_drill(env, now=at("10:23"))
    assert fired(env) == ["alert", "call"]
    assert [(p.started_at, p.ended_at) for p in drills.inject_status(env.databases.environment).pauses] == [
        (at("10:02"), at("10:22"))
    ]


def test_nothing_is_fed_in_while_something_real_is_open(env: Environment):
    begin(env)
    assert env.live_status_path is not None
    real = shared_status.StatusSummary(
        at("10:01"), (shared_status.OpenItem("k3m9p2q7x4ab", at("10:01"), {"en": "Doors"}),)
    )
    env.live_status_path.write_text(json.dumps(serialization.to_json_value(real)), "utf-8")
    drills.advance_drill(env, now=at("10:05"))
    assert fired(env) == []


@pytest.mark.slow
def test_a_drill_ends_by_itself_at_its_planned_length_and_says_that_nothing_is_left(env: Environment):
    begun = begin(env)
    drills.advance_drill(env, now=at("10:00"))
    incident = confirm(
        env,
        begun.drill.alert or drills.inject_status(env.databases.environment).drill.alert,
        actor="佐藤",
        now=at("10:01"),
    )
    assert drills.advance_drill(env, now=at("10:29")) is None
    ended = drills.advance_drill(env, now=at("10:30"))
    assert ended is not None
    assert ended.incident_ids == (incident.id,)
    assert {one.subject: one.is_ok for one in ended.checks} == dict.fromkeys(
        ("alerts", "incidents", "drafts", "channels", "messages", "live"), True
    )
    assert drills.all_drills(env.databases.environment)[0].note["cleanup"] == serialization.to_json_value(ended.checks)


def test_what_lives_on_in_live_or_could_send_is_told(env: Environment):
    begin(env)
    assert env.live_status_path is not None
    strayed = shared_status.StatusSummary(
        at("10:01"), figures=(shared_status.ResponseFigure("drillabcdefg", at("10:01"), timedelta(1)),)
    )
    env.live_status_path.write_text(json.dumps(serialization.to_json_value(strayed)), "utf-8")
    loud = with_changes(env, channels={**env.senders.channels, "x-loud": object()})
    wrong = {one.subject: one.count for one in drills.end_drill(loud, now=at("10:02")).checks if one.is_ok is False}
    assert wrong == {"channels": 1, "live": 1}


def test_notes_keep_their_time_and_deny_nothing(env: Environment):
    begin(env)
    drills.add_observation(env, "電話を取る人がいない", actor="中村", now=at("10:04"))
    for text in ("", " ", "x" * 2001, "a\u202eb"):
        with pytest.raises(drills.InvalidNote):
            drills.add_observation(env, text, actor="中村", now=at("10:05"))
    with pytest.raises(drills.ForbiddenPhraseError):
        drills.add_observation(env, "This is not a drill", actor="中村", now=at("10:05"))
    (kept,) = drills.inject_status(env.databases.environment).observations
    assert (kept.at, kept.actor, kept.text) == (at("10:04"), "中村", "電話を取る人がいない")


def test_what_a_script_waits_for_comes_when_its_stage_is_reached(env: Environment):
    script = scenario(env)
    alert, post = script.injects[0], script.injects[4]
    setup = Setup(replace(script, injects=(alert, replace(post, at=None, after="confirmed"))), "ja")
    drills.start_drill(env, title="t", leader="n", goal=timedelta(minutes=10), setup=setup, now=at("10:00"))
    drills.advance_drill(env, now=at("10:01"))
    assert fired(env) == ["alert"]
    confirm(env, drills.inject_status(env.databases.environment).drill.alert, actor="佐藤", now=at("10:02"))
    drills.advance_drill(env, now=at("10:03"))
    assert fired(env) == ["alert", "post"]


def wanted(**how: object) -> RehearsalRequest:
    return replace(RehearsalRequest("booking-phone", "予約できない", "中村", "ja"), **how)


def test_a_secret_minute_lies_within_its_window_and_the_drill_begins_then(env: Environment):
    window = (at("13:00"), at("17:00"))
    for chance, minute in ((0.0, "13:00"), (0.5, "15:00"), (0.999999, "17:00")):
        (one,) = drills.plan_rehearsals(env, wanted(), [window], chance=lambda c=chance: c, now=at("10:00"))
        assert (one.starts_at, one.is_secret) == (at(minute), True)
        drills.cancel_rehearsal(env.databases.environment, one.id)
    (one,) = drills.plan_rehearsals(env, wanted(kept_out=("鈴木",)), [window], chance=lambda: 0.5, now=at("10:00"))
    drills.advance_drill(env, now=at("14:59"))
    assert drills.running_drill(env.databases.environment) is None
    drills.advance_drill(env, now=at("15:00"))
    drill = drills.running_drill(env.databases.environment)
    assert drill is not None
    assert (drill.window, drill.excluded_people, drill.scenario) == (window, ("鈴木",), "booking-phone")
    assert fired(env) == ["alert"]
    assert drills.upcoming_rehearsals(env.databases.environment) == ()


def test_a_series_of_tabletops_begins_as_tabletops_without_an_alert(env: Environment):
    windows = drills.series_windows((at("13:00"), at("13:00")), "Asia/Tokyo", every=7, times=2)
    first, second = drills.plan_rehearsals(env, wanted(tabletop=True), windows, chance=lambda: 0, now=at("10:00"))
    assert first.is_tabletop and second.is_tabletop
    drills.advance_drill(env, now=at("13:00"))
    drill = drills.running_drill(env.databases.environment)
    assert drill is not None and drill.is_tabletop and fired(env) == []
    assert [one.is_tabletop for one in drills.upcoming_rehearsals(env.databases.environment)] == [True]


def test_a_planned_drill_waits_for_what_is_real_and_is_missed_half_an_hour_after_its_window(env: Environment):
    assert env.live_status_path is not None
    real = shared_status.StatusSummary(at("10:01"), (shared_status.OpenItem("k3m9p2q7x4ab", at("10:01"), {}),))
    env.live_status_path.write_text(json.dumps(serialization.to_json_value(real)), "utf-8")
    (one,) = drills.plan_rehearsals(env, wanted(), [(at("13:00"), at("13:00"))], chance=lambda: 0, now=at("10:00"))
    for minute in ("13:00", "13:30"):
        drills.advance_drill(env, now=at(minute))
        assert [planned.id for planned in drills.upcoming_rehearsals(env.databases.environment)] == [one.id]
    drills.advance_drill(env, now=at("13:31"))
    with env.databases.environment.read() as tx:
        assert tx.scalars(select(scheduled_drill.c.state)).all() == [ScheduledDrillState.MISSED]


def test_a_series_keeps_its_time_of_day_when_the_clocks_change_and_is_cancelled_whole(env: Environment):
    within = drills.series_windows((at("13:00"), at("14:00")), "Europe/Berlin", every=7, times=20)
    hours = {begin.astimezone(at("13:00").tzinfo).hour for begin, _ in within}
    assert len(within) == 20
    assert len(hours) == 2, "an hour apart in UTC, the same on the wall"
    rehearsals = drills.plan_rehearsals(env, wanted(), within, chance=lambda: 0.3, now=at("10:00"))
    assert {one.series_id for one in rehearsals} == {rehearsals[0].id}
    assert len(drills.cancel_rehearsal(env.databases.environment, rehearsals[3].id)) == 1
    assert len(drills.cancel_rehearsal(env.databases.environment, rehearsals[0].id, whole_series=True)) == 19


def test_a_window_behind_us_or_upside_down_is_refused(env: Environment):
    for window in ((at("13:00"), at("12:00")), (at("08:00"), at("09:00"))):
        with pytest.raises(drills.BadWindow):
            drills.plan_rehearsals(env, wanted(), [window], chance=lambda: 0, now=at("10:00"))


def test_the_calendar_holds_announced_drills_and_of_a_secret_one_only_the_window(env: Environment):
    secret, open_one, hidden = ((at("13:00"), at("17:00")), (at("18:00"), at("18:00")), (at("20:00"), at("21:00")))
    drills.plan_rehearsals(env, wanted(), [secret, open_one], chance=lambda: 0.5, now=at("10:00"))
    drills.plan_rehearsals(env, wanted(announced=False), [hidden], chance=lambda: 0.5, now=at("10:00"))
    made = calendar.build_calendar(
        drills.upcoming_rehearsals(env.databases.environment),
        env.site.catalog.packs["ja"],
        "Asia/Tokyo",
        now=at("10:00"),
    )
    events = list(Calendar.from_ical(made).walk("VEVENT"))
    assert [event.decoded("dtstart") for event in events] == [at("13:00"), at("18:00")]
    assert events[0].decoded("dtend") == at("17:00")
    assert at("15:00").strftime("%H%M%S").encode() not in made
    assert {str(event["summary"]) for event in events} == {"【訓練】障害対応の訓練"}, "no word of what it imagines"


def test_an_event_list_goes_out_and_comes_back_as_the_same_script(env: Environment):
    first, *rest = scenario(env).injects
    body = (SAMPLE_ALERT).read_text("utf-8").strip()
    script = (replace(first, labels={}, payload=body), *rest)
    lists = {language: scenario_csv.write_csv(script, language) for language in ("ja", "en")}
    rows = list(csv.DictReader(io.StringIO(lists["en"].removeprefix("\ufeff"))))
    assert list(rows[0])[: len(scenario_csv.COLUMNS)] == list(scenario_csv.COLUMNS)
    assert [row["time"] for row in rows] == ["0:00", "0:03", "0:05", "0:08", "0:12", "0:25"]
    head = WHOLE[: WHOLE.index("[[inject]]")]
    source, _ = parse_toml("s.toml", (head + scenario_csv.scenario_tables(lists, {})).encode())
    assert source.is_readable
    again, faults = read(head + scenario_csv.scenario_tables(lists, {"ja": "【訓練】", "en": "[DRILL] "}))
    assert faults == []
    assert again.injects == script


def test_a_list_of_somebody_else_gets_marks_and_a_bad_one_says_where():
    head = ",".join(scenario_csv.COLUMNS)
    tables = scenario_csv.scenario_tables(
        {"en": f"{head}\n1,0:05,A member,all,call,Phone,Hello,Answer\n"}, {"en": "[DRILL] "}
    )
    assert 'text.en = "[DRILL] Hello"' in tables
    assert "at_minute = 5" in tables
    for text, where in (
        ("number,time\n1,0:05\n", (1, "from")),
        (f"{head}\n1,soon,a,all,call,b,c,d\n", (2, "time")),
        (f"{head}\n1,0:05,a,all,fax,b,c,d\n", (2, "method")),
    ):
        with pytest.raises(scenario_csv.ScenarioCsvError) as wrong:
            scenario_csv.scenario_tables({"en": text}, {})
        assert (wrong.value.row, wrong.value.column) == where


def test_a_cell_that_looks_like_a_formula_is_harmless(env: Environment):
    script = tuple(replace(one, expected_action={"en": "=1+1"}) for one in scenario(env).injects[:1])
    assert "'=1+1" in scenario_csv.write_csv(script, "en")
    assert InjectKind.ALERT in {one.kind for one in script}
