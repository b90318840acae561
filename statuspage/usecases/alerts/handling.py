"""Alerts on the desk: received, acknowledged, confirmed as an incident, or closed without one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from statuspage.domain import (
    NO_PROPOSAL,
    OPEN_ALERTS,
    Alert,
    AlertState,
    Catalog,
    Entry,
    EventKind,
    Incident,
    InternalNote,
    MonitorAlert,
    NotificationReason,
    Proposal,
    TimelineEvent,
    propose,
)
from statuspage.storage import alerts, inbound_messages, incidents, staff_notifications
from statuspage.storage.engine import Connection
from statuspage.usecases.alerts import checklists, grouping
from statuspage.usecases.alerts.grouping import AlreadySettled, find_group_lead
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import require_incident


def receive_alerts(
    env: Environment,
    signals: Iterable[MonitorAlert],
    *,
    now: datetime,
    source: str = "",
    message_id: str = "",
    otherwise: Proposal = NO_PROPOSAL,
) -> tuple[Alert, ...]:
    """Stores a monitor's message as a whole, or not at all. A repeated alert stays one alert; its end is recorded.

    ``message_id`` is unique within its ``source``: the same message again changes nothing and returns nothing.
    ``otherwise`` is what is proposed where no alert rule matches.
    """
    with shared_status.change_alerts(env, now=now) as tx:
        if message_id and not inbound_messages.record_message(tx, source, message_id, now):
            return ()
        return tuple(_receive_alert(env, tx, signal, otherwise, now) for signal in signals)


def _receive_alert(env: Environment, tx: Connection, signal: MonitorAlert, otherwise: Proposal, now: datetime) -> Alert:
    signal = replace(signal, started_at=min(signal.started_at, now))  # A monitor's clock may be ahead of ours.
    proposal = propose(signal, env.site.catalog.alert_rules)
    if proposal == NO_PROPOSAL:
        proposal = otherwise
    id = env.new_id()
    alert = alerts.receive_alert(tx, signal, id=id, received_at=now, proposal=proposal)
    if alert.id == id and alert.state is AlertState.WAITING:
        return grouping.group_by_rule(env.site.catalog, tx, alert, now)
    if signal.ended_at and alert.incident:
        _note_recovery(tx, alert, now)
    return alert


def _note_recovery(tx: Connection, alert: Alert, now: datetime) -> None:
    """Records that all monitors have reported recovery; a person decides whether the incident is over."""
    if alerts.count_firing(tx, alert.incident):
        return
    incident = incidents.load_incident(tx, alert.incident)
    if incident and not incident.is_over and incident.first_time_of(EventKind.RECOVERED) is None:
        event = TimelineEvent(EventKind.RECOVERED, text=alert.monitor_alert.title)
        incidents.append_entry(tx, incident.id, event, happened=alert.monitor_alert.ended_at or now, recorded=now)


def acknowledge(env: Environment, alert_id: str, *, actor: str, now: datetime) -> Alert:
    """Acknowledges an alert. Repeating it changes nothing. Raises NoSuchAlert, or AlreadySettled if it is closed."""
    with shared_status.change_alerts(env, now=now) as tx:
        alert = find_group_lead(tx, alert_id)
        if alert.state in (AlertState.FALSE_ALARM, AlertState.CLOSED):
            raise AlreadySettled
        if alert.state is AlertState.WAITING:
            return alerts.change_state(tx, alert.id, AlertState.ACKNOWLEDGED, at=now, actor=actor)
        return alert


def confirm(env: Environment, alert_id: str, *, actor: str, now: datetime, incident_id: str = "") -> Incident:
    """Opens an incident whose clock started when the alert fired. Acknowledges the alert if nobody has.

    ``incident_id`` is the id with which the text was already previewed, "" for a new one. Confirming again returns the
    same incident. Raises NoSuchAlert, or AlreadySettled for a false alarm.
    """
    with shared_status.change_alerts(env, now=now) as tx:
        alert = find_group_lead(tx, alert_id)
        if alert.incident:
            return require_incident(tx, alert.incident)
        return _open_incident(env.site.catalog, tx, alert, incident_id or env.new_id(), actor, now)


def _open_incident(
    catalog: Catalog, tx: Connection, alert: Alert, incident_id: str, actor: str, now: datetime
) -> Incident:
    if alert.state not in OPEN_ALERTS:
        raise AlreadySettled
    if alert.state is AlertState.WAITING:
        alert = alerts.change_state(tx, alert.id, AlertState.ACKNOWLEDGED, at=now, actor=actor)
    t0, source = grouping.find_group_start(catalog, tx, alert)
    incidents.open_incident(tx, incident_id, at=now, t0=t0, t0_source=source)
    alert = alerts.change_state(tx, alert.id, AlertState.CONFIRMED, at=now, actor=actor, incident=incident_id)
    _copy_alert_history(tx, alert, incident_id, now)
    return require_incident(tx, incident_id)


def _copy_alert_history(tx: Connection, alert: Alert, incident_id: str, now: datetime) -> None:
    """Copies what happened before the incident existed, in the original order."""
    event_kinds = {AlertState.ACKNOWLEDGED: EventKind.ACKNOWLEDGED, AlertState.CONFIRMED: EventKind.CONFIRMED}
    entries: list[tuple[datetime, Entry]] = [*grouping.arrival_events(alert)]
    entries += [
        (step.at, TimelineEvent(event_kinds[step.state], actor=step.actor))
        for step in alert.steps
        if step.state in event_kinds
    ]
    entries += checklists.alert_tick_events(tx, alert.id)
    staff_message = next(
        (
            notification
            for notification in staff_notifications.notifications_of_alert(tx, alert.id)
            if notification.trigger is NotificationReason.BRIEFING
        ),
        None,
    )
    if staff_message is not None:
        entries.append((staff_message.queued_at or now, InternalNote(staff_message.payload["text"])))
    for at, entry in sorted(entries, key=lambda pair: pair[0]):
        incidents.append_entry(tx, incident_id, entry, happened=at, recorded=now)


def tick_alert(
    env: Environment, alert_id: str, number: int, *, done: bool, language: str, actor: str, now: datetime
) -> Alert:
    """Ticks or unticks a checklist item, which also acknowledges the alert. Repeating it changes nothing.

    Raises NoSuchAlert, AlreadySettled if it was confirmed or closed, and ActionRefused for an item that is not on the
    list.
    """
    with shared_status.change_alerts(env, now=now) as tx:
        alert = find_group_lead(tx, alert_id)
        if alert.state not in OPEN_ALERTS:
            raise AlreadySettled
        checklists.tick_alert_item(
            env.site.catalog, tx, alert, number, done=done, language=language, actor=actor, now=now
        )
        if alert.state is AlertState.WAITING:
            return alerts.change_state(tx, alert.id, AlertState.ACKNOWLEDGED, at=now, actor=actor)
        return alert


def false_alarm(env: Environment, alert_id: str, *, actor: str, now: datetime) -> Alert:
    """Closes the alert without an incident. Raises NoSuchAlert, or AlreadySettled if it was confirmed."""
    return _change_state(env, alert_id, AlertState.FALSE_ALARM, actor, now)


def watch(env: Environment, alert_id: str, *, actor: str, now: datetime) -> Alert:
    """Marks the alert as watched. Raises NoSuchAlert, or AlreadySettled if it was confirmed."""
    return _change_state(env, alert_id, AlertState.WATCHING, actor, now)


def _change_state(env: Environment, alert_id: str, state: AlertState, actor: str, now: datetime) -> Alert:
    with shared_status.change_alerts(env, now=now) as tx:
        alert = find_group_lead(tx, alert_id)
        if alert.state is state:
            return alert
        if alert.state not in OPEN_ALERTS:
            raise AlreadySettled
        return alerts.change_state(tx, alert.id, state, at=now, actor=actor)
