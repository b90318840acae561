"""What a monitor sent, and how far somebody has got with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from statuspage.facts import Affected


class AlertState(StrEnum):
    """Where an alert stands on the desk."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    WATCHING = "watching"
    FALSE_ALARM = "false_alarm"
    CLOSED = "closed"


OPEN_ALERTS = (AlertState.WAITING, AlertState.ACKNOWLEDGED, AlertState.WATCHING)
"""States in which an alert still wants somebody."""


@dataclass(frozen=True, slots=True)
class Signal:
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

    kind: str = ""
    services: tuple[Affected, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertStep:
    """One step of an alert: the state it reached, when (our clock) and by whom."""

    state: AlertState
    at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert in our books. ``received`` is our clock at its first arrival: T0."""

    id: str
    signal: Signal
    received: datetime
    state: AlertState = AlertState.WAITING
    incident: str = ""
    proposal: Proposal = Proposal()
    steps: tuple[AlertStep, ...] = field(default=())
