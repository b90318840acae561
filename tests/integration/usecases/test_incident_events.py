"""Events of incidents for programs: alerts that wait, readable notices, late promises; each once, never of a drill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from statuspage.domain.incident import EventKind, TimelineEvent
from statuspage.storage import incidents, send_hold
from statuspage.usecases import alerts, incident_events
from tests.integration.usecases.test_action_items import FIRST, keep
from tests.support.environments import with_changes
from tests.support.on_call import OnCallSetup, on_call_setup
from tests.support.site import booking
from tests.support.times import at

__all__ = ["on_call_setup"]

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def program(on_call_setup: OnCallSetup) -> OnCallSetup:
    """The channel of the phone service is that of a program."""
    policy = replace(on_call_setup.env.site.catalog.on_call, event_channels=("phone",))
    on_call_setup.env = with_changes(on_call_setup.env, catalog=replace(on_call_setup.env.site.catalog, on_call=policy))
    return on_call_setup


def announce(setup: OnCallSetup) -> list[Mapping[str, Any]]:
    """The events that the program gets now."""
    earlier = len(setup.phone.received)
    incident_events.announce_incidents(setup.env, now=setup.clock())
    setup.carry_out()
    return [one.body for one in setup.phone.received[earlier:]]


def test_a_program_hears_once_of_an_alert_that_waits(program: OnCallSetup):
    alert = program.alert()
    (event,) = announce(program)
    assert (event["type"], event["version"], event["cap_status"]) == ("alert.waiting", 1, "Actual")
    assert (event["data"]["id"], event["data"]["title"]) == (alert.id, "入館ゲートの応答が遅い")
    assert announce(program) == []
    taken = program.alert("lock", "錠の応答が遅い")
    alerts.acknowledge(program.env, taken.id, actor="佐藤", now=program.clock())
    assert announce(program) == []


def test_a_program_hears_once_that_a_notice_is_readable_and_that_a_promise_is_late(program: OnCallSetup):
    keep(program.env, FIRST, booking(("12:03", "first")))
    program.clock.now = at("12:04")
    assert announce(program) == []
    with program.env.databases.environment.begin() as tx:
        incident = incidents.load_incident(tx, FIRST)
        assert incident is not None
        seen = TimelineEvent(EventKind.READABLE, text=str(incident.latest_sequence))
        incidents.append_entry(tx, FIRST, seen, happened=at("12:04"), recorded=at("12:04"))
    (readable,) = announce(program)
    assert (readable["type"], readable["data"]["incident"]) == ("notice.readable", FIRST)
    assert readable["data"]["headlines"]["en"]
    assert announce(program) == []
    promised = incident.latest.notice.facts.next_update if incident.latest else None
    assert promised is not None
    program.clock.now = promised - timedelta(seconds=1)
    assert announce(program) == []
    program.clock.now = promised
    (late,) = announce(program)
    assert (late["type"], late["data"]["sequence"]) == ("promise.late", incident.latest_sequence)
    assert announce(program) == []


def test_no_event_leaves_a_drill_or_during_a_hold_and_what_is_old_is_no_news(program: OnCallSetup):
    program.alert()
    drill = replace(program.env, follows_up_actions=False)
    assert incident_events.announce_incidents(drill, now=program.clock()) == 0
    with program.env.databases.environment.begin() as tx:
        send_hold.begin_hold(tx, program.clock())
    assert announce(program) == []
    with program.env.databases.environment.begin() as tx:
        send_hold.end_hold(tx, send_hold.current_fence(tx))
    program.clock.later(hours=2)
    assert announce(program) == []
