"""Tabletop drills, and what observers do: notes of their own, notes after the end, evaluators' grades."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain.drill_scenario import Objective
from statuspage.domain.drill_scoring import Evaluation, Evidence, Grade, GradedObjective
from statuspage.storage import alerts as stored_alerts
from statuspage.usecases import drills
from statuspage.usecases.accounts import Role
from statuspage.usecases.drills import RehearsalRequest, scorecard
from statuspage.usecases.drills.lifecycle import Setup
from statuspage.usecases.drills.scorecard_formatter import ScorecardFormatter, person_label
from statuspage.usecases.drills.trend import build_trend
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, clock, drill_environment_in, person_in, signed_in
from tests.support.drill_series import QUICK, play
from tests.support.times import at

__all__ = ["clock"]


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Environment]:
    """A drill environment."""
    env = drill_environment_in(tmp_path)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def begin(env: Environment, time: str, *, tabletop: bool = False) -> str:
    """A scripted drill led by 中村 and observed by 鈴木."""
    setup = Setup(env.site.catalog.scenarios["support-alone"], "ja", roles={"observer": ("鈴木",)}, tabletop=tabletop)
    led = {"title": "遅い", "leader": "中村", "goal": timedelta(minutes=10)}
    return drills.start_drill(env, **led, setup=setup, now=at(time)).drill.id


def observer(env: Environment, clock: Clock) -> Browser:
    """鈴木, who may only look."""
    person_in(env, "suzuki", "鈴木", role=Role.VIEWER)
    return signed_in(env, clock, "suzuki", "鈴木")


def test_at_a_table_nothing_comes_by_itself_and_no_alert_waits(drill: Environment):
    id = begin(drill, "10:00", tabletop=True)
    drills.advance_drill(drill, now=at("10:30"))
    status = drills.inject_status(drill.databases.environment)
    assert status.fired == () and [fed.number for fed in status.upcoming] == list(range(1, len(status.script) + 1))
    assert drills.fire_inject(drill, "next", actor="中村", now=at("10:31")).inject.id == "alert"
    with drill.databases.environment.read() as tx:
        assert stored_alerts.open_alerts(tx) == ()
    assert drills.advance_drill(drill, now=at("13:59")) is None, "its time is the table's"
    ended = drills.end_drill(drill, id, now=at("14:00"))
    assert ended.drill.is_tabletop and not ended.drill.is_measured


def test_a_tabletop_is_in_no_line_with_others_and_only_people_grade_it(drill: Environment):
    setup = Setup(drill.site.catalog.scenarios["support-alone"], "ja")
    before = play(drill, at("06:00"), QUICK, setup=setup)
    id = begin(drill, "10:00", tabletop=True)
    drills.end_drill(drill, id, now=at("11:00"))
    after = play(drill, at("12:00"), QUICK, setup=setup)
    assert [point.drill.id for point in build_trend(drill, now=at("15:00")).points] == [before.drill.id, after.drill.id]
    assert after.earlier_durations == (before.duration,)
    shared_status.write_status(drill, now=at("15:00"))
    summary = shared_status.read_status(drill.home / "summary.json")
    assert summary is not None and len(summary.figures) == 2
    score = scorecard.build_scorecard(drill, id, now=at("15:00"))
    assert score.report.duration is None and score.report.earlier_durations == ()
    assert {graded.grade for graded in score.graded_objectives} == {None}
    assert {graded.evidence.code for graded in score.graded_objectives} == {"tabletop"}
    latest = drills.latest_compared(drill)
    assert latest is not None and latest.id == after.drill.id


@pytest.mark.slow
def test_the_desk_says_that_it_is_a_tabletop_and_reads_its_alert_out(drill: Environment, clock: Clock):
    clock.now = at("10:00")
    leader = signed_in(drill, clock, "nakamura", "中村").open("/drills")
    leader.send({"scenario": "support-alone", "how": "tabletop", "when": "at", "from": "14:00"})
    assert drills.running_drill(drill.databases.environment) is None
    planned = leader.open("/drills").tree.xpath("//section[@aria-labelledby='h-plan']")[0].text_content()
    assert "14:00" in planned and "図上訓練" in planned
    drills.advance_drill(drill, now=at("14:00"))
    running = drills.running_drill(drill.databases.environment)
    assert running is not None and running.is_tabletop
    assert "状況付与を1つずつ読み上げ" in leader.open("/drills/console").words
    drills.fire_inject(drill, "alert", actor="中村", now=at("14:01"))
    clock.now = at("14:02")
    assert "の応答が遅くなっています" in leader.open("/drills/inbox").words
    drills.end_drill(drill, now=at("14:40"))
    card = leader.open(f"/drills/{running.id}")
    assert "図上訓練（机上演習）です。時間は計測していません。" in card.words
    assert (
        not card.tree.xpath("//table[contains(@class, 'fall')]")
        and "第一報は、まだ公開されていません" not in card.words
    )
    assert "図上訓練" in leader.open("/drills").words
    assert json.loads(leader.open(f"/drills/{running.id}.json").text)["time_to_notice"]["tabletop"] is True


@pytest.mark.slow
def test_an_observer_writes_notes_of_their_own_and_reads_no_secret(drill: Environment, clock: Clock):
    id = begin(drill, "10:00")
    clock.now = at("10:05")
    suzuki = observer(drill, clock)
    assert suzuki.open("/drills").tree.xpath(f"//a[@href='/drills/{id}/notes']")
    suzuki.open(f"/drills/{id}/notes").send({"note": "2人が同じ電話番号を探している"})
    assert "2人が同じ電話番号を探している" in suzuki.words
    script = drill.site.catalog.scenarios["support-alone"]
    for address in (f"/drills/{id}/notes", "/drills", "/"):
        assert script.leader_notes["ja"] not in suzuki.open(address).words
    for address in ("/drills/console", f"/drills/{id}"):
        assert suzuki.open(address).page.status_code == 403
    suzuki.open(f"/drills/{id}/notes").send({"note": "これは訓練ではありません。"})
    assert suzuki.page.status_code == 422
    player = signed_in(drill, clock)
    assert player.open(f"/drills/{id}/notes").page.status_code == 403
    leader = signed_in(drill, clock, "nakamura", "中村")
    assert "2人が同じ電話番号を探している" in leader.open("/drills/console").words
    assert "2人が同じ電話番号" not in leader.open(f"/drills/{id}/notes").words, "each has their own"


@pytest.mark.slow
def test_after_the_end_everybody_notes_what_was_said_and_the_card_says_when(drill: Environment, clock: Clock):
    id = begin(drill, "10:00")
    drills.add_observation(drill, "電話を取る人がいない", actor="中村", now=at("10:04"))
    drills.end_drill(drill, now=at("10:40"))
    clock.now = at("10:50")
    player = signed_in(drill, clock)
    player.open(f"/drills/{id}").send({"note": "見込みを聞く係を決めておけばよかった"}, action=f"/drills/{id}/notes")
    assert "見込みを聞く係を決めておけばよかった終了後の振り返り（ホットウォッシュ）10:50 参加者" in player.words
    rows = [*csv.reader(io.StringIO(player.open(f"/drills/{id}.csv").text.removeprefix("\ufeff")))]
    notes = {row[2]: (row[3], row[4]) for row in rows if row[0] == "notes"}
    assert notes["電話を取る人がいない"] == ("10:04 進行役", "")
    assert notes["見込みを聞く係を決めておけばよかった"] == ("10:50 参加者", "終了後の振り返り（ホットウォッシュ）")
    text = player.open(f"/drills/{id}.csv").text
    assert not [name for name in ("中村", "鈴木", "佐藤") if name in text], "roles, not people"
    stranger = observer(drill, clock)
    assert stranger.open(f"/drills/{id}").tree.xpath("//textarea[@name='note']"), "a viewer who observed"


def test_a_team_that_wants_names_gets_names(drill: Environment):
    begin(drill, "10:00")
    running = drills.running_drill(drill.databases.environment)
    assert running is not None
    catalog = drill.site.catalog
    named = replace(catalog, site=replace(catalog.site, names_people_in_drills=True))
    for content, expected in (
        (catalog, ["進行役", "評価者（オブザーバー）", "参加者"]),
        (named, ["中村", "鈴木", "佐藤"]),
    ):
        say = content.packs["ja"].labels.__getitem__
        formatter = ScorecardFormatter(say, None, content, "ja")
        assert [person_label(name, running, formatter) for name in ("中村", "鈴木", "佐藤")] == expected


def test_evaluators_grade_beside_each_other_and_the_leader_decides():
    objective = Objective("calm", {"en": "Calm"}, "leader")
    seen = (Evaluation(Grade.PERFORMED, "Spoke slowly", "A"), Evaluation(Grade.MAJOR_CHALLENGES, "Shouted", "B"))
    graded = GradedObjective(objective, None, Evidence("leader"), evaluations=seen)
    assert graded.grade is Grade.MAJOR_CHALLENGES, "the lowest counts until the leader has decided"
    measured = GradedObjective(objective, Grade.SOME_CHALLENGES, Evidence("took"), evaluations=seen)
    assert measured.grade is Grade.SOME_CHALLENGES
    assert GradedObjective(objective, None, Evidence("leader")).grade is None


@pytest.mark.slow
def test_an_evaluators_grade_needs_evidence_and_is_on_the_card(drill: Environment, clock: Clock):
    id = begin(drill, "10:00")
    clock.now = at("10:10")
    suzuki = observer(drill, clock)
    grades = f"/drills/{id}/evaluations"
    token = suzuki.open("/drills").tree.xpath("//input[@name='csrf_token']/@value")[0]
    wish = {"csrf_token": token, "objective": "repeat", "grade": "some_challenges"}
    assert suzuki.post(grades, {**wish, "evidence": "x"}).status_code == 403, "it still runs"
    drills.end_drill(drill, now=at("10:40"))
    assert suzuki.post(grades, {**wish, "evidence": " "}).status_code == 422
    suzuki.post(grades, {**wish, "evidence": "6分に「押してよい」と答えた"})
    card = suzuki.open(f"/drills/{id}")
    assert "評価者（オブザーバー）：一部に課題はあったが実施できた（S）。6分に「押してよい」と答えた" in card.words
    player = signed_in(drill, clock)
    own = {**wish, "csrf_token": player.open("/drills").tree.xpath("//input[@name='csrf_token']/@value")[0]}
    assert player.post(grades, {**own, "evidence": "x"}).status_code == 403
    evaluated = {
        one.objective.id: one for one in scorecard.build_scorecard(drill, id, now=at("11:00")).graded_objectives
    }
    assert evaluated["repeat"].grade is Grade.SOME_CHALLENGES
    suzuki.post(grades, {**wish, "grade": "", "evidence": ""})
    taken_back = scorecard.build_scorecard(drill, id, now=at("11:00")).graded_objectives
    assert [one.evaluations for one in taken_back if one.evaluations] == []


def test_the_word_to_pass_on_is_that_of_the_next_drill(drill: Environment):
    asked = RehearsalRequest("support-alone", "遅い", "中村", "ja")
    windows = [(at(f"{hour}:00"), at(f"{hour}:30")) for hour in ("13", "15", "17")]
    planned = drills.plan_rehearsals(drill, asked, windows, chance=lambda: 0, now=at("10:00"))
    for rehearsal in planned:
        drills.announce(drill.home, rehearsal.id, f"次は {rehearsal.window[0]:%H:%M}", now=at("10:00"))
    assert drills.next_announcement(drill) == f"次は {windows[0][0]:%H:%M}"
    drills.advance_drill(drill, now=at("13:00"))
    drills.end_drill(drill, now=at("13:40"))
    assert drills.next_announcement(drill) == f"次は {windows[1][0]:%H:%M}"
    drills.cancel_rehearsal(drill.databases.environment, planned[1].id)
    assert drills.next_announcement(drill) == f"次は {windows[2][0]:%H:%M}"
    drills.cancel_rehearsal(drill.databases.environment, planned[2].id)
    assert drills.next_announcement(drill) == ""


@pytest.mark.slow
def test_the_trend_is_of_one_scenario_until_all_are_asked_for(drill: Environment, clock: Clock):
    catalog = drill.site.catalog
    play(drill, at("06:00"), QUICK, setup=Setup(catalog.scenarios["booking-phone"], "ja"), title="電話")
    play(drill, at("08:00"), QUICK, setup=Setup(catalog.scenarios["support-alone"], "ja"), title="遅い")
    clock.now = at("15:00")
    reader = signed_in(drill, clock)

    def shown(query: str = "") -> list[str]:
        cells = reader.open(f"/drills/trend{query}").tree.xpath("//table[contains(@class, 'past')]/tbody/tr/th")
        return [cell.text_content().strip() for cell in cells]

    assert shown() == ["2 遅い"]
    assert reader.tree.xpath("//option[@selected]/@value") == ["support-alone"]
    assert shown("?scenario=booking-phone") == ["1 電話"]
    assert shown("?scenario=all") == ["2 遅い", "1 電話"]
    assert shown("?scenario=none-such") == []
