"""Colleagues are told, and reminded of promises, through the real queue and real servers on loopback."""

from __future__ import annotations

from datetime import datetime

import pytest

from statuspage.domain import response_times
from statuspage.domain.delivery import DeliveryStatus
from statuspage.domain.incident import Incident, InternalNote
from statuspage.domain.staff_notification import NotificationReason
from statuspage.storage import incidents, send_hold
from statuspage.usecases import alerts
from statuspage.usecases.notices import update_deadlines
from statuspage.usecases.on_call import briefing
from tests.support.on_call import House, house
from tests.support.site import composed, maintenance
from tests.support.times import at

__all__ = ["house"]

pytestmark = pytest.mark.usefixtures("database")


def put(house: House, story: Incident) -> None:
    """The story on the books, its notices told nobody."""
    with house.env.database.begin() as tx:
        incidents.open_incident(tx, story.id, at=story.opened, t0=story.t0, t0_source=story.t0_source)
        for n in story.notices:
            incidents.append_entry(tx, story.id, n.notice, happened=n.happened, recorded=n.recorded)


def remind(house: House, now: datetime) -> int:
    house.clock.now = now
    new = update_deadlines.remind_staff(house.env, now=now)
    house.carry_out()
    return new


def loaded(house: House, id: str) -> Incident:
    with house.env.database.read() as tx:
        found = incidents.load_incident(tx, id)
    assert found is not None
    return found


def test_colleagues_hear_the_facts_and_what_is_open_with_whoever_is_on_duty_called(house: House):
    story = composed(house.env.catalog, ("12:03", "first"))
    put(house, story)
    house.clock.now = at("12:05")
    briefing.brief_staff(house.env, story.id, "会員証の再発行は不要です。", actor="佐藤", now=house.clock())
    house.carry_out()
    text = house.chat.received[0].body["text"]
    assert text.startswith("<@U00000002> <@U00000004>\n")
    assert "会員証の再発行は不要です。" in text
    assert "レッスン" in text
    assert len(house.mail.letters) == 1
    found = loaded(house, story.id)
    (note,) = [r for r in found.entries if isinstance(r.entry, InternalNote)]
    assert note.entry.actor == "佐藤"
    assert [s.at for s in response_times.stamps(found) if s.stage == "colleagues_told"] == [at("12:05")]
    assert [(c.trigger, c.status, c.incident) for c in house.made()] == [
        (NotificationReason.BRIEFING, DeliveryStatus.DELIVERED, story.id)
    ] * 2


def test_they_may_hear_of_an_alert_before_anybody_has_confirmed_it(house: House):
    alert = house.alert()
    notified_at = house.clock.later(minutes=1)
    for _ in range(2):  # pressed twice, told once
        briefing.brief_alert(house.env, alert.id, now=notified_at)
    house.carry_out()
    assert house.heard() == (1, 1, 0)
    assert "まだ分かっていないこと" in house.chat.received[0].text
    incident = alerts.confirm(house.env, alert.id, actor="佐藤", now=house.clock.later(minutes=2))
    assert [s.at for s in response_times.stamps(incident) if s.stage == "colleagues_told"] == [notified_at]


def test_they_are_reminded_once_before_a_promise_and_once_when_it_is_missed(house: House):
    story = composed(house.env.catalog, ("12:03", "first"))  # the next one by 12:45
    put(house, story)
    seen = [remind(house, at(clock)) for clock in ("12:39", "12:40", "12:41", "12:45", "12:46", "13:30")]
    assert seen == [0, 2, 0, 2, 0, 0]
    soon, late = (message.text for message in house.chat.received)
    assert "12:45" in soon
    assert "まもなく" in soon
    assert "遅れています" in late


def test_whoever_kept_the_promise_is_not_reminded_of_it(house: House):
    put(house, composed(house.env.catalog, ("12:03", "first"), ("12:18", "resolved")))
    assert remind(house, at("12:50")) == 0
    assert house.made() == []


def test_nobody_is_reminded_while_the_books_are_on_hold_nor_of_what_is_long_past(house: House):
    put(house, composed(house.env.catalog, ("12:03", "first")))
    with house.env.database.begin() as tx:
        send_hold.begin_hold(tx, house.clock())
    assert remind(house, at("12:50")) == 0
    with house.env.database.begin() as tx:
        send_hold.end_hold(tx, 0)
    assert remind(house, at("12:50", "2026-07-05")) == 0
    assert remind(house, at("12:50")) == 2


def test_planned_work_past_its_end_is_told_once_until_it_is_extended(house: House):
    put(house, maintenance(house.env.catalog, "announced", "started"))
    assert remind(house, at("03:59", "2026-07-06")) == 0
    assert remind(house, at("04:00", "2026-07-06")) == 2
    assert remind(house, at("04:30", "2026-07-06")) == 0
    assert "予定の時間を過ぎたメンテナンス" in house.chat.received[0].text
    assert house.made()[0].trigger is NotificationReason.MAINTENANCE_OVERRUN
