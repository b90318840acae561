"""A notice as somebody types it, on the form or as flags, before it is read into facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from statuspage.domain.facts import (
    Affected,
    AffectedAudience,
    Audience,
    Estimate,
    Facts,
    Known,
    MissedEstimate,
    NotBefore,
    Range,
    Unknown,
    estimate_expires_at,
)


@dataclass(frozen=True, slots=True)
class NoticeInput:
    """The strings as they were typed, in the grammar of the command line.

    ``services``: ``id`` or ``id:state`` (operational: somebody confirmed that it works as usual); None if nobody was
    asked (those of the incident type are taken). ``audience``: all, some, checking, or ids of the organisation's
    groups joined by commas. ``start``: ``10:05``, ``about:10:05``, ``noticed:10:05``, ``5m`` (ago), ``now``.
    ``estimate``: unknown, ``13:30``, ``30m`` (from now), ``12:30..13:30``, ``not-before:13:30``. ``next_update``:
    ``30m``, ``12:45``; "" takes the incident type's cadence. ``ended``: as ``start``, without precision. ``begins``,
    ``ends``: the window of planned work, ``12/1 02:00``; ``ends`` also as a length, ``2h``. ``remind``: how long
    before it customers are reminded, ``1d``, or none; "" takes a day, or an hour if that is too late.
    """

    incident_type: str = ""
    services: tuple[str, ...] | None = None
    audience: str = ""
    start: str = ""
    estimate: str = ""
    workarounds: tuple[str, ...] = ()
    current_action: str = ""
    cause: str = ""
    next_update: str = ""
    ended: str = ""
    begins: str = ""
    ends: str = ""
    remind: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    postmortem: Mapping[str, str] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    reason: str = ""


def notice_input_from_facts(facts: Facts, now: datetime) -> NoticeInput:
    """What was last published, in the grammar of the flags. An estimate that has passed is left out."""
    start = facts.start
    return NoticeInput(
        incident_type=facts.incident_type,
        services=tuple(format_service(affected) for affected in facts.named_services),
        audience=_format_audience(facts.audience),
        start=f"{start.precision}:{_format_time(start.at)}" if start else "",
        estimate=_format_estimate(facts.estimate, now),
        workarounds=facts.workarounds,
        current_action=facts.current_action or "",
        cause=facts.cause or "",
        answers=facts.answers,
    )


def format_service(affected: Affected) -> str:
    """A service and its state as one value."""
    return f"{affected.service}:{affected.state}"


def _format_audience(audience: Audience) -> str:
    return ",".join(audience.groups) if audience.extent is AffectedAudience.GROUPS else audience.extent.value


def _format_time(at: datetime) -> str:
    return at.isoformat()


def _format_estimate(estimate: Estimate, now: datetime) -> str:
    at = estimate_expires_at(estimate)
    if at is not None and at <= now:
        return "unknown"
    match estimate:
        case Unknown():
            return "unknown"
        case Known(at=at):
            return _format_time(at)
        case NotBefore(at=at):
            return f"not-before:{_format_time(at)}"
        case Range(earliest=first, latest=last):
            return f"{_format_time(first)}..{_format_time(last)}"
        case MissedEstimate(current=inner):
            return _format_estimate(inner, now)


def strip_invisible(text: str) -> str:
    """Unifies line ends, strips blanks at the ends, and removes invisible characters: they come along from web
    pages."""
    return _SHOWS_NOTHING.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


_SHOWS_NOTHING = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff]")
"""Soft hyphens, zero-width blanks, byte order marks. Joiners of emoji and direction marks stay."""
