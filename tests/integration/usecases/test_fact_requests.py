"""Facts from engineers: requested by a link without an account, answered on any phone, taken into the form by one
key."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain import fact_request
from statuspage.domain.facts import Affected, Known, State
from statuspage.domain.incident import EventKind, Incident, TimelineEvent
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.domain.response_times import intervals
from statuspage.domain.staff_notification import NotificationReason
from statuspage.integrations import channels
from statuspage.storage import incidents, send_hold
from statuspage.usecases import alerts, delivery, drills
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import close_incident
from statuspage.usecases.on_call import fact_requests
from tests.support.desk import Browser, Clock, alert_arrives, clock, desk_of, drill_environment_in, env, signed_in
from tests.support.environments import with_changes
from tests.support.instance import Cli, cli, home, publish_report
from tests.support.on_call import OnCallSetup, on_call_setup
from tests.support.times import at
from tests.support.typed import typed_input

__all__ = ["cli", "clock", "env", "home", "on_call_setup"]


def writing(env: Environment, clock: Clock) -> Browser:
    """An alert has arrived, and somebody writes its first report."""
    browser = signed_in(env, clock, siblings={env.name: "https://desk.example"})
    alert_arrives(browser)
    return browser.open("/").send(do="write")


def the_one(env: Environment) -> Incident:
    """The only open incident."""
    with env.databases.environment.read() as tx:
        (found,) = incidents.open_incidents(tx)
    return found


def link_of(env: Environment, number: int = 0) -> str:
    """The link sent to engineers."""
    incident = the_one(env)
    return f"/facts/{fact_requests.request_token(env, incident.id, number or fact_request.asks(incident)[-1].sequence)}"


def steps(env: Environment) -> list[tuple[EventKind, str]]:
    """The recorded events of requests and answers: the kind and by whom."""
    events = [r.entry for r in the_one(env).entries if isinstance(r.entry, TimelineEvent)]
    return [(one.event, one.actor) for one in events if one.event.startswith("fact")]


@pytest.fixture
def form(env: Environment, clock: Clock) -> Browser:
    """The first report of an alert, with a fact request made from its form."""
    browser = writing(env, clock)
    return browser.send(do="ask_engineers")


def test_the_question_goes_out_with_a_link_and_is_on_record(form: Browser, env: Environment):
    assert form.path.endswith("/notices/new/first")
    assert steps(env) == [(EventKind.FACTS_REQUESTED, "佐藤")]
    (ask,) = fact_request.asks(the_one(env))
    (text,) = form.tree.xpath(f"//*[@id='ask-{ask.sequence}']")
    content = text.text_content()
    assert f"https://desk.example{link_of(env)}" in content
    assert all(
        word in content
        for word in ("予約の応答エラー", "何に影響がありますか", "いつ始まりましたか", "いつ復旧しそうですか")
    )


def test_an_answer_needs_no_account_and_says_who_said_so(form: Browser, env: Environment, clock: Clock):
    phone = Browser(form.app).open(link_of(env))
    assert phone.page.status_code == 200
    assert phone.page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert phone.page.headers["Referrer-Policy"] == "no-referrer"
    clock.later(minutes=3)
    phone.send(
        {"service": ["booking"], "state-booking": "partial", "start": "at", "start_at": "11:50"},
        estimate="minutes",
        estimate_minutes="45",
        text="DBのフェイルオーバー中",
        name="山田",
    )
    assert "ありがとうございます" in phone.words
    assert "フェイルオーバー" in phone.words
    (answer,) = fact_request.answers(the_one(env))
    assert answer.actor == "山田"
    assert answer.text == "DBのフェイルオーバー中"
    assert answer.engineer_answer.fields == ("services", "start", "estimate")
    assert answer.engineer_answer.facts.affected == (Affected("booking", State.PARTIAL),)
    assert answer.engineer_answer.facts.estimate == Known(at("12:50"))
    assert steps(env)[-1] == (EventKind.FACT_RECEIVED, "山田")


def test_what_cannot_be_read_stands_beside_its_field_and_nothing_typed_is_lost(form: Browser, env: Environment):
    phone = Browser(form.app).open(link_of(env))
    phone.send(start="at", start_at="きのう", text="調べています", name="")
    assert phone.page.status_code == 422
    assert "お名前を入力してください" in phone.words
    assert "「きのう」" in phone.words
    assert phone.fields()["text"] == ["調べています"]
    assert phone.fields()["start_at"] == ["きのう"]
    assert fact_request.answers(the_one(env)) == ()
    phone.send(start=None, start_at="", text="", name="山田")
    assert "1つ以上の質問に回答してください" in phone.words


def test_a_link_shows_one_incident_and_ends_with_it(form: Browser, env: Environment, clock: Clock):
    mine = the_one(env)
    stranger = Browser(form.app)
    assert stranger.open(link_of(env)[:-3] + "abc").page.status_code == 404
    assert "ありません" not in stranger.words and mine.id not in stranger.text
    (number,) = (one.sequence for one in fact_request.asks(mine))
    assert stranger.open(link_of(env)).page.status_code == 200
    address = link_of(env)
    form.open(f"/incidents/{mine.id}").send({"do": "revoke"}, action=f"/incidents/{mine.id}/fact-requests/{number}")
    assert stranger.open(address).page.status_code == 404
    assert steps(env)[-1] == (EventKind.FACT_REQUEST_REVOKED, "佐藤")
    fact_requests.ask_engineers(env, mine.id, actor="佐藤", now=clock())
    address = link_of(env)
    assert stranger.open(address).page.status_code == 200
    clock.later(hours=25)
    assert stranger.open(address).page.status_code == 404
    fact_requests.ask_engineers(env, mine.id, actor="佐藤", now=clock())
    address = link_of(env)
    close_incident(env.databases.environment, mine.id, actor="佐藤", now=clock())
    assert stranger.open(address).page.status_code == 404


def test_guessing_links_is_slowed_down(form: Browser, env: Environment, clock: Clock):
    stranger = Browser(form.app)
    tried = [stranger.open(f"/facts/guess{n}").page.status_code for n in range(22)]
    assert tried[0] == 404
    assert tried[-1] == 429
    assert stranger.open(link_of(env)).page.status_code == 200
    clock.later(minutes=16)
    assert stranger.open("/facts/guess").page.status_code == 404
    rotating = [
        stranger.client.get(f"/facts/guess{n}", environ_base={"REMOTE_ADDR": f"2001:db8::{n:x}"}) for n in range(22)
    ]
    assert rotating[-1].status_code == 429, "the addresses of one IPv6 network count as one"


def test_one_key_fills_in_what_nobody_typed_and_leaves_what_somebody_did(form: Browser, env: Environment, clock: Clock):
    form.send(start="at", start_at="11:58", do="refresh", has_changes="1")
    incident = the_one(env)
    known = typed_input(services=("booking:partial",), start="11:40", estimate="13:30", answers={"made": "valid"})
    assert fact_requests.record_answer(env, incident.id, known, actor="山田", now=clock()) == ()
    form.resume(form.path)
    assert form.tree.xpath("//button[@id='take-facts']")
    assert "あなたの入力" in form.words
    form.send(do="take_facts")
    fields = form.fields()
    assert fields["start_at"] == ["11:58"]
    assert fields["estimate_at"] == ["13:30"]
    assert fields["service"] == ["booking"]
    assert fields["state-booking"] == ["partial"]
    assert fields["answer-made"] == ["valid"]
    assert not form.tree.xpath("//button[@id='take-facts']")
    form.send(do="take_fact start")
    assert form.fields()["start_at"] == ["11:40"]
    assert form.fields()["precision"] == ["exact"]


def test_what_was_taken_follows_a_newer_answer_until_somebody_types(form: Browser, env: Environment, clock: Clock):
    incident = the_one(env)
    fact_requests.record_answer(env, incident.id, typed_input(estimate="13:30"), actor="山田", now=clock())
    form.resume(form.path).send(do="take_facts")
    fact_requests.record_answer(
        env, incident.id, typed_input(estimate="14:00"), actor="山田", now=clock.later(minutes=1)
    )
    form.resume(form.path).send(do="take_facts")
    assert form.fields()["estimate_at"] == ["14:00"]
    form.send(estimate_at="15:00", do="refresh", has_changes="1")
    fact_requests.record_answer(
        env, incident.id, typed_input(estimate="14:30"), actor="山田", now=clock.later(minutes=1)
    )
    form.resume(form.path).send(do="take_facts")
    assert form.fields()["estimate_at"] == ["15:00"]


def test_a_line_of_text_goes_into_the_form_only_by_hand_and_is_checked_there(
    form: Browser, env: Environment, clock: Clock
):
    incident = the_one(env)
    fact_requests.record_answer(
        env, incident.id, typed_input(), actor="山田", now=clock(), text="フェイルオーバー中です", language="ja"
    )
    form.resume(form.path)
    assert form.fields()["extra-ja"] == [""]
    form.send(do="take_fact text")
    assert form.fields()["extra-ja"] == ["フェイルオーバー中です"]
    assert form.tree.xpath("//*[@data-hint='findings-extra-ja']//li")


def test_new_trouble_goes_on_record_when_engineers_are_asked_and_the_form_goes_on(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new")
    browser.send({"extra-ja": "窓口へどうぞ。"}, incident_type="payment", do="ask_engineers")
    incident = the_one(env)
    assert browser.path == f"/incidents/{incident.id}/notices/new/first"
    assert browser.fields()["incident_type"] == ["payment"]
    assert browser.fields()["extra-ja"] == ["窓口へどうぞ。"]
    assert [s.event for s in (r.entry for r in incident.entries) if isinstance(s, TimelineEvent)] == [
        EventKind.FORM_OPENED, EventKind.CONFIRMED, EventKind.FACTS_REQUESTED,
    ]  # fmt: skip
    clock.later(minutes=2)
    browser.send(start="5m", do="publish")
    assert re.fullmatch(rf"/incidents/{incident.id}/notices/\d+", browser.path)
    assert not browser.open("/incidents/new").fields()["extra-ja"][0]


def test_nobody_answers_and_it_is_asked_once_more_and_then_again(form: Browser, env: Environment, clock: Clock):
    for minutes, times in ((4, 0), (2, 1), (4, 1), (6, 2), (60, 2)):
        clock.later(minutes=minutes)
        fact_requests.repeat_overdue(env, now=clock())
        fact_requests.repeat_overdue(env, now=clock())
        assert [event_kind for event_kind, _ in steps(env)].count(EventKind.FACTS_REMINDED) == times
    assert "回答待ち" in form.open("/").words
    incident = the_one(env)
    (ask,) = fact_request.asks(incident)
    fact_requests.record_answer(
        env, incident.id, typed_input(estimate="unknown"), actor="山田", now=clock(), request_sequence=ask.sequence
    )
    assert "回答待ち" not in form.open("/").words


def test_the_question_is_sent_to_who_is_on_call_and_again_until_somebody_answers(on_call_setup: OnCallSetup):
    on_call_setup.env = replace(on_call_setup.env, desk_url="https://desk.example")
    found = alerts.confirm(
        on_call_setup.env, on_call_setup.alert("booking").id, actor="佐藤", now=on_call_setup.clock()
    )
    number = fact_requests.ask_engineers(
        on_call_setup.env, found.id, actor="佐藤", now=on_call_setup.clock(), recipient="DB担当"
    )
    on_call_setup.carry_out()
    text = on_call_setup.chat.received[0].body["text"]
    assert text.startswith("<@U00000002> <@U00000004>\n")  # who is on call: 中村, 小林
    link = f"https://desk.example/facts/{fact_requests.request_token(on_call_setup.env, found.id, number)}"
    assert all(word in text for word in ("入館ゲートの応答が遅い", "1. 何に影響がありますか", link))
    assert set(on_call_setup.mail.taken_for[0][1]) == {"nakamura@example.com", "kobayashi@example.com"}
    for minutes, times in ((4, 1), (1, 2), (9, 2), (1, 3), (60, 3)):
        on_call_setup.clock.later(minutes=minutes)
        fact_requests.repeat_overdue(on_call_setup.env, now=on_call_setup.clock())
        on_call_setup.carry_out()
        assert on_call_setup.heard() == (times, times, 0)
    assert "再度の質問です" in on_call_setup.chat.received[2].text
    assert {(one.status, one.trigger) for one in on_call_setup.made()} == {
        (DeliveryStatus.DELIVERED, NotificationReason.FACTS_REQUESTED)
    }
    fact_requests.ask_engineers(on_call_setup.env, found.id, actor="佐藤", now=on_call_setup.clock())
    fact_requests.record_answer(
        on_call_setup.env,
        found.id,
        typed_input(estimate="unknown"),
        actor="山田",
        now=on_call_setup.clock(),
        request_sequence=number,
    )
    with on_call_setup.env.databases.environment.begin() as tx:
        send_hold.begin_hold(tx, on_call_setup.clock())
    fact_requests.repeat_overdue(on_call_setup.env, now=on_call_setup.clock.later(minutes=6))
    assert [one.reminder_count for one in fact_request.asks(the_one(on_call_setup.env))] == [2, 0]


def test_how_the_question_was_sent_stands_beside_it_and_one_press_asks_again(on_call_setup: OnCallSetup):
    env, clock = (
        with_changes(on_call_setup.env, unready_staff_channels={"mail": "notification_unready"}),
        on_call_setup.clock,
    )
    browser = writing(env, clock)
    assert "Slack #status" in browser.words
    browser.send(do="ask_engineers")
    on_call_setup.carry_out()
    incident, (ask,) = the_one(env), fact_request.asks(the_one(env))
    browser.resume(browser.path)
    sent, unsent = browser.tree.xpath("//*[@id='fact-requests']//*[@class='notifications']/li")
    assert (sent.get("class"), unsent.get("class")) == ("ok", "unk")
    assert "Slack #status：中村 恵、小林 直樹" in sent.text_content()
    assert "未接続のため" in unsent.text_content()
    assert browser.tree.xpath(f"//*[@id='ask-{ask.sequence}']")
    browser.open(f"/incidents/{incident.id}").send(
        {"do": "remind"}, action=f"/incidents/{incident.id}/fact-requests/{ask.sequence}"
    )
    on_call_setup.carry_out()
    assert len(on_call_setup.chat.received) == 2
    assert "エンジニアに質問" in browser.open(f"/incidents/{incident.id}").words


@pytest.mark.slow
def test_in_a_drill_the_question_lies_marked_in_the_sandbox_and_rests_while_it_stands_still(
    tmp_path: Path, clock: Clock
):
    environment = drill_environment_in(tmp_path)
    staff_channels = {
        id: channels.open_sandbox(spec, environment.home / "outbox")
        for id, spec in environment.site.catalog.notification_channels.items()
    }
    env = with_changes(environment, staff_channels=staff_channels, desk_url="https://drill.example")
    drills.start_drill(env, title="訓練", leader="佐藤", goal=timedelta(minutes=10), now=clock())
    writing(env, clock).send(do="ask_engineers")
    assert delivery.drain(env, clock=clock)
    (chat,) = (env.home / "outbox" / "on-call-chat").iterdir()
    answer = json.loads(chat.read_text("utf-8"))["message"]["text"]
    assert "\n【訓練】" in answer and answer.count("【訓練】") == 1
    assert f"https://drill.example{link_of(env)}" in answer
    drills.pause_drill(env.databases.environment, now=clock())
    fact_requests.repeat_overdue(env, now=clock.later(minutes=6))
    assert [event_kind for event_kind, _ in steps(env)] == [EventKind.FACTS_REQUESTED]


def test_fixed_at_flows_into_the_notice_that_it_works_again(form: Browser, env: Environment, clock: Clock):
    form.send(do="publish")
    incident = the_one(env)
    clock.later(minutes=20)
    assert fact_requests.record_answer(env, incident.id, typed_input(ended="12:15"), actor="山田", now=clock()) == ()
    form.open(f"/incidents/{incident.id}/notices/new/resolved").send(do="take_facts")
    assert form.fields()["ended_at"] == ["12:15"]


@pytest.mark.slow
def test_a_drills_report_says_how_long_engineers_were_waited_for_and_when_each_fact_came(tmp_path: Path, clock: Clock):
    (tmp_path / "other").mkdir()
    drill = drill_environment_in(tmp_path / "other")
    begun = drills.start_drill(drill, title="訓練", leader="佐藤", goal=timedelta(minutes=10), now=clock())
    browser = writing(drill, clock).send(do="ask_engineers")
    incident = the_one(drill)
    clock.later(minutes=4)
    fact_requests.record_answer(
        drill, incident.id, typed_input(start="11:50", services=("booking:partial",)), actor="山田", now=clock()
    )
    clock.later(minutes=1)
    browser.resume(browser.path).send(do="take_facts")
    browser.send(do="publish")
    assert the_one(drill).latest is not None
    page = browser.open(f"/drills/{begun.drill.id}").words
    assert "4分後に最初の回答" in page
    assert "12:06 エンジニアから回答" in page
    waiting = [one.duration for one in intervals(the_one(drill)) if one.stage == "facts"]
    assert waiting == [timedelta(minutes=4)]


@pytest.mark.slow
def test_in_a_drill_the_page_is_marked_and_the_link_is_of_the_drill_alone(
    tmp_path: Path, env: Environment, clock: Clock
):
    (tmp_path / "other").mkdir()
    drill = drill_environment_in(tmp_path / "other")
    browser = writing(drill, clock).send(do="ask_engineers")
    assert "訓練" in Browser(browser.app).open(link_of(drill)).text
    assert Browser(desk_of(env, clock)).open(link_of(drill)).page.status_code == 404


@pytest.mark.slow
def test_on_the_command_line_it_is_asked_answered_and_taken_back(cli: Cli):
    publish_report(cli)
    (incident,) = (one["id"] for one in cli("show", "--json").json)
    answer = cli("facts", "ask", incident, "--to", "Yamada", "--json").json
    assert answer["link"] is None
    assert "What is affected?" in answer["text"]
    assert [(one["channel"], one["status"]) for one in answer["notifications"]] == [
        ("chat", "failed"),
        ("mail", "failed"),
    ]
    facts = ["--service", "booking:partial", "--start", "30m", "--estimate", "unknown", "--answer", "made=valid"]
    line = ["--line", "The replica is catching up.", "--by", "Yamada", "--of", str(answer["sequence"])]
    assert cli("facts", "answer", incident, *facts, *line, "--json").json["incident"] == incident
    last = cli("show", incident, "--json").json["entries"][-1]["entry"]
    assert last["actor"] == "Yamada"
    assert last["engineer_answer"]["fields"] == ["services", "start", "estimate", "answer.made"]
    assert cli("facts", "ask", incident, "--end", str(answer["sequence"])).code == 0
    assert "no such open fact request" in cli("facts", "ask", incident, "--end", str(answer["sequence"])).err
    refused = cli("facts", "answer", incident, "--start", "yesterday", "--by", "Yamada")
    assert refused.code == 1
    assert "--start: “yesterday” is not a time" in refused.err
    assert "at least one question" in cli("facts", "answer", incident, "--by", "Yamada").err


def test_waiting_ends_when_it_is_answered():
    ask = fact_request.FactRequest(4, at("12:00"), "佐藤", "")
    assert ask.is_reminder_due(at("12:05"))
    assert not ask.is_reminder_due(at("12:04"))
    assert not ask.is_link_valid(at("12:00") + timedelta(hours=24))
