"""Stored alerts: one row for each time a monitor reports that something broke.

Related alerts form a group: the oldest leads it, and the others name it as their ``group_lead``. A state change applies
to the whole group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType

from sqlalchemy import (
    BindParameter,
    Connection,
    Row,
    Select,
    String,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from statuspage.domain import (
    OPEN_ALERTS,
    Alert,
    AlertState,
    AlertStep,
    Incident,
    MonitorAlert,
    Proposal,
    rename_affected,
)
from statuspage.serialization import from_json_value, to_json_value
from statuspage.storage import staff_notifications
from statuspage.storage.engine import renamed_services
from statuspage.storage.tables import Instant
from statuspage.storage.tables import alert as alerts
from statuspage.storage.tables import alert_step as steps
from statuspage.storage.tables import incident as incidents

MAX_ALERTS = 200
"""The maximum number of groups with which a new alert is compared, and of alerts read for one incident."""

# Prepared once, because building these statements for every alert takes longer than executing them.
_ALERT_ID: BindParameter[str] = bindparam("this")
_SELECT_ALERT = select(alerts).where(alerts.c.id == _ALERT_ID)
_IN_GROUP = (alerts.c.id == _ALERT_ID) | (alerts.c.group_lead == _ALERT_ID)
_SAME_IDENTITY = (alerts.c.source == bindparam("from_source"), alerts.c.identity == bindparam("known_as"))
_SELECT_EPISODE = select(alerts).where(*_SAME_IDENTITY).order_by(alerts.c.fired_at.desc()).limit(1).with_for_update()
_INSERT_ALERT = insert(alerts)
_INSERT_STEP = insert(steps)
_STEPS_OF_ALERTS = steps.c.alert.in_(bindparam("ids", expanding=True))
_SELECT_STEPS = select(steps).where(_STEPS_OF_ALERTS).order_by(steps.c.alert, steps.c.number)
_NEXT_STEP_NUMBER = select(func.coalesce(func.max(steps.c.number), 0) + 1).where(steps.c.alert == alerts.c.id)
_STEP_COLUMNS = {
    "alert": alerts.c.id,
    "number": _NEXT_STEP_NUMBER.scalar_subquery(),
    "state": bindparam("state", type_=String),
    "at": bindparam("at", type_=Instant),
    "actor": bindparam("actor", type_=String),
}
_INSERT_GROUP_STEPS = insert(steps).from_select([*_STEP_COLUMNS], select(*_STEP_COLUMNS.values()).where(_IN_GROUP))
_GROUP_COLUMNS = {"group_lead": "of", "last_grouped_at": "never", "state": "reached", "incident": "to"}
_UPDATE_GROUP = (
    update(alerts).where(_IN_GROUP).values({name: bindparam(parameter) for name, parameter in _GROUP_COLUMNS.items()})
)
_TOUCH_GROUP = update(alerts).where(alerts.c.id == _ALERT_ID).values(last_grouped_at=bindparam("now"))
_NOT_CLOSED = alerts.c.state.in_([state.value for state in (*OPEN_ALERTS, AlertState.CONFIRMED)])
_RECENT = func.coalesce(alerts.c.last_grouped_at, alerts.c.received_at) >= bindparam("since", type_=Instant)
_NEWEST_FIRST = (alerts.c.received_at.desc(), alerts.c.id)
_SELECT_LEADS = select(alerts).where(_NOT_CLOSED, alerts.c.group_lead.is_(None), _RECENT)
_SELECT_GROUPS = _SELECT_LEADS.order_by(*_NEWEST_FIRST).limit(MAX_ALERTS)
_OF_OPEN_INCIDENT = alerts.c.incident.in_(select(incidents.c.id).where(incidents.c.is_over.is_(False)))
_IS_CONFIRMED = alerts.c.state == AlertState.CONFIRMED.value
_CONFIRMED = select(alerts).where(_IS_CONFIRMED, alerts.c.source == bindparam("from_source"), _OF_OPEN_INCIDENT)
_SELECT_CONFIRMED = _CONFIRMED.order_by(*_NEWEST_FIRST).limit(MAX_ALERTS)


@dataclass(frozen=True, slots=True)
class AlertGroupSummary:
    """The alerts of a group except its lead: how many, how many of them still fire, and when the last one ended."""

    count: int
    firing: int
    ended: datetime | None


def receive_alert(
    tx: Connection, monitor_alert: MonitorAlert, *, id: str, received_at: datetime, proposal: Proposal
) -> Alert:
    """The alert to which this message belongs; a new one under ``id`` if there is none.

    Messages with the same source and identity are one alert until the monitor has resolved it and starts again later. A
    repeated message refreshes it; a late copy of an older one changes nothing; a resolution is stored as its end. A
    resolution of an unknown alert is stored as closed, because nobody has to act on it.
    """
    existing = _newest_episode(tx, monitor_alert)
    if existing is None or _is_new_episode(existing, monitor_alert):
        return _insert_alert(tx, monitor_alert, id=id, received_at=received_at, proposal=proposal)
    if existing.ends_at is None and not _is_older(existing, monitor_alert):
        _refresh_alert(tx, existing, monitor_alert)
    return _alert_by_id(tx, existing.id)


def find_alert(tx: Connection, id: str) -> Alert | None:
    """One alert with its steps; None if there is none with this id."""
    return next(iter(_load_alerts(tx, _SELECT_ALERT, {"this": id})), None)


def open_alerts(tx: Connection) -> tuple[Alert, ...]:
    """Alerts that still need attention (waiting, acknowledged, watching), only the lead of each group; oldest first."""
    condition = alerts.c.state.in_([state.value for state in OPEN_ALERTS]) & alerts.c.group_lead.is_(None)
    return _load_alerts(tx, select(alerts).where(condition).order_by(alerts.c.received_at, alerts.c.id))


def unacknowledged_alerts(tx: Connection, limit: int) -> tuple[int, tuple[Alert, ...]]:
    """The number of unacknowledged alerts, counting the lead of each group; and the oldest of them, up to ``limit``."""
    condition = (alerts.c.state == AlertState.WAITING.value) & alerts.c.group_lead.is_(None)
    count = tx.execute(select(func.count()).select_from(alerts).where(condition)).scalar_one()
    if not count:
        return 0, ()
    return int(count), _load_alerts(
        tx, select(alerts).where(condition).order_by(alerts.c.received_at, alerts.c.id).limit(limit)
    )


def acknowledged_alerts(tx: Connection, limit: int) -> tuple[Alert, ...]:
    """The oldest alerts that somebody acknowledged, still fire and are not decided yet; the lead of each group."""
    is_open = (alerts.c.state == AlertState.ACKNOWLEDGED.value) & alerts.c.ends_at.is_(None)
    query = select(alerts).where(is_open & alerts.c.group_lead.is_(None))
    return _load_alerts(tx, query.order_by(alerts.c.received_at, alerts.c.id).limit(limit))


def latest_alerts(tx: Connection, limit: int) -> tuple[Alert, ...]:
    """The newest alerts in any state, newest first."""
    return _load_alerts(tx, select(alerts).order_by(*_NEWEST_FIRST).limit(limit))


def alerts_of_incident(tx: Connection, incident: str, limit: int = MAX_ALERTS) -> tuple[Alert, ...]:
    """The alerts of this incident, oldest first, up to ``limit``."""
    condition = alerts.c.incident == incident
    return _load_alerts(tx, select(alerts).where(condition).order_by(alerts.c.received_at, alerts.c.id).limit(limit))


def change_state(tx: Connection, id: str, state: AlertState, *, at: datetime, actor: str, incident: str = "") -> Alert:
    """Sets the state of the alert and its whole group, records who did it and when, and links them to ``incident``."""
    change: dict[str, object] = {"state": state.value}
    if incident:
        change["incident"] = incident
    if tx.execute(update(alerts).where(_IN_GROUP).values(change), {"this": id}).rowcount == 0:
        raise KeyError(id)
    tx.execute(_INSERT_GROUP_STEPS, {"this": id, "state": state.value, "at": at, "actor": actor})
    if state is not AlertState.WAITING:
        staff_notifications.end_escalation(
            tx, at, actor=actor or state.value
        )  # Somebody has acknowledged: nobody else is notified.
    return _alert_by_id(tx, id)


def recent_groups(tx: Connection, since: datetime) -> tuple[Alert, ...]:
    """The leads of groups that started or grew since then and were not dismissed; newest first."""
    return _load_alerts(tx, _SELECT_GROUPS, {"since": since})


def alerts_of_open_incidents(tx: Connection, source: str) -> tuple[Alert, ...]:
    """The newest alerts of this source that were confirmed as incidents that are still open, newest first."""
    return _load_alerts(tx, _SELECT_CONFIRMED, {"from_source": source})


def add_to_group(tx: Connection, alert: Alert, lead: Alert, *, at: datetime, actor: str) -> Alert:
    """Moves an alert, with the alerts it leads, into the group of ``lead`` and to its state."""
    grouped = replace(alert, group_lead=lead.id, state=lead.state, incident=lead.incident)
    if alert.state is not lead.state:
        tx.execute(_INSERT_GROUP_STEPS, {"this": alert.id, "state": lead.state.value, "at": at, "actor": actor})
        grouped = replace(grouped, steps=(*alert.steps, AlertStep(lead.state, at, actor)))
    placement = {"of": lead.id, "never": None, "reached": lead.state.value, "to": lead.incident or None}
    tx.execute(_UPDATE_GROUP, {"this": alert.id, **placement})
    tx.execute(_TOUCH_GROUP, {"this": lead.id, "now": at})
    return grouped


def remove_from_group(tx: Connection, id: str) -> None:
    """Removes an alert from its group, so that it is on its own again."""
    tx.execute(update(alerts).where(alerts.c.id == id).values(group_lead=None))


def alerts_of_group(tx: Connection, lead: str, limit: int) -> tuple[Alert, ...]:
    """The alerts of this group except its lead, newest first."""
    query = select(alerts).where(alerts.c.group_lead == lead)
    return _load_alerts(tx, query.order_by(*_NEWEST_FIRST).limit(limit))


def summarize_groups(tx: Connection, leads: Iterable[str]) -> Mapping[str, AlertGroupSummary]:
    """Summaries of the groups with these leads; leads without other alerts are left out."""
    firing = func.sum(case((alerts.c.ends_at.is_(None), 1), else_=0))
    query = select(alerts.c.group_lead, func.count(), firing, func.max(alerts.c.ends_at))
    rows = tx.execute(query.where(alerts.c.group_lead.in_(list(leads))).group_by(alerts.c.group_lead))
    return {lead: AlertGroupSummary(count, int(still_firing), ended) for lead, count, still_firing, ended in rows}


def first_fired_at(tx: Connection, lead: str, since: datetime) -> datetime | None:
    """When the first alert of this group fired, according to the monitors; None if none gave a time since ``since``."""
    in_group = (alerts.c.id == lead) | (alerts.c.group_lead == lead)
    query = select(func.min(alerts.c.fired_at)).where(in_group, alerts.c.fired_at >= since)
    fired_at: datetime | None = tx.execute(query).scalar_one()
    return fired_at


def find_first_alert(
    tx: Connection, start: datetime, end: datetime, *, incident: Incident | None = None
) -> Alert | None:
    """The first alert from ``start`` to ``end`` that needed attention; None if there is none.

    With ``incident``, alerts confirmed as another incident before its clock started are left out.
    """
    waiting_ids = select(steps.c.alert).where(steps.c.number == 1, steps.c.state == AlertState.WAITING.value)
    condition = (alerts.c.received_at >= start) & (alerts.c.received_at <= end) & alerts.c.id.in_(waiting_ids)
    query = select(alerts).where(condition).order_by(alerts.c.received_at, alerts.c.id).limit(1)
    if incident is not None:
        confirmed_later = (steps.c.state == AlertState.CONFIRMED.value) & (steps.c.at > incident.t0)
        unassigned = alerts.c.incident.is_(None) | alerts.c.id.in_(select(steps.c.alert).where(confirmed_later))
        query = query.where(unassigned | (alerts.c.incident == incident.id))
    return next(iter(_load_alerts(tx, query)), None)


def count_firing(tx: Connection, incident: str) -> int:
    """How many alerts of this incident are not resolved by their monitors."""
    condition = (alerts.c.incident == incident) & alerts.c.ends_at.is_(None)
    return int(tx.execute(select(func.count()).select_from(alerts).where(condition)).scalar_one())


def _newest_episode(tx: Connection, monitor_alert: MonitorAlert) -> Row[tuple[object, ...]] | None:
    return tx.execute(
        _SELECT_EPISODE, {"from_source": monitor_alert.source, "known_as": monitor_alert.identity}
    ).one_or_none()


def _is_older(row: Row[tuple[object, ...]], monitor_alert: MonitorAlert) -> bool:
    """Whether it is a late or replayed copy of an alert that ended before this one began."""
    return bool((monitor_alert.ended_at or monitor_alert.started_at) < row.fired_at)


def _is_new_episode(row: Row[tuple[object, ...]], monitor_alert: MonitorAlert) -> bool:
    return (
        row.ends_at is not None and monitor_alert.started_at > row.fired_at and monitor_alert.started_at >= row.ends_at
    )


def _insert_alert(
    tx: Connection, monitor_alert: MonitorAlert, *, id: str, received_at: datetime, proposal: Proposal
) -> Alert:
    state = AlertState.WAITING if monitor_alert.ended_at is None else AlertState.CLOSED
    row = {
        "id": id,
        "source": monitor_alert.source,
        "identity": monitor_alert.identity,
        "fired_at": monitor_alert.started_at,
        "ends_at": monitor_alert.ended_at,
        "monitor_alert": to_json_value(monitor_alert),
        "proposal": to_json_value(proposal),
        "received_at": received_at,
        "state": state.value,
    }
    tx.execute(_INSERT_ALERT, row)
    tx.execute(_INSERT_STEP, {"alert": id, "number": 1, "state": state.value, "at": received_at, "actor": ""})
    first_steps = (AlertStep(state, received_at),)
    return Alert(
        id, monitor_alert, received_at, state, proposal=proposal, steps=first_steps, fired_at=monitor_alert.started_at
    )


def _refresh_alert(tx: Connection, row: Row[tuple[object, ...]], monitor_alert: MonitorAlert) -> None:
    """Updates the alert from a repeated message. Redacted words are not restored."""
    signal_json = (
        to_json_value(monitor_alert)
        if row.redacted_at is None
        else {**row.monitor_alert, "ended_at": to_json_value(monitor_alert.ended_at)}
    )
    tx.execute(
        update(alerts).where(alerts.c.id == row.id).values(monitor_alert=signal_json, ends_at=monitor_alert.ended_at)
    )


def _alert_by_id(tx: Connection, id: str) -> Alert:
    return _load_alerts(tx, _SELECT_ALERT, {"this": id})[0]


def _load_alerts(
    tx: Connection, query: Select[tuple[object, ...]], parameters: Mapping[str, object] = MappingProxyType({})
) -> tuple[Alert, ...]:
    rows = tx.execute(query, parameters).all()
    steps_by_alert = _load_steps(tx, [row.id for row in rows])
    renamed = renamed_services(tx)
    return tuple(_alert(row, steps_by_alert.get(row.id, ()), renamed) for row in rows)


def _load_steps(tx: Connection, ids: list[str]) -> dict[str, tuple[AlertStep, ...]]:
    rows = tx.execute(_SELECT_STEPS, {"ids": ids})
    return {
        id: tuple(AlertStep(AlertState(row.state), row.at, row.actor) for row in group)
        for id, group in groupby(rows, key=attrgetter("alert"))
    }


def _alert(row: Row[tuple[object, ...]], alert_steps: tuple[AlertStep, ...], renamed: Mapping[str, str]) -> Alert:
    proposal: Proposal = from_json_value(Proposal, row.proposal)
    return Alert(
        id=row.id,
        monitor_alert=from_json_value(MonitorAlert, row.monitor_alert),
        received_at=row.received_at,
        state=AlertState(row.state),
        incident=row.incident or "",
        proposal=replace(proposal, services=rename_affected(proposal.services, renamed)),
        steps=alert_steps,
        group_lead=row.group_lead or "",
        fired_at=row.fired_at,
    )
