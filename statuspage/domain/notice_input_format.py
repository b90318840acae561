"""Stored facts, back in the grammar in which they are typed."""

from __future__ import annotations

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
from statuspage.domain.notice_input import NoticeInput


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
    """A service and its state in one word."""
    return f"{affected.service}:{affected.state}"


def _format_audience(audience: Audience) -> str:
    return ",".join(audience.groups) if audience.reach is AffectedAudience.GROUPS else audience.reach.value


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
        case MissedEstimate(now=inner):
            return _format_estimate(inner, now)
