"""Alerts, drafts and drills in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain.alert import Alert, AlertState, MonitorAlert, Proposal
from statuspage.domain.facts import Affected, State
from statuspage.storage import alerts, drafts, drills, incidents
from statuspage.storage.drills import Drill
from statuspage.storage.engine.database import Database
from tests.support.database import made
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("database")

FIRING = MonitorAlert("alertmanager", "f00d", "BookingDown", "5xx above 20 %", {"service": "booking-api"}, at("11:56"))
PROPOSAL = Proposal("booking", (Affected("booking", State.MAJOR),))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    found = made(tmp_path / "environment.db", "environment")
    yield found
    found.close()


def receive(store: Database, signal: MonitorAlert, clock: str, id: str) -> Alert:
    with store.begin() as tx:
        return alerts.receive_alert(tx, signal, id=id, received_at=at(clock), proposal=PROPOSAL)


def all_of(store: Database) -> list[str]:
    with store.read() as tx:
        return [a.id for a in alerts.latest_alerts(tx, 100)]


def test_a_first_alert_waits_and_starts_the_clock(store: Database):
    alert = receive(store, FIRING, "11:57", "a1")
    assert (alert.monitor_alert, alert.received_at, alert.state, alert.proposal) == (
        FIRING,
        at("11:57"),
        AlertState.WAITING,
        PROPOSAL,
    )
    assert [(s.state, s.at) for s in alert.steps] == [(AlertState.WAITING, at("11:57"))]
    with store.read() as tx:
        assert alerts.find_alert(tx, "a1") == alert
        assert alerts.open_alerts(tx) == (alert,)


def test_the_same_alert_again_is_one_and_keeps_its_first_arrival(store: Database):
    receive(store, FIRING, "11:57", "a1")
    again = receive(store, replace(FIRING, summary="5xx above 60 %"), "12:01", "a2")
    assert (again.id, again.received_at, again.monitor_alert.summary) == ("a1", at("11:57"), "5xx above 60 %")
    assert all_of(store) == ["a1"]


def test_the_monitor_s_all_clear_is_kept_as_its_end_and_decides_nothing(store: Database):
    receive(store, FIRING, "11:57", "a1")
    over = receive(store, replace(FIRING, ended_at=at("12:20")), "12:21", "a2")
    assert (over.id, over.monitor_alert.ended_at, over.state) == ("a1", at("12:20"), AlertState.WAITING)


def test_a_late_copy_of_the_firing_does_not_undo_the_all_clear(store: Database):
    receive(store, FIRING, "11:57", "a1")
    receive(store, replace(FIRING, ended_at=at("12:20")), "12:21", "a2")
    late = receive(store, FIRING, "12:22", "a3")
    assert (late.id, late.monitor_alert.ended_at) == ("a1", at("12:20"))


def test_what_breaks_again_later_is_a_new_alert(store: Database):
    receive(store, FIRING, "11:57", "a1")
    receive(store, replace(FIRING, ended_at=at("12:20")), "12:21", "a2")
    again = receive(store, replace(FIRING, started_at=at("15:00")), "15:01", "a3")
    assert (again.id, again.received_at, again.state) == ("a3", at("15:01"), AlertState.WAITING)
    assert all_of(store) == ["a3", "a1"]


def test_a_false_alarm_that_goes_on_firing_stays_one(store: Database):
    receive(store, FIRING, "11:57", "a1")
    with store.begin() as tx:
        alerts.change_state(tx, "a1", AlertState.FALSE_ALARM, at=at("12:00"), actor="Aya")
    again = receive(store, FIRING, "16:00", "a2")
    assert (again.id, again.state) == ("a1", AlertState.FALSE_ALARM)


def test_an_all_clear_for_something_unheard_of_wants_nobody(store: Database):
    alert = receive(store, replace(FIRING, ended_at=at("12:20")), "12:21", "a1")
    assert alert.state is AlertState.CLOSED
    assert receive(store, FIRING, "12:22", "a2").id == "a1"  # the firing message, delayed on its way
    with store.read() as tx:
        assert alerts.open_alerts(tx) == ()


def test_steps_are_kept_with_who_and_when_and_join_the_incident(store: Database):
    receive(store, FIRING, "11:57", "a1")
    with store.begin() as tx:
        incidents.open_incident(tx, "k3m9p2q7x4ab", at=at("12:00"), t0=at("11:57"), t0_source="alert")
        alerts.change_state(tx, "a1", AlertState.ACKNOWLEDGED, at=at("11:58"), actor="Aya")
        alert = alerts.change_state(
            tx, "a1", AlertState.CONFIRMED, at=at("12:00"), actor="Ken", incident="k3m9p2q7x4ab"
        )
    assert [(s.state.value, s.actor) for s in alert.steps] == [
        ("waiting", ""),
        ("acknowledged", "Aya"),
        ("confirmed", "Ken"),
    ]
    with store.read() as tx:
        assert alerts.alerts_of_incident(tx, "k3m9p2q7x4ab") == (alert,)
        assert alerts.open_alerts(tx) == ()


def test_a_step_of_nobody_s_alert_is_an_error(store: Database):
    with pytest.raises(KeyError), store.begin() as tx:
        alerts.change_state(tx, "nobody", AlertState.CLOSED, at=at("12:00"), actor="Aya")


def test_a_draft_belongs_to_one_person_and_one_incident_and_is_overwritten(store: Database):
    with store.begin() as tx:
        drafts.save_draft(tx, "a1", "aya", {"services": ["booking:major"]}, at("12:00"))
        drafts.save_draft(tx, "a1", "ken", {"services": ["gate:major"]}, at("12:00"))
        drafts.save_draft(tx, "a1", "aya", {"who": "会員"}, at("12:01"))
    with store.begin() as tx:
        assert drafts.find_draft(tx, "a1", "aya") == {"who": "会員"}
        drafts.delete_draft(tx, "a1", "aya")
        assert drafts.find_draft(tx, "a1", "aya") is None
        assert drafts.find_draft(tx, "a1", "ken") == {"services": ["gate:major"]}


def test_a_drill_is_started_and_ended_once(store: Database):
    drill = Drill("drill1", "予約が止まる", "Aya", timedelta(minutes=10), at("14:00"), alert="a1", note={"x": 1})
    with store.begin() as tx:
        drills.insert_drill(tx, drill)
        assert drills.find_running_drill(tx) == drill
        assert drills.end_drill(tx, "drill1", at("14:30"))
        assert not drills.end_drill(tx, "drill1", at("15:00"))
        assert drills.find_drill(tx, "drill1") == replace(drill, ended=at("14:30"))
        assert drills.find_running_drill(tx) is None
        assert len(drills.list_drills(tx)) == 1
