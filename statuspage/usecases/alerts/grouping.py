"""Groups alerts: by rules as they arrive, or by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from statuspage.domain import (
    OPEN_ALERTS,
    Alert,
    AlertState,
    Catalog,
    EventKind,
    GroupingRules,
    Incident,
    TimelineEvent,
    are_related,
)
from statuspage.storage import alerts, incidents
from statuspage.storage.engine import Connection
from statuspage.usecases.alerts import checklists
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import ActionRefused, require_incident


class NoSuchAlert(Exception):
    """The alert id is unknown."""


class AlreadySettled(Exception):
    """The alert is confirmed or closed, so the action is no longer possible."""


def group_by_rule(catalog: Catalog, tx: Connection, alert: Alert, now: datetime) -> Alert:
    """Adds a new alert to the group of an older one if ``alerts.toml`` says that they belong together.

    If that group is confirmed, the alert joins its incident, as long as it is open. An alert that fires again after it
    was over joins its incident however long ago that began.
    """
    if earlier := _find_earlier_firing(tx, alert):
        return _put_into_group(catalog, tx, alert, find_group_lead(tx, earlier.id), actor="", now=now)
    rule = catalog.grouping
    if not rule.within:
        return alert
    for group_lead in alerts.recent_groups(tx, now - rule.within):
        if group_lead.id != alert.id and are_related(alert, group_lead, rule) and _is_group_open(tx, group_lead):
            return _put_into_group(catalog, tx, alert, group_lead, actor="", now=now)
    return alert


def _find_earlier_firing(tx: Connection, alert: Alert) -> Alert | None:
    """The alert with the same title and labels of an incident that is still open: it flaps."""
    own = alert.monitor_alert
    if not own.labels:
        return None
    confirmed = alerts.alerts_of_open_incidents(tx, own.source)
    same = (
        other
        for other in confirmed
        if (other.monitor_alert.title, other.monitor_alert.labels) == (own.title, own.labels)
    )
    return next((other for other in same if other.id != alert.id), None)


def group(env: Environment, alert_id: str, target_id: str, *, actor: str, now: datetime) -> Alert:
    """Groups an alert with another one, or with an incident, by hand. Returns the alert that leads.

    Repeating it changes nothing. Raises NoSuchAlert, NoSuchIncident if ``target_id`` is neither, AlreadySettled if the
    alert or its target was closed, and ActionRefused for an incident that is over.
    """
    with shared_status.change_alerts(env, now=now) as tx:
        alert, group_lead = find_group_lead(tx, alert_id), alerts.find_alert(tx, target_id)
        if group_lead is None:
            return _add_to_incident(env.site.catalog, tx, alert, target_id, actor, now)
        group_lead = find_group_lead(tx, group_lead.id)
        if group_lead.id == alert.id or (alert.incident and alert.incident == group_lead.incident):
            return group_lead
        if alert.state not in OPEN_ALERTS or not _is_group_open(tx, group_lead):
            raise AlreadySettled
        older, newer = sorted((alert, group_lead), key=lambda candidate: (candidate.received_at, candidate.id))
        lead, member = (group_lead, alert) if group_lead.incident else (older, newer)
        _put_into_group(env.site.catalog, tx, member, lead, actor=actor, now=now)
        if lead.state is not group_lead.state:
            return alerts.change_state(tx, lead.id, group_lead.state, at=now, actor=actor)
        return find_group_lead(tx, lead.id)


def ungroup(env: Environment, alert_id: str, *, actor: str, now: datetime) -> Alert:
    """Removes an alert from its group by hand, so that it waits on its own again.

    Raises NoSuchAlert, or AlreadySettled if its group was confirmed or closed.
    """
    with shared_status.change_alerts(env, now=now) as tx:
        alert = _require_alert(tx, alert_id)
        if not alert.group_lead:
            return alert
        if alert.state not in OPEN_ALERTS:
            raise AlreadySettled
        alerts.remove_from_group(tx, alert_id)
        return alerts.change_state(tx, alert_id, AlertState.WAITING, at=now, actor=actor)


def find_group_lead(tx: Connection, alert_id: str) -> Alert:
    """The alert that leads this one's group: itself if it is alone. Raises NoSuchAlert."""
    alert = _require_alert(tx, alert_id)
    return _require_alert(tx, alert.group_lead) if alert.group_lead else alert


