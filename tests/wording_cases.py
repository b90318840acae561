"""Representative incidents for exact texts: each kind told from the first report to the end, with varied facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from statuspage.catalog import Catalog, Kind
from statuspage.facts import (
    MAINTENANCE,
    Affected,
    Estimate,
    Facts,
    Known,
    Missed,
    NotBefore,
    NoticeKind,
    Planned,
    Precision,
    Range,
    Reach,
    Started,
    State,
    Unknown,
    Who,
)
from statuspage.wording import Story
from tests.times import at

ADDRESS = "https://status.fitline.example"
INCIDENT = "k7m2p9xa4tq8"

_WHO = (
    Who(Reach.ALL),
    Who(),
    Who(Reach.SOME),
    Who(Reach.GROUPS, ("shibuya",)),
    Who(Reach.GROUPS, ("shibuya", "shinjuku", "umeda")),
)
_ESTIMATES: tuple[Estimate, ...] = (
    Unknown(),
    Known(at("13:30")),
    Range(at("13:00"), at("13:30")),
    NotBefore(at("18:00")),
)
_LATER: tuple[Estimate, ...] = (
    Known(at("14:30")),
    Missed(at("13:30"), Known(at("15:00"))),
    Missed(at("13:30"), Unknown()),
    Range(at("23:30"), at("01:00", "2026-07-05")),
)


@dataclass(frozen=True, slots=True)
class Told:
    """One notice of a representative incident."""

    kind: str
    notice: NoticeKind
    facts: Facts
    story: Story
    now: datetime


def told(catalog: Catalog) -> Iterator[Told]:
    """Every kind × notice, each incident as one story."""
    for number, kind in enumerate(catalog.kinds.values()):
        yield from _maintenance() if kind.id == MAINTENANCE else _incident(kind, number)


def _incident(kind: Kind, number: int) -> Iterator[Told]:
    first = _first(kind, number)
    update = _update(kind, number, first)
    partly = replace(update, affected=_left(first.affected), next_update=at("14:30"))
    over = _over(kind, update)
    wrong = replace(first, started=Started(Precision.EXACT, at("11:40")), who=Who(Reach.ALL))
    start = Story(INCIDENT, ADDRESS)
    yield Told(kind.id, NoticeKind.FIRST, first, start, at("12:03"))
    later = replace(start, previous=first, number=1, corrects=at("12:03"), posted=at("12:03"))
    yield Told(kind.id, NoticeKind.UPDATE, update, later, at("13:31"))
    yield Told(kind.id, NoticeKind.PARTLY_RESTORED, partly, replace(later, previous=update, number=2), at("14:02"))
    yield Told(kind.id, NoticeKind.WATCHING, over_soon(over), replace(later, previous=partly, number=3), at("14:20"))
    yield Told(kind.id, NoticeKind.RESOLVED, over, replace(later, previous=partly, number=4), at("14:40"))
    yield Told(kind.id, NoticeKind.CORRECTION, wrong, later, at("12:20"))
    yield Told(kind.id, NoticeKind.WITHDRAWAL, first, later, at("12:20"))


def _maintenance() -> Iterator[Told]:
    """Planned, moved, begun, longer, over; and another one cancelled."""
    hit = (Affected("booking", State.MAJOR), Affected("notices", State.DEGRADED))
    first = Planned(at("01:00", "2026-07-12"), at("04:00", "2026-07-12"))
    night = Planned(at("02:00", "2026-07-12"), at("05:00", "2026-07-12"))
    plan = Facts(kind=MAINTENANCE, affected=hit, who=Who(Reach.ALL), workarounds=("phone",), planned=night)
    begun = replace(plan, started=Started(Precision.EXACT, night.start))
    longer = replace(begun, planned=Planned(night.start, at("06:30", "2026-07-12")))
    start, wrong = Story(INCIDENT, ADDRESS), replace(plan, planned=first)
    later = replace(start, previous=wrong, number=1, posted=at("12:03"))
    begins = replace(later, previous=begun)
    over = replace(longer, ended=at("06:12", "2026-07-12"))
    yield Told(MAINTENANCE, NoticeKind.ANNOUNCED, plan, later, at("12:03", "2026-07-05"))
    yield Told(MAINTENANCE, NoticeKind.REMINDER, plan, replace(later, previous=plan), at("02:00", "2026-07-11"))
    yield Told(MAINTENANCE, NoticeKind.STARTED, begun, replace(later, previous=plan), night.start)
    yield Told(MAINTENANCE, NoticeKind.EXTENDED, longer, begins, at("04:40", "2026-07-12"))
    yield Told(MAINTENANCE, NoticeKind.FINISHED, over, replace(begins, previous=longer), at("06:14", "2026-07-12"))
    yield Told(MAINTENANCE, NoticeKind.CANCELLED, plan, replace(later, previous=plan), at("18:00", "2026-07-10"))


def _first(kind: Kind, number: int) -> Facts:
    """Answers vary from kind to kind; every third kind leaves its questions open."""
    answered = {q.id: q.answers[number // 3 % len(q.answers)] for q in kind.questions if number % 3 or q.required}
    return Facts(
        kind=kind.id,
        affected=kind.services or (Affected("desk-reports", State.PARTIAL), Affected("fees", State.MAJOR)),
        who=Who(Reach.GROUPS, ("iphone",)) if kind.id == "app" else _WHO[number % len(_WHO)],
        started=Started(tuple(Precision)[(number + 1) % 3], at("11:55")),
        estimate=Unknown() if kind.id == "security" else _ESTIMATES[number % len(_ESTIMATES)],
        workarounds=tuple(w for w in kind.workarounds if not w.startswith("after-"))[: 1 + number % 2],
        next_update=at("12:35"),
        answers=answered,
    )


def _update(kind: Kind, number: int, first: Facts) -> Facts:
    return replace(
        first,
        estimate=Unknown() if kind.id == "security" else _LATER[number % len(_LATER)],
        doing=kind.doings[number % len(kind.doings)] if number % 4 else None,
        cause=kind.causes[number % len(kind.causes)] if number % 4 > 1 else None,
        next_update=at("14:00"),
        answers=first.answers or {q.id: q.answers[0] for q in kind.questions},
    )


def _over(kind: Kind, update: Facts) -> Facts:
    after = tuple(w for w in kind.workarounds if w.startswith("after-"))[:1]
    return replace(
        update,
        cause=update.cause or (kind.causes[0] if len(kind.id) % 2 else None),
        workarounds=after,
        next_update=None,
        ended=at("14:12"),
    )


def over_soon(over: Facts) -> Facts:
    """The facts while it is being watched: it works, and the next word is promised."""
    return replace(over, ended=None, next_update=at("15:00"))


def _left(affected: tuple[Affected, ...]) -> tuple[Affected, ...]:
    """What still does not work once some of it does: the last service, or the only one less badly."""
    if len(affected) > 1:
        return affected[-1:]
    milder = {State.MAJOR: State.PARTIAL, State.PARTIAL: State.DEGRADED}
    return tuple(Affected(a.service, milder.get(a.state, State.DEGRADED)) for a in affected)
