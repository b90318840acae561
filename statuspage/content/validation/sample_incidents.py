"""Representative stories: every kind of trouble, and planned work, told from the first notice to the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage.domain import (
    MAINTENANCE,
    Affected,
    AffectedAudience,
    Audience,
    Catalog,
    Claim,
    Estimate,
    Facts,
    IncidentType,
    Known,
    MaintenanceWindow,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    Precision,
    Range,
    StartTime,
    State,
    Unknown,
    for_the_rest,
)
from statuspage.rendering.wording import IncidentContext

INCIDENT = "k7m2p9xa4tq8"

AFTER = "after-"
"""Workarounds for when it works again begin so."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One notice to be worded at a moment ``now``. ``fullest``: it says as much as can be said at once."""

    notice: NoticeKind
    facts: Facts
    story: IncidentContext
    now: datetime
    fullest: bool = False


def sample_notices(catalog: Catalog, midnight: datetime, address: str) -> Iterator[Trial]:
    """Every notice of every kind, one story each, on the day that begins at ``midnight``; the facts vary."""
    stories = Stories(catalog, midnight, address)
    for number, kind in enumerate(catalog.kinds.values()):
        yield from stories.maintenance(kind) if kind.id == MAINTENANCE else stories.incident(kind, number)


@dataclass(frozen=True)
class Stories:
    """Stories of one day that begins at ``midnight``; ``number`` varies the facts."""

    catalog: Catalog
    midnight: datetime
    address: str

    def at(self, clock: str, days: int = 0) -> datetime:
        """A time of that day, or of a day after it."""
        hours, minutes = clock.split(":")
        return self.midnight + timedelta(days=days, hours=int(hours), minutes=int(minutes))

    def incident(self, kind: IncidentType, number: int) -> Iterator[Trial]:
        """Trouble of this kind from the first report to the account, with a correction and a withdrawal."""
        at = self.at
        first = self._first(kind, number)
        update = self._update(kind, number, first)
        partly = replace(for_the_rest(update, kind), affected=_left(first.affected), next_update=at("14:30"))
        over = self._over(kind, update, number)
        ended = replace(over, affected=partly.affected)
        wrong = replace(first, started=StartTime(Precision.EXACT, at("11:40")), who=Audience(AffectedAudience.ALL))
        start = IncidentContext(INCIDENT, self.address)
        yield Trial(NoticeKind.FIRST, first, start, at("12:03"))
        later = replace(start, previous=first, number=1, corrects=at("12:03"), posted=at("12:03"))
        yield Trial(NoticeKind.UPDATE, update, later, at("13:31"))
        yield Trial(NoticeKind.PARTLY_RESTORED, partly, replace(later, previous=update, number=2), at("14:02"))
        watched = replace(over, ended=None, next_update=at("15:00"))
        yield Trial(NoticeKind.WATCHING, watched, replace(later, previous=partly, number=3), at("14:20"))
        told = (
            Claim(NoticeKind.FIRST, at("12:03"), first),
            Claim(NoticeKind.UPDATE, at("13:31"), update),
            Claim(NoticeKind.PARTLY_RESTORED, at("14:02"), partly),
        )
        yield Trial(NoticeKind.RESOLVED, ended, replace(later, previous=partly, number=4, told=told), at("14:40"))
        yield Trial(NoticeKind.CORRECTION, wrong, later, at("12:20"))
        yield Trial(NoticeKind.WITHDRAWAL, first, later, at("12:20"))
        later = replace(later, told=(*told, Claim(NoticeKind.RESOLVED, at("14:40"), ended)))
        yield Trial(NoticeKind.ACCOUNT, ended, replace(later, previous=ended, number=5), at("10:00", 3))

    def maintenance(self, kind: IncidentType) -> Iterator[Trial]:
        """Planned, moved, reminded of, begun, longer, over; and another one cancelled."""
        at, services = self.at, list(self.catalog.services)
        hit = (
            Affected(services[1 % len(services)], State.MAJOR),
            Affected(services[3 % len(services)], State.DEGRADED),
        )
        first, night = MaintenanceWindow(at("1:00", 8), at("4:00", 8)), MaintenanceWindow(at("2:00", 8), at("5:00", 8))
        plan = Facts(
            kind=kind.id,
            affected=hit,
            who=Audience(AffectedAudience.ALL),
            workarounds=kind.workarounds[:1],
            planned=night,
            working=tuple(s for s in services[-2:] if s not in {a.service for a in hit}),
        )
        begun = replace(plan, started=StartTime(Precision.EXACT, night.start))
        longer = replace(begun, planned=MaintenanceWindow(night.start, at("6:30", 8)))
        start, moved = IncidentContext(INCIDENT, self.address), replace(plan, planned=first)
        later = replace(start, previous=moved, number=1, posted=at("12:03"))
        known, begins = replace(later, previous=plan), replace(later, previous=begun)
        over = replace(longer, ended=at("6:12", 8))
        yield Trial(NoticeKind.ANNOUNCED, plan, later, at("12:03", 1))
        yield Trial(NoticeKind.REMINDER, plan, known, at("2:00", 7))
        yield Trial(NoticeKind.STARTED, begun, known, night.start)
        yield Trial(NoticeKind.EXTENDED, longer, begins, at("4:40", 8))
        yield Trial(NoticeKind.FINISHED, over, replace(begins, previous=longer), at("6:14", 8))
        yield Trial(NoticeKind.CANCELLED, plan, known, at("18:00", 6))

    def _first(self, kind: IncidentType, number: int) -> Facts:
        """Answers vary from kind to kind; every third kind leaves its questions open."""
        answered = {q.id: q.answers[number // 3 % len(q.answers)] for q in kind.questions if number % 3 or q.required}
        services = list(self.catalog.services)
        affected = kind.services or tuple(Affected(s, kind.state) for s in services[:2])
        others = [s for s in reversed(services) if s not in {a.service for a in affected}]
        whos = self._whos()
        return Facts(
            kind=kind.id,
            affected=affected,
            who=whos[number % len(whos)],
            started=StartTime(tuple(Precision)[(number + 1) % 3], self.at("11:55")),
            estimate=self._estimates()[number % 4] if kind.estimate else Unknown(),
            workarounds=tuple(w for w in kind.workarounds if not w.startswith(AFTER))[: 1 + number % 2],
            next_update=self.at("12:35"),
            answers=answered,
            working=tuple(others[: number % 3]),
        )

    def _update(self, kind: IncidentType, number: int, first: Facts) -> Facts:
        return replace(
            first,
            estimate=self._later()[number % 4] if kind.estimate else Unknown(),
            doing=kind.doings[number % len(kind.doings)] if number % 4 and kind.doings else None,
            cause=kind.causes[number % len(kind.causes)] if number % 4 > 1 and kind.causes else None,
            next_update=self.at("14:00"),
            answers=first.answers or {q.id: q.answers[0] for q in kind.questions},
        )

    def _over(self, kind: IncidentType, update: Facts, number: int) -> Facts:
        every = [w for w in kind.workarounds if w.startswith(AFTER)]
        after = (every[number % len(every)],) if every else ()
        known = kind.causes[0] if len(kind.id) % 2 and kind.causes else None
        over = replace(update, cause=update.cause or known, workarounds=after, next_update=None)
        return replace(over, ended=self.at("14:12"), working=())

    def _whos(self) -> tuple[Audience, ...]:
        people = tuple(self.catalog.leading.people)
        groups = tuple(Audience(AffectedAudience.GROUPS, some) for some in (people[:1], people[:3]) if some)
        return (Audience(AffectedAudience.ALL), Audience(), Audience(AffectedAudience.SOME), *groups)

    def _estimates(self) -> tuple[Estimate, ...]:
        at = self.at
        return (Unknown(), Known(at("13:30")), Range(at("13:00"), at("13:30")), NotBefore(at("18:00")))

    def _later(self) -> tuple[Estimate, ...]:
        at = self.at
        missed = (MissedEstimate(at("13:30"), Known(at("15:00"))), MissedEstimate(at("13:30"), about=False))
        return (Known(at("14:30")), *missed, Range(at("23:30"), at("1:00", 1)))


def _left(affected: tuple[Affected, ...]) -> tuple[Affected, ...]:
    """What still does not work once some of it does: the last service, or the only one less badly."""
    if len(affected) > 1:
        return affected[-1:]
    milder = {State.MAJOR: State.PARTIAL, State.PARTIAL: State.DEGRADED}
    return tuple(Affected(a.service, milder.get(a.state, State.DEGRADED)) for a in affected)
