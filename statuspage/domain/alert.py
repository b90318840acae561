"""What a monitor sent, what the house makes of it, and how far somebody has got with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.domain.facts import Affected


class AlertState(StrEnum):
    """Where an alert stands on the desk."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    WATCHING = "watching"
    FALSE_ALARM = "false_alarm"
    CLOSED = "closed"


STALE_AFTER = timedelta(days=1)
"""An alert that says it fired longer before it reached us was known elsewhere meanwhile: silenced, sent by a receiver
that is new, or known to books that are no more. Nobody could have reacted, so its clock starts with its arrival."""

OPEN_ALERTS = (AlertState.WAITING, AlertState.ACKNOWLEDGED, AlertState.WATCHING)
"""States in which an alert still wants somebody."""


@dataclass(frozen=True, slots=True)
class MonitorAlert:
    """One alert as its monitor states it now. ``identity`` is the same each time the monitor repeats it.

    ``starts_at`` is the monitor's claim; ``ends_at`` is set once it says it is over.
    """

    source: str
    identity: str
    title: str
    summary: str
    labels: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the house's rules make of an alert; empty where no rule fits."""

    incident_type: str = ""
    services: tuple[Affected, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertStep:
    """One step of an alert: the state it reached, when (our clock) and by whom."""

    state: AlertState
    at: datetime
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert in our books. ``received_at`` is our clock at its first arrival, ``fired_at`` when its monitor then said
    that it fired (None: it said nothing). ``group_lead`` is the alert of its group that is shown, "" where it leads the
    group or has none."""

    id: str
    monitor_alert: MonitorAlert
    received_at: datetime
    state: AlertState = AlertState.WAITING
    incident: str = ""
    proposal: Proposal = Proposal()
    steps: tuple[AlertStep, ...] = field(default=())
    group_lead: str = ""
    fired_at: datetime | None = None

    @property
    def t0(self) -> datetime:
        """T0: when it fired, as its monitor said first; when we received it, where that cannot count."""
        return self.received_at if self.fired_at is None or self.is_stale else min(self.fired_at, self.received_at)

    @property
    def is_stale(self) -> bool:
        """Whether it says that it fired so long ago that its clock starts with its arrival."""
        return self.fired_at is not None and self.received_at - self.fired_at > STALE_AFTER


@dataclass(frozen=True, slots=True)
class AlertRule:
    """Proposes kind and services for alerts of ``source`` whose labels equal all of ``match``
    (a ``*`` at the end of a value matches any rest). The first rule that fits counts."""

    source: str
    match: Mapping[str, str]
    incident_type: str
    services: tuple[Affected, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupingRules:
    """Which alerts are shown as one: those that come ``within`` this time of each other and mean the ``same`` (kind,
    service, or both). Those that no rule knows are the same when they come from one monitor."""

    within: timedelta = timedelta(minutes=15)
    group_by: tuple[str, ...] = ("service",)


@dataclass(frozen=True, slots=True)
class JsonMapping:
    """A monitor of the house's own: where in its JSON stands what. ``alerts`` is the list of them, "" where the message
    is one alert itself; it is over when ``state`` says one of ``over`` (in small letters)."""

    name: str
    id: str
    title: str
    alerts: str = ""
    summary: str = ""
    state: str = ""
    resolved_values: tuple[str, ...] = ()
    starts_at: str = ""
    ends_at: str = ""
    url: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
