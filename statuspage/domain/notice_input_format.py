"""Facts on record, back in the grammar in which they are typed."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain.facts import (
    Affected,
    Estimate,
    Facts,
    Known,
    Missed,
    NotBefore,
    Range,
    Reach,
    Unknown,
    Who,
    deadline,
)
from statuspage.domain.notice_input import Typed


def from_facts(facts: Facts, now: datetime) -> Typed:
    """What customers were told last, in the grammar of the flags. An estimate that has passed is no longer one."""
    started = facts.started
    return Typed(
        kind=facts.kind,
        services=tuple(service(one) for one in facts.ticked),
        who=_who(facts.who),
        since=f"{started.precision}:{_iso(started.at)}" if started else "",
        estimate=_estimate(facts.estimate, now),
        workarounds=facts.workarounds,
        doing=facts.doing or "",
        cause=facts.cause or "",
        answers=facts.answers,
    )


def service(one: Affected) -> str:
    """A service and its state in one word."""
    return f"{one.service}:{one.state}"


def _who(who: Who) -> str:
    return ",".join(who.groups) if who.reach is Reach.GROUPS else who.reach.value


def _iso(at: datetime) -> str:
    return at.isoformat()


def _estimate(estimate: Estimate, now: datetime) -> str:
    at = deadline(estimate)
    if at is not None and at <= now:
        return "unknown"
    match estimate:
        case Unknown():
            return "unknown"
        case Known(at=at):
            return _iso(at)
        case NotBefore(at=at):
            return f"not-before:{_iso(at)}"
        case Range(earliest=first, latest=last):
            return f"{_iso(first)}..{_iso(last)}"
        case Missed(now=inner):
            return _estimate(inner, now)
