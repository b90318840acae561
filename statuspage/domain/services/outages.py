"""The states of each service during an incident, with start and end, as published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby, pairwise

from statuspage.domain.facts import IMPACT_STATES, NOTICES_AFTER_END, Facts, NoticeKind, State
from statuspage.domain.incident import EventKind, Incident, Notice, TimelineEntry, TimelineEvent


@dataclass(frozen=True, slots=True)
class StatePeriod:
    """One service in one state, from ``start`` to before ``end``. ``end`` None: it continues."""

    service: str
    state: State
    start: datetime
    end: datetime | None


def state_periods(incident: Incident) -> tuple[StatePeriod, ...]:
    """The states of every affected service, by service and time.

    Planned maintenance counts from its published start to its planned end; after that, its impact counts as an
    incident. Withdrawn notices do not count. A correction counts from the beginning of what it corrects. A reopened
    incident is separate from the time before it was resolved. A service that works again during monitoring is
    *checking*.
    """
    periods = (
        _maintenance_periods(incident)
        if incident.is_maintenance
        else (period for part in _affected_parts(incident) for period in _part_periods(part))
    )
    return tuple(sorted(periods, key=lambda period: (period.service, period.start)))


def last_period(incident: Incident) -> Facts | None:
    """The facts with start and end, once the incident is published as over."""
    if not incident.is_announced_over:
        return None
    return next((n.notice.facts for n in reversed(incident.notices) if n.notice.facts.ended_at), None)


def _maintenance_periods(incident: Incident) -> Iterator[StatePeriod]:
    start_notices = [item for item in incident.notices if item.notice.notice is NoticeKind.STARTED]
    latest, window = incident.latest, incident.maintenance_window
    if not start_notices or latest is None or window is None:
        return
    start = start_notices[0].happened
    ended_at = (
        latest.notice.facts.ended_at or latest.happened
        if incident.is_announced_over or incident.is_closed_silently
        else None
    )
    for affected in latest.notice.facts.affected:
        window_end = window.end if ended_at is None else min(window.end, ended_at)
        if start < window_end:
            yield StatePeriod(affected.service, State.MAINTENANCE, start, window_end)
        if affected.state in IMPACT_STATES and (ended_at is None or window_end < ended_at):
            yield StatePeriod(affected.service, affected.state, max(window_end, start), ended_at)


@dataclass(slots=True)
class _Claim:
    """States that were published to hold from a moment on."""

    at: datetime
    facts: Facts
    is_monitoring: bool


@dataclass(slots=True)
class _Part:
    """From the first notice to the last, or to the present. ``not_before`` is where the previous part ended."""

    not_before: datetime | None = None
    claims: list[_Claim] = field(default_factory=list)
    final_facts: Facts | None = None
    end: datetime | None = None
    withdrawn: bool = False


def _affected_parts(incident: Incident) -> Iterator[_Part]:
    part = _Part()
    for recorded in incident.entries:
        if isinstance(recorded.entry, Notice) and recorded.entry.notice is NoticeKind.CORRECTION:
            _correct(part, recorded.entry.facts)
            continue
        if part.end is not None and _starts_new_part(recorded):
            yield part
            part = _Part(not_before=_part_over_at(part))
        _apply_entry(part, recorded)
    yield part


def _starts_new_part(recorded: TimelineEntry) -> bool:
    """Whether this entry starts a new part after the end of one."""
    match recorded.entry:
        case TimelineEvent(event=step):
            return step is EventKind.REOPENED
        case Notice(notice=notice):
            return notice not in (*NOTICES_AFTER_END, *_ENDS)
        case _:
            return False


def _apply_entry(part: _Part, recorded: TimelineEntry) -> None:
    match recorded.entry:
        case TimelineEvent(event=EventKind.CLOSED) if part.claims and part.end is None:
            part.end = recorded.happened
        case TimelineEvent(event=EventKind.REOPENED) if part.not_before:
            part.not_before = max(part.not_before, recorded.happened)
        case Notice(notice=NoticeKind.RESOLVED | NoticeKind.WITHDRAWAL as notice_kind, facts=facts):
            part.withdrawn = notice_kind is NoticeKind.WITHDRAWAL
            part.final_facts, part.end = facts, recorded.happened
        case Notice(notice=notice_kind, facts=facts) if notice_kind not in NOTICES_AFTER_END:
            part.claims.append(_Claim(recorded.happened, facts, is_monitoring=notice_kind is NoticeKind.MONITORING))


def _correct(part: _Part, facts: Facts) -> None:
    if part.final_facts is not None:
        part.final_facts = facts
    elif part.claims:
        part.claims[-1] = replace(part.claims[-1], facts=facts)


def _part_end(part: _Part) -> datetime | None:
    return (part.final_facts.ended_at if part.final_facts else None) or part.end


def _part_over_at(part: _Part) -> datetime | None:
    """When this part and all before it were over, regardless of the order of their claimed times."""
    return max((at for at in (_part_end(part), part.not_before) if at), default=None)


def _start(part: _Part) -> datetime:
    """The newest claim of when it began; in a reopened incident, not before the previous end."""
    final_facts = [part.final_facts] if part.final_facts else []
    claimed_starts = [
        facts.start.at for facts in (*final_facts, *(claim.facts for claim in reversed(part.claims))) if facts.start
    ]
    start = claimed_starts[0] if claimed_starts else part.claims[0].at
    return start if part.not_before is None or start >= part.not_before else part.not_before


def _part_periods(part: _Part) -> Iterator[StatePeriod]:
    if not part.claims or part.withdrawn:
        return
    end, claims = _part_end(part), list(part.claims)
    while end is not None and len(claims) > 1 and claims[-1].is_monitoring:
        claims.pop()  # It did end: then the published end counts, not the moment when monitoring began.
    edges: list[datetime] = [_start(part)]
    for claim in claims[1:]:
        edges.append(max(edges[-1], claim.at))
    intervals = [*pairwise(edges), (edges[-1], end)]
    for service in sorted({affected.service for claim in claims for affected in claim.facts.affected}):
        states = [_state(claim, service) for claim in claims]
        yield from _merged(service, states, intervals, end)


def _state(claim: _Claim, service: str) -> State:
    states = [affected.state for affected in claim.facts.affected if affected.service == service]
    if not states or states[0] is State.OPERATIONAL:
        return State.OPERATIONAL
    return State.CHECKING if claim.is_monitoring else states[0]


def _merged(
    service: str, states: Sequence[State], intervals: Sequence[tuple[datetime, datetime | None]], end: datetime | None
) -> Iterator[StatePeriod]:
    """Merges equal neighbours; drops periods that are operational, past the end, or empty."""
    for state, group in groupby(zip(states, intervals, strict=True), key=lambda pair: pair[0]):
        group_intervals = [interval for _, interval in group]
        start, group_end = group_intervals[0][0], group_intervals[-1][1]
        period_end = group_end if end is None or group_end is None else min(group_end, end)
        if state is not State.OPERATIONAL and (period_end is None or start < period_end):
            yield StatePeriod(service, state, start, period_end)


_ENDS = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL)
