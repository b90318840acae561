"""What each service went through in an incident: from when to when it stood in which state, as customers were told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby, pairwise

from statuspage.domain.facts import EFFECTS, Facts, NoticeKind, State
from statuspage.domain.incident import Incident, Notice, StepKind, TimelineEntry, TimelineEvent


@dataclass(frozen=True, slots=True)
class StatePeriod:
    """One service in one state, from ``start`` to before ``end``; an ``end`` of None: it goes on."""

    service: str
    state: State
    start: datetime
    end: datetime | None


def spans(incident: Incident) -> tuple[StatePeriod, ...]:
    """The story of every service it touched, by service and time.

    Planned work counts from when it was told to have started up to its planned end; beyond that, what it holds up is
    trouble. What was withdrawn never was. A correction counts from the beginning of what it corrects. Trouble that
    came back is told apart from the first time. A service that works again while we watch it is *checking*.
    """
    found = _work(incident) if incident.maintenance else (s for part in _affected_parts(incident) for s in _spans(part))
    return tuple(sorted(found, key=lambda span: (span.service, span.start)))


def _work(incident: Incident) -> Iterator[StatePeriod]:
    started = [n for n in incident.notices if n.notice.notice is NoticeKind.STARTED]
    last, planned = incident.latest, incident.planned
    if not started or last is None or planned is None:
        return
    start = started[0].happened
    over = last.notice.facts.ended or last.happened if incident.told_over or incident.shut else None
    for one in last.notice.facts.affected:
        until = planned.end if over is None else min(planned.end, over)
        if start < until:
            yield StatePeriod(one.service, State.MAINTENANCE, start, until)
        if one.state in EFFECTS and (over is None or until < over):
            yield StatePeriod(one.service, one.state, max(until, start), over)


@dataclass(slots=True)
class _Claim:
    """What was said to be so from a moment on."""

    at: datetime
    facts: Facts
    watched: bool


@dataclass(slots=True)
class _Part:
    """From the first word to the last, or to the present. ``not_before`` is where the part before it ended."""

    not_before: datetime | None = None
    claims: list[_Claim] = field(default_factory=list)
    ended: Facts | None = None
    end: datetime | None = None
    withdrawn: bool = False


def _affected_parts(incident: Incident) -> Iterator[_Part]:
    part = _Part()
    for recorded in incident.entries:
        if isinstance(recorded.entry, Notice) and recorded.entry.notice is NoticeKind.CORRECTION:
            _correct(part, recorded.entry.facts)
            continue
        if part.end is not None and _begins(recorded):
            yield part
            part = _Part(not_before=_over(part))
        _take(part, recorded)
    yield part


def _begins(recorded: TimelineEntry) -> bool:
    """Whether this starts a new part after the end of one."""
    match recorded.entry:
        case TimelineEvent(step=step):
            return step is StepKind.REOPENED
        case Notice(notice=notice):
            return notice not in (NoticeKind.ACCOUNT, *_ENDS)
        case _:
            return False


def _take(part: _Part, recorded: TimelineEntry) -> None:
    match recorded.entry:
        case TimelineEvent(step=StepKind.CLOSED) if part.claims and part.end is None:
            part.end = recorded.happened
        case TimelineEvent(step=StepKind.REOPENED) if part.not_before:
            part.not_before = max(part.not_before, recorded.happened)
        case Notice(notice=NoticeKind.RESOLVED | NoticeKind.WITHDRAWAL as kind, facts=facts):
            part.withdrawn = kind is NoticeKind.WITHDRAWAL
            part.ended, part.end = facts, recorded.happened
        case Notice(notice=kind, facts=facts) if kind is not NoticeKind.ACCOUNT:
            part.claims.append(_Claim(recorded.happened, facts, watched=kind is NoticeKind.WATCHING))


def _correct(part: _Part, facts: Facts) -> None:
    if part.ended is not None:
        part.ended = facts
    elif part.claims:
        part.claims[-1] = replace(part.claims[-1], facts=facts)


def _part_end(part: _Part) -> datetime | None:
    return (part.ended.ended if part.ended else None) or part.end


def _over(part: _Part) -> datetime | None:
    """When this part and all before it were over, whatever order their claims of time stand in."""
    return max((at for at in (_part_end(part), part.not_before) if at), default=None)


def _start(part: _Part) -> datetime:
    """The newest claim of when it began; for trouble that came back, not before it had been over."""
    told = [part.ended] if part.ended else []
    claimed = [facts.started.at for facts in (*told, *(c.facts for c in reversed(part.claims))) if facts.started]
    start = claimed[0] if claimed else part.claims[0].at
    return start if part.not_before is None or start >= part.not_before else part.not_before


def _spans(part: _Part) -> Iterator[StatePeriod]:
    if not part.claims or part.withdrawn:
        return
    end, claims = _part_end(part), list(part.claims)
    while end is not None and len(claims) > 1 and claims[-1].watched:
        claims.pop()  # It did end, and then the end is what was said of it, not the moment we began to watch.
    edges: list[datetime] = [_start(part)]
    for claim in claims[1:]:
        edges.append(max(edges[-1], claim.at))
    stretches = [*pairwise(edges), (edges[-1], end)]
    for service in sorted({one.service for claim in claims for one in claim.facts.affected}):
        states = [_state(claim, service) for claim in claims]
        yield from _merged(service, states, stretches, end)


def _state(claim: _Claim, service: str) -> State:
    found = [one.state for one in claim.facts.affected if one.service == service]
    if not found or found[0] is State.OPERATIONAL:
        return State.OPERATIONAL
    return State.CHECKING if claim.watched else found[0]


def _merged(
    service: str, states: Sequence[State], stretches: Sequence[tuple[datetime, datetime | None]], end: datetime | None
) -> Iterator[StatePeriod]:
    """Equal neighbours as one; nothing that works, nothing past the end, nothing without length."""
    for state, group in groupby(zip(states, stretches, strict=True), key=lambda each: each[0]):
        found = [stretch for _, stretch in group]
        first, last = found[0][0], found[-1][1]
        until = last if end is None or last is None else min(last, end)
        if state is not State.OPERATIONAL and (until is None or first < until):
            yield StatePeriod(service, state, first, until)


_ENDS = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL)
