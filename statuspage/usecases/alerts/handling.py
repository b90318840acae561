"""Alerts on the desk: taken in, acknowledged, confirmed into an incident, or closed without one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from statuspage.domain import (
    OPEN_ALERTS,
    Alert,
    AlertState,
    Entry,
    Incident,
    InternalNote,
    MonitorAlert,
    NotificationReason,
    StepKind,
    TimelineEvent,
    propose,
)
from statuspage.storage import alerts, inbound_messages, incidents, staff_notifications
from statuspage.storage.engine import Connection
from statuspage.usecases.alerts import checklists, grouping
from statuspage.usecases.alerts.grouping import AlreadySettled, NoSuchAlert, line_of
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import there

__all__ = ["AlreadySettled", "NoSuchAlert", "acknowledge", "confirm", "false_alarm", "receive", "tick", "watch"]


def receive(
    world: Environment, signals: Iterable[MonitorAlert], *, now: datetime, source: str = "", once: str = ""
) -> tuple[Alert, ...]:
    """Takes in what a monitor sent, all of it or nothing. The same alert again stays one; its end is noted.

    ``once`` is what no other message of this ``source`` has: the same message again changes nothing, and gives none.
    """
    with shared_status.changing(world, now=now) as tx:
        if once and not inbound_messages.first_time(tx, source, once, now):
            return ()
        return tuple(_take_one(world, tx, signal, now) for signal in signals)


def _take_one(world: Environment, tx: Connection, signal: MonitorAlert, now: datetime) -> Alert:
    signal = replace(signal, starts_at=min(signal.starts_at, now))  # a monitor's clock may run ahead of ours
    proposal = propose(signal, world.catalog.rules)
    id = world.new_id()
    alert = alerts.receive(tx, signal, id=id, received=now, proposal=proposal)
    if alert.id == id and alert.state is AlertState.WAITING:
        return grouping.by_rule(world, tx, alert, now)
    if signal.ends_at and alert.incident:
        _note_recovery(tx, alert, now)
    return alert


def _note_recovery(tx: Connection, alert: Alert, now: datetime) -> None:
    """Recovered is what all its monitors have called over; whether it is, a person says."""
    if alerts.firing(tx, alert.incident):
        return
    incident = incidents.load(tx, alert.incident)
    if incident and not incident.over and incident.when(StepKind.RECOVERED) is None:
        step = TimelineEvent(StepKind.RECOVERED, text=alert.signal.title)
        incidents.append(tx, incident.id, step, happened=alert.signal.ends_at or now, recorded=now)


def acknowledge(world: Environment, alert_id: str, *, by: str, now: datetime) -> Alert:
    """Somebody has it. Doing so again changes nothing. Raises NoSuchAlert, or AlreadySettled once it is closed."""
    with shared_status.changing(world, now=now) as tx:
        alert = line_of(tx, alert_id)
        if alert.state in (AlertState.FALSE_ALARM, AlertState.CLOSED):
            raise AlreadySettled
        if alert.state is AlertState.WAITING:
            return alerts.step(tx, alert.id, AlertState.ACKNOWLEDGED, at=now, by=by)
        return alert


def confirm(world: Environment, alert_id: str, *, by: str, now: datetime, incident: str = "") -> Incident:
    """The trouble is real: opens an incident whose clock started when the alert fired. Acknowledges where nobody has.

    ``incident`` is the id its words were already shown under, "" for a new one.
    Confirming again gives the same incident. Raises NoSuchAlert, or AlreadySettled for a false alarm.
    """
    with shared_status.changing(world, now=now) as tx:
        alert = line_of(tx, alert_id)
        if alert.incident:
            return there(tx, alert.incident)
        return _open_from(world, tx, alert, incident or world.new_id(), by, now)


def _open_from(world: Environment, tx: Connection, alert: Alert, incident_id: str, by: str, now: datetime) -> Incident:
    if alert.state not in OPEN_ALERTS:
        raise AlreadySettled
    if alert.state is AlertState.WAITING:
        alert = alerts.step(tx, alert.id, AlertState.ACKNOWLEDGED, at=now, by=by)
    t0, source = grouping.clock(world, tx, alert)
    incidents.open_incident(tx, incident_id, at=now, t0=t0, t0_source=source)
    alert = alerts.step(tx, alert.id, AlertState.CONFIRMED, at=now, by=by, incident=incident_id)
    _copy_steps(tx, alert, incident_id, now)
    return there(tx, incident_id)


def _copy_steps(tx: Connection, alert: Alert, incident_id: str, now: datetime) -> None:
    """What happened before there was an incident, in the order in which it did."""
    names = {AlertState.ACKNOWLEDGED: StepKind.ACKNOWLEDGED, AlertState.CONFIRMED: StepKind.CONFIRMED}
    before: list[tuple[datetime, Entry]] = [*grouping.arrival(alert)]
    before += [
        (taken.at, TimelineEvent(names[taken.state], by=taken.by)) for taken in alert.steps if taken.state in names
    ]
    before += checklists.ticked_beside(tx, alert.id)
    told = next(
        (call for call in staff_notifications.of_alert(tx, alert.id) if call.cause is NotificationReason.TOLD), None
    )
    if told is not None:
        before.append((told.queued or now, InternalNote(told.payload["text"])))
    for at, entry in sorted(before, key=lambda one: one[0]):
        incidents.append(tx, incident_id, entry, happened=at, recorded=now)


def tick(world: Environment, alert_id: str, number: int, *, done: bool, language: str, by: str, now: datetime) -> Alert:
    """Ticks a point of its checklist off, or takes that back: whoever does so has it. Again changes nothing.

    Raises NoSuchAlert, AlreadySettled once it was confirmed or closed, and NotNow for a point that is not on the list.
    """
    with shared_status.changing(world, now=now) as tx:
        alert = line_of(tx, alert_id)
        if alert.state not in OPEN_ALERTS:
            raise AlreadySettled
        checklists.tick_beside(world, tx, alert, number, done=done, language=language, by=by, now=now)
        if alert.state is AlertState.WAITING:
            return alerts.step(tx, alert.id, AlertState.ACKNOWLEDGED, at=now, by=by)
        return alert


def false_alarm(world: Environment, alert_id: str, *, by: str, now: datetime) -> Alert:
    """Nothing is wrong: closed without an incident. Raises NoSuchAlert, or AlreadySettled once confirmed."""
    return _change_state(world, alert_id, AlertState.FALSE_ALARM, by, now)


def watch(world: Environment, alert_id: str, *, by: str, now: datetime) -> Alert:
    """Not sure yet: somebody keeps an eye on it. Raises NoSuchAlert, or AlreadySettled once confirmed."""
    return _change_state(world, alert_id, AlertState.WATCHING, by, now)


def _change_state(world: Environment, alert_id: str, state: AlertState, by: str, now: datetime) -> Alert:
    with shared_status.changing(world, now=now) as tx:
        alert = line_of(tx, alert_id)
        if alert.state is state:
            return alert
        if alert.state not in OPEN_ALERTS:
            raise AlreadySettled
        return alerts.step(tx, alert.id, state, at=now, by=by)
