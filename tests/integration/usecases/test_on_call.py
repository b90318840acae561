"""An alert that nobody takes calls people, step by step, through the real worker and real servers on loopback."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from statuspage.domain.alert import MonitorAlert
from statuspage.domain.delivery import DeliveryStatus
from statuspage.domain.staff_notification import NotificationReason
from statuspage.integrations import channels
from statuspage.storage import drills, send_hold, staff_notifications
from statuspage.storage.drills import Drill
from statuspage.usecases import alerts, delivery
from statuspage.usecases.on_call import escalation
from tests.support.desk import Clock, drill_environment_in
from tests.support.on_call import House, house
from tests.support.times import at

__all__ = ["house"]

pytestmark = pytest.mark.usefixtures("database")


def test_an_alert_that_nobody_takes_calls_more_people_by_louder_ways(house: House):
    house.alert()
    house.work()
    assert house.heard() == (1, 0, 0)
    text = house.chat.received[0].body["text"]
    assert text.startswith("<@U00000002> <@U00000004>\n")  # who is on duty: 中村, 小林
    assert "入館ゲートの応答が遅い" in text
    house.work(minutes=4, seconds=59)
    assert house.heard() == (1, 0, 0)
    house.work(seconds=1)
    (letter,) = house.mail.letters
    assert set(house.mail.taken_for[0][1]) == {
        "nakamura@example.com", "kobayashi@example.com", "sato@example.com", "watanabe@example.com",
    }  # fmt: skip
    assert letter["Subject"] == "まだだれも気づいていないアラート：入館ゲートの応答が遅い"
    house.work(minutes=5)
    body = json.loads(json.dumps(house.phone.received[0].body))
    assert body["type"] == "colleague.called"
    assert body["data"]["people"][0] == {"name": "中村 恵", "phone": "+81 3-0000-0002", "mail": "nakamura@example.com"}
    assert (body["data"]["cause"], body["cap_status"]) == ("escalation", "Actual")
    house.work(hours=1)
    assert house.heard() == (1, 1, 1)
    assert [(c.channel, c.status, c.trigger) for c in house.made()] == [
        (way, DeliveryStatus.DELIVERED, NotificationReason.ESCALATION) for way in ("chat", "mail", "phone")
    ]


@pytest.mark.parametrize("how", ["acknowledge", "watch", "false_alarm", "confirm"])
def test_whoever_takes_it_stops_the_calls_at_once(house: House, how: str):
    alert = house.alert()
    house.work()
    house.clock.later(minutes=5)
    escalation.run_escalation(house.env, now=house.clock())
    getattr(alerts, how)(house.env, alert.id, actor="佐藤", now=house.clock())
    house.carry_out()
    house.work(minutes=30)
    assert house.heard() == (1, 0, 0)
    assert [(c.channel, c.status, c.reason) for c in house.made()][1] == (
        "mail",
        DeliveryStatus.SUPERSEDED,
        "acknowledged",
    )


def test_a_storm_makes_one_climb_and_says_how_many_wait(house: House):
    for number in range(40):
        house.alert(f"gate-{number}", f"ゲート {number}")
    house.work()
    house.work(minutes=5)
    house.work(minutes=5)
    assert house.heard() == (1, 1, 1)
    assert "ほかにも39件のアラートが待っています。" in house.chat.received[0].text


def test_what_waited_beside_a_taken_alert_stays_quiet_for_a_while_and_is_not_forgotten(house: House):
    first = house.alert("gate")
    house.clock.later(seconds=1)
    house.alert("mail", "予約メールが遅い")
    house.work()
    alerts.acknowledge(house.env, first.id, actor="佐藤", now=house.clock())
    house.work(minutes=9, seconds=59)
    assert len(house.chat.received) == 1
    house.work(seconds=1)
    assert "予約メールが遅い" in house.chat.received[1].text


@pytest.mark.parametrize("close", ["false_alarm", "acknowledge"])
def test_an_alert_that_comes_after_another_one_was_taken_is_called_about_at_once(house: House, close: str):
    first = house.alert("gate")
    house.work()
    getattr(alerts, close)(house.env, first.id, actor="佐藤", now=house.clock())
    house.clock.later(minutes=4)
    house.alert("booking", "予約が遅い")
    house.work()
    house.work(minutes=5)
    house.work(minutes=5)
    assert "予約が遅い" in house.chat.received[1].text
    assert house.heard() == (2, 1, 1)


def test_news_that_is_taken_again_and_again_keeps_nothing_quiet_for_longer(house: House):
    first = house.alert("gate")
    house.clock.later(seconds=1)
    house.alert("mail", "予約メールが遅い")
    house.work()
    alerts.acknowledge(house.env, first.id, actor="佐藤", now=house.clock())
    house.clock.later(minutes=8)
    second = house.alert("booking", "予約が遅い")
    house.work()
    alerts.acknowledge(house.env, second.id, actor="佐藤", now=house.clock())
    house.work(minutes=1, seconds=59)
    assert len(house.chat.received) == 2
    house.work(seconds=1)
    assert "予約メールが遅い" in house.chat.received[2].text


def test_what_is_over_by_itself_wakes_nobody(house: House):
    house.alert()
    house.work()
    house.clock.later(minutes=3)
    house.over()
    house.work(minutes=10)
    assert house.heard() == (1, 0, 0)
    house.alert("mail", "予約メールが遅い")
    house.work()
    assert len(house.chat.received) == 2  # nobody took the first one: nothing is quiet


def test_nobody_is_called_while_the_books_are_on_hold_or_a_drill_stands_still(house: House):
    house.alert()
    with house.env.database.begin() as tx:
        send_hold.begin_hold(tx, house.clock())
    house.work(minutes=20)
    assert house.made() == []
    with house.env.database.begin() as tx:
        send_hold.end_hold(tx, 0)
        drills.insert_drill(
            tx, Drill("drill1", "t", "l", timedelta(minutes=10), house.clock(), paused_since=house.clock())
        )
    house.work(minutes=20)
    assert house.made() == []
    with house.env.database.begin() as tx:
        drills.set_pause(tx, "drill1", None, None)
    house.work()
    assert house.heard() == (1, 0, 0)


def test_a_call_that_fails_is_made_again_and_then_said(house: House):
    house.chat.next("503", "")
    house.alert()
    house.work()
    assert [(c.status, c.reason) for c in house.made()] == [(DeliveryStatus.WAITING, "channel_down")]
    house.work(seconds=10)
    assert [c.status for c in house.made()] == [DeliveryStatus.DELIVERED]
    house.chat.revoke()
    house.alert("mail")
    alerts.acknowledge(house.env, house.made()[0].alert, actor="佐藤", now=house.clock())
    house.work(minutes=10)
    assert [(c.status, c.reason) for c in house.made()][1] == (DeliveryStatus.FAILED, "credentials")


def test_no_way_through_is_given_up_after_four_attempts(house: House):
    house.chat.always = "503"
    house.alert()
    for _ in range(6):
        house.work(seconds=100)
    assert [(c.status, c.reason, c.attempts) for c in house.made() if c.channel == "chat"] == [
        (DeliveryStatus.FAILED, "notification_gave_up", 4)
    ]


def test_a_worker_killed_in_the_middle_of_a_call_loses_nothing(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("statuspage.usecases.delivery.dispatcher.ABSENT", 0)  # nobody's line is cut here
    house.alert()
    escalation.run_escalation(house.env, now=house.clock())
    with house.env.database.begin() as tx:
        taken = staff_notifications.claim_notification(tx, "gone", house.clock(), channel="chat")
    assert taken is not None
    house.carry_out()
    (call,) = house.made()
    assert (call.status, call.receipt.note_key, call.attempts) == (DeliveryStatus.DELIVERED, "maybe_duplicate", 2)


def test_where_nobody_is_on_duty_those_named_otherwise_are_called(house: House):
    duty = replace(house.env.catalog.on_call, rosters={})
    house.env = replace(house.env, catalog=replace(house.env.catalog, on_call=duty))
    house.alert()
    house.work()
    assert house.chat.received[0].body["text"].startswith("<@U00000002>\n")  # 中村


def test_in_a_drill_nobody_is_called_and_the_sandbox_shows_who_would_have_been(tmp_path: Path):
    found = drill_environment_in(tmp_path)
    ways = {
        id: channels.open_sandbox(spec, found.home / "outbox")
        for id, spec in found.catalog.notification_channels.items()
    }
    env, clock = replace(found, staff_channels=ways), Clock(at("12:02"))
    alerts.receive_alerts(
        env, [MonitorAlert("alertmanager", "gate", "[DRILL] 入館ゲート", "", {}, clock())], now=clock()
    )
    for minutes in (0, 5, 5):
        escalation.run_escalation(env, now=clock.later(minutes=minutes))
        assert delivery.drain(env, clock=clock)
    (chat,), (mail,), (phone,) = (list((env.home / "outbox" / f"on-call-{way}").iterdir()) for way in ways)
    answer = json.loads(chat.read_text("utf-8"))["message"]["text"]
    assert answer.startswith("<@U00000002> <@U00000004>\n【訓練】")
    assert "[DRILL]" not in answer, "one mark in front is enough"
    assert "nakamura@example.com" in json.loads(mail.read_text("utf-8"))["message"]["to"]
    assert json.loads(phone.read_text("utf-8"))["message"]["body"]["cap_status"] == "Exercise"


def test_the_worker_itself_looks_whether_somebody_is_to_be_called(house: House):
    house.alert()
    stop = Event()

    def clock() -> object:
        if house.chat.received:
            stop.set()
        return house.clock()

    assert delivery.run(house.env, clock=clock, stop=stop)  # type: ignore[arg-type]
    assert house.heard() == (1, 0, 0)
