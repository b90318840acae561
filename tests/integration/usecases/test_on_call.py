"""An unacknowledged alert notifies people, step by step, through the real worker and real servers on loopback."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from statuspage.domain.alert import MonitorAlert
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.domain.staff_notification import NotificationReason
from statuspage.integrations import channels
from statuspage.storage import drills, send_hold, staff_notifications
from statuspage.storage.drills import Drill
from statuspage.usecases import alerts, delivery
from statuspage.usecases.on_call import escalation
from tests.support.desk import Clock, drill_environment_in
from tests.support.environments import with_changes
from tests.support.on_call import OnCallSetup, on_call_setup
from tests.support.times import at

__all__ = ["on_call_setup"]

pytestmark = pytest.mark.usefixtures("database")


def test_an_alert_that_nobody_acknowledges_notifies_more_people_by_louder_channels(on_call_setup: OnCallSetup):
    on_call_setup.alert()
    on_call_setup.work()
    assert on_call_setup.heard() == (1, 0, 0)
    text = on_call_setup.chat.received[0].body["text"]
    assert text.startswith("<@U00000002> <@U00000004>\n")  # who is on call: 中村, 小林
    assert "入館ゲートの応答が遅い" in text
    on_call_setup.work(minutes=4, seconds=59)
    assert on_call_setup.heard() == (1, 0, 0)
    on_call_setup.work(seconds=1)
    (email,) = on_call_setup.mail.emails
    assert set(on_call_setup.mail.taken_for[0][1]) == {
        "nakamura@example.com", "kobayashi@example.com", "sato@example.com", "watanabe@example.com",
    }  # fmt: skip
    assert email["Subject"] == "未確認のアラート：入館ゲートの応答が遅い"
    on_call_setup.work(minutes=5)
    body = json.loads(json.dumps(on_call_setup.phone.received[0].body))
    assert body["type"] == "colleague.called"
    assert body["data"]["people"][0] == {"name": "中村 恵", "phone": "+81 3-0000-0002", "mail": "nakamura@example.com"}
    assert (body["data"]["cause"], body["cap_status"]) == ("escalation", "Actual")
    on_call_setup.work(hours=1)
    assert on_call_setup.heard() == (1, 1, 1)
    assert [(c.channel, c.status, c.trigger) for c in on_call_setup.made()] == [
        (channel, DeliveryStatus.DELIVERED, NotificationReason.ESCALATION) for channel in ("chat", "mail", "phone")
    ]


@pytest.mark.parametrize("how", ["acknowledge", "watch", "false_alarm", "confirm"])
def test_whoever_acknowledges_it_stops_the_notifications_at_once(on_call_setup: OnCallSetup, how: str):
    alert = on_call_setup.alert()
    on_call_setup.work()
    on_call_setup.clock.later(minutes=5)
    escalation.run_escalation(on_call_setup.env, now=on_call_setup.clock())
    getattr(alerts, how)(on_call_setup.env, alert.id, actor="佐藤", now=on_call_setup.clock())
    on_call_setup.carry_out()
    on_call_setup.work(minutes=30)
    assert on_call_setup.heard() == (1, 0, 0)
    assert [(c.channel, c.status, c.reason) for c in on_call_setup.made()][1] == (
        "mail",
        DeliveryStatus.SUPERSEDED,
        "acknowledged",
    )


def test_a_storm_makes_one_escalation_and_says_how_many_wait(on_call_setup: OnCallSetup):
    for number in range(40):
        on_call_setup.alert(f"gate-{number}", f"ゲート {number}")
    on_call_setup.work()
    on_call_setup.work(minutes=5)
    on_call_setup.work(minutes=5)
    assert on_call_setup.heard() == (1, 1, 1)
    assert "ほかにも未確認のアラートが39件あります。" in on_call_setup.chat.received[0].text


def test_what_waited_beside_a_taken_alert_stays_quiet_for_a_while_and_is_not_forgotten(on_call_setup: OnCallSetup):
    first = on_call_setup.alert("gate")
    on_call_setup.clock.later(seconds=1)
    on_call_setup.alert("mail", "予約メールが遅い")
    on_call_setup.work()
    alerts.acknowledge(on_call_setup.env, first.id, actor="佐藤", now=on_call_setup.clock())
    on_call_setup.work(minutes=9, seconds=59)
    assert len(on_call_setup.chat.received) == 1
    on_call_setup.work(seconds=1)
    assert "予約メールが遅い" in on_call_setup.chat.received[1].text


@pytest.mark.parametrize("close", ["false_alarm", "acknowledge"])
def test_an_alert_that_comes_after_another_one_was_taken_is_called_about_at_once(
    on_call_setup: OnCallSetup, close: str
):
    first = on_call_setup.alert("gate")
    on_call_setup.work()
    getattr(alerts, close)(on_call_setup.env, first.id, actor="佐藤", now=on_call_setup.clock())
    on_call_setup.clock.later(minutes=4)
    on_call_setup.alert("booking", "予約が遅い")
    on_call_setup.work()
    on_call_setup.work(minutes=5)
    on_call_setup.work(minutes=5)
    assert "予約が遅い" in on_call_setup.chat.received[1].text
    assert on_call_setup.heard() == (2, 1, 1)


def test_news_that_is_taken_again_and_again_keeps_nothing_quiet_for_longer(on_call_setup: OnCallSetup):
    first = on_call_setup.alert("gate")
    on_call_setup.clock.later(seconds=1)
    on_call_setup.alert("mail", "予約メールが遅い")
    on_call_setup.work()
    alerts.acknowledge(on_call_setup.env, first.id, actor="佐藤", now=on_call_setup.clock())
    on_call_setup.clock.later(minutes=8)
    second = on_call_setup.alert("booking", "予約が遅い")
    on_call_setup.work()
    alerts.acknowledge(on_call_setup.env, second.id, actor="佐藤", now=on_call_setup.clock())
    on_call_setup.work(minutes=1, seconds=59)
    assert len(on_call_setup.chat.received) == 2
    on_call_setup.work(seconds=1)
    assert "予約メールが遅い" in on_call_setup.chat.received[2].text


def test_what_is_over_by_itself_wakes_nobody(on_call_setup: OnCallSetup):
    on_call_setup.alert()
    on_call_setup.work()
    on_call_setup.clock.later(minutes=3)
    on_call_setup.over()
    on_call_setup.work(minutes=10)
    assert on_call_setup.heard() == (1, 0, 0)
    on_call_setup.alert("mail", "予約メールが遅い")
    on_call_setup.work()
    assert len(on_call_setup.chat.received) == 2  # nobody acknowledged the first one: nothing is quiet


def test_nobody_is_notified_during_a_send_hold_or_while_a_drill_is_paused(on_call_setup: OnCallSetup):
    on_call_setup.alert()
    with on_call_setup.env.databases.environment.begin() as tx:
        send_hold.begin_hold(tx, on_call_setup.clock())
    on_call_setup.work(minutes=20)
    assert on_call_setup.made() == []
    with on_call_setup.env.databases.environment.begin() as tx:
        send_hold.end_hold(tx, 0)
        drills.insert_drill(
            tx,
            Drill("drill1", "t", "l", timedelta(minutes=10), on_call_setup.clock(), paused_since=on_call_setup.clock()),
        )
    on_call_setup.work(minutes=20)
    assert on_call_setup.made() == []
    with on_call_setup.env.databases.environment.begin() as tx:
        drills.set_pause(tx, "drill1", None, None)
    on_call_setup.work()
    assert on_call_setup.heard() == (1, 0, 0)


def test_a_notification_that_fails_is_sent_again_and_then_reported(on_call_setup: OnCallSetup):
    on_call_setup.chat.next("503", "")
    on_call_setup.alert()
    on_call_setup.work()
    assert [(c.status, c.reason) for c in on_call_setup.made()] == [(DeliveryStatus.WAITING, "channel_down")]
    on_call_setup.work(seconds=10)
    assert [c.status for c in on_call_setup.made()] == [DeliveryStatus.DELIVERED]
    on_call_setup.chat.revoke()
    on_call_setup.alert("mail")
    alerts.acknowledge(on_call_setup.env, on_call_setup.made()[0].alert, actor="佐藤", now=on_call_setup.clock())
    on_call_setup.work(minutes=10)
    assert [(c.status, c.reason) for c in on_call_setup.made()][1] == (DeliveryStatus.FAILED, "credentials")


def test_a_channel_without_connection_is_given_up_after_four_attempts(on_call_setup: OnCallSetup):
    on_call_setup.chat.always = "503"
    on_call_setup.alert()
    for _ in range(6):
        on_call_setup.work(seconds=100)
    assert [(c.status, c.reason, c.attempts) for c in on_call_setup.made() if c.channel == "chat"] == [
        (DeliveryStatus.FAILED, "notification_gave_up", 4)
    ]


def test_a_worker_killed_in_the_middle_of_a_notification_loses_nothing(
    on_call_setup: OnCallSetup, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("statuspage.usecases.delivery.dispatcher.ABSENT", 0)  # no connection is dropped here
    on_call_setup.alert()
    escalation.run_escalation(on_call_setup.env, now=on_call_setup.clock())
    with on_call_setup.env.databases.environment.begin() as tx:
        taken = staff_notifications.claim_notification(tx, "gone", on_call_setup.clock(), channel="chat")
    assert taken is not None
    on_call_setup.carry_out()
    (notification,) = on_call_setup.made()
    assert (notification.status, notification.receipt.note_key, notification.attempts) == (
        DeliveryStatus.DELIVERED,
        "maybe_duplicate",
        2,
    )


def test_where_nobody_is_on_call_those_named_otherwise_are_notified(on_call_setup: OnCallSetup):
    policy = replace(on_call_setup.env.site.catalog.on_call, rosters={})
    on_call_setup.env = with_changes(on_call_setup.env, catalog=replace(on_call_setup.env.site.catalog, on_call=policy))
    on_call_setup.alert()
    on_call_setup.work()
    assert on_call_setup.chat.received[0].body["text"].startswith("<@U00000002>\n")  # 中村


@pytest.mark.slow
def test_in_a_drill_nobody_is_called_and_the_sandbox_shows_who_would_have_been(tmp_path: Path):
    environment = drill_environment_in(tmp_path)
    staff_channels = {
        id: channels.open_sandbox(spec, environment.home / "outbox")
        for id, spec in environment.site.catalog.notification_channels.items()
    }
    env, clock = with_changes(environment, staff_channels=staff_channels), Clock(at("12:02"))
    alerts.receive_alerts(
        env, [MonitorAlert("alertmanager", "gate", "[DRILL] 入館ゲート", "", {}, clock())], now=clock()
    )
    for minutes in (0, 5, 5):
        escalation.run_escalation(env, now=clock.later(minutes=minutes))
        assert delivery.drain(env, clock=clock)
    (chat,), (mail,), (phone,) = (
        list((env.home / "outbox" / f"on-call-{channel}").iterdir()) for channel in staff_channels
    )
    answer = json.loads(chat.read_text("utf-8"))["message"]["text"]
    assert answer.startswith("<@U00000002> <@U00000004>\n【訓練】")
    assert "[DRILL]" not in answer, "one mark in front is enough"
    assert "nakamura@example.com" in json.loads(mail.read_text("utf-8"))["message"]["to"]
    assert json.loads(phone.read_text("utf-8"))["message"]["body"]["cap_status"] == "Exercise"


@pytest.mark.slow
def test_the_worker_itself_looks_whether_somebody_is_to_be_called(on_call_setup: OnCallSetup):
    on_call_setup.alert()
    stop = Event()

    def clock() -> object:
        if on_call_setup.chat.received:
            stop.set()
        return on_call_setup.clock()

    assert delivery.run(on_call_setup.env, clock=clock, stop=stop)
    assert on_call_setup.heard() == (1, 0, 0)
