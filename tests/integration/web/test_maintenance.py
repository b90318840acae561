"""Maintenance on the desk without scripts, and forms that show only what their notice says."""

from __future__ import annotations

import pytest

from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import Incident
from statuspage.storage import incidents
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.notices import scheduled
from tests.support.desk import Browser, Clock, clock, env, signed_in
from tests.support.times import at

__all__ = ["clock", "env"]

N = NoticeKind
PLAN = {"service": ["booking"], "begins": "2026-07-12T02:00", "do": "publish"}


def incident_of(env: Environment) -> Incident:
    with env.databases.environment.read() as tx:
        ((incident, _),) = incidents.latest_notices(tx, 1)
    return incident


def planned(env: Environment, clock: Clock) -> Browser:
    return signed_in(env, clock).open("/maintenance/new").send(PLAN)


def publish_notice(browser: Browser, env: Environment, notice: str, **fields: object) -> Browser:
    return browser.open(f"/incidents/{incident_of(env).id}/notices/new/{notice}").send(fields, do="publish")


def test_work_is_planned_with_a_start_and_a_length_and_its_words_are_approved(env: Environment, clock: Clock):
    browser = planned(env, clock)
    assert browser.path.rpartition("/notices/")[2].isdigit()
    plan = incident_of(env)
    assert plan.maintenance_window is not None
    assert (plan.maintenance_window.start, plan.maintenance_window.end) == (
        at("02:00", "2026-07-12"),
        at("04:00", "2026-07-12"),
    )
    assert [s.notice for s in plan.notices[0].notice.scheduled] == [N.REMINDER, N.STARTED]


