"""A notice as entered on the form or by flags, before it is parsed into facts."""

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
    """A time as typed: ``10:05``, ``5m``, ``7/4 10:05`` (see TimeParser); "" if the field is empty."""

    text: str


TimeInput = TypedTime | datetime
"""A time as typed, or a known moment. Aware."""


@dataclass(frozen=True, slots=True)
class ServiceInput:
    """A service and its state (operational: confirmed to work normally), or "" for the default of the incident type."""

    service: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class AudienceInput:
    """Who is affected. ``groups`` are ids of the company's customer groups; they cannot be combined with ALL or
    SOME."""

    extent: AffectedAudience = AffectedAudience.CHECKING
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StartInput:
    """When it began, or was noticed."""

    precision: Precision
    time: TimeInput


class EstimateShape(StrEnum):
    """The form of an estimate."""

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
        """The times that this shape uses, in order."""
        return tuple(time for time in (self.earliest, self.latest) if time is not None)


@dataclass(frozen=True, slots=True)
class NoticeInput:
    """What somebody typed and chose.

    ``services`` None: not asked (those of the incident type are taken). ``start``, ``estimate`` None: nothing was
    chosen. ``next_update`` None: the incident type's cadence. ``begins``, ``ends``: the window of planned maintenance;
    ``ends`` may be a length, ``2h``. ``remind``: how long before the start customers are reminded, ``1d``, or *none*;
    "" takes a day, or an hour if a day is too long. ``report_by`` is the day until which a postmortem is
    promised, ``2026-12-04``; "" promises none.
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
    preventions: tuple[str, ...] = ()
    report_by: str = ""
    text: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    reason: str = ""


def notice_input_from_facts(facts: Facts, now: datetime) -> NoticeInput:
    """The last published facts as input, to be published again. An estimate that has passed is left out."""
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
    """Unifies line ends, strips surrounding whitespace, and removes invisible characters that come along when text is
    copied from web pages."""
    return _SHOWS_NOTHING.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


_SHOWS_NOTHING = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff]")
"""Soft hyphens, zero-width spaces and byte order marks. Emoji joiners and direction marks are kept."""
