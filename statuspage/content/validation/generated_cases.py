"""The cases that are tried: every kind of trouble and notice, with facts of every shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import cycle, product, zip_longest
from random import Random

from statuspage.content.validation.sample_incidents import INCIDENT, Trial, sample_notices
from statuspage.domain import (
    EFFECTS,
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
    notices_of,
)
from statuspage.rendering.wording import Clock, IncidentContext

ADDRESS = "https://status.example.com"
"""Stands for the public site while its own address is not known."""

ENDED = (NoticeKind.RESOLVED, NoticeKind.ACCOUNT, NoticeKind.FINISHED)
"""Notices that know when it was over."""

OPEN_NOTICES = (NoticeKind.FIRST, NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED, NoticeKind.CORRECTION)
"""Notices that may speak of an estimate."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_YEAR = timedelta(days=364)
"""A year that keeps the day of the week."""


def trials(catalog: Catalog, now: datetime) -> Iterator[Trial]:
    """All trials, the same ones each time for the same content and ``now``."""
    draw = Random(catalog.version)  # noqa: S311 (draws cases, guards nothing)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    yield from sample_notices(catalog, midnight, catalog.site.address or ADDRESS)
    setting, at_length = Setting(catalog, now, draw), Setting(catalog, longest_day(catalog, now) + _YEAR, draw)
    for kind in catalog.kinds.values():
        yield from setting.shapes(kind)
        yield from setting.answers(kind)
        yield from setting.choices(kind)
        yield from at_length.fullest(kind)
        yield from at_length.one_by_one(kind)
    yield from setting.services()


def longest_day(catalog: Catalog, now: datetime) -> datetime:
    """The day of the past year that takes the most room in the leading language: Wednesday 23 September."""
    clock = Clock(catalog.leading.writing, catalog.site.zone)
    return max((now - n * _DAY for n in range(366)), key=lambda day: len(clock.dated(day, now=now)))


