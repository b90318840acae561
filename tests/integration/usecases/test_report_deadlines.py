"""Reports promised to customers: whoever is on call is reminded on the day and once it is late, until it is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from statuspage.domain.incident import Notice
from statuspage.domain.staff_notification import NotificationReason
from statuspage.storage import send_hold
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.notices import report_deadlines
from tests.integration.usecases.test_action_items import FIRST, OVER, keep, morning
from tests.support.on_call import OnCallSetup, on_call_setup
from tests.support.site import reported
from tests.support.times import at

__all__ = ["on_call_setup"]

pytestmark = pytest.mark.usefixtures("database")

DUE = date(2026, 7, 10)


def promise(env: Environment, day: date) -> None:
    """An incident that is over, whose last notice promises a report until this day."""
    *earlier, last = OVER.entries
    assert isinstance(last.entry, Notice)
    resolved = replace(last.entry, facts=replace(last.entry.facts, report_by=day))
    keep(env, FIRST, replace(OVER, entries=(*earlier, replace(last, entry=resolved))))


def remind(setup: OnCallSetup, now: datetime) -> int:
    setup.clock.now = now
    count = report_deadlines.remind_staff(setup.env, now=now)
    setup.carry_out()
    return count


def test_on_its_day_and_the_day_after_whoever_is_on_call_is_reminded_once(on_call_setup: OnCallSetup):
    promise(on_call_setup.env, DUE)
    assert remind(on_call_setup, morning(9)) == remind(on_call_setup, morning(10, 9)) == 0
    assert remind(on_call_setup, morning(10)) > 0
    assert remind(on_call_setup, morning(10, 18)) == 0
    assert "本日がお客様への報告の期日です" in on_call_setup.chat.received[-1].body["text"]
    assert remind(on_call_setup, morning(11)) > 0
    assert remind(on_call_setup, morning(11, 15)) == remind(on_call_setup, morning(20)) == 0
    assert "お客様への報告が遅れています" in on_call_setup.chat.received[-1].body["text"]
    assert {one.trigger for one in on_call_setup.made()} == {NotificationReason.REPORT_DUE}
    assert {one.incident for one in on_call_setup.made()} == {FIRST}


def test_if_nobody_ran_on_the_day_only_the_late_one_is_sent(on_call_setup: OnCallSetup):
    promise(on_call_setup.env, DUE)
    remind(on_call_setup, morning(25))
    assert len(on_call_setup.chat.received) == 1
    assert "遅れています" in on_call_setup.chat.received[0].body["text"]


def test_another_promised_day_is_reminded_of_anew(on_call_setup: OnCallSetup):
    promise(on_call_setup.env, DUE)
    assert remind(on_call_setup, morning(11)) > 0
    with on_call_setup.env.databases.environment.begin() as tx:
        tx.exec_driver_sql("UPDATE incident_record SET report_by = '2026-07-20'")
    assert remind(on_call_setup, morning(12)) == 0
    assert remind(on_call_setup, morning(20)) > 0


def test_nobody_is_reminded_of_a_published_report_during_a_hold_or_in_a_drill(on_call_setup: OnCallSetup):
    env = on_call_setup.env
    keep(env, FIRST, reported())
    assert remind(on_call_setup, morning(12)) == 0
    with env.databases.environment.begin() as tx:
        tx.exec_driver_sql("UPDATE incident_record SET report_by = '2026-07-10'")
    assert report_deadlines.remind_staff(replace(env, follows_up_actions=False), now=morning(12)) == 0
    with env.databases.environment.begin() as tx:
        send_hold.begin_hold(tx, at("12:00"))
    assert remind(on_call_setup, morning(12)) == 0
    with env.databases.environment.begin() as tx:
        send_hold.end_hold(tx, send_hold.current_fence(tx))
    assert remind(on_call_setup, morning(12)) > 0