def test_before_it_is_published_everything_that_goes_out_by_itself_is_shown(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/maintenance/new").send(PLAN, do="preview")
    heads = [one.text_content() for one in browser.tree.xpath("//*[@id='preview']//details/summary")]
    assert [head for head in heads if "自動で公開" in head][:2] == [
        "メンテナンスのお知らせ（再掲）：7月11日(土) 2:00に自動で公開",
        "メンテナンス開始：7月12日(日) 2:00に自動で公開",
    ]


def test_home_and_its_own_page_show_planned_work_with_what_can_be_done(env: Environment, clock: Clock):
    browser = planned(env, clock).open("/")
    assert "7月12日(日) 2:00–4:00" in browser.words
    links = browser.open("/maintenance").tree.xpath("//section[@aria-labelledby='h-next']//li//div/a[@class]/@href")
    links = [link for link in links if "/notices/new/" in link]
    assert [link.rsplit("/", 1)[1] for link in links] == ["announced", "started"]
    browser.open(f"/incidents/{incident_of(env).id}")
    assert browser.words.count("00（日本時間）に自動で公開") == 2
    assert browser.tree.xpath("//div[contains(@class, 'strip')]//a[contains(@href, '/notices/new/')]/text()") == [
        "予定を変更する",
        "今すぐ開始する",
        "延長する",
        "中止する",
    ]
    assert not browser.tree.xpath("//*[@class='clock']")


@pytest.mark.slow
def test_the_plan_is_changed_extended_and_finished_on_its_forms(env: Environment, clock: Clock):
    browser = planned(env, clock)
    publish_notice(browser, env, "announced", begins="2026-07-12T03:00", ends_at="2026-07-12T05:00")
    clock.now = at("03:00", "2026-07-12")
    browser = signed_in(env, clock)
    assert scheduled.publish_due(env, now=clock()) == (incident_of(env).id,)
    publish_notice(browser, env, "extended", ends_at="2026-07-12T06:30")
    clock.later(hours=3)
    publish_notice(browser, env, "finished")
    notice_kinds = [n.notice.notice for n in incident_of(env).notices]
    assert notice_kinds == [N.ANNOUNCED, N.ANNOUNCED, N.STARTED, N.EXTENDED, N.FINISHED]
    facts = incident_of(env).notices[-1].notice.facts
    assert (facts.ended_at, incident_of(env).is_over) == (clock(), True)
    assert facts.maintenance_window is not None
    assert facts.maintenance_window.end == at("06:30", "2026-07-12")


@pytest.mark.slow
def test_work_past_its_end_stands_on_the_desk_until_somebody_says_how_it_is(env: Environment, clock: Clock):
    browser = planned(env, clock)
    clock.now = at("04:20", "2026-07-12")
    browser = signed_in(env, clock)
    browser.open("/")
    assert "予定時間を過ぎたメンテナンスがあります。" in browser.words
    assert "終了予定を過ぎました" in browser.words
    publish_notice(browser, env, "finished", ended="now")
    assert "予定時間を過ぎた" not in browser.open("/").words


def test_a_wrong_window_is_said_beside_its_field_and_everything_stays(env: Environment, clock: Clock):
    browser = (
        signed_in(env, clock)
        .open("/maintenance/new")
        .send(PLAN, begins="2026-07-01T02:00", **{"extra-ja": "夜間に行います"})
    )
    assert browser.page.status_code == 422
    (box,) = browser.tree.xpath("//*[@id='f-begins']")
    assert "すでに過ぎています" in box.text_content()
    assert browser.tree.xpath("//*[@name='begins']/@value") == ["2026-07-01T02:00"]
    assert "夜間に行います" in browser.text


def test_work_that_is_over_is_not_reopened(env: Environment, clock: Clock):
    browser = planned(env, clock)
    publish_notice(browser, env, "cancelled")
    browser.open(f"/incidents/{incident_of(env).id}")
    assert not browser.tree.xpath("//form[contains(@action, '/reopen')]")


ASKED = {
    "first": {"f-incident_type", "f-services", "f-audience", "f-start", "f-estimate", "f-next_update"},
    "update": {"f-incident_type", "f-services", "f-audience", "f-start", "f-estimate", "f-next_update"},
    "monitoring": {"f-services", "f-start", "f-next_update"},
    "resolved": {"f-ended", "f-services", "f-start"},
    "withdrawal": set(),
}


@pytest.mark.parametrize("notice", ["update", "monitoring", "resolved", "withdrawal"])
def test_a_form_asks_only_what_its_notice_says_and_keeps_the_rest(env: Environment, clock: Clock, notice: str):
    browser = (
        signed_in(env, clock).open("/incidents/new").send({"incident_type": "booking", "start": "5m", "do": "publish"})
    )
    first = incident_of(env).notices[0].notice.facts
    browser.open(f"/incidents/{incident_of(env).id}/notices/new/{notice}")
    there = set(browser.tree.xpath("//fieldset[@id]/@id | //div[@role]/@id | //div[@id='f-incident_type']/@id"))
    assert there & ASKED["first"] | there & {"f-ended"} == ASKED[notice]
    assert bool(browser.tree.xpath("//input[@type='radio'][@name='incident_type']")) is (notice == "update")
    browser.send(do="publish", **({"ended": "now"} if notice == "resolved" else {}))
    facts = incident_of(env).notices[-1].notice.facts
    assert (facts.incident_type, facts.affected, facts.start) == (first.incident_type, first.affected, first.start)
    assert len(incident_of(env).notices) == 2


def test_a_correction_of_what_is_over_asks_when_it_ended(env: Environment, clock: Clock):
    browser = (
        signed_in(env, clock).open("/incidents/new").send({"incident_type": "booking", "start": "5m", "do": "publish"})
    )
    publish_notice(browser, env, "resolved", ended="now")
    clock.later(minutes=5)
    publish_notice(browser, env, "correction", cause="change")
    facts = incident_of(env).notices[-1].notice.facts
    assert (facts.ended_at, facts.next_update, facts.cause) == (at("12:02"), None, "change")
    assert incident_of(env).is_over


@pytest.mark.slow
def test_words_by_hand_go_out_with_their_reason(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new")
    assert "open" not in browser.tree.xpath("//details[@id='f-hand']")[0].attrib
    by_hand = {"incident_type": "booking", "start": "5m", "do": "publish", "text-ja": "手で書きました。"}
    browser.send(by_hand)
    assert browser.page.status_code == 422
    assert "open" in browser.tree.xpath("//details[@id='f-hand']")[0].attrib
    browser.send(reason="言い回しを急いで直す", do="publish")
    notice = incident_of(env).notices[0].notice
    assert (notice.texts["ja"].media["page"].body, notice.reason) == ("手で書きました。", "言い回しを急いで直す")
    assert "日本語" in notice.texts["en"].media["page"].body or "Japanese" in notice.texts["en"].media["page"].body


def test_our_words_go_out_in_one_language_only_with_a_reason(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new")
    browser.send({"incident_type": "booking", "start": "5m", "only": ["ja"], "reason": "英語は確認中", "do": "publish"})
    english = incident_of(env).notices[0].notice.texts["en"].media["page"].body
    assert "The details are in" in english


def test_receipts_name_the_channels_that_are_not_connected(env: Environment, clock: Clock):
    browser = (
        signed_in(env, clock).open("/incidents/new").send({"incident_type": "booking", "start": "5m", "do": "publish"})
    )
    rows = browser.tree.xpath("//details[@id='unconnected']//li//summary")
    rows_text = [" ".join(row.text_content().split()) for row in rows]
    assert rows_text == ["X @fitline_jp未接続", "X @fitline_en未接続"]


@pytest.mark.parametrize(("notice", "label"), [("update", "記載しない"), ("resolved", "調査中と記載する")])
def test_leaving_out_the_cause_says_what_is_published_then(env: Environment, clock: Clock, notice: str, label: str):
    browser = (
        signed_in(env, clock).open("/incidents/new").send({"incident_type": "booking", "start": "5m", "do": "publish"})
    )
    browser.open(f"/incidents/{incident_of(env).id}/notices/new/{notice}")
    (first,) = browser.tree.xpath("//input[@name='cause'][@value='']/..")
    assert first.text_content().strip() == label


def test_a_form_belongs_to_its_own_part_of_the_desk(env: Environment, clock: Clock):
    browser = planned(env, clock)
    for path, part in (
        ("/incidents/new", "ホーム"),
        ("/maintenance/new", "メンテナンス"),
        (f"/incidents/{incident_of(env).id}/notices/new/extended", "メンテナンス"),
    ):
        assert browser.open(path).tree.xpath("//nav//a[@aria-current='page']/text()") == [part]
