"""Lists of past incidents: the last days on the front, and a whole month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from statuspage.domain import Incident
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import bare, site_clock, words_now
from statuspage.rendering.site.pages.incident_view import last_period
from statuspage.rendering.site.templating import site_label

LAST_DAYS = 7
"""How many days before today the front looks back."""

PER_DAY = 5
"""Incidents the front lists of one day; the rest are on the month's page."""


@dataclass(frozen=True, slots=True)
class Past:
    """One incident in a list of days. ``outcome`` says how long it took and how it ended, or that it goes on."""

    title: str
    href: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day with incidents, or a stretch of days without. ``more`` counts those left out."""

    name: str
    iso: str
    past: tuple[Past, ...] = ()
    more: int = 0


def public(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Those that customers were told of, newest first by their first notice. Without a notice nothing is public."""
    told = [incident for incident in incidents if incident.notices]
    return tuple(sorted(told, key=lambda i: (i.notices[0].recorded, i.id), reverse=True))


def last_days(
    edition: SiteContext, language: str, incidents: Sequence[Incident], counts: Mapping[date, int], now: datetime
) -> tuple[Day, ...]:
    """Today as far as something is over already, then the seven days before it, quiet ones merged; newest first.

    ``counts`` says how many incidents a day had in all, where ``incidents`` holds only the newest of them.
    """
    found = _by_day(edition, incidents)
    days = look_back(edition, now)
    if not any(incident.told_over for incident in found.get(days[0], ())):
        days = days[1:]
    shown: list[Day] = []
    for quiet, stretch in groupby(days, key=lambda day: not found.get(day)):
        if quiet:
            shown.append(_quiet(edition, language, tuple(stretch)))
            continue
        for day in stretch:
            listed = found[day][:PER_DAY]
            shown.append(
                _history_day(edition, language, day, listed, now=now, of=max(counts.get(day, 0), len(found[day])))
            )
    return tuple(shown)


def look_back(edition: SiteContext, now: datetime) -> list[date]:
    """Today and the days before it that the front speaks of, newest first."""
    today = now.astimezone(ZoneInfo(edition.catalog.site.zone)).date()
    return [today - timedelta(days=n) for n in range(LAST_DAYS + 1)]


def by_day(edition: SiteContext, language: str, incidents: Sequence[Incident], now: datetime) -> tuple[Day, ...]:
    """The days on which customers were first told of these incidents, newest first."""
    found = _by_day(edition, incidents)
    return tuple(
        _history_day(edition, language, day, those, now=now, of=len(those))
        for day, those in sorted(found.items())[::-1]
    )


def _by_day(edition: SiteContext, incidents: Sequence[Incident]) -> dict[date, list[Incident]]:
    zone = ZoneInfo(edition.catalog.site.zone)
    found: dict[date, list[Incident]] = {}
    for incident in public(incidents):
        found.setdefault(incident.notices[0].recorded.astimezone(zone).date(), []).append(incident)
    return found


def _quiet(edition: SiteContext, language: str, stretch: Sequence[date]) -> Day:
    first, last = stretch[-1], stretch[0]
    return Day(site_clock(edition, language).days(first, last), last.isoformat() if first == last else "")


def _history_day(
    edition: SiteContext, language: str, day: date, incidents: Sequence[Incident], *, now: datetime, of: int
) -> Day:
    past = tuple(_past(edition, language, incident, now) for incident in incidents)
    return Day(site_clock(edition, language).days(day, day), day.isoformat(), past, of - len(past))


def _past(edition: SiteContext, language: str, incident: Incident, now: datetime) -> Past:
    book, words = edition.book(language), words_now(edition, language, incident, now)
    href = urls.incident_folder(language, incident.id)
    return Past(
        f"{book.marks.start}{bare(book, words.title)}", href, _outcome(edition, language, incident, words.status)
    )


def _outcome(edition: SiteContext, language: str, incident: Incident, status: str) -> str:
    facts, time = last_period(incident), site_clock(edition, language)
    if incident.planned and not incident.told_over:
        start, end = incident.planned.start, incident.planned.end
        same = time.on(start) == time.on(end)
        period = f"{time.day_clock(start)}–{time.clock(end) if same else time.day_clock(end)}"
        return site_label(edition.book(language), "past.planned", period=period, status=status)
    if facts is None or facts.started is None or facts.ended is None:
        return status
    return site_label(
        edition.book(language),
        "past.outcome",
        period=time.span(facts.started.at, facts.ended),
        length=time.length(facts.ended - facts.started.at),
        status=status,
    )
