"""The figure of a drill: when it starts to count, what is excluded, and the notes beside it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage import serialization
from statuspage.domain.alert import MonitorAlert
from statuspage.domain.drill_scoring import Grade
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import EventKind, TimelineEvent
from statuspage.domain.notice_input import NoticeInput
from statuspage.storage import alerts as stored_alerts
from statuspage.storage import incidents
from statuspage.usecases import alerts, drills, notices
from statuspage.usecases.drills import scorecard
from statuspage.usecases.drills.lifecycle import Setup
from statuspage.usecases.drills.trend import build_trend
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, clock, drill_environment_in, signed_in
from tests.support.drill_series import QUICK, play, read_back
from tests.support.times import at
from tests.support.typed import typed_input

__all__ = ["clock"]

both_databases = pytest.mark.usefixtures("database")

GOAL = timedelta(minutes=10)
BOOKING = typed_input(incident_type="booking", start="about:5m", next_update="30m")
WRONG = typed_input(incident_type="payment", start="about:1h", next_update="30m")


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Environment]:
    """A drill environment."""
    env = drill_environment_in(tmp_path)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def begin(env: Environment, time: str, scenario: str = "", title: str = "予約できない", *, alert: bool = False) -> str:
    """A drill from this time on, led by 中村, who is signed in; with an alert, or only announced."""
    labels = {"service": "booking-api", "severity": "critical"}
    signals = [MonitorAlert("alertmanager", "f1", "Bookings fail", "", labels, at(time))] if alert else []
    setup = Setup(env.site.catalog.scenarios[scenario], "ja") if scenario else None
    led = {"title": title, "leader": "中村", "goal": GOAL}
    return drills.start_drill(env, **led, signals=signals, setup=setup, now=at(time)).drill.id


def publish(env: Environment, incident: str, time: str, notice: NoticeKind, notice_input: NoticeInput) -> str:
    """Publishes a notice, of a new incident if none is given; returns the incident's id."""
    target = (
        notices.open_notice_form(env.databases.environment, incident, actor="佐藤", now=at(time))
        if incident
        else notices.new_incident_target(env, now=at(time))
    )
    assert target is not None
    preview = notices.preview_notice(env, notice_input, notice_kind=notice, target=target, now=at(time))
    assert preview.problems == ()
    published = notices.publish_notice(env, notice_input, preview.token, actor="佐藤", now=at(time))
    assert isinstance(published, notices.Published)
    return published.incident_id


def readable(env: Environment, incident: str, time: str) -> None:
    """Records that customers can read its newest notice from then on."""
    with env.databases.environment.begin() as tx:
        known = incidents.load_incident(tx, incident)
        assert known is not None and known.latest is not None
        step = TimelineEvent(EventKind.READABLE, text=str(known.latest.sequence))
        incidents.append_entry(tx, incident, step, happened=at(time), recorded=at(time))


def first(env: Environment, time: str, incident: str = "", notice_input: NoticeInput = BOOKING) -> str:
    """A first report that is readable at once."""
    found = publish(env, incident, time, NoticeKind.FIRST, notice_input)
    readable(env, found, time)
    return found


def unrelated(env: Environment, time: str, number: int = 9) -> str:
    """An alert that reaches the drill desk from outside at this time; returns its id."""
    labels = {"service": "login", "severity": "warning"}
    signal = MonitorAlert("alertmanager", f"u{number}", "Login is slow", "", labels, at(time))
    return alerts.receive_alerts(env, [signal], now=at(time))[0].id


def written_before_the_alert(env: Environment) -> str:
    """A scripted drill at 10:00 whose alert comes at 10:02, while somebody writes from 10:01 to 10:03; returns the
    incident."""
    begin(env, "10:00", "booking-phone")
    target = notices.new_incident_target(env, now=at("10:01"))
    drills.advance_drill(env, now=at("10:02"))
    preview = notices.preview_notice(env, BOOKING, notice_kind=NoticeKind.FIRST, target=target, now=at("10:03"))
    published = notices.publish_notice(env, BOOKING, preview.token, actor="佐藤", now=at("10:03"))
    assert isinstance(published, notices.Published)
    readable(env, published.incident_id, "10:03")
    return published.incident_id


