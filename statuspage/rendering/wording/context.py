"""Everything one language needs to word one notice: facts, content, story, clock, and the day of the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise

from statuspage.domain import (
    OF_MAINTENANCE,
    WORST_FIRST,
    Affected,
    Catalog,
    Claim,
    Facts,
    Impact,
    IncidentType,
    LanguagePack,
    NoticeKind,
    impacts,
)
from statuspage.rendering.wording.locale_format import Clock
from statuspage.rendering.wording.phrases import Phrases

REPORTS = (
    NoticeKind.FIRST,
    NoticeKind.UPDATE,
    NoticeKind.PARTLY_RESTORED,
    NoticeKind.WATCHING,
    NoticeKind.RESOLVED,
)
"""Notices that a house may number: first report, second report, … final report."""


@dataclass(frozen=True, slots=True)
class IncidentContext:
    """What came before this notice.

    ``address`` is the public site's, "" when not known. ``titles`` are the frozen titles by language, ``previous``
    the facts of the newest notice, ``number`` how many reports there were (see REPORTS). ``reopened``: it came back
    after it was told to be over. ``corrects``: when the notice now corrected was published; ``posted``: when the
    first one was. ``busy``: services that other open incidents affect; they are never called working. ``told`` is what
    all notices so far said, oldest first.
    """

    incident: str
    address: str
    titles: Mapping[str, str] = field(default_factory=dict)
    previous: Facts | None = None
    number: int = 0
    reopened: bool = False
    corrects: datetime | None = None
    posted: datetime | None = None
    busy: tuple[str, ...] = ()
    told: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class WordingContext:
    """One notice to be worded in one language."""

    notice: NoticeKind
    facts: Facts
    catalog: Catalog
    story: IncidentContext
    now: datetime
    book: LanguagePack

    @cached_property
    def phrases(self) -> Phrases:
        """The sentences of this language for this kind."""
        return Phrases(self.book, self.facts.kind)

    @cached_property
    def clock(self) -> Clock:
        """The site's clock in this language."""
        return Clock(self.book.writing, self.catalog.site.zone)

    @cached_property
    def impacts(self) -> tuple[Impact, ...]:
        """The services it speaks of, worst first, then in the catalog's order: once it is over, all that were affected
        since the first report."""
        found = tuple(Impact(a.service, a.state) for a in self.facts.affected)
        if self.over and self.notice not in OF_MAINTENANCE:
            found = impacts((*self.story.told, Claim(self.notice, self.now, self.facts))) or found
        order = {service: place for place, service in enumerate(self.catalog.services)}
        known = (one for one in found if one.service in order)
        return tuple(sorted(known, key=lambda one: (WORST_FIRST.index(one.state), order[one.service])))

    @cached_property
    def ordered(self) -> tuple[Affected, ...]:
        """The same services with their states."""
        return tuple(Affected(one.service, one.state) for one in self.impacts)

    @cached_property
    def partly(self) -> bool:
        """Whether customers were told that some of several services work again, and not since that all do."""
        previous = self.story.previous
        told = self.story.told or ((Claim(NoticeKind.FIRST, self.now, previous),) if previous else ())
        for before, one in reversed(tuple(pairwise((*told, Claim(self.notice, self.now, self.facts))))):
            if one.notice in (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL):
                return False
            if one.notice is NoticeKind.PARTLY_RESTORED and len(before.facts.affected) > 1:
                return True
        return False

    @cached_property
    def kind(self) -> IncidentType:
        """The kind of trouble; one nobody prepared has no questions and proposes nothing."""
        return self.catalog.kinds.get(self.facts.kind) or IncidentType(self.facts.kind)

    @cached_property
    def label(self) -> str:
        """What the notice is called: by its kind, or by its number where the house numbers its reports."""
        if not self.catalog.site.numbered or self.notice not in REPORTS:
            return self.phrases.label(f"notice.{self.notice}")
        if self.notice is NoticeKind.RESOLVED:
            return self.phrases.label("numbered.last")
        number, own = self.story.number + 1, self.book.writing.numbers
        return self.phrases.label("numbered.report", number=own[number - 1] if number <= len(own) else str(number))

    @property
    def joiner(self) -> str:
        """What stands between two sentences on one line."""
        return self.book.writing.gap

    @cached_property
    def over(self) -> bool:
        """Whether the words speak of something past."""
        told = self.notice in (NoticeKind.RESOLVED, NoticeKind.ACCOUNT, NoticeKind.FINISHED, NoticeKind.CANCELLED)
        return told or (self.notice is NoticeKind.CORRECTION and self.facts.ended is not None)

    @property
    def link(self) -> str:
        """Where this incident is read in this language, "" when the site's address is not known."""
        if not self.story.address:
            return ""
        return f"{self.story.address}/{self.book.language}/incidents/{self.story.incident}/"

    @cached_property
    def opens_at(self) -> datetime:
        """The moment in the first sentence. Its day stands there once and holds for the whole text."""
        facts, story = self.facts, self.story
        if self.notice in OF_MAINTENANCE:
            return self._of_plan
        match self.notice:
            case NoticeKind.FIRST:
                return facts.started.at if facts.started else self.now
            case NoticeKind.RESOLVED:
                return facts.ended or self.now
            case NoticeKind.ACCOUNT:
                return facts.started.at if facts.started else facts.ended or self.now
            case NoticeKind.CORRECTION:
                return story.corrects or self._first_time
            case NoticeKind.WITHDRAWAL:
                return story.posted or self.now
            case _:
                return self.now

    @property
    def _first_time(self) -> datetime:
        if self.facts.ended:
            return self.facts.ended
        return self.facts.started.at if self.facts.started else self.now

    @property
    def _of_plan(self) -> datetime:
        plan, started = self.facts.planned, self.facts.started
        if plan is None:
            return self.now
        match self.notice:
            case NoticeKind.STARTED if started:
                return started.at
            case NoticeKind.EXTENDED if started:
                return self.now
            case NoticeKind.FINISHED:
                return self.facts.ended or self.now
            case _:
                return plan.start

    def first(self, at: datetime) -> str:
        """A time at its first mention: with its day, and the zone where the language says it."""
        return self._put("full", at, self.clock.dated(at, now=self.now))

    def brief(self, at: datetime) -> str:
        """The same, as short as it can be."""
        return self._put("brief", at, self.clock.day(at))

    def spoken(self, at: datetime) -> str:
        """The same as it is said aloud: without the zone, which a caller knows."""
        return self.dated(at)

    def opens(self, form: str, at: datetime) -> str:
        """A time at its first mention, for one form of the first sentence."""
        forms = {"opening_short": self.brief, "spoken": self.spoken}
        return forms.get(form, self.first)(at)

    @cached_property
    def day(self) -> date:
        """The day of the text."""
        return self.clock.on(self.opens_at)

    @property
    def day_last(self) -> bool:
        """Whether the language says the day after the clock: 2:00 on Sunday 12 July."""
        return self.phrases.say("time.full", clock="1", day="2", zone="").startswith("1")

    def later(self, at: datetime, after: datetime | None = None) -> str:
        """A later time: with its day only when neither the text nor ``after``, just before, has named that day, and
        with the zone only when clocks have been changed since the time that named it."""
        if self.clock.zone_at(at) != self.clock.zone_at(self.opens_at):
            return self.clock.beside(self.dated(at), self.clock.short_zone_at(at))
        if self.clock.on(at) in (self.day, self.clock.on(after) if after else self.day):
            return self.clock.clock(at)
        return self.dated(at)

    def dated(self, at: datetime) -> str:
        """A time with its day."""
        return self._put("dated", at, self.clock.dated(at, now=self.now))

    def day_of(self, at: datetime) -> str:
        """The short day of a time in the rows, where it is not the day of the text; else ""."""
        return "" if self.clock.on(at) == self.day else self.clock.day(at)

    def _put(self, form: str, at: datetime, day: str) -> str:
        zone = self.clock.short_zone_at(at) if form == "brief" else self.clock.zone_at(at)
        said = self.phrases.say(f"time.{form}", clock=self.clock.clock(at), day=day, zone=zone)
        if form == "dated" or zone in said or self.clock.is_at_home():
            return said
        return self.clock.beside(said, zone)
