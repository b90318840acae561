"""Alerts that belong together: by the house's rule as they come, or by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from statuspage.domain import OPEN_ALERTS, Alert, AlertState, GroupingRules, Incident, StepKind, TimelineEvent, related
from statuspage.storage import alerts, incidents
from statuspage.storage.engine import Connection
from statuspage.usecases.alerts import checklists
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import NotNow, there


class NoSuchAlert(Exception):
    """There is no alert with this id."""


class AlreadySettled(Exception):
    """This alert was confirmed or closed before; what is asked now no longer fits."""


def by_rule(world: Environment, tx: Connection, alert: Alert, now: datetime) -> Alert:
    """The new alert, in the line of an older one where ``alerts.toml`` says that they belong together.

    A line that was confirmed takes it along into its incident, while that is open.
    """
    rule = world.catalog.joining
    if not rule.within:
        return alert
    for line in alerts.lines(tx, now - rule.within):
        if line.id != alert.id and related(alert, line, rule) and _open(tx, line):
            return _put_into_group(world, tx, alert, line, by="", now=now)
    return alert


def group(world: Environment, alert_id: str, to: str, *, by: str, now: datetime) -> Alert:
    """Somebody says that an alert belongs to another one's line, or to an incident. Gives the alert that leads.

    Doing so again changes nothing. Raises NoSuchAlert, NoSuchIncident where ``to`` is neither, AlreadySettled once the
    alert, or what it is to join, was closed, and NotNow for an incident that is over.
    """
    with shared_status.changing(world, now=now) as tx:
        alert, line = line_of(tx, alert_id), alerts.find_alert(tx, to)
        if line is None:
            return _into_incident(world, tx, alert, to, by, now)
        line = line_of(tx, line.id)
        if line.id == alert.id or (alert.incident and alert.incident == line.incident):
            return line
        if alert.state not in OPEN_ALERTS or not _open(tx, line):
            raise AlreadySettled
        older, newer = sorted((alert, line), key=lambda one: (one.received, one.id))
        lead, other = (line, alert) if line.incident else (older, newer)
        _put_into_group(world, tx, other, lead, by=by, now=now)
        if lead.state is not line.state:
            return alerts.step(tx, lead.id, line.state, at=now, by=by)
        return line_of(tx, lead.id)


def ungroup(world: Environment, alert_id: str, *, by: str, now: datetime) -> Alert:
    """Somebody says that an alert does not belong to its line: it waits alone again.

    Raises NoSuchAlert, and AlreadySettled once its line was confirmed or closed.
    """
    with shared_status.changing(world, now=now) as tx:
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
    alert = alerts.find_alert(tx, alert_id)
    if alert is None:
        raise NoSuchAlert
    return alert


def _open(tx: Connection, line: Alert) -> bool:
    """Whether something may still join this line."""
    if not line.incident:
        return line.state in OPEN_ALERTS
    incident = incidents.load(tx, line.incident)
    return incident is not None and not incident.over


def _put_into_group(world: Environment, tx: Connection, alert: Alert, line: Alert, *, by: str, now: datetime) -> Alert:
    """Puts an alert into a line, in that line's state."""
    if line.incident:
        _began(world, tx, alert, line.incident, own(alert) if not by else clock(world, tx, alert))
        checklists.carry(tx, alert.id, line.incident, now)
    return alerts.join(tx, alert, line, at=now, by=by)


def clock(world: Environment, tx: Connection, lead: Alert) -> tuple[datetime, str]:
    """When the trouble that this line tells of began: when the first of it fired, as their monitors say.

    An alert that fired longer before the first one than alerts of a line lie apart had a story of its own by then, and
    moves nothing.
    """
    first = alerts.fired(tx, lead.id, lead.began - apart(world))
    if first is None or first >= lead.began:
        return own(lead)
    return first, "alert"


def apart(world: Environment) -> timedelta:
    """How far apart alerts of one line may begin."""
    return world.catalog.joining.within or GroupingRules().within


def own(alert: Alert) -> tuple[datetime, str]:
    """The same of an alert that is alone, as each is when it comes."""
    return alert.began, "received" if alert.old else "alert"


def _began(world: Environment, tx: Connection, alert: Alert, incident_id: str, clock: tuple[datetime, str]) -> None:
    """The incident's clock starts with the line of this alert, where that began earlier.

    What came after the incident began, and says that it fired much earlier, moves nothing either.
    """
    (began, source), t0 = clock, there(tx, incident_id).t0
    if alert.received < t0 or began >= t0 - apart(world):
        incidents.began_earlier(tx, incident_id, began, source)


def arrival(alert: Alert) -> Iterator[tuple[datetime, TimelineEvent]]:
    """The marks that an alert makes: when it fired, as its monitor says, and when it reached us, where later."""
    yield alert.began, TimelineEvent(StepKind.ALERTED, text=alert.signal.title)
    if alert.received > alert.began:
        yield alert.received, TimelineEvent(StepKind.RECEIVED)


def _into_incident(world: Environment, tx: Connection, alert: Alert, incident_id: str, by: str, now: datetime) -> Alert:
    incident = there(tx, incident_id)
    if alert.incident == incident_id:
        return alert
    if alert.state not in OPEN_ALERTS:
        raise AlreadySettled
    if incident.over:
        raise NotNow("alert.over")
    _began(world, tx, alert, incident_id, clock(world, tx, alert))
    marks = [*arrival(alert), *_taken(alert, incident, by, now)]
    for at, step in marks:
        incidents.append(tx, incident_id, step, happened=at, recorded=now)
    checklists.carry(tx, alert.id, incident_id, now)
    return alerts.step(tx, alert.id, AlertState.CONFIRMED, at=now, by=by, incident=incident_id)


def _taken(alert: Alert, incident: Incident, by: str, now: datetime) -> Iterator[tuple[datetime, TimelineEvent]]:
    """When somebody took the alert, at the latest by joining it; nothing where the incident knows already."""
    if incident.when(StepKind.ACKNOWLEDGED) is None:
        took = next((one for one in alert.steps if one.state is AlertState.ACKNOWLEDGED), None)
        yield (
            (took.at, TimelineEvent(StepKind.ACKNOWLEDGED, took.by))
            if took
            else (now, TimelineEvent(StepKind.ACKNOWLEDGED, by))
        )