def announced_drill(env: Environment, day: str, *, minutes: int = 1) -> str:
    """A drill without an alert, with a first report after so many minutes; returns its id."""
    led = {"title": "予約できない", "leader": "中村", "goal": GOAL}
    id = drills.start_drill(env, **led, signals=[], now=at("10:00", day)).drill.id
    now = at("10:00", day) + timedelta(minutes=minutes)
    preview = notices.preview_notice(
        env, BOOKING, notice_kind=NoticeKind.FIRST, target=notices.new_incident_target(env, now=now), now=now
    )
    published = notices.publish_notice(env, BOOKING, preview.token, actor="佐藤", now=now)
    assert isinstance(published, notices.Published)
    read_back(env, published.incident_id, published.sequence, now)
    drills.end_drill(env, now=now + timedelta(minutes=5))
    return id


def grade(env: Environment, objective: str, time: str) -> Grade | None:
    """The grade of this objective of the newest drill."""
    return next(
        one.grade
        for one in scorecard.build_scorecard(env, now=at(time)).graded_objectives
        if one.objective.id == objective
    )


def card(env: Environment, clock: Clock, path: str) -> Browser:
    clock.now = at("20:00")
    return signed_in(env, clock, "nakamura", "中村").open(path)


def paused(env: Environment) -> str:
    """A drill of 4:28 by the clock, 0:59 of which it was paused."""
    id = begin(env, "10:31:09", "booking-phone")
    drills.advance_drill(env, now=at("10:31:09"))
    alert = drills.inject_status(env.databases.environment).drill.alert
    drills.pause_drill(env.databases.environment, now=at("10:32:22"))
    drills.resume_drill(env, now=at("10:33:21"))
    alerts.acknowledge(env, alert, actor="佐藤", now=at("10:33:25"))
    incident = alerts.confirm(env, alert, actor="佐藤", now=at("10:34:00")).id
    first(env, "10:35:37", incident)
    drills.end_drill(env, now=at("10:40:00"))
    return id


@pytest.mark.slow
@both_databases
def test_a_pause_is_in_no_figure_and_is_said_wherever_the_figure_stands(drill: Environment, clock: Clock):
    id = paused(drill)
    report = drills.report(drill, id, now=at("11:00"))
    figures = report.incidents[0]
    assert report.duration == timedelta(minutes=3, seconds=29)
    assert [i.duration.seconds for i in figures.intervals if i.stage == "acknowledged"] == [77], "2:16 with the pause"
    assert sum((i.duration for i in figures.intervals), timedelta()) == report.duration
    browser = card(drill, clock, f"/drills/{id}")
    assert "アラートから3分29秒で、第一報を公開しました。" in browser.words
    assert "計測方法：一時停止59秒を除く。" in browser.words
    assert "一時停止59秒を除く" in browser.open("/drills").words
    assert "一時停止59秒を除く" in browser.open("/drills/trend").words
    assert "第一報まで3分29秒でした" in browser.open(f"/drills/{id}.md").text
    assert "一時停止59秒を除く" in browser.text
    rows = list(csv.reader(io.StringIO(browser.open(f"/drills/{id}.csv").text)))
    assert ["figure", "ok", "第一報まで", "209", "一時停止59秒を除く"] in rows
    figure = json.loads(browser.open(f"/drills/{id}.json").text)["time_to_notice"]
    assert (figure["seconds"], figure["paused_seconds"], figure["t0_source"]) == (209, 59, "alert")


