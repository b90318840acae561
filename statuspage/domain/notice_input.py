"""A notice as somebody gives it, on the form or as flags, before it is parsed into facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from statuspage.domain.facts import (
    Affected,
    AffectedAudience,
    Audience,
    Estimate,
    Facts,
    Known,
    MissedEstimate,
    NotBefore,
    Precision,
    Range,
    Unknown,
    estimate_expires_at,
)


@dataclass(frozen=True, slots=True)
class TypedTime:
    """A time as a person types it: ``10:05``, ``5m``, ``7/4 10:05`` (see TimeParser); "" where the box is empty."""

    text: str


TimeInput = TypedTime | datetime
"""A time as it was typed, or the moment that it is known to mean. Aware."""


@dataclass(frozen=True, slots=True)
class ServiceInput:
    """A service and how badly it is affected: a state (operational: somebody confirmed that it works as usual), or ""
    for that of the incident type.
    """

    service: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class AudienceInput:
    """Who is affected. ``groups`` are ids of the organisation's groups; they do not go with ALL and SOME."""

    extent: AffectedAudience = AffectedAudience.CHECKING
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StartInput:
    """When it began, or was noticed."""

    precision: Precision
    time: TimeInput


class EstimateShape(StrEnum):
    """What is said about the end."""

    UNKNOWN = "unknown"
    KNOWN = "known"
    RANGE = "range"
    NOT_BEFORE = "not_before"


@dataclass(frozen=True, slots=True)
class EstimateInput:
    """When it should be over. ``earliest`` is the only time of KNOWN and NOT_BEFORE; ``latest`` ends a RANGE."""

    shape: EstimateShape = EstimateShape.UNKNOWN
    earliest: TimeInput | None = None
    latest: TimeInput | None = None

    @property
    def times(self) -> tuple[TimeInput, ...]:
        """Its times, in order."""
        return tuple(time for time in (self.earliest, self.latest) if time is not None)


@dataclass(frozen=True, slots=True)
class NoticeInput:
    """What somebody typed and chose.

    ``services``: None if nobody was asked (those of the incident type are taken). ``start``, ``estimate``: None if
    nothing was chosen. ``next_update``: None takes the incident type's cadence. ``begins``, ``ends``: the window of
    planned work; ``ends`` also as a length, ``2h``. ``remind``: how long before it customers are reminded, ``1d``, or
    none; "" takes a day, or an hour if that is too late.
    """

    incident_type: str = ""
    services: tuple[ServiceInput, ...] | None = None
    audience: AudienceInput = AudienceInput()
    start: StartInput | None = None
    estimate: EstimateInput | None = None
    workarounds: tuple[str, ...] = ()
    current_action: str = ""
    cause: str = ""
    next_update: TimeInput | None = None
    ended: TimeInput | None = None
    begins: TimeInput | None = None
    ends: TimeInput | None = None
    remind: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    postmortem: Mapping[str, str] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    reason: str = ""


def notice_input_from_facts(facts: Facts, now: datetime) -> NoticeInput:
    """What was last published, to be published again. An estimate that has passed is left out."""
    return NoticeInput(
        incident_type=facts.incident_type,
        services=tuple(service_input(affected) for affected in facts.named_services),
        audience=_audience_input(facts.audience),
        start=StartInput(facts.start.precision, facts.start.at) if facts.start else None,
        estimate=_estimate_input(facts.estimate, now),
        workarounds=facts.workarounds,
        current_action=facts.current_action or "",
        cause=facts.cause or "",
        answers=facts.answers,
    )


def service_input(affected: Affected) -> ServiceInput:
    """A service with its state."""
    return ServiceInput(affected.service, str(affected.state))


def _audience_input(audience: Audience) -> AudienceInput:
    return AudienceInput(audience.extent, audience.groups)


def _estimate_input(estimate: Estimate, now: datetime) -> EstimateInput:
    at = estimate_expires_at(estimate)
    if at is not None and at <= now:
        return EstimateInput()
    match estimate:
        case Unknown():
            return EstimateInput()
        case Known(at=at):
            return EstimateInput(EstimateShape.KNOWN, at)
        case NotBefore(at=at):
            return EstimateInput(EstimateShape.NOT_BEFORE, at)
        case Range(earliest=earliest, latest=latest):
            return EstimateInput(EstimateShape.RANGE, earliest, latest)
        case MissedEstimate(current=current):
            return _estimate_input(current, now)


def strip_invisible(text: str) -> str:
    """Unifies line ends, strips blanks at the ends, and removes invisible characters: they come along from web
    pages."""
    return _SHOWS_NOTHING.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


_SHOWS_NOTHING = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff]")
"""Soft hyphens, zero-width blanks, byte order marks. Joiners of emoji and direction marks stay."""
