"""What an incident has affected since its first report: each service at its worst, and when it worked again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from statuspage.domain.facts import (
    IMPACT_STATES,
    MAINTENANCE,
    MAINTENANCE_NOTICES,
    NOTICES_AFTER_END,
    Audience,
    Facts,
    NoticeKind,
    State,
    worst,
)

RECOVERING = (NoticeKind.PARTLY_RESTORED, NoticeKind.MONITORING)
"""Kinds of notice that name restored services. A service that a correction removes from one of them was affected
nevertheless."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one notice told customers."""

    notice: NoticeKind
    at: datetime
    facts: Facts


@dataclass(frozen=True, slots=True)
class Impact:
    """One service at its worst.

    ``started`` is when customers were told of it; None if the first report named it, which also says since when.
    ``ended`` is when customers were told that it works again; None if it was affected to the end, or still is.
    """

    service: str
    state: State
    ended: datetime | None = None
    started: datetime | None = None


def impacts(claims: Iterable[Claim]) -> tuple[Impact, ...]:
    """Every affected service, in the order in which customers were told.

    A service that a correction removes from a notice was never affected; nor was one named only in a withdrawn notice.
    A correction of a final notice replaces the whole list of what was affected.
    """
    tracker = _ImpactTracker()
    for claim in claims:
        tracker.apply(claim)
    return tuple(
        Impact(service, worst(tuple(state for run in runs for state in run.states)), runs[-1].ended, runs[0].started)
        for service, runs in tracker.runs.items()
    )


def told_audiences(claims: Iterable[Claim]) -> tuple[Audience, ...]:
    """Who was affected by each notice in turn. A correction replaces what it corrects, a withdrawal everything."""
    audiences: list[Audience] = []
    for claim in claims:
        if claim.notice is NoticeKind.WITHDRAWAL:
            audiences.clear()
        if claim.notice is NoticeKind.CORRECTION and audiences:
            audiences.pop()
        audiences.append(claim.facts.audience)
    return tuple(audiences)


@dataclass(slots=True)
class _Run:
    """A period in which a service was affected without a break: one state for each notice that named it."""

    states: list[State] = field(default_factory=list)
    ended: datetime | None = None
    started: datetime | None = None


@dataclass(slots=True)
class _ImpactTracker:
    runs: dict[str, list[_Run]] = field(default_factory=dict)
    last_claim: Claim | None = None
    ended_at: datetime | None = None

    def apply(self, claim: Claim) -> None:
        match claim.notice:
            case NoticeKind.WITHDRAWAL:
                self.runs.clear()
                self.last_claim = None
            case NoticeKind.CORRECTION if claim.facts.ended_at is not None:
                self._restate(claim)
            case NoticeKind.CORRECTION if self.last_claim is not None:
                self._apply_correction(self.last_claim, claim.facts)
            case NoticeKind.RESOLVED:
                self._add_states(_impact_states(claim.facts))
                self.last_claim, self.ended_at = claim, claim.facts.ended_at or claim.at
            case _ if claim.facts.incident_type == MAINTENANCE:
                pass  # Planned work is no impact, in whatever state another page had it.
            case notice if notice not in (*NOTICES_AFTER_END, *MAINTENANCE_NOTICES):
                self._apply_update(claim)

    def _apply_update(self, claim: Claim) -> None:
        """Marks affected services that the claim no longer names as working; after an end, as working since that
        end."""
        affected = _impact_states(claim.facts)
        for service, runs in self.runs.items():
            if runs[-1].ended is None and (self.ended_at or service not in affected):
                runs[-1].ended = self.ended_at or claim.at
        self._add_states(affected, claim.at if self.last_claim else None)
        self.last_claim, self.ended_at = claim, None

    def _add_states(self, affected: Mapping[str, State], started: datetime | None = None) -> None:
        """``started``: since when customers know of a service that no earlier notice named; None: the beginning."""
        for service, state in affected.items():
            runs = self.runs.setdefault(service, [])
            if not runs or runs[-1].ended is not None:
                runs.append(_Run(started=started))
            runs[-1].states.append(state)

    def _restate(self, claim: Claim) -> None:
        previous_runs = self.runs
        self.runs = {
            service: [
                _Run([state], previous_runs[service][-1].ended, previous_runs[service][0].started)
                if service in previous_runs
                else _Run([state])
            ]
            for service, state in _impact_states(claim.facts).items()
        }
        self.last_claim, self.ended_at = claim, claim.facts.ended_at

    def _apply_correction(self, corrected: Claim, facts: Facts) -> None:
        before, after = _impact_states(corrected.facts), _impact_states(facts)
        for service in before.keys() - after.keys():
            self._retract(service, corrected)
        for service, state in after.items():
            if service not in before:
                self._reopen(service, corrected.at)
                self._add_states({service: state}, None if corrected.notice is NoticeKind.FIRST else corrected.at)
            elif state is not before[service]:
                self._replace_state(service, before[service], state, corrected.notice in RECOVERING)
        self.last_claim = replace(corrected, facts=facts)

    def _retract(self, service: str, corrected: Claim) -> None:
        runs = self.runs[service]
        if corrected.notice in RECOVERING and len(runs[-1].states) > 1:
            runs[-1].states.pop()
            runs[-1].ended = corrected.at
        elif len(runs) > 1:
            runs.pop()
        else:
            del self.runs[service]

    def _reopen(self, service: str, at: datetime) -> None:
        """Reopens the period: the corrected notice says that the service had not recovered after all."""
        runs = self.runs.get(service)
        if runs and runs[-1].ended == at:
            runs[-1].ended = None

    def _replace_state(self, service: str, old_state: State, new_state: State, only_last: bool) -> None:
        states = self.runs[service][-1].states
        for index in reversed(range(len(states))):
            if states[index] is not old_state:
                return
            states[index] = new_state
            if only_last:
                return


def _impact_states(facts: Facts) -> dict[str, State]:
    return {affected.service: affected.state for affected in facts.affected if affected.state in IMPACT_STATES}