def test_while_a_drill_stands_still_its_clock_does_too(drill: Environment, clock: Clock):
    begin(drill, "10:00:00", "booking-phone")
    drills.advance_drill(drill, now=at("10:00:00"))
    incident = alerts.confirm(
        drill, drills.inject_status(drill.databases.environment).drill.alert, actor="佐藤", now=at("10:01:00")
    ).id
    drills.pause_drill(drill.databases.environment, now=at("10:02:00"))
    clock.now = at("10:09:00")
    browser = signed_in(drill, clock).open(f"/incidents/{incident}")
    (shown,) = browser.tree.xpath("//section[starts-with(@class, 'clock')]/p[@class='t']/b")
    assert (shown.text_content(), shown.xpath(".//*[@data-since]")) == ("02:00", [])
    drills.resume_drill(drill, now=at("10:10:00"))
    clock.now = at("10:11:00")
    (shown,) = browser.open(f"/incidents/{incident}").tree.xpath(
        "//section[starts-with(@class, 'clock')]/p[@class='t']/b"
    )
    assert shown.text_content() == "03:00"
    assert int(shown.xpath(".//@data-since")[0]) == at("10:08:00").timestamp()


def test_what_was_promised_for_a_time_in_the_pause_has_so_much_longer(drill: Environment):
    begin(drill, "10:00", alert=True)
    incident = first(
        drill, "10:05", notice_input=typed_input(incident_type="booking", start="about:5m", next_update="10:20")
    )
    drills.pause_drill(drill.databases.environment, now=at("10:10"))
    drills.resume_drill(drill, now=at("10:40"))
    assert scorecard.build_scorecard(drill, now=at("10:45")).promises == ()
    publish(
        drill,
        incident,
        "10:49",
        NoticeKind.UPDATE,
        typed_input(incident_type="booking", start="about:40m", next_update="30m"),
    )
    (kept,) = scorecard.build_scorecard(drill, now=at("10:50")).promises
    assert (kept.due, kept.kept_at, kept.was_on_time) == (at("10:20"), at("10:49"), True)


@pytest.mark.slow
@both_databases
def test_a_notice_that_was_withdrawn_is_no_first_report_and_the_next_that_stands_is(drill: Environment, clock: Clock):
    id = begin(drill, "10:45:36", "booking-phone")
    drills.advance_drill(drill, now=at("10:45:36"))
    wrong = first(drill, "10:45:48", notice_input=WRONG)
    assert drills.report(drill, now=at("10:45:50")).duration == timedelta(seconds=12)
    publish(drill, wrong, "10:46:00", NoticeKind.WITHDRAWAL, WRONG)
    report = drills.report(drill, now=at("10:46:01"))
    assert (report.duration, report.is_goal_met, report.was_withdrawn) == (None, False, True)
    alert = drills.inject_status(drill.databases.environment).drill.alert
    right = alerts.confirm(drill, alert, actor="佐藤", now=at("10:46:05")).id
    first(drill, "10:46:15", right)
    drills.end_drill(drill, now=at("10:50"))
    shown = scorecard.build_scorecard(drill, now=at("11:00"))
    assert shown.report.duration == timedelta(seconds=39)
    assert shown.incident is not None and shown.incident.id == right
    assert shown.first_notice is not None and shown.first_notice.notice.facts.incident_type == "booking"
    assert grade(drill, "noticed", "11:00") is Grade.PERFORMED
    browser = card(drill, clock, f"/drills/{id}")
    assert "アラートから39秒で" in browser.words and "先に公開したお知らせは取り下げ" in browser.words
    assert json.loads(browser.open(f"/drills/{id}.json").text)["time_to_notice"]["first_notice_withdrawn"] is True


@pytest.mark.slow
def test_where_all_that_was_told_was_withdrawn_the_card_says_so(drill: Environment, clock: Clock):
    id = begin(drill, "10:00", alert=True)
    wrong = first(drill, "10:01", notice_input=WRONG)
    publish(drill, wrong, "10:02", NoticeKind.WITHDRAWAL, WRONG)
    browser = card(drill, clock, f"/drills/{id}")
    assert "お知らせは取り下げられました。" in browser.words and "目標未達" in browser.text
    clock.now = at("10:30")
    with drill.databases.environment.read() as tx:
        told = incidents.load_incident(tx, wrong)
    assert told is not None
    page = browser.open(f"/incidents/{wrong}/notices/{told.notices[0].sequence}")
    assert "取り下げまで2分" in page.words


