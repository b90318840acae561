"""The scorecard of a drill on the desk: objectives and grades, what to mend, files to take along, and the line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage import desk, drills, shipped
from statuspage.alerts import SOURCES
from statuspage.drills import score
from statuspage.drills.trend import trend
from statuspage.world import World
from tests.drill_series import CAUSES, IMPROVING, QUICK, WORSENING, play, series, slowed
from tests.fixtures_desk import Browser, Clock, clock, drill_world_in, signed_in
from tests.times import at

__all__ = ["clock"]

pytestmark = pytest.mark.usefixtures("database")

LONGEST = {
    "acknowledged": "アラートに気づくまで",
    "confirmed": "不具合だと確かめるまで",
    "colleagues_told": "社内に知らせるまで",
    "opened": "第一報の画面を開くまで",
    "written": "第一報を書く間",
    "readable": "公開してから読めるようになるまで",
}


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[World]:
    """A drill's world with the sample alert at hand."""
    made = drill_world_in(tmp_path)
    yield made
    made.store.close()
    made.people.close()


def card(drill: World, clock: Clock, found: drills.Report) -> Browser:
    clock.now = at("20:00")
    return signed_in(drill, clock).open(f"/drills/{found.drill.id}")


def test_each_of_six_causes_yields_its_own_sentence(drill: World, clock: Clock) -> None:
    began = at("08:00")
    told = [play(drill, began + timedelta(hours=n), slowed(c, timedelta(minutes=8))) for n, c in enumerate(CAUSES)]
    for cause, found in zip(CAUSES, told, strict=True):
        words = card(drill, clock, found).words
        assert f"いちばん時間がかかったのは、{LONGEST[cause]}です" in words


def test_the_leader_may_overrule_a_grade_with_a_reason_and_take_it_back(drill: World, clock: Clock) -> None:
    found = play(drill, at("10:00"), QUICK)
    browser = card(drill, clock, found)
    assert "お客さまが第一報を読める3:02（目標 10:00）" in browser.words
    wish = {"objective": "plain", "grade": "some", "reason": ""}
    browser.send(wish, action=f"/drills/{found.drill.id}/grades")
    assert (browser.page.status_code, "理由を、500文字までのふつうの文字で書いてください。" in browser.words) == (
        422,
        True,
    )
    browser.send({**wish, "reason": "見出しがかたい"}, action=f"/drills/{found.drill.id}/grades")
    assert "少し課題がある" in browser.words and "見出しがかたい（自動の判定：0件）" in browser.words
    browser.send({**wish, "grade": ""}, action=f"/drills/{found.drill.id}/grades")
    assert "見出しがかたい" not in browser.words


def test_what_to_mend_is_kept_with_owner_and_day_and_can_be_taken_off(drill: World, clock: Clock) -> None:
    found = play(drill, at("10:00"), QUICK)
    browser = card(drill, clock, found)
    where = f"/drills/{found.drill.id}/actions"
    browser.send({"text": " ", "owner": "佐藤", "until": "2026-07-08"}, action=where)
    assert browser.page.status_code == 422
    assert 'value="佐藤"' in browser.text and 'value="2026-07-08"' in browser.text
    browser.send({"text": "答え方を決める", "owner": "佐藤", "until": "2026-07-08"}, action=where)
    assert "答え方を決める佐藤 7月8日まで" in browser.words
    browser.send({"drop": "1"}, action=where)
    assert "答え方を決める" not in browser.words


def test_the_card_is_taken_along_as_text_table_and_data(drill: World, clock: Clock) -> None:
    found = play(drill, at("10:00"), QUICK)
    score.act(drill, found.drill.id, "=1+1 を直す", owner="佐藤", until="2026-07-08")
    browser = card(drill, clock, found)
    text = browser.open(f"/drills/{found.drill.id}.md").text
    assert text.startswith("# 訓練：Simulated: the booking database fails") and "## 目標と結果" in text
    rows = list(csv.reader(io.StringIO(browser.open(f"/drills/{found.drill.id}.csv").text)))
    assert ["stages", "", "気づく", "20", "Sato"] in rows
    assert [row[2] for row in rows if row[0] == "actions"] == ["'=1+1 を直す"]
    plain = json.loads(browser.open(f"/drills/{found.drill.id}.json").text)
    assert [(one["id"], one["grade"]) for one in plain["objectives"]] == [
        ("readable", "performed"),
        ("facts", "performed"),
        ("promises", "performed"),
        ("plain", "performed"),
    ]
    assert plain["stuck"] is None


def test_a_team_that_practises_gets_quicker_and_one_that_does_not_gets_slower(drill: World, clock: Clock) -> None:
    better = series(drill, IMPROVING, at("10:00", "2026-01-10"))
    assert [round(one.took.total_seconds() / 60) for one in better if one.took] == [*IMPROVING]
    assert [one.reached for one in better] == [False] * 5 + [True]
    worse = series(drill, WORSENING, at("10:00", "2027-01-10"))
    found = trend(drill, now=at("12:00", "2027-06-10"))
    assert [point.number for point in found.points] == list(range(1, 11))
    assert [point.reached for point in found.points[6:]] == [True, False, False, False]
    clock.now = at("12:00", "2027-06-10")
    browser = signed_in(drill, clock).open("/drills/trend")
    assert len(browser.tree.xpath("//main//*[local-name()='circle']")) == 10 and "目標 10分" in browser.text
    assert worse[-1].took is not None and "23:59" in browser.words


def test_a_drill_in_which_nothing_was_published_says_where_it_stopped(drill: World, clock: Clock) -> None:
    body = (shipped.folder("content") / "drill" / "alertmanager.json").read_bytes()
    signals = SOURCES["alertmanager"].read(body, at("10:00"))
    goal = timedelta(minutes=10)
    begun = drills.start(drill, title="想定", leader="中村", goal=goal, signals=signals, now=at("10:00"))
    desk.acknowledge(drill, begun.drill.alert, by="佐藤", now=at("10:12"))
    desk.confirm(drill, begun.drill.alert, by="佐藤", now=at("10:15"))
    drills.end(drill, now=at("10:40"))
    browser = card(drill, clock, drills.report(drill, begun.drill.id, now=at("10:40")))
    assert "最後にできたのは「動作確認」で、開始から15:00でした。" in browser.words
    assert "できなかった" in browser.words


def test_of_a_scripted_drill_only_who_leads_judges(drill: World, clock: Clock) -> None:
    setup = drills.Setup(scenario=drill.catalog.scenarios["booking-phone"])
    goal = timedelta(minutes=10)
    begun = drills.start(drill, title="想定", leader="中村", goal=goal, setup=setup, now=at("10:00"))
    drills.end(drill, now=at("10:40"))
    clock.now = at("20:00")
    where = f"/drills/{begun.drill.id}"
    player = signed_in(drill, clock).open(where)
    assert "自分で判定する" not in player.words and "直すことを足す" not in player.words
    leader = signed_in(drill, clock, "nakamura", "中村").open(where)
    assert "自分で判定する" in leader.words
    token = leader.fields(f"{where}/actions")["csrf_token"][0]
    assert player.post(f"{where}/actions", {"csrf_token": token, "text": "直す"}).status_code in (400, 403)
    leader.send({"text": "答え方を決める"}, action=f"{where}/actions")
    assert "答え方を決める" in leader.words
