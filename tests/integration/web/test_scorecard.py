"""The scorecard of a drill on the desk: objectives and grades, action items, downloads, and the trend."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import EventKind, TimelineEvent
from statuspage.integrations.monitors.registry import SOURCES
from statuspage.storage import incidents
from statuspage.usecases import action_items, alerts, drills, notices
from statuspage.usecases.action_items import ActionInput
from statuspage.usecases.audit_log import Actor
from statuspage.usecases.drills.lifecycle import Setup
from statuspage.usecases.drills.trend import build_trend
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.notices import approvals
from statuspage.usecases.on_call import fact_requests
from tests.support.content import SAMPLE_ALERT
from tests.support.desk import Browser, Clock, clock, drill_environment_in, signed_in
from tests.support.drill_series import CAUSES, IMPROVING, QUICK, WORSENING, play, series, slowed
from tests.support.environments import with_changes
from tests.support.times import at
from tests.support.typed import typed_input

__all__ = ["clock"]

pytestmark = pytest.mark.usefixtures("database")

LONGEST = {
    "acknowledged": "アラートの確認まで",
    "confirmed": "障害と判断するまで",
    "colleagues_told": "社内への連絡まで",
    "opened": "第一報の入力開始まで",
    "written": "第一報の作成",
    "readable": "公開処理",
}


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Environment]:
    """A drill environment with the sample alert at hand."""
    env = drill_environment_in(tmp_path)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def card(drill: Environment, clock: Clock, found: drills.Report) -> Browser:
    clock.now = at("20:00")
    return signed_in(drill, clock).open(f"/drills/{found.drill.id}")


@pytest.mark.slow
def test_each_of_six_causes_yields_its_own_sentence(drill: Environment, clock: Clock) -> None:
    began = at("08:00")
    reports = [play(drill, began + timedelta(hours=n), slowed(c, timedelta(minutes=8))) for n, c in enumerate(CAUSES)]
    for cause, found in zip(CAUSES, reports, strict=True):
        words = card(drill, clock, found).words
        assert f"最も時間がかかったのは「{LONGEST[cause]}」です" in words


@pytest.mark.slow
def test_each_stage_stands_beside_its_target_and_the_drill_before(drill: Environment, clock: Clock) -> None:
    script = drill.site.catalog.scenarios["booking-phone"]
    play(drill, at("08:00"), slowed("acknowledged", timedelta(minutes=2)), setup=Setup(script, "ja"))
    report = play(drill, at("10:00"), slowed("acknowledged", timedelta(minutes=4)), setup=Setup(script, "ja"))
    browser = card(drill, clock, report)
    table = browser.tree.xpath("//table[@class='fall']/tbody/tr")
    rows = [[text.strip() for text in row.itertext() if text.strip()] for row in table]
    assert rows[0] == ["アラートの確認", "4分20秒", "+1分20秒", "2分20秒"], "stages, not people"
    assert ["第一報まで", "7分2秒", "目標 10分", "5分2秒"] in rows
    drawn = browser.tree.xpath("(//table[@class='fall']/tbody/tr)[1]//*[@class='over' or @class='tgt']")
    assert len(drawn) == 2, "past the target of three minutes, which is drawn"
    assert "| アラートの確認 | 4分20秒 | 2分20秒 |" in browser.open(f"/drills/{report.drill.id}.md").text
    assert (
        json.loads(browser.open(f"/drills/{report.drill.id}.json").text)["earlier_stage_seconds"]["acknowledged"] == 140
    )


@pytest.mark.slow
def test_the_leader_may_overrule_a_grade_with_a_reason_and_take_it_back(drill: Environment, clock: Clock) -> None:
    report = play(drill, at("10:00"), QUICK)
    browser = card(drill, clock, report)
    assert "お客様が第一報を読める3分2秒（目標10分）" in browser.words
    assert "目盛りより長い" in browser.words, "the notice that it works again came after the end of the scale"
    assert browser.tree.xpath("//td/svg/*[@class='cut-off']")
    (heading,) = browser.tree.xpath("//table[@class='fall']/tbody[2]/tr[1]/th[@scope='rowgroup']")
    assert heading.text_content() == "第一報のあと"
    assert len(browser.tree.xpath("//table[@class='fall']/tbody[2]/tr")) == 2, "and the stage that it is about"
    wish = {"objective": "plain", "grade": "some_challenges", "reason": ""}
    browser.send(wish, action=f"/drills/{report.drill.id}/grades")
    assert (
        browser.page.status_code,
        "理由を500文字以内で入力してください（制御文字は使えません）。" in browser.words,
    ) == (
        422,
        True,
    )
    browser.send({**wish, "reason": "見出しがかたい"}, action=f"/drills/{report.drill.id}/grades")
    assert "一部に課題" in browser.words and "見出しがかたい（自動評価：0件）" in browser.words
    browser.send({**wish, "grade": ""}, action=f"/drills/{report.drill.id}/grades")
    assert "見出しがかたい" not in browser.words


@pytest.mark.slow
def test_what_to_mend_is_kept_with_owner_and_day_and_is_done_in_the_list(drill: Environment, clock: Clock) -> None:
    report = play(drill, at("10:00"), QUICK)
    browser = card(drill, clock, report)
    where = f"/drills/{report.drill.id}/actions"
    browser.send({"text": " ", "owner": "佐藤", "due": "2026-07-08"}, action=where)
    assert browser.page.status_code == 422
    assert 'value="佐藤"' in browser.text and 'value="2026-07-08"' in browser.text
    browser.send({"text": "答え方を決める", "owner": "佐藤", "due": "2026-07-08"}, action=where)
    assert "答え方を決める佐藤 7月8日まで" in browser.words
    address = browser.tree.xpath("//section[@aria-labelledby='s-actions']//a/@href")[0]
    browser.open(address).send({"do": "done"}, action="/actions/1")
    browser.open(f"/drills/{report.drill.id}")
    assert "答え方を決める佐藤 完了" in browser.words


@pytest.mark.slow
def test_the_card_is_taken_along_as_text_table_and_data(drill: Environment, clock: Clock) -> None:
    report = play(drill, at("10:00"), QUICK)
    typed = ActionInput("=1+1 を直す", owner="佐藤", due="2026-07-08")
    action_items.add_item(drill, report.drill.id, typed, actor=Actor(name="佐藤"), now=at("12:00"))
    browser = card(drill, clock, report)
    text = browser.open(f"/drills/{report.drill.id}.md").text
    assert text.startswith("# 訓練：Simulated: the booking database fails") and "## 目標と結果" in text
    rows = list(csv.reader(io.StringIO(browser.open(f"/drills/{report.drill.id}.csv").text)))
    assert browser.page.get_data().startswith(b"\xef\xbb\xbf"), "Excel reads it as UTF-8"
    assert rows[0] == ["\ufeff区分", "判定", "項目", "値", "詳細"]
    assert ["stages", "", "アラートの確認", "20", ""] in rows
    assert "Sato" not in browser.text, "stages and roles, not people"
    assert [row[2] for row in rows if row[0] == "actions"] == ["'=1+1 を直す"]
    plain = json.loads(browser.open(f"/drills/{report.drill.id}.json").text)
    assert [(one["id"], one["grade"]) for one in plain["objectives"]] == [
        ("readable", "performed"),
        ("facts", "performed"),
        ("promises", "performed"),
        ("plain", "performed"),
    ]
    assert plain["last_stage"] is None


@pytest.mark.slow
def test_a_team_that_practises_gets_quicker_and_one_that_does_not_gets_slower(drill: Environment, clock: Clock) -> None:
    better = series(drill, IMPROVING, at("10:00", "2026-01-10"))
    assert [round(one.duration.total_seconds() / 60) for one in better if one.duration] == [*IMPROVING]
    assert [one.is_goal_met for one in better] == [False] * 5 + [True]
    worse = series(drill, WORSENING, at("10:00", "2027-01-10"))
    found = build_trend(drill, now=at("12:00", "2027-06-10"))
    assert [point.number for point in found.points] == list(range(1, 11))
    assert [point.is_goal_met for point in found.points[6:]] == [True, False, False, False]
    clock.now = at("12:00", "2027-06-10")
    browser = signed_in(drill, clock).open("/drills/trend")
    circles, texts = (browser.tree.xpath(f"//main//*[local-name()='{name}']") for name in ("circle", "text"))
    dots = [int(one.get("cy")) for one in circles]
    times = [int(one.get("y")) for one in texts if one.get("class") in ("v", "v mid")]
    assert len(dots) == len(times) == 10 and "目標 10分" in browser.text
    assert all(time in (dot - 16, dot + 42) for dot, time in zip(dots, times, strict=True))
    assert times[dots.index(min(dots))] < min(dots)  # no line reaches the longest from above
    assert worse[-1].duration is not None and "23分59秒" in browser.words


@pytest.mark.slow
def test_a_drill_in_which_nothing_was_published_says_where_it_stopped(drill: Environment, clock: Clock) -> None:
    body = (SAMPLE_ALERT).read_bytes()
    signals = SOURCES["alertmanager"].parse(body, at("10:00"))
    goal = timedelta(minutes=10)
    begun = drills.start_drill(drill, title="想定", leader="中村", goal=goal, signals=signals, now=at("10:00"))
    alerts.acknowledge(drill, begun.drill.alert, actor="佐藤", now=at("10:12"))
    alerts.confirm(drill, begun.drill.alert, actor="佐藤", now=at("10:15"))
    drills.end_drill(drill, now=at("10:40"))
    browser = card(drill, clock, drills.report(drill, begun.drill.id, now=at("10:40")))
    assert "最後に完了したのは「障害の判断」（開始から15分）です。" in browser.words
    assert "未達成" in browser.words


@pytest.mark.slow
def test_of_a_scripted_drill_only_who_leads_judges(drill: Environment, clock: Clock) -> None:
    setup = drills.Setup(scenario=drill.site.catalog.scenarios["booking-phone"])
    goal = timedelta(minutes=10)
    begun = drills.start_drill(drill, title="想定", leader="中村", goal=goal, setup=setup, now=at("10:00"))
    drills.end_drill(drill, now=at("10:40"))
    clock.now = at("20:00")
    where = f"/drills/{begun.drill.id}"
    player = signed_in(drill, clock).open(where)
    assert "進行役の評価に変える" not in player.words and "改善項目を追加" not in player.words
    leader = signed_in(drill, clock, "nakamura", "中村").open(where)
    assert "進行役の評価に変える" in leader.words
    token = leader.fields(f"{where}/actions")["csrf_token"][0]
    assert player.post(f"{where}/actions", {"csrf_token": token, "text": "直す"}).status_code in (400, 403)
    leader.send({"text": "答え方を決める"}, action=f"{where}/actions")
    assert "答え方を決める" in leader.words


def helped(env: Environment, answers: int, approves: int) -> drills.Report:
    """A drill in which an engineer answers, and a second person approves, after so many minutes each."""
    began = at("10:00")
    body = (SAMPLE_ALERT).read_bytes()
    signals, goal = SOURCES["alertmanager"].parse(body, began), timedelta(minutes=10)
    begun = drills.start_drill(env, title="想定", leader="中村", goal=goal, signals=signals, now=began)
    alerts.acknowledge(env, begun.drill.alert, actor="佐藤", now=at("10:01"))
    incident = alerts.confirm(env, begun.drill.alert, actor="佐藤", now=at("10:02")).id
    target = notices.open_notice_form(env.databases.environment, incident, actor="佐藤", now=at("10:03"))
    assert target is not None
    number = fact_requests.ask_engineers(env, incident, actor="佐藤", now=at("10:04"))
    known = at("10:04") + timedelta(minutes=answers)
    notice_input = typed_input(incident_type="booking", services=("booking:partial",), start="about:5m")
    assert (
        fact_requests.record_answer(env, incident, notice_input, actor="山田", now=known, request_sequence=number) == ()
    )
    typed, ready = (
        typed_input(incident_type="booking", start="about:5m", next_update="30m"),
        known + timedelta(minutes=1),
    )
    preview = notices.preview_notice(env, typed, notice_kind=NoticeKind.FIRST, target=target, now=ready)
    waits = notices.publish_notice(env, typed, preview.token, actor="佐藤", now=ready)
    assert isinstance(waits, notices.AwaitingApproval)
    out = ready + timedelta(minutes=approves)
    published = approvals.approve_notice(env, incident, waits.sequence, actor="田中", now=out)
    with env.databases.environment.begin() as tx:
        step = TimelineEvent(EventKind.READABLE, text=str(published.sequence))
        incidents.append_entry(
            tx, incident, step, happened=out + timedelta(seconds=2), recorded=out + timedelta(seconds=2)
        )
    drills.end_drill(env, now=out + timedelta(minutes=5))
    return drills.report(env, begun.drill.id, now=out + timedelta(minutes=5))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answers", "approves", "longest", "helps"),
    [
        (12, 3, "「エンジニアの回答待ち」です（20分2秒のうち13分）", "回答を待たず、「確認中」として公開して"),
        (3, 12, "「文面ができてから公開まで」です（20分2秒のうち12分）", "1人で公開できる担当者"),
    ],
)
def test_waiting_for_engineers_and_for_approval_are_told_apart(
    drill: Environment, clock: Clock, answers: int, approves: int, longest: str, helps: str
) -> None:
    booking = replace(drill.site.catalog.incident_types["booking"], needs_approval=True)
    careful = with_changes(
        drill,
        catalog=replace(drill.site.catalog, incident_types={**drill.site.catalog.incident_types, "booking": booking}),
    )
    found = helped(careful, answers, approves)
    browser = card(careful, clock, found)
    assert longest in browser.words and helps in browser.words
    rows = list(csv.reader(io.StringIO(browser.open(f"/drills/{found.drill.id}.csv").text)))
    lengths = {row[2]: (row[3], row[4]) for row in rows if row[0] == "stages"}
    assert lengths["エンジニアの回答"] == (str((answers + 1) * 60), "")
    assert lengths["文面の作成"][0] == "60"
    assert lengths["第一報の公開"] == (str(approves * 60), "")
    assert f"10:{4 + answers:02} エンジニアから回答" in " ".join(row[4] for row in rows if row[0] == "facts")
    plain = json.loads(browser.open(f"/drills/{found.drill.id}.json").text)
    assert [(one["fact"], one["actor"]) for one in plain["arrived"]] == [("scope", "山田"), ("start", "山田")]
    (question,) = plain["requests"]
    assert [(one["actor"], one["fields"]) for one in question["answers"]] == [("山田", ["services", "start"])]


@pytest.mark.slow
def test_what_was_typed_first_is_counted_by_class_and_its_words_are_kept_nowhere(
    drill: Environment, clock: Clock
) -> None:
    body = (SAMPLE_ALERT).read_bytes()
    signals, goal = SOURCES["alertmanager"].parse(body, at("10:00")), timedelta(minutes=10)
    begun = drills.start_drill(drill, title="想定", leader="中村", goal=goal, signals=signals, now=at("10:00"))
    clock.now = at("10:02")
    writer = signed_in(drill, clock).open("/").send(do="write")
    writer.send(
        {"incident_type": "booking", "start": "5m"}, do="preview", **{"extra-ja": "db-prod-02 のサーバーが不調です。"}
    )
    writer.send({"extra-ja": "サーバーが不調です。"}, do="preview")
    writer.open("/").open(writer.path)
    writer.resume(next(link for link in writer.tree.xpath("//a/@href") if "/notices/new/first" in link))
    writer.send({"extra-ja": ""}, do="publish")
    with drill.databases.environment.read() as tx:
        ((stored, _),) = incidents.latest_notices(tx, 9)
    assert stored.latest is not None and stored.latest.notice.warning_classes == ("secret", "jargon", "vague")
    assert "db-prod-02" not in repr(stored) and "サーバー" not in repr(stored)
    drills.end_drill(drill, now=at("10:30"))
    browser = card(drill, clock, drills.report(drill, begun.drill.id, now=at("10:30")))
    assert "第一報：作成中3件、公開時0件" in browser.words
    assert "非公開の情報（1件）" in browser.words and "作成中3件" in browser.words
    plain = json.loads(browser.open(f"/drills/{begun.drill.id}.json").text)
    assert plain["warning_classes"] == [{"sequence": stored.latest.sequence, "classes": ["secret", "jargon", "vague"]}]
    assert "db-prod-02" not in browser.text


@pytest.mark.slow
def test_what_nobody_has_judged_is_no_zero_and_the_rest_is_folded_with_its_result(
    drill: Environment, clock: Clock
) -> None:
    setup = drills.Setup(scenario=drill.site.catalog.scenarios["booking-phone"], kept_out=("鈴木",))
    report = play(drill, at("10:00"), QUICK, setup=setup)
    drills_of_script = {"objectives", "injects"}
    browser = card(drill, clock, report)
    folds = {
        fold.get("id").removeprefix("s-"): " ".join(fold.xpath("./summary")[0].text_content().split())
        for fold in browser.tree.xpath("//details[contains(@class, 'fold')][starts-with(@id, 's-')]")
    }
    assert drills_of_script & {*folds} == {"objectives"} or "未評価" in folds["injects"]
    assert "0件に対応" not in browser.words
    assert "うち" in folds["evidence"] and "達成" in folds["objectives"]
    assert "Sato" not in browser.text and "鈴木" not in browser.text, "that somebody was kept out is told, and no name"
    assert not browser.tree.xpath("//*[contains(@class, 'dmark')]"), "no stamp over the figures"
    assert "実際には起きていません" in browser.tree.xpath("//p[@class='endnote']")[0].text_content()