@pytest.mark.slow
def test_a_drill_that_somebody_announces_counts_from_that_word(drill: Environment, clock: Clock):
    id = begin(drill, "10:42:51")
    first(drill, "10:43:24")
    drills.end_drill(drill, now=at("10:50"))
    report = drills.report(drill, now=at("11:00"))
    assert (report.duration, report.source, report.started_from_form) == (timedelta(seconds=33), "announced", False)
    browser = card(drill, clock, f"/drills/{id}")
    assert "訓練の開始から33秒で、第一報を公開しました。" in browser.words
    assert "訓練の開始から" in browser.open("/drills").words
    assert json.loads(browser.open(f"/drills/{id}.json").text)["time_to_notice"]["t0"] == serialization.to_json_value(
        at("10:42:51")
    )


@both_databases
def test_a_report_that_did_not_join_the_alert_still_counts_from_it(drill: Environment):
    begin(drill, "10:00:00", "booking-phone")
    drills.advance_drill(drill, now=at("10:00:00"))
    alert = drills.inject_status(drill.databases.environment).drill.alert
    incident = first(drill, "10:00:34")
    report = drills.report(drill, now=at("10:01"))
    assert (report.duration, report.source) == (timedelta(seconds=34), "alert")
    assert grade(drill, "noticed", "10:02") is Grade.UNABLE, "nobody has the alert yet"
    alerts.group(drill, alert, incident, actor="佐藤", now=at("10:02:00"))
    assert grade(drill, "noticed", "10:03") is Grade.PERFORMED
    assert drills.report(drill, now=at("10:03")).duration == timedelta(seconds=34)


def test_somebody_who_only_takes_the_alert_has_taken_it(drill: Environment):
    begin(drill, "10:00:00", "booking-phone")
    drills.advance_drill(drill, now=at("10:00:00"))
    alerts.acknowledge(
        drill, drills.inject_status(drill.databases.environment).drill.alert, actor="佐藤", now=at("10:00:50")
    )
    first(drill, "10:01:00")
    assert grade(drill, "noticed", "10:02") is Grade.PERFORMED


@both_databases
def test_an_alert_that_comes_after_the_report_of_an_announced_drill_leaves_its_figure(drill: Environment):
    begin(drill, "10:00")
    incident = first(drill, "10:02")
    shown = [(one.duration, one.source) for one in [drills.report(drill, now=at("10:03"))]]
    late = unrelated(drill, "10:20")
    shown += [(one.duration, one.source) for one in [drills.report(drill, now=at("10:21"))]]
    alerts.group(drill, late, incident, actor="佐藤", now=at("10:22"))
    shown += [(one.duration, one.source) for one in [drills.report(drill, now=at("10:23"))]]
    assert shown == [(timedelta(minutes=2), "announced")] * 3


def test_an_alert_that_comes_while_an_announced_drill_is_written_about_starts_no_form_clock(drill: Environment):
    begin(drill, "10:00")
    target = notices.new_incident_target(drill, now=at("10:01"))
    unrelated(drill, "10:02")
    preview = notices.preview_notice(drill, BOOKING, notice_kind=NoticeKind.FIRST, target=target, now=at("10:03"))
    published = notices.publish_notice(drill, BOOKING, preview.token, actor="佐藤", now=at("10:03"))
    assert isinstance(published, notices.Published)
    readable(drill, published.incident_id, "10:03")
    report = drills.report(drill, now=at("10:04"))
    assert (report.duration, report.source) == (timedelta(minutes=3), "announced")


