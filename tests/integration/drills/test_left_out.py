"""People who are left out of a drill are really out of it, and what was tried to reach them is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain.on_call import NOW as ON_CALL_NOW
from statuspage.domain.on_call import Responder
from statuspage.storage import alerts as stored_alerts
from statuspage.storage import staff_notifications
from statuspage.usecases import alerts, drills
from statuspage.usecases.accounts import Role
from statuspage.usecases.drills import scorecard
from statuspage.usecases.drills.lifecycle import Setup
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.on_call import absence, current, current_rosters, escalation, fact_requests
from tests.support.desk import Browser, Clock, clock, drill_environment_in, person_in, signed_in
from tests.support.times import at
from tests.support.typed import typed_input

__all__ = ["clock"]


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Environment]:
    """A drill environment."""
    env = drill_environment_in(tmp_path)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def expert(env: Environment) -> Responder:
    """Somebody who is on call at ten."""
    return current.resolve_recipients(env, (ON_CALL_NOW,), now=at("10:00"))[0]


def begin(env: Environment, *kept_out: str) -> str:
    """A drill led by 中村, whose alert arrives at ten."""
    setup = Setup(env.site.catalog.scenarios["booking-phone"], "ja", kept_out=kept_out)
    led = {"title": "予約できない", "leader": "中村", "goal": timedelta(minutes=10)}
    id = drills.start_drill(env, **led, setup=setup, now=at("10:00")).drill.id
    drills.advance_drill(env, now=at("10:00"))
    return id


def opening_alert(env: Environment) -> str:
    running = drills.running_drill(env.databases.environment)
    assert running is not None
    return running.alert


def leader(env: Environment, clock: Clock) -> Browser:
    person_in(env, "leader", "中村", role=Role.LEAD)
    return signed_in(env, clock, "leader", "中村")


def player(env: Environment, clock: Clock) -> Browser:
    person_in(env, "kimura", "木村")
    return signed_in(env, clock, "kimura", "木村")


def test_who_is_left_out_is_on_no_roster_and_in_no_message_and_the_attempt_is_recorded(drill: Environment):
    away = expert(drill)
    begin(drill, away.name)
    assert away in [person for roster in current_rosters(drill, now=at("10:00")) for person in roster.left_out]
    for roster in current_rosters(drill, now=at("10:00")):
        assert away not in (*roster.rota.on_call, *roster.rota.next_on_call)
    escalation.run_escalation(drill, now=at("10:01"))
    alert = opening_alert(drill)
    with drill.databases.environment.read() as tx:
        (call,) = staff_notifications.notifications_of_alert(tx, alert)
    assert away.name not in call.recipients and away.name not in repr(call.payload)
    assert all(id not in repr(call.payload) for id in away.mention_ids.values())
    (attempt,) = absence.attempts_to(drill.databases.environment, (away.name,), since=at("10:00"))
    assert (attempt.at, attempt.person, attempt.actor, attempt.was_reached) == (at("10:01"), away.name, "", False)
    escalation.run_escalation(drill, now=at("10:02"))
    assert len(absence.attempts_to(drill.databases.environment, (away.name,), since=at("10:00"))) == 1, "once a step"


def test_after_the_drill_they_are_back(drill: Environment):
    away = expert(drill)
    id = begin(drill, away.name)
    drills.end_drill(drill, id, now=at("10:30"))
    assert away in [person for roster in current_rosters(drill, now=at("10:31")) for person in roster.rota.on_call]
    assert absence.absent_people(drill.databases.environment) == ()


def test_a_name_is_known_in_any_spacing_width_and_by_its_alias(drill: Environment):
    away = expert(drill)
    for typed in (away.name.replace(" ", ""), away.name.replace(" ", "\u3000"), away.aliases[0].upper(), away.id):
        id = begin(drill, typed)
        assert not any(away in roster.rota.on_call for roster in current_rosters(drill, now=at("10:00"))), typed
        drills.end_drill(drill, id, now=at("10:00"))


@pytest.mark.slow
def test_their_account_sees_nothing_of_the_drill_and_is_told_why(drill: Environment, clock: Clock):
    clock.now = at("10:01")
    person_in(drill, "suzuki", "鈴木", role=Role.ADMINISTRATOR)
    out = signed_in(drill, clock, "suzuki", "鈴木")
    id = begin(drill, "鈴木")
    alert = opening_alert(drill)
    for path in ("/", "/drills", "/drills/inbox", "/drills/sandbox", f"/alerts/{alert}", f"/drills/{id}", "/settings"):
        page = out.open(path)
        assert page.page.status_code == 403, path
        assert "この訓練には参加しません" in page.words and "予約" not in page.words.partition("参加しません")[2], path
    refused = out.post(f"/alerts/{alert}", {"do": "acknowledge"})
    assert refused.status_code == 403
    with drill.databases.environment.read() as tx:
        assert [str(one.state) for one in stored_alerts.open_alerts(tx) if one.id == alert] == ["waiting"]
    assert out.open("/drills/live-banner").page.status_code == 200, "what is real concerns them"
    drills.end_drill(drill, id, now=at("10:30"))
    assert out.open("/drills").page.status_code == 200


def on_a_roster(env: Environment) -> list[str]:
    """The names on the rosters at ten."""
    return [person.name for roster in current_rosters(env, now=at("10:00")) for person in roster.rota.on_call]


def test_an_alias_of_a_roster_shuts_the_account_out_as_well(drill: Environment, clock: Clock):
    clock.now, away = at("10:01"), expert(drill)
    person_in(drill, "expert", away.name.replace(" ", "\u3000"), role=Role.ADMINISTRATOR)
    out = signed_in(drill, clock, "expert", away.name)
    for typed in (away.aliases[0], away.id, away.email):
        id = begin(drill, typed)
        assert out.open("/").page.status_code == 403, typed
        assert away.name not in on_a_roster(drill)
        drills.end_drill(drill, id, now=at("10:00"))


def test_a_login_takes_the_person_off_the_rosters_and_the_phone(drill: Environment):
    away = expert(drill)
    person_in(drill, "expert", away.name)
    id = begin(drill, "expert")
    assert away.name not in on_a_roster(drill)
    assert not absence.record_call(drill, away.aliases[0], was_reached=True, actor="木村", now=at("10:02"))
    (call,) = scorecard.build_scorecard(drill, id, now=at("10:05")).calls
    assert (call.person, call.was_reached) == (away.name, False)
    with drill.databases.environment.read() as tx:
        assert absence.name_problems(tx, away.aliases[0])


def test_the_leader_is_not_left_out_by_an_alias_either(drill: Environment):
    away = expert(drill)
    person_in(drill, "expert", away.name)
    setup = Setup(drill.site.catalog.scenarios["booking-phone"], "ja", kept_out=(away.aliases[0],))
    with pytest.raises(ActionRefused):
        drills.start_drill(
            drill, title="予約できない", leader=away.name, goal=timedelta(minutes=10), setup=setup, now=at("10:00")
        )


def test_a_call_is_recorded_under_the_known_name_however_it_was_posted(drill: Environment):
    other = drill.site.catalog.on_call.responders["kobayashi"]
    begin(drill, "だれでもない人")
    for posted in (other.aliases[0].upper(), other.name + " " * 5000, "だれでも　ない人" + "　" * 5000):
        absence.record_call(drill, posted, was_reached=False, actor="木村", now=at("10:02"))
    latest = absence.latest_attempts(drill.databases.environment, now=at("10:03"))
    assert set(latest) == {other.name, "だれでもない人"}


@pytest.mark.slow
def test_players_see_no_number_and_a_call_in_vain_is_on_the_console_and_the_card(drill: Environment, clock: Clock):
    clock.now, away = at("10:01"), expert(drill)
    leads, plays = leader(drill, clock), player(drill, clock)
    id = begin(drill, away.name, "だれでもない人")
    home = plays.open("/")
    assert away.phone not in home.text and "この訓練には参加しません" in home.words
    assert [form.get("action") for form in home.tree.xpath(f"//form[input[@value='{away.name}']]")] == ["/calls"]
    home.send({"person": away.name, "do": "call"}, action="/calls")
    assert (
        "電話に出ません" in plays.text
        and "当番はいません" not in plays.words
        and "10:01 つながらず（木村）" in plays.words
    )
    plays.send({"person": away.name, "do": "reached"}, action="/calls")
    console = leads.open("/drills/console")
    assert f"{away.name}：当番表と呼び出しから除外" in console.words
    assert "だれでもない人：この名前の当番もアカウントもありません" in console.words
    tried = console.tree.xpath("//*[@id='live-attempts']")[0].text_content()
    assert away.name in tried and "電話" in tried and "木村" in tried
    drills.end_drill(drill, id, now=at("10:30"))
    score = scorecard.build_scorecard(drill, id, now=at("10:31"))
    assert [attempt.was_reached for attempt in score.calls if attempt.actor] == [False, False], "nobody reaches them"
    card = leads.open(f"/drills/{id}")
    assert "連絡の試み" in card.words and f"{len(score.calls)}件のうち0件つながった" in card.words
    assert away.name not in card.words, "stages and roles, no names"
    figures = json.loads(leads.open(f"/drills/{id}.json").text)["calls"]
    assert (figures["attempted"], figures["reached"]) == (len(score.calls), 0)
    assert "参加させなかった人" in leads.open(f"/drills/{id}.csv").text


def test_a_call_that_reached_somebody_counts_as_reached(drill: Environment):
    away, other = expert(drill), drill.site.catalog.on_call.responders["kobayashi"]
    id = begin(drill, away.name)
    assert absence.record_call(drill, other.name, was_reached=True, actor="木村", now=at("10:02"))
    assert not absence.record_call(drill, away.name, was_reached=True, actor="木村", now=at("10:03"))
    with pytest.raises(absence.NobodyOfThatName):
        absence.record_call(drill, "Nobody", was_reached=True, actor="木村", now=at("10:04"))
    calls = scorecard.build_scorecard(drill, id, now=at("10:05")).calls
    assert [(call.person, call.was_reached) for call in calls] == [(other.name, True), (away.name, False)]


def test_they_cannot_answer_as_an_engineer_and_a_link_meant_for_them_is_an_attempt(drill: Environment):
    away = expert(drill)
    begin(drill, away.name)
    incident = alerts.confirm(drill, opening_alert(drill), actor="木村", now=at("10:02")).id
    asked = fact_requests.ask_engineers(drill, incident, actor="木村", now=at("10:03"), recipient=away.name)
    attempts = absence.attempts_to(drill.databases.environment, (away.name,), since=at("10:00"))
    assert absence.FACTS_LINK in [attempt.channel for attempt in attempts]
    answer = {"text": "直しました", "language": "ja", "request_sequence": asked, "now": at("10:04")}
    problems = fact_requests.record_answer(drill, incident, typed_input(), actor=away.name, **answer)
    assert [problem.code for problem in problems] == ["answer.left_out"]
    assert fact_requests.record_answer(drill, incident, typed_input(), actor="小林", **answer) == ()


def test_a_leader_cannot_be_left_out(drill: Environment):
    with pytest.raises(ActionRefused) as refused:
        begin(drill, "中 村")
    assert refused.value.code == "drill.leader_left_out"


def test_the_desk_says_so_beside_the_field(drill: Environment, clock: Clock):
    browser = leader(drill, clock).open("/drills")
    browser.send({"scenario": "booking-phone", "when": "now", "excluded": "佐藤、中村"})
    assert browser.page.status_code == 422 and "進行役を「参加させない人」に含めることはできません" in browser.words
