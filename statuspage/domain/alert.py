"""Alerts: what a monitor sent, what the alert rules propose, and how staff have handled it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.domain.facts import Affected


class AlertState(StrEnum):
    """The state of an alert on the desk."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    WATCHING = "watching"
    FALSE_ALARM = "false_alarm"
    CLOSED = "closed"


STALE_AFTER = timedelta(days=1)
"""An alert that fired longer ago than this when it arrived was already known elsewhere (silenced, a new receiver, an
earlier database). Nobody here could have reacted, so its clock starts with its arrival."""

OPEN_ALERTS = (AlertState.WAITING, AlertState.ACKNOWLEDGED, AlertState.WATCHING)
"""States in which an alert still needs attention."""


@dataclass(frozen=True, slots=True)
class MonitorAlert:
    """An alert as its monitor describes it now. ``identity`` stays the same each time the monitor repeats it.

    ``started_at`` is what the monitor claims; ``ended_at`` is set once the monitor reports that the alert is over.
    ``url`` leads to the monitor, ``runbook_url`` to what engineers wrote about this alert; ``annotations`` are whatever
    else the monitor says about it.
    """

    source: str
    identity: str
    title: str
    summary: str
    labels: Mapping[str, str]
    started_at: datetime
    ended_at: datetime | None = None
    url: str = ""
    runbook_url: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the alert rules propose for an alert; empty if no rule matches."""

    incident_type: str = ""
    services: tuple[Affected, ...] = ()


NO_PROPOSAL = Proposal()


@dataclass(frozen=True, slots=True)
class AlertStep:
    """One step of an alert: the state it reached, when (by our clock) and who did it."""

    state: AlertState
    at: datetime
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """A stored alert. ``received_at`` is when it first arrived (our clock), ``fired_at`` when it fired according to its
    monitor's first message (None: not stated). ``group_lead`` is the alert that represents its group, "" if it is that
    alert or has no group."""

    id: str
    monitor_alert: MonitorAlert
    received_at: datetime
    state: AlertState = AlertState.WAITING
    incident: str = ""
    proposal: Proposal = NO_PROPOSAL
    steps: tuple[AlertStep, ...] = field(default=())
    group_lead: str = ""
    fired_at: datetime | None = None

    @property
    def t0(self) -> datetime:
        """When it fired according to its monitor's first message; when we received it if that time cannot count."""
        return self.received_at if self.fired_at is None or self.is_stale else min(self.fired_at, self.received_at)

    @property
    def proposed_start(self) -> datetime | None:
        """When it began according to its monitor now; None if that is implausible, so that a person has to say it."""
        claimed = self.monitor_alert.started_at
        return None if self.is_stale or self.received_at - claimed > STALE_AFTER else claimed

    @property
    def is_stale(self) -> bool:
        """Whether it fired so long before its arrival that its clock starts with the arrival."""
        return self.fired_at is not None and self.received_at - self.fired_at > STALE_AFTER


@dataclass(frozen=True, slots=True)
class AlertRule:
    """Proposes an incident type and services for alerts from ``source`` whose labels match all of ``match`` (a ``*`` at
    the end of a value matches any suffix). The first matching rule applies."""

    source: str
    match: Mapping[str, str]
    incident_type: str
    services: tuple[Affected, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupingRules:
    """Which alerts form a group: those that arrive ``within`` this time of each other and agree in ``group_by``
    (incident type, service, or both). Alerts that match no rule are grouped by monitor."""

    within: timedelta = timedelta(minutes=15)
    group_by: tuple[str, ...] = ("service",)


@dataclass(frozen=True, slots=True)
class JsonMapping:
    """Where a custom monitor's JSON holds each value. ``alerts`` is the path of the list of alerts, "" if the message
    is a single alert. An alert is over when ``state`` is one of ``resolved_values`` (lower case)."""

    name: str
    id: str
    title: str
    alerts: str = ""
    summary: str = ""
    state: str = ""
    resolved_values: tuple[str, ...] = ()
    started_at: str = ""
    ended_at: str = ""
    url: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def propose(alert: MonitorAlert, rules: Sequence[AlertRule]) -> Proposal:
    """The proposal of the first matching rule; empty if none matches."""
    for rule in rules:
        if rule.source == alert.source and labels_match(rule.match, alert.labels):
            return Proposal(incident_type=rule.incident_type, services=rule.services)
    return NO_PROPOSAL


def labels_match(match: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether ``labels`` has every label of ``match`` with that value. A ``*`` at the end of a value matches any
    suffix."""
    return all(name in labels and _value_matches(value, labels[name]) for name, value in match.items())


def _value_matches(pattern: str, value: str) -> bool:
    return value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern


def are_related(first: Alert, second: Alert, grouping: GroupingRules) -> bool:
    """Whether two alerts belong to one group by content; their arrival times are not compared. Alerts that match no
    rule are compared by monitor."""
    if not first.proposal.incident_type or not second.proposal.incident_type:
        return (
            first.proposal.incident_type == second.proposal.incident_type
            and first.monitor_alert.source == second.monitor_alert.source
        )
    return all(_CRITERIA[criterion](first.proposal, second.proposal) for criterion in grouping.group_by)


def _same_incident_type(first: Proposal, second: Proposal) -> bool:
    return first.incident_type == second.incident_type


def _same_service(first: Proposal, second: Proposal) -> bool:
    first_services, second_services = (
        {affected.service for affected in proposal.services} for proposal in (first, second)
    )
    return bool(first_services & second_services) or (
        not first_services and not second_services and first.incident_type == second.incident_type
    )


_CRITERIA = {"incident_type": _same_incident_type, "service": _same_service}