def test_a_report_before_the_alert_of_the_script_keeps_its_figure_once_that_comes(drill: Environment):
    begin(drill, "10:00", "booking-phone")
    first(drill, "10:01")
    before = drills.report(drill, now=at("10:01:30"))
    drills.advance_drill(drill, now=at("10:02"))
    after = drills.report(drill, now=at("10:03"))
    assert (before.duration, before.source) == (after.duration, after.source) == (timedelta(minutes=1), "announced")


@both_databases
def test_what_is_written_while_the_alert_of_the_drill_comes_counts_from_the_form(drill: Environment):
    written_before_the_alert(drill)
    report = drills.report(drill, now=at("10:04"))
    assert (report.duration, report.source) == (timedelta(minutes=2), "form")


@pytest.mark.slow
@both_databases
def test_the_second_incident_of_a_drill_has_its_own_alert_and_clock(drill: Environment):
    begin(drill, "10:00", alert=True)
    with drill.databases.environment.read() as tx:
        (one,) = stored_alerts.open_alerts(tx)
    first(drill, "10:03", alerts.confirm(drill, one.id, actor="佐藤", now=at("10:01")).id)
    opened = alerts.confirm(drill, unrelated(drill, "10:30"), actor="鈴木", now=at("10:31"))
    how = drills.counted_from(drill.databases.environment, opened, now=at("10:31"))
    assert (how.elapsed_until(at("10:31")), how.source) == (timedelta(minutes=1), "alert")
    first(drill, "10:32", opened.id, WRONG)
    first_report, second = drills.report(drill, now=at("10:40")).incidents
    assert (first_report.duration, second.duration) == (timedelta(minutes=3), timedelta(minutes=2))
    assert [(mark.stage, mark.at, mark.actor) for mark in second.stamps[:2]] == [
        ("alerted", at("10:30"), ""),
        ("acknowledged", at("10:31"), "鈴木"),
    ]


@both_databases
def test_a_form_opened_once_the_alert_had_its_own_incident_does_not_count_from_that_alert(drill: Environment):
    begin(drill, "10:00", alert=True)
    with drill.databases.environment.read() as tx:
        (one,) = stored_alerts.open_alerts(tx)
    first(drill, "10:03", alerts.confirm(drill, one.id, actor="佐藤", now=at("10:01")).id)
    first(drill, "10:30", notice_input=WRONG)
    second = drills.report(drill, now=at("10:40")).incidents[1]
    assert (second.duration, second.clock.source) == (timedelta(), "form")
    unrelated(drill, "10:41")
    first(drill, "10:44", notice_input=WRONG)
    third = drills.report(drill, now=at("10:50")).incidents[2]
    assert (third.duration, third.clock.source) == (timedelta(minutes=3), "alert")


@both_databases
def test_a_report_keeps_counting_from_an_alert_that_somebody_confirms_afterwards_on_its_own(drill: Environment):
    begin(drill, "10:00", alert=True)
    with drill.databases.environment.read() as tx:
        (one,) = stored_alerts.open_alerts(tx)
    first(drill, "10:02")
    alerts.confirm(drill, one.id, actor="佐藤", now=at("10:05"))
    report = drills.report(drill, now=at("10:10"))
    assert (report.duration, report.source) == (timedelta(minutes=2), "alert")


def test_nothing_is_said_to_be_missing_before_its_time(drill: Environment, clock: Clock):
    id = begin(drill, "10:30", alert=True)
    first(drill, "10:35", notice_input=typed_input(incident_type="booking", start="about:5m", next_update="11:05"))
    clock.now = at("10:36")
    browser = signed_in(drill, clock, "nakamura", "中村").open(f"/drills/{id}")
    assert "公開なし" not in browser.words and "予告した時刻までに続報を公開する" in browser.words
    assert grade(drill, "promises", "10:36") is None
    clock.now = at("11:06")
    assert "公開なし" in browser.open(f"/drills/{id}").words
    assert grade(drill, "promises", "11:06") is Grade.MAJOR_CHALLENGES


