"""Alerts that belong together: by the house's rule as they come, or by hand."""

from __future__ import annotations

from datetime import datetime

from statuspage import summary
from statuspage.desk import checklists
from statuspage.desk.incidents import NotNow, there
from statuspage.incoming import OPEN_ALERTS, Alert, AlertState
from statuspage.proposals import related
from statuspage.store import Connection, alerts, incidents
from statuspage.timeline import Step, StepKind
from statuspage.world import World


class NoSuchAlert(Exception):
    """There is no alert with this id."""


class AlreadySettled(Exception):
    """This alert was confirmed or closed before; what is asked now no longer fits."""


def by_rule(world: World, tx: Connection, alert: Alert, now: datetime) -> Alert:
    """The new alert, in the line of an older one where ``alerts.toml`` says that they belong together.

    A line that was confirmed takes it along into its incident, while that is open.
    """
    rule = world.catalog.joining
    if not rule.within:
        return alert
    for line in alerts.lines(tx, now - rule.within):
        if line.id != alert.id and related(alert, line, rule) and _open(tx, line):
            return _put(tx, alert, line, by="", now=now)
    return alert


def join(world: World, alert_id: str, to: str, *, by: str, now: datetime) -> Alert:
    """Somebody says that an alert belongs to another one's line, or to an incident. Gives the alert that leads.

    Doing so again changes nothing. Raises NoSuchAlert, NoSuchIncident where ``to`` is neither, AlreadySettled once the
    alert, or what it is to join, was closed, and NotNow for an incident that is over.
    """
    with summary.changing(world, now=now) as tx:
        alert, line = line_of(tx, alert_id), alerts.get(tx, to)
        if line is None:
            return _into_incident(tx, alert, to, by, now)
        line = line_of(tx, line.id)
        if line.id == alert.id or (alert.incident and alert.incident == line.incident):
            return line
        if alert.state not in OPEN_ALERTS or not _open(tx, line):
            raise AlreadySettled
        older, newer = sorted((alert, line), key=lambda one: (one.received, one.id))
        lead, other = (line, alert) if line.incident else (older, newer)
        _put(tx, other, lead, by=by, now=now)
        if lead.state is not line.state:
            return alerts.step(tx, lead.id, line.state, at=now, by=by)
        return line_of(tx, lead.id)


def part(world: World, alert_id: str, *, by: str, now: datetime) -> Alert:
    """Somebody says that an alert does not belong to its line: it waits alone again.

    Raises NoSuchAlert, and AlreadySettled once its line was confirmed or closed.
    """
    with summary.changing(world, now=now) as tx:
        alert = _there(tx, alert_id)
        if not alert.lead:
            return alert
        if alert.state not in OPEN_ALERTS:
            raise AlreadySettled
        alerts.part(tx, alert_id)
        return alerts.step(tx, alert_id, AlertState.WAITING, at=now, by=by)


def line_of(tx: Connection, alert_id: str) -> Alert:
    """The alert that leads the line of this one: itself, where it is alone. Raises NoSuchAlert."""
    alert = _there(tx, alert_id)
    return _there(tx, alert.lead) if alert.lead else alert


def _there(tx: Connection, alert_id: str) -> Alert:
    alert = alerts.get(tx, alert_id)
    if alert is None:
        raise NoSuchAlert
    return alert


def _open(tx: Connection, line: Alert) -> bool:
    """Whether something may still join this line."""
    if not line.incident:
        return line.state in OPEN_ALERTS
    incident = incidents.load(tx, line.incident)
    return incident is not None and not incident.over


def _put(tx: Connection, alert: Alert, line: Alert, *, by: str, now: datetime) -> Alert:
    """Puts an alert into a line, in that line's state."""
    if line.incident:
        incidents.began_earlier(tx, line.incident, alert.received)
        checklists.carry(tx, alert.id, line.incident, now)
    return alerts.join(tx, alert, line, at=now, by=by)


def _into_incident(tx: Connection, alert: Alert, incident_id: str, by: str, now: datetime) -> Alert:
    incident = there(tx, incident_id)
    if alert.incident == incident_id:
        return alert
    if alert.state not in OPEN_ALERTS:
        raise AlreadySettled
    if incident.over:
        raise NotNow("alert.over")
    incidents.began_earlier(tx, incident_id, alert.received)
    alerted = Step(StepKind.ALERTED, text=alert.signal.title)
    incidents.append(tx, incident_id, alerted, happened=alert.received, recorded=now)
    checklists.carry(tx, alert.id, incident_id, now)
    return alerts.step(tx, alert.id, AlertState.CONFIRMED, at=now, by=by, incident=incident_id)