@dataclass(frozen=True)
class Setting:
    """What facts are made from. What a trial does not vary by itself is drawn evenly."""

    catalog: Catalog
    now: datetime
    draw: Random

    def shapes(self, kind: IncidentType) -> Iterator[Trial]:
        """Every notice with every estimate and precision of the start, and everybody it may hit; how
        long it took, on one day or over several; the rest drawn."""
        for notice in notices_of(kind.id):
            estimates = self._estimates() if notice in OPEN_NOTICES else (Unknown(),) * len(Precision)
            for estimate, precision in zip(estimates, cycle(Precision)):
                started = StartTime(precision, self.draw.choice(self._starts()))
                yield self._trial(notice, replace(self._facts(kind, notice), estimate=estimate, started=started))
        if kind.id == MAINTENANCE:
            return
        for notice, start, precision in product((NoticeKind.RESOLVED, NoticeKind.ACCOUNT), self._starts(), Precision):
            yield self._trial(notice, replace(self._facts(kind, notice), started=StartTime(precision, start)))
        for notice, who in product((NoticeKind.FIRST, NoticeKind.UPDATE), self._whos()):
            yield self._trial(notice, replace(self._facts(kind, notice), who=who))

    def answers(self, kind: IncidentType) -> Iterator[Trial]:
        """Every answer to every question of the kind, in every notice."""
        for question in kind.questions:
            for answer, notice in product(("checking", *question.answers), notices_of(kind.id)):
                facts = self._facts(kind, notice)
                yield self._trial(notice, replace(facts, answers={**facts.answers, question.id: answer}))

    def choices(self, kind: IncidentType) -> Iterator[Trial]:
        """Every cause, doing and workaround of the kind, in the notices that say them."""
        saying = (NoticeKind.UPDATE, NoticeKind.RESOLVED)
        for notice in (NoticeKind.ANNOUNCED,) if kind.id == MAINTENANCE else saying:
            facts = self._facts(kind, notice)
            for cause, doing, workaround in zip_longest(kind.causes, kind.doings, kind.workarounds):
                chosen = (workaround,) if workaround else ()
                yield self._trial(notice, replace(facts, cause=cause, doing=doing, workarounds=chosen))

    def services(self) -> Iterator[Trial]:
        """Every service in every state, in every notice, in its own words and in those of kinds that have some."""
        kinds = list(self.catalog.kinds.values())
        planned = [kind for kind in kinds if kind.id == MAINTENANCE]
        plain = [kind for kind in kinds if not kind.own and kind not in planned]
        tried = [kind for kind in kinds if kind.own] + plain[:1] + planned
        for kind, service, state in product(tried, self.catalog.services, EFFECTS):
            for notice in (NoticeKind.FIRST, NoticeKind.RESOLVED) if kind.own else notices_of(kind.id):
                yield self._trial(notice, replace(self._facts(kind, notice), affected=(Affected(service, state),)))

    def fullest(self, kind: IncidentType) -> Iterator[Trial]:
        """As much as can be said at once, on days with long names: the worst case for media with a limit."""
        everything = tuple(Affected(service, State.MAJOR) for service in self.catalog.services)
        late = Range(self.now + _DAY, self.now + 2 * _DAY)
        for notice, (number, precision) in product(notices_of(kind.id), enumerate(Precision)):
            facts = Facts(
                kind=kind.id,
                affected=everything if number else kind.services or everything,
                who=Audience(AffectedAudience.GROUPS, tuple(self.catalog.leading.people)),
                started=StartTime(precision, self.now - _YEAR),
                estimate=MissedEstimate(self.now - _HOUR, late),
                workarounds=kind.workarounds,
                doing=_longest(self.catalog, "doing", kind.doings),
                cause=_longest(self.catalog, "cause", kind.causes),
                next_update=self.now + _DAY,
                ended=self.now if notice in ENDED else None,
                answers={q.id: (*q.answers, "checking")[number % (len(q.answers) + 1)] for q in kind.questions},
                working=tuple(self.catalog.services),
            )
            if kind.id == MAINTENANCE:
                facts = replace(facts, planned=self._plan(notice, 2 * _DAY))
            yield replace(self._trial(notice, facts), fullest=True)

    def one_by_one(self, kind: IncidentType) -> Iterator[Trial]:
        """Every service was affected, and they came back one after the other: the notices that tell of all of it."""
        services = [] if kind.id == MAINTENANCE else list(self.catalog.services)
        for precision, state in product(Precision, EFFECTS if services else ()):
            hit = [Affected(service, state) for service in services]
            facts = replace(self._facts(kind, NoticeKind.RESOLVED), ended=self.now)
            facts = replace(facts, started=StartTime(precision, self.now - _YEAR))
            left = [replace(facts, affected=tuple(hit[gone:]), ended=None) for gone in range(len(hit))]
            told = tuple(
                Claim(NoticeKind.UPDATE, self.now - (len(hit) - gone) * _HOUR / 6, one) for gone, one in enumerate(left)
            )
            last = replace(facts, affected=tuple(hit[-1:]))
            story = replace(self.later(last), told=told, corrects=self.now - _HOUR / 2)
            yield Trial(NoticeKind.RESOLVED, last, story, self.now)
            over = replace(story, told=(*told, Claim(NoticeKind.RESOLVED, self.now, last)))
            yield Trial(NoticeKind.CORRECTION, replace(facts, affected=tuple(hit)), over, self.now)
            yield Trial(NoticeKind.ACCOUNT, last, over, self.now)

    def _trial(self, notice: NoticeKind, facts: Facts) -> Trial:
        return Trial(notice, facts, self.draw.choice(_PLANNED if facts.planned else _BEFORE)(self, facts), self.now)

    def _facts(self, kind: IncidentType, notice: NoticeKind) -> Facts:
        draw, over = self.draw.choice, notice in ENDED
        some = tuple(self.catalog.services)[:2]
        if kind.id == MAINTENANCE:
            return self._work(kind, notice)
        return Facts(
            kind=kind.id,
            affected=kind.services or tuple(Affected(service, kind.state) for service in some),
            who=draw(self._whos()),
            started=StartTime(draw(tuple(Precision)), draw(self._starts())),
            estimate=draw(self._estimates()),
            workarounds=draw(((), kind.workarounds[:1], kind.workarounds[:2], kind.workarounds)),
            doing=draw((None, *kind.doings)),
            cause=None if notice is NoticeKind.FIRST else draw((None, *kind.causes)),
            next_update=draw((None, self.now + _HOUR / 2, self.now + _DAY)),
            ended=self.now - draw((0, 1, 5)) * _HOUR / 30 if over else None,
            answers={q.id: draw((*q.answers, "checking")) for q in kind.questions},
            extra=draw(({}, {book.language: book.tagline for book in self.catalog.books.values()})),
            working=draw(((), *self._sure())),
        )

    def _sure(self) -> tuple[tuple[str, ...], ...]:
        """Services that somebody may have made sure of: the last one, the last three, all of them."""
        every = tuple(self.catalog.services)
        return every[-1:], every[-3:], every

    def _work(self, kind: IncidentType, notice: NoticeKind) -> Facts:
        draw = self.draw.choice
        every, begun = tuple(self.catalog.services), StartTime(Precision.EXACT, self.now - _HOUR)
        return Facts(
            kind=kind.id,
            affected=tuple(Affected(service, draw(EFFECTS)) for service in every[: draw((1, 2, len(every)))]),
            started=draw((None, begun)) if notice is not NoticeKind.STARTED else begun,
            workarounds=draw(((), kind.workarounds)),
            ended=self.now if notice in ENDED else None,
            planned=self._plan(notice, draw((2 * _HOUR, _DAY))),
            extra=draw(({}, {book.language: book.tagline for book in self.catalog.books.values()})),
            working=draw(((), *self._sure())),
        )

    def _plan(self, notice: NoticeKind, length: timedelta) -> MaintenanceWindow:
        """A window ahead of us, or around us once the work has begun."""
        ahead = notice in (NoticeKind.ANNOUNCED, NoticeKind.REMINDER)
        start = self.now + _DAY if ahead else self.now - _HOUR
        return MaintenanceWindow(start, start + length)

    def _starts(self) -> tuple[datetime, ...]:
        return (self.now - _HOUR / 6, self.now - _DAY, self.now - 400 * _DAY)

    def _estimates(self) -> tuple[Estimate, ...]:
        soon, then = self.now + _HOUR, self.now + _DAY
        present = (Unknown(), Known(soon), Known(then), Range(soon, soon + _HOUR), Range(soon, then), NotBefore(then))
        missed = (Unknown(), Known(soon), Range(soon, then), NotBefore(then))
        return (*present, *(MissedEstimate(self.now - _HOUR / 6, one, one.shape != "range") for one in missed))

    def _whos(self) -> tuple[Audience, ...]:
        people = tuple(self.catalog.leading.people)
        groups = tuple(Audience(AffectedAudience.GROUPS, some) for some in (people[:1], people[:2], people) if some)
        return (
            Audience(AffectedAudience.ALL),
            Audience(AffectedAudience.SOME),
            Audience(AffectedAudience.CHECKING),
            *groups,
        )

    def others(self, facts: Facts) -> tuple[str, ...]:
        """The services that are not affected."""
        affected = {a.service for a in facts.affected}
        return tuple(service for service in self.catalog.services if service not in affected)

    def plain(self) -> IncidentContext:
        """A story in which nothing came before."""
        return IncidentContext(INCIDENT, self.catalog.site.address or ADDRESS)

    def later(self, facts: Facts) -> IncidentContext:
        """One that goes on as it was."""
        return replace(self.plain(), number=1, previous=facts, posted=self.now - _HOUR / 2)

    def wider(self, facts: Facts) -> IncidentContext:
        """One in which more services were affected, and an estimate has passed."""
        others = self.others(facts)
        more = (Affected(others[0], State.MAJOR), *facts.affected) if others else facts.affected
        before = replace(facts, affected=more, estimate=NotBefore(self.now - _HOUR / 6))
        return replace(self.later(facts), previous=before)

    def reopened(self, facts: Facts) -> IncidentContext:
        """One that had an end, while another incident is open."""
        return replace(self.later(facts), reopened=True, busy=self.others(facts)[:1])

    def corrected(self, facts: Facts) -> IncidentContext:
        """One whose last notice said less."""
        before = replace(facts, who=Audience(AffectedAudience.SOME), cause=None)
        return replace(self.later(facts), corrects=self.now - _HOUR / 2, previous=before)

    def old(self, facts: Facts) -> IncidentContext:
        """One that was told the day before, on a page whose address nobody knows."""
        yesterday = self.now - _DAY
        return replace(self.later(facts), corrects=yesterday, posted=yesterday, address="")

    def moved(self, facts: Facts) -> IncidentContext:
        """Planned work that was to begin earlier."""
        plan = facts.planned and replace(facts.planned, start=facts.planned.start - _HOUR / 2)
        return replace(self.plain(), number=1, previous=replace(facts, planned=plan), posted=self.now - _DAY)

    def told(self, facts: Facts) -> IncidentContext:
        """Planned work as it was announced, while another incident is open."""
        return replace(self.moved(facts), previous=facts, busy=tuple(a.service for a in facts.affected[1:]))


_Before = Callable[[Setting, Facts], IncidentContext]

_BEFORE: Sequence[_Before] = (
    lambda setting, _: setting.plain(),
    Setting.later,
    Setting.wider,
    Setting.reopened,
    Setting.corrected,
    Setting.old,
)
"""What may have come before a notice."""

_PLANNED: Sequence[_Before] = (lambda setting, _: setting.plain(), Setting.moved, Setting.told)
"""The same for planned work."""


def _longest(catalog: Catalog, name: str, ids: Sequence[str]) -> str | None:
    """The entry of a closed list that takes the most room in any language."""
    books = catalog.books.values()
    return max(ids, key=lambda one: max(len(book.lists[name][one].text.encode()) for book in books), default=None)