@pytest.mark.slow
def test_a_drill_that_was_broken_off_is_marked_as_such_everywhere(drill: Environment, clock: Clock):
    id = begin(drill, "10:00", alert=True)
    first(drill, "10:04")
    drills.suspend_drill(drill, now=at("10:10"))
    report = drills.report(drill, now=at("11:00"))
    assert (report.is_goal_met, report.caveats[0]) == (False, "suspended")
    browser = card(drill, clock, f"/drills/{id}")
    assert "途中で中止した訓練です。" in browser.words and "公開しました" not in browser.words
    assert browser.tree.xpath("//tr[@class='total']") == [] and "最も時間がかかった" not in browser.words
    assert "目標達成" not in browser.text
    assert "中止" in browser.open("/drills").words and "目標達成" not in browser.text
    assert "途中で中止した訓練です。" in browser.open(f"/drills/{id}.md").text
    rows = list(csv.reader(io.StringIO(browser.open(f"/drills/{id}.csv").text)))
    assert [row[1] for row in rows if row[0] == "figure"] == [""] and "中止" in rows[1][4]
    figure = json.loads(browser.open(f"/drills/{id}.json").text)["time_to_notice"]
    assert (figure["suspended"], figure["goal_reached"]) == (True, False)


@pytest.mark.slow
def test_a_surprise_says_so_wherever_its_figure_stands(drill: Environment, clock: Clock):
    script = drill.site.catalog.scenarios["booking-phone"]
    report = play(drill, at("10:00"), QUICK, setup=Setup(script, "ja", window=(at("09:30"), at("10:30"))))
    known = play(drill, at("14:00"), QUICK, setup=Setup(script, "ja"))
    browser = card(drill, clock, f"/drills/{report.drill.id}")
    assert "抜き打ち訓練" in browser.words and "計測方法" not in browser.words, "it is counted like any other"
    (row,) = [row for row in browser.open("/drills/trend").tree.xpath("//tbody/tr") if "抜き打ち" in row.text_content()]
    assert report.drill.id in row.xpath(".//a/@href")[0] and known.earlier_durations == (report.duration,)
    assert browser.open("/drills").words.count("抜き打ち訓練") == 1
    rows = list(csv.reader(io.StringIO(browser.open(f"/drills/{report.drill.id}.csv").text)))
    assert [row[4] for row in rows if row[0] == "figure"] == ["抜き打ち訓練"]
    assert json.loads(browser.open(f"/drills/{report.drill.id}.json").text)["time_to_notice"]["secret"] is True
    assert "抜き打ち訓練" not in card(drill, clock, f"/drills/{known.drill.id}").words


@pytest.mark.slow
def test_a_form_clock_and_a_tutorial_are_in_no_line_with_others_and_it_says_why(drill: Environment, clock: Clock):
    for day, setup in (("2026-01-10", None), ("2026-02-10", None)):
        play(drill, at("10:00", day), QUICK, title="予約できない", setup=setup)
    play(drill, at("10:00", "2026-03-10"), QUICK, setup=Setup(drill.site.catalog.scenarios["tutorial"], "ja"))
    early = written_before_the_alert(drill)
    drills.end_drill(drill, now=at("10:10"))
    points = build_trend(drill, now=at("11:00")).points
    assert [one.is_comparable for one in points] == [True, True, False, False]
    assert drills.report(drill, now=at("11:00")).incidents[0].incident_id == early
    browser = card(drill, clock, "/drills/trend?scenario=all")
    assert len(browser.tree.xpath("//main//*[local-name()='circle'][contains(@class, 'p')]")) == 2
    assert "グラフの線に含まない訓練：第3回（1人で進める練習）、第4回（フォームを開いてから計測）" in browser.words
    tutorials = build_trend(drill, scenario="tutorial", now=at("11:00")).points
    assert [one.is_comparable for one in tutorials] == [True], "among themselves they make one"


