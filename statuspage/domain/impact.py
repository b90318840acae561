"""What an incident has affected since its first report: each service at its worst, and since when it works again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from statuspage.domain.facts import EFFECTS, OF_MAINTENANCE, Facts, NoticeKind, State, worst

_N = NoticeKind

RECOVERING = (_N.PARTLY_RESTORED, _N.WATCHING)
"""Notices about what works again: what a correction takes out of one of them had been affected all the same."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What customers were told at one moment."""

    notice: NoticeKind
    at: datetime
    facts: Facts


@dataclass(frozen=True, slots=True)
class Impact:
    """One service at its worst. ``ended`` is when customers heard that it works again; None: it was affected to the
    end, or still is."""

    service: str
    state: State
    ended: datetime | None = None


def impacts(told: Iterable[Claim]) -> tuple[Impact, ...]:
    """Every service that was affected, in the order in which customers heard of them.

    What a correction takes out of what was said of it never was; what was withdrawn never was. A correction of what is
    over says anew what was affected.
    """
    story = _Story()
    for claim in told:
        story.take(claim)
    return tuple(
        Impact(service, worst(tuple(state for run in runs for state in run.states)), runs[-1].ended)
        for service, runs in story.runs.items()
    )


@dataclass(slots=True)
class _Run:
    """A service affected without a break: one state for each notice that named it."""

    states: list[State] = field(default_factory=list)
    ended: datetime | None = None


@dataclass(slots=True)
class _Story:
    runs: dict[str, list[_Run]] = field(default_factory=dict)
    last: Claim | None = None
    over: datetime | None = None

    def take(self, claim: Claim) -> None:
        match claim.notice:
            case _N.WITHDRAWAL:
                self.runs.clear()
                self.last = None
            case _N.CORRECTION if claim.facts.ended is not None:
                self._say_anew(claim)
            case _N.CORRECTION if self.last is not None:
                self._correct(self.last, claim.facts)
            case _N.RESOLVED:
                self._add(_affected(claim.facts))
                self.last, self.over = claim, claim.facts.ended or claim.at
            case notice if notice is not _N.ACCOUNT and notice not in OF_MAINTENANCE:
                self._go_on(claim)

    def _go_on(self, claim: Claim) -> None:
        """What was affected and is not named now works again; after an end, since that end."""
        affected = _affected(claim.facts)
        for service, runs in self.runs.items():
            if runs[-1].ended is None and (self.over or service not in affected):
                runs[-1].ended = self.over or claim.at
        self._add(affected)
        self.last, self.over = claim, None

    def _add(self, affected: Mapping[str, State]) -> None:
        for service, state in affected.items():
            runs = self.runs.setdefault(service, [])
            if not runs or runs[-1].ended is not None:
                runs.append(_Run())
            runs[-1].states.append(state)

    def _say_anew(self, claim: Claim) -> None:
        before = self.runs
        self.runs = {
            service: [_Run([state], before[service][-1].ended if service in before else None)]
            for service, state in _affected(claim.facts).items()
        }
        self.last, self.over = claim, claim.facts.ended

    def _correct(self, wrong: Claim, facts: Facts) -> None:
        before, now = _affected(wrong.facts), _affected(facts)
        for service in before.keys() - now.keys():
            self._take_back(service, wrong)
        for service, state in now.items():
            if service not in before:
                self._reopen(service, wrong.at)
                self._add({service: state})
            elif state is not before[service]:
                self._put_right(service, before[service], state, wrong.notice in RECOVERING)
        self.last = replace(wrong, facts=facts)

    def _take_back(self, service: str, wrong: Claim) -> None:
        runs = self.runs[service]
        if wrong.notice in RECOVERING and len(runs[-1].states) > 1:
            runs[-1].states.pop()
            runs[-1].ended = wrong.at
        elif len(runs) > 1:
            runs.pop()
        else:
            del self.runs[service]

    def _reopen(self, service: str, at: datetime) -> None:
        """It had not come back after all where the notice that is corrected said so."""
        runs = self.runs.get(service)
        if runs and runs[-1].ended == at:
            runs[-1].ended = None

    def _put_right(self, service: str, wrong: State, right: State, once: bool) -> None:
        states = self.runs[service][-1].states
        for place in reversed(range(len(states))):
            if states[place] is not wrong:
                return
            states[place] = right
            if once:
                return


def _affected(facts: Facts) -> dict[str, State]:
    return {one.service: one.state for one in facts.affected if one.state in EFFECTS}