def _require_alert(tx: Connection, alert_id: str) -> Alert:
    alert = alerts.find_alert(tx, alert_id)
    if alert is None:
        raise NoSuchAlert
    return alert


def _is_group_open(tx: Connection, group_lead: Alert) -> bool:
    """Whether alerts can still join this group."""
    if not group_lead.incident:
        return group_lead.state in OPEN_ALERTS
    incident = incidents.load_incident(tx, group_lead.incident)
    return incident is not None and not incident.is_over


def _put_into_group(
    catalog: Catalog, tx: Connection, alert: Alert, group_lead: Alert, *, actor: str, now: datetime
) -> Alert:
    """Moves an alert into a group, with the group's state."""
    if group_lead.incident:
        _move_start_earlier(
            catalog,
            tx,
            alert,
            group_lead.incident,
            own_start(alert) if not actor else find_group_start(catalog, tx, alert),
        )
        checklists.copy_ticks(tx, alert.id, group_lead.incident, now)
    return alerts.add_to_group(tx, alert, group_lead, at=now, actor=actor)


def find_group_start(catalog: Catalog, tx: Connection, lead: Alert) -> tuple[datetime, str]:
    """When the group's incident began: when its first alert fired, according to the monitors.

    An alert that fired earlier than the lead by more than the grouping window does not count: that was a separate
    incident.
    """
    earliest = alerts.first_fired_at(tx, lead.id, lead.t0 - grouping_window(catalog))
    if earliest is None or earliest >= lead.t0:
        return own_start(lead)
    return earliest, "alert"


def grouping_window(catalog: Catalog) -> timedelta:
    """The maximum time between the starts of alerts in one group."""
    return catalog.grouping.within or GroupingRules().within


def own_start(alert: Alert) -> tuple[datetime, str]:
    """When a single alert began, and which clock says so."""
    return alert.t0, "received" if alert.is_stale else "alert"


def _move_start_earlier(
    catalog: Catalog, tx: Connection, alert: Alert, incident_id: str, group_start: tuple[datetime, str]
) -> None:
    """Moves the start of the incident's clock to the start of this alert's group, if that is earlier.

    An alert that arrives later and claims to have fired much earlier changes nothing.
    """
    (started_at, source), t0 = group_start, require_incident(tx, incident_id).t0
    if alert.received_at < t0 or started_at >= t0 - grouping_window(catalog):
        incidents.move_start_back(tx, incident_id, started_at, source)


def arrival_events(alert: Alert) -> Iterator[tuple[datetime, TimelineEvent]]:
    """The events of an alert: when it fired, according to its monitor, and when we received it, if that is later."""
    yield alert.t0, TimelineEvent(EventKind.ALERTED, text=alert.monitor_alert.title)
    if alert.received_at > alert.t0:
        yield alert.received_at, TimelineEvent(EventKind.RECEIVED)


def _add_to_incident(
    catalog: Catalog, tx: Connection, alert: Alert, incident_id: str, actor: str, now: datetime
) -> Alert:
    incident = require_incident(tx, incident_id)
    if alert.incident == incident_id:
        return alert
    if alert.state not in OPEN_ALERTS:
        raise AlreadySettled
    if incident.is_over:
        raise ActionRefused("alert.over")
    _move_start_earlier(catalog, tx, alert, incident_id, find_group_start(catalog, tx, alert))
    events = [*arrival_events(alert), *_acknowledgement_event(alert, incident, actor, now)]
    for at, event in events:
        incidents.append_entry(tx, incident_id, event, happened=at, recorded=now)
    checklists.copy_ticks(tx, alert.id, incident_id, now)
    return alerts.change_state(tx, alert.id, AlertState.CONFIRMED, at=now, actor=actor, incident=incident_id)


def _acknowledgement_event(
    alert: Alert, incident: Incident, actor: str, now: datetime
) -> Iterator[tuple[datetime, TimelineEvent]]:
    """The acknowledgement of the alert, at the latest by grouping it; nothing if the incident already has one."""
    if incident.first_time_of(EventKind.ACKNOWLEDGED) is None:
        acknowledgement = next((step for step in alert.steps if step.state is AlertState.ACKNOWLEDGED), None)
        yield (
            (acknowledgement.at, TimelineEvent(EventKind.ACKNOWLEDGED, acknowledgement.actor))
            if acknowledgement
            else (now, TimelineEvent(EventKind.ACKNOWLEDGED, actor))
        )