@pytest.mark.slow
def test_last_time_is_the_last_time_with_the_same_scenario(drill: Environment, clock: Clock):
    script = Setup(drill.site.catalog.scenarios["booking-phone"], "ja")
    play(drill, at("08:00", "2026-06-01"), {**QUICK, "written": 200}, setup=script)
    play(drill, at("08:00", "2026-06-02"), QUICK, setup=Setup(drill.site.catalog.scenarios["tutorial"], "ja"))
    report = play(drill, at("08:00"), {**QUICK, "written": 120}, setup=script)
    assert [one.seconds for one in report.earlier_durations] == [sum(QUICK.values()) - QUICK["written"] + 200]
    assert "同じシナリオの前回は5分22秒でした。" in card(drill, clock, f"/drills/{report.drill.id}").words
    other = play(drill, at("12:00"), QUICK, title="ほかの想定")
    assert other.earlier_durations == ()


@pytest.mark.slow
def test_announced_drills_are_in_no_line_with_those_of_an_alert_and_make_one_among_themselves(
    drill: Environment, clock: Clock
):
    announced_drill(drill, "2026-01-10")
    announced_drill(drill, "2026-01-20")
    assert [one.is_comparable for one in build_trend(drill, now=at("11:00")).points] == [True, True]
    for day in ("2026-02-10", "2026-03-10"):
        play(drill, at("10:00", day), QUICK, title="予約できない")
    assert [one.is_comparable for one in build_trend(drill, now=at("11:00")).points] == [False, False, True, True]
    browser = card(drill, clock, "/drills/trend")
    assert "グラフの線に含まない訓練：第1回（訓練の開始から計測）、第2回（訓練の開始から計測）" in browser.words


@pytest.mark.slow
@both_databases
def test_last_time_counts_from_the_same_kind_of_start(drill: Environment):
    announced_drill(drill, "2026-01-10", minutes=2)
    by_alert = play(drill, at("10:00", "2026-02-10"), QUICK, title="予約できない")
    assert by_alert.earlier_durations == (), "the one before lacks the time until somebody noticed"
    again = drills.report(drill, announced_drill(drill, "2026-03-10", minutes=4), now=at("11:00"))
    assert again.earlier_durations == (timedelta(minutes=2),)
    assert play(drill, at("10:00"), QUICK, title="予約できない").earlier_durations == (by_alert.duration,)


@pytest.mark.slow
def test_last_time_takes_alerts_and_their_receipt_as_one_kind_of_start(drill: Environment):
    by_alert = play(drill, at("10:00", "2026-02-10"), QUICK, title="予約できない")
    id = begin(drill, "10:00")
    labels = {"service": "booking-api", "severity": "critical"}
    old = MonitorAlert("alertmanager", "f7", "Bookings fail", "", labels, at("10:00", "2026-03-01"))
    (one,) = alerts.receive_alerts(drill, [old], now=at("10:01"))
    first(drill, "10:05", alerts.confirm(drill, one.id, actor="佐藤", now=at("10:02")).id)
    report = drills.report(drill, id, now=at("11:00"))
    assert (report.source, report.earlier_durations) == ("received", (by_alert.duration,))


def test_live_figures_say_what_was_counted_otherwise(drill: Environment, clock: Clock):
    assert drill.live_status_path is not None
    figures = (
        shared_status.ResponseFigure("k3m9p2q7x4ab", at("09:00"), timedelta(minutes=12)),
        shared_status.ResponseFigure("k3m9p2q7x4ac", at("09:30"), timedelta(seconds=1), "form", withdrawn=True),
    )
    drill.live_status_path.write_text(
        json.dumps(serialization.to_json_value(shared_status.StatusSummary(at("09:40"), figures=figures))), "utf-8"
    )
    rows = card(drill, clock, "/drills/trend").tree.xpath("//section[@aria-labelledby='s2']//li")
    texts = [" ".join(row.text_content().split()) for row in rows]
    assert "フォームを開いてから計測、先に公開したお知らせは取り下げ" in texts[0] and texts[0].startswith("1秒")
    assert texts[1].startswith("12分") and "から" not in texts[1]
