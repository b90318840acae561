"""Staff are notified, and reminded of promises, through the real queue and real servers on loopback."""

from __future__ import annotations

from datetime import datetime

import pytest

from statuspage.domain import response_times
from statuspage.domain.incident import Incident, InternalNote
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.domain.staff_notification import NotificationReason
from statuspage.storage import incidents, send_hold
from statuspage.usecases import alerts
from statuspage.usecases.notices import update_deadlines
from statuspage.usecases.on_call import briefing
from tests.support.on_call import OnCallSetup, on_call_setup
from tests.support.site import composed, maintenance
from tests.support.times import at

__all__ = ["on_call_setup"]

pytestmark = pytest.mark.usefixtures("database")


def put(on_call_setup: OnCallSetup, incident: Incident) -> None:
    """Stores the incident. Its notices were sent to no channel."""
    with on_call_setup.env.databases.environment.begin() as tx:
        incidents.open_incident(tx, incident.id, at=incident.opened, t0=incident.t0, t0_source=incident.t0_source)
        for n in incident.notices:
            incidents.append_entry(tx, incident.id, n.notice, happened=n.happened, recorded=n.recorded)


def remind(on_call_setup: OnCallSetup, now: datetime) -> int:
    on_call_setup.clock.now = now
    new = update_deadlines.remind_staff(on_call_setup.env, now=now)
    on_call_setup.carry_out()
    return new


def loaded(on_call_setup: OnCallSetup, id: str) -> Incident:
    with on_call_setup.env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, id)
    assert incident is not None
    return incident


def test_colleagues_get_the_facts_and_what_is_open_with_whoever_is_on_call_mentioned(on_call_setup: OnCallSetup):
    incident = composed(on_call_setup.env.site.catalog, ("12:03", "first"))
    put(on_call_setup, incident)
    on_call_setup.clock.now = at("12:05")
    briefing.brief_staff(
        on_call_setup.env, incident.id, "会員証の再発行は不要です。", actor="佐藤", now=on_call_setup.clock()
    )
    on_call_setup.carry_out()
    text = on_call_setup.chat.received[0].body["text"]
    assert text.startswith("<@U00000002> <@U00000004>\n")
    assert "会員証の再発行は不要です。" in text
    assert "レッスン" in text
    assert len(on_call_setup.mail.emails) == 1
    found = loaded(on_call_setup, incident.id)
    (note,) = [r for r in found.entries if isinstance(r.entry, InternalNote)]
    assert note.entry.actor == "佐藤"
    assert [s.at for s in response_times.stamps(found) if s.stage == "colleagues_told"] == [at("12:05")]
    assert [(c.trigger, c.status, c.incident) for c in on_call_setup.made()] == [
        (NotificationReason.BRIEFING, DeliveryStatus.DELIVERED, incident.id)
    ] * 2


def test_they_may_hear_of_an_alert_before_anybody_has_confirmed_it(on_call_setup: OnCallSetup):
    alert = on_call_setup.alert()
    notified_at = on_call_setup.clock.later(minutes=1)
    for _ in range(2):  # pressed twice, notified once
        briefing.brief_alert(on_call_setup.env, alert.id, now=notified_at)
    on_call_setup.carry_out()
    assert on_call_setup.heard() == (1, 1, 0)
    assert "未確認：" in on_call_setup.chat.received[0].text
    incident = alerts.confirm(on_call_setup.env, alert.id, actor="佐藤", now=on_call_setup.clock.later(minutes=2))
    assert [s.at for s in response_times.stamps(incident) if s.stage == "colleagues_told"] == [notified_at]


def test_they_are_reminded_once_before_a_promise_and_once_when_it_is_missed(on_call_setup: OnCallSetup):
    incident = composed(on_call_setup.env.site.catalog, ("12:03", "first"))  # the next one by 12:45
    put(on_call_setup, incident)
    seen = [remind(on_call_setup, at(clock)) for clock in ("12:39", "12:40", "12:41", "12:45", "12:46", "13:30")]
    assert seen == [0, 2, 0, 2, 0, 0]
    soon, late = (message.text for message in on_call_setup.chat.received)
    assert "12:45" in soon
    assert "まもなく" in soon
    assert "遅れています" in late


def test_whoever_kept_the_promise_is_not_reminded_of_it(on_call_setup: OnCallSetup):
    put(on_call_setup, composed(on_call_setup.env.site.catalog, ("12:03", "first"), ("12:18", "resolved")))
    assert remind(on_call_setup, at("12:50")) == 0
    assert on_call_setup.made() == []


def test_nobody_is_reminded_during_a_send_hold_nor_of_what_is_long_past(on_call_setup: OnCallSetup):
    put(on_call_setup, composed(on_call_setup.env.site.catalog, ("12:03", "first")))
    with on_call_setup.env.databases.environment.begin() as tx:
        send_hold.begin_hold(tx, on_call_setup.clock())
    assert remind(on_call_setup, at("12:50")) == 0
    with on_call_setup.env.databases.environment.begin() as tx:
        send_hold.end_hold(tx, 0)
    assert remind(on_call_setup, at("12:50", "2026-07-05")) == 0
    assert remind(on_call_setup, at("12:50")) == 2


def test_planned_work_past_its_end_is_told_once_until_it_is_extended(on_call_setup: OnCallSetup):
    put(on_call_setup, maintenance(on_call_setup.env.site.catalog, "announced", "started"))
    assert remind(on_call_setup, at("03:59", "2026-07-06")) == 0
    assert remind(on_call_setup, at("04:00", "2026-07-06")) == 2
    assert remind(on_call_setup, at("04:30", "2026-07-06")) == 0
    assert "予定時間を過ぎたメンテナンス" in on_call_setup.chat.received[0].text
    assert on_call_setup.made()[0].trigger is NotificationReason.MAINTENANCE_OVERRUN
