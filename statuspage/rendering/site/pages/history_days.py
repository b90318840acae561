"""Lists of past incidents: the last days on the front page, and a whole month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from statuspage.domain import (
    Incident,
    LanguagePack,
    NoticeText,
    last_period,
    past_impacts,
)
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import current_notice_text, site_clock, strip_marks, without_date
from statuspage.rendering.site.past_titles import past_title
from statuspage.rendering.site.templating import site_label

LAST_DAYS = 7
"""How many days before today the front page covers."""

PER_DAY = 3
"""How many incidents the front page lists for one day; the rest are on the month's page."""


@dataclass(frozen=True, slots=True)
class PastIncident:
    """One incident in a list of days. ``title`` is what it is about or, once it is over, what was affected and how;
    ``outcome`` says how long it took and how it ended, or that it continues."""

    title: str
    href: str
    outcome: str


@dataclass(frozen=True, slots=True)
class HistoryDay:
    """A day with incidents, or a period of days without. ``omitted_count`` counts the incidents left out."""

    name: str
    iso: str
    incidents: tuple[PastIncident, ...] = ()
    omitted_count: int = 0


def public_incidents(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Incidents with a notice, newest first by their first notice. Without a notice nothing is public."""
    published = [incident for incident in incidents if incident.notices]
    return tuple(sorted(published, key=lambda i: (i.notices[0].recorded, i.id), reverse=True))


def last_days(
    site: SiteContext, language: str, incidents: Sequence[Incident], counts: Mapping[date, int], now: datetime
) -> tuple[HistoryDay, ...]:
    """Today if it has finished incidents, then the seven days before it, quiet ones merged; newest first. Nothing is
    said of quiet days before the record begins, nor of planned work that is not over: that is not past.

    ``counts`` is the total number of incidents of a day, because ``incidents`` contains only the newest ones.
    """
    coming = [incident for incident in incidents if incident.is_maintenance and not incident.is_announced_over]
    coming_counts = Counter(first_day_of(site, incident) for incident in coming if incident.notices)
    incidents_by_day = _group_by_day(site, [incident for incident in incidents if incident not in coming])
    days = recent_dates(site, now)
    if not any(incident.is_announced_over for incident in incidents_by_day.get(days[0], ())):
        days = days[1:]
    first_day = site.catalog.site.history_start
    days = [day for day in days if first_day is None or day >= first_day or day in incidents_by_day]
    result: list[HistoryDay] = []
    for is_quiet, group in groupby(days, key=lambda day: not incidents_by_day.get(day)):
        if is_quiet:
            result.append(_quiet_days(site, language, tuple(group)))
            continue
        for day in group:
            day_incidents = incidents_by_day[day][:PER_DAY]
            result.append(
                _history_day(
                    site,
                    language,
                    day,
                    day_incidents,
                    now=now,
                    total=max(counts.get(day, 0) - coming_counts[day], len(incidents_by_day[day])),
                )
            )
    return tuple(result)


def recent_dates(site: SiteContext, now: datetime) -> list[date]:
    """Today and the days before it that the front page covers, newest first."""
    today = now.astimezone(ZoneInfo(site.catalog.site.zone)).date()
    return [today - timedelta(days=n) for n in range(LAST_DAYS + 1)]


def list_days(site: SiteContext, language: str, incidents: Sequence[Incident], now: datetime) -> tuple[HistoryDay, ...]:
    """The days on which these incidents had their first notice, newest first."""
    incidents_by_day = _group_by_day(site, incidents)
    return tuple(
        _history_day(site, language, day, day_incidents, now=now, total=len(day_incidents))
        for day, day_incidents in sorted(incidents_by_day.items())[::-1]
    )


def first_day_of(site: SiteContext, incident: Incident) -> date:
    """The day of its first notice, under which it is listed."""
    return incident.notices[0].recorded.astimezone(ZoneInfo(site.catalog.site.zone)).date()


def day_anchor(day: date) -> str:
    """The id of a day in a list of days."""
    return f"d-{day.isoformat()}"


def _group_by_day(site: SiteContext, incidents: Sequence[Incident]) -> dict[date, list[Incident]]:
    incidents_by_day: dict[date, list[Incident]] = {}
    for incident in public_incidents(incidents):
        incidents_by_day.setdefault(first_day_of(site, incident), []).append(incident)
    return incidents_by_day


def _quiet_days(site: SiteContext, language: str, days: Sequence[date]) -> HistoryDay:
    first, last = days[-1], days[0]
    return HistoryDay(
        site_clock(site, language).format_date_range(first, last), last.isoformat() if first == last else ""
    )


def _history_day(
    site: SiteContext, language: str, day: date, incidents: Sequence[Incident], *, now: datetime, total: int
) -> HistoryDay:
    items = tuple(_past_incident(site, language, incident, now) for incident in incidents)
    return HistoryDay(
        site_clock(site, language).format_date_range(day, day), day.isoformat(), items, total - len(items)
    )


def _past_incident(site: SiteContext, language: str, incident: Incident, now: datetime) -> PastIncident:
    pack, notice_text = site.language_pack(language), current_notice_text(site, language, incident, now)
    href = urls.incident_folder(language, incident.id)
    title = _past_title(pack, incident, notice_text) if incident.is_announced_over else without_date(notice_text.title)
    return PastIncident(
        f"{pack.marks.start}{strip_marks(pack, title)}",
        href,
        _outcome(site, language, incident, notice_text.status, now),
    )


def _past_title(pack: LanguagePack, incident: Incident, notice_text: NoticeText) -> str:
    if incident.is_maintenance:
        return without_date(strip_marks(pack, notice_text.title))
    return past_title(pack, past_impacts(incident)) or notice_text.headline


def _outcome(site: SiteContext, language: str, incident: Incident, status: str, now: datetime) -> str:
    facts, clock = last_period(incident), site_clock(site, language)
    if incident.maintenance_window and not incident.is_announced_over:
        window = incident.maintenance_window
        period = clock.format_dated_span(window.start, window.end, now=now)
        return site_label(site.language_pack(language), "past.planned", period=period, status=status)
    if facts is None or facts.start is None or facts.ended_at is None:
        return status
    return site_label(
        site.language_pack(language),
        "past.outcome",
        period=clock.format_span(facts.start.at, facts.ended_at),
        length=clock.format_duration(facts.ended_at - facts.start.at),
        status=status,
    )
