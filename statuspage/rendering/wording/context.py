"""What one language needs to word one notice: facts, content, incident, clock, and the day of the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from statuspage.domain import (
    MAINTENANCE_NOTICES,
    NOTICES_AFTER_END,
    WORST_FIRST,
    Affected,
    AffectedAudience,
    Audience,
    Catalog,
    Claim,
    Facts,
    Impact,
    IncidentType,
    LanguagePack,
    NoticeKind,
    impacts,
    told_audiences,
)
from statuspage.rendering.wording.company_slots import company_slots
from statuspage.rendering.wording.locale_format import Clock
from statuspage.rendering.wording.phrases import Phrases
from statuspage.rendering.wording.text_length import x_length

if TYPE_CHECKING:
    from statuspage.rendering.wording.head_clause import Head

REPORTS = (
    NoticeKind.FIRST,
    NoticeKind.UPDATE,
    NoticeKind.PARTLY_RESTORED,
    NoticeKind.MONITORING,
    NoticeKind.RESOLVED,
)
"""Kinds of notice that a company may number: first report, second report, … final report."""


NAMED_IN_POSTS = 3
"""The maximum number of groups of customers that the first sentence of a post names; other media name one there."""

ROOM_FOR_GROUPS = 45
"""Room for the names of several groups there, in weighted characters of X."""


@dataclass(frozen=True, slots=True)
class IncidentContext:
    """What came before this notice.

    ``site_address`` is the public site's, "" if unknown. ``titles`` are the frozen titles by language,
    ``previous_facts`` the facts of the newest notice, ``report_count`` the number of reports so far (see REPORTS).
    ``is_reopened``: it was reopened after it was published as over. ``corrected_notice_at`` is when the corrected
    notice was published; ``first_notice_at`` when the first one was. ``affected_elsewhere``: services affected by other
    open incidents; they are never called working. ``claims`` is what all notices so far said, oldest first.
    """

    incident_id: str
    site_address: str
    titles: Mapping[str, str] = field(default_factory=dict)
    previous_facts: Facts | None = None
    report_count: int = 0
    is_reopened: bool = False
    corrected_notice_at: datetime | None = None
    first_notice_at: datetime | None = None
    affected_elsewhere: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class WordingContext:
    """One notice to be worded in one language."""

    notice: NoticeKind
    facts: Facts
    catalog: Catalog
    incident: IncidentContext
    now: datetime
    pack: LanguagePack

    @cached_property
    def phrases(self) -> Phrases:
        """The phrases of this language for this incident type."""
        return Phrases(self.pack, self.facts.incident_type, company_slots(self.pack, self.catalog.site.contact))

    @cached_property
    def clock(self) -> Clock:
        """The clock for the site's zone in this language."""
        return Clock(self.pack.locale_rules, self.catalog.site.zone)

    @cached_property
    def heads(self) -> dict[tuple[Affected, ...], Head]:
        """The first clauses found so far, by the services: titles, headlines and posts ask for the same ones."""
        return {}

    @cached_property
    def impacts(self) -> tuple[Impact, ...]:
        """The services to name, worst first; once it is over, all that were affected since the first report."""
        if self.is_over and self.notice not in MAINTENANCE_NOTICES:
            return self.all_impacts
        return self._worst_first(self._current_impacts)

    @cached_property
    def all_impacts(self) -> tuple[Impact, ...]:
        """Every service affected since the first report, each at its worst, the worst first."""
        return self._worst_first(impacts(self.claims) or self._current_impacts)

    @cached_property
    def all_affected(self) -> tuple[Affected, ...]:
        """The same with their states."""
        return tuple(Affected(impact.service, impact.state) for impact in self.all_impacts)

    @property
    def _current_impacts(self) -> tuple[Impact, ...]:
        return tuple(Impact(affected.service, affected.state) for affected in self.facts.affected)

    def _worst_first(self, unordered: Iterable[Impact]) -> tuple[Impact, ...]:
        """By state, then in the catalog's order."""
        order = {service: position for position, service in enumerate(self.catalog.services)}
        in_catalog = (impact for impact in unordered if impact.service in order)
        return tuple(sorted(in_catalog, key=lambda impact: (WORST_FIRST.index(impact.state), order[impact.service])))

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What all notices have said, this one included."""
        return (*self.incident.claims, Claim(self.notice, self.now, self.facts))

    @cached_property
    def _known_audiences(self) -> tuple[Audience, ...]:
        """Who is known to be affected. Once it is over, whoever was affected at any time counts."""
        audiences = told_audiences(self.claims) if self.is_over else (self.facts.audience,)
        return tuple(audience for audience in audiences if audience.extent is not AffectedAudience.CHECKING)

    @cached_property
    def affects_some(self) -> bool:
        """Whether not everybody is affected, and it is not known who is."""
        extents = {audience.extent for audience in self._known_audiences}
        return AffectedAudience.SOME in extents and AffectedAudience.ALL not in extents

    @cached_property
    def named_groups(self) -> tuple[str, ...]:
        """The groups of customers outside which nobody is affected; none if that is not known."""
        known = self._known_audiences
        if any(audience.extent is not AffectedAudience.GROUPS for audience in known):
            return ()
        groups = dict.fromkeys(group for audience in known for group in audience.groups)
        return tuple(group for group in groups if group in self.pack.audience_groups)

    @property
    def has_many_groups(self) -> bool:
        """Whether more groups of customers are affected than the first sentence of a post has room for."""
        groups = [self.pack.audience_groups[group] for group in self.named_groups]
        length = sum(x_length(group.label or group.text) for group in groups)
        return len(groups) > NAMED_IN_POSTS or (len(groups) > 1 and length > ROOM_FOR_GROUPS)

    @cached_property
    def affected(self) -> tuple[Affected, ...]:
        """The same services with their states."""
        return tuple(Affected(impact.service, impact.state) for impact in self.impacts)

    @cached_property
    def had_partial_recovery(self) -> bool:
        """Whether a notice said that part works again, and no later one that everything does."""
        ends = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL)
        kinds = (claim.notice for claim in reversed(self.claims))
        return next((k for k in kinds if k in (*ends, NoticeKind.PARTLY_RESTORED)), None) is NoticeKind.PARTLY_RESTORED

    @cached_property
    def is_partly_restored(self) -> bool:
        """Whether a notice said that some of several services work again, and no later one that all do."""
        previous = self.incident.previous_facts
        claims = self.incident.claims or ((Claim(NoticeKind.FIRST, self.now, previous),) if previous else ())
        for previous_claim, claim in reversed(tuple(pairwise((*claims, self.claims[-1])))):
            if claim.notice in (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL):
                return False
            if claim.notice is NoticeKind.PARTLY_RESTORED and len(previous_claim.facts.affected) > 1:
                return True
        return False

    @cached_property
    def incident_type(self) -> IncidentType:
        """The incident type; an empty one, without questions and proposals, if the content has none."""
        return self.catalog.incident_types.get(self.facts.incident_type) or IncidentType(self.facts.incident_type)

    @cached_property
    def label(self) -> str:
        """The name of the notice: by its kind, or by its number if the company numbers its reports."""
        if not self.catalog.site.numbers_notices or self.notice not in REPORTS:
            return self.phrases.format_label(f"notice.{self.notice}")
        if self.notice is NoticeKind.RESOLVED:
            return self.phrases.format_label("numbered.last")
        report_number, numerals = self.incident.report_count + 1, self.pack.locale_rules.numerals
        return self.phrases.format_label(
            "numbered.report",
            number=numerals[report_number - 1] if report_number <= len(numerals) else str(report_number),
        )

    @property
    def joiner(self) -> str:
        """The separator between two sentences on one line."""
        return self.pack.locale_rules.gap

    @cached_property
    def is_over(self) -> bool:
        """Whether the text is about the past."""
        is_final = self.notice in (
            NoticeKind.RESOLVED,
            *NOTICES_AFTER_END,
            NoticeKind.FINISHED,
            NoticeKind.CANCELLED,
        )
        return is_final or (self.notice is NoticeKind.CORRECTION and self.facts.ended_at is not None)

    @property
    def link(self) -> str:
        """The URL of this incident in this language, "" if the site's address is not known."""
        if not self.incident.site_address:
            return ""
        return f"{self.incident.site_address}/{self.pack.language}/incidents/{self.incident.incident_id}/"

    @cached_property
    def opening_time(self) -> datetime:
        """The time in the first sentence. Its day is given there once and applies to the whole text."""
        facts, incident = self.facts, self.incident
        if self.notice in MAINTENANCE_NOTICES:
            return self._maintenance_time
        match self.notice:
            case NoticeKind.FIRST:
                return facts.start.at if facts.start else self.now
            case NoticeKind.RESOLVED:
                return facts.ended_at or self.now
            case NoticeKind.POSTMORTEM | NoticeKind.FOLLOW_UP:
                return facts.start.at if facts.start else facts.ended_at or self.now
            case NoticeKind.CORRECTION:
                return incident.corrected_notice_at or self._corrected_time
            case NoticeKind.WITHDRAWAL:
                return incident.first_notice_at or self.now
            case _:
                return self.now

    @property
    def _corrected_time(self) -> datetime:
        if self.facts.ended_at:
            return self.facts.ended_at
        return self.facts.start.at if self.facts.start else self.now

    @property
    def _maintenance_time(self) -> datetime:
        plan, start = self.facts.maintenance_window, self.facts.start
        if plan is None:
            return self.now
        match self.notice:
            case NoticeKind.STARTED if start:
                return start.at
            case NoticeKind.EXTENDED if start:
                return self.now
            case NoticeKind.FINISHED:
                return self.facts.ended_at or self.now
            case _:
                return plan.start

    def format_first(self, at: datetime) -> str:
        """A time at its first mention: with its day, and with the zone if the language names it."""
        return self._format_time("full", at, self.clock.format_full_day(at, now=self.now))

    def format_brief(self, at: datetime) -> str:
        """A time at its first mention, as short as possible."""
        return self._format_time("brief", at, self.clock.format_day(at, now=self.now))

    def format_opening(self, form: str, at: datetime) -> str:
        """A time at its first mention, for one form of the first sentence."""
        forms = {"opening_short": self.format_brief, "spoken": self.format_with_day}
        return forms.get(form, self.format_first)(at)

    @cached_property
    def text_day(self) -> date:
        """The day of the text."""
        return self.clock.local_date(self.opening_time)

    @property
    def day_follows_clock(self) -> bool:
        """Whether the language puts the day after the time: 2:00 on Sunday 12 July."""
        return self.phrases.format("time.full", clock="1", day="2", zone="").startswith("1")

    def format_later(self, at: datetime, after: datetime | None = None, *, short: bool = False) -> str:
        """A later time: with its day only if neither the text nor ``after``, the time just before it, has named that
        day, and with the zone only if the clocks have changed since the time that named it, or since ``after``.
        ``short``: the day as posts write it."""
        is_day_told = after is not None and self.clock.local_date(after) == self.clock.local_date(at)
        earlier_times = [time for time in (after, None if is_day_told else self.opening_time) if time]
        if any(self.clock.zone_name_at(time) != self.clock.zone_name_at(at) for time in earlier_times):
            return self.clock.add_in_brackets(self.format_with_day(at, short=short), self.clock.short_zone_name_at(at))
        if self.clock.local_date(at) in (self.text_day, self.clock.local_date(after) if after else self.text_day):
            return self.clock.format_time(at)
        return self.format_with_day(at, short=short)

    def format_with_day(self, at: datetime, *, short: bool = False) -> str:
        """A time with its day. ``short``: the day as posts write it."""
        format_day = self.clock.format_day if short else self.clock.format_full_day
        return self._format_time("dated", at, format_day(at, now=self.now))

    def format_day_if_other(self, at: datetime) -> str:
        """The short day of a time in the rows, if it is not the day of the text; else ""."""
        return "" if self.clock.local_date(at) == self.text_day else self.clock.format_day(at, now=self.now)

    def add_zone_if_other(self, text: str, at: datetime) -> str:
        """The text of a time in the rows, with its zone if the clocks have changed between the text's time and it."""
        if self.clock.zone_name_at(at) == self.clock.zone_name_at(self.opening_time):
            return text
        return self.clock.add_in_brackets(text, self.clock.short_zone_name_at(at))

    def _format_time(self, form: str, at: datetime, day: str) -> str:
        zone = self.clock.short_zone_name_at(at) if form == "brief" else self.clock.zone_name_at(at)
        text = self.phrases.format(f"time.{form}", clock=self.clock.format_time(at), day=day, zone=zone)
        if form == "dated" or zone in text or self.clock.is_home_zone():
            return text
        return self.clock.add_in_brackets(text, zone)
