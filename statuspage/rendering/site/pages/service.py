"""The page of each service: its state, its last ninety days, its incidents, and how to subscribe to it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from statuspage.domain import (
    Incident,
    LanguagePack,
    Service,
    State,
    StatePeriod,
    UptimeRecord,
    midnight,
    state_periods,
)
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import site_clock
from statuspage.rendering.site.pages.history_days import day_anchor, first_day_of, list_days
from statuspage.rendering.site.pages.incident_view import MARKS
from statuspage.rendering.site.pages.uptime_bars import bad_days, days_text, uptime_bars
from statuspage.rendering.site.templating import PageLayout, render_page, site_label

NEWEST_INCIDENTS = 10
"""The number of incidents on a service's page; older ones are on the pages of their months."""


@dataclass(frozen=True, slots=True)
class ServiceHistory:
    """A service as its page shows it: its state, its uptime record, and its newest incidents."""

    service: str
    state: State
    record: UptimeRecord
    incidents: Sequence[Incident]


def service_pages(site: SiteContext, history: ServiceHistory, *, now: datetime) -> dict[str, bytes]:
    """The page of one service in every language, with a copy under each of its former ids whose links lead to the
    present location."""
    files = {
        f"{urls.service(language, history.service)}index.html": _service_page(site, language, history, now)
        for language in site.catalog.languages
    }
    return urls.with_former_ids(files, history.service, site.catalog.services[history.service].former_ids)


def _service_page(site: SiteContext, language: str, history: ServiceHistory, now: datetime) -> bytes:
    pack, clock = site.language_pack(language), site_clock(site, language)
    name, path = pack.services[history.service].name, urls.service(language, history.service)
    service, service_bars = site.catalog.services[history.service], uptime_bars(site, language, history.record)
    day = _retired_since(site, language, service, now)
    state_name = _retired_sentence(pack, day) if service.is_retired else site_label(pack, f"state.{history.state}")
    title = site_label(pack, "service.title", name=name, state=state_name)
    unrecorded_days = next((n for n, state in enumerate(history.record.days) if state is not None), 0)
    layout = PageLayout(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state="chk" if service.is_retired else MARKS[history.state],
        title=title,
        description=title,
        sections=("services", "crumb", "long", "lists"),
    )
    view = {
        "name": name,
        "state_name": state_name,
        "heading": title.partition(day) if day else (title, "", ""),
        "bars": service_bars if history.record.counted_days else None,
        "share": _share_sentence(pack, history.record.counted_days, service_bars.share),
        "ends": (clock.format_short_date(history.record.first_day), site_label(pack, "service.today")),
        "since": clock.format_short_date(history.record.first_day + timedelta(days=unrecorded_days))
        if unrecorded_days
        else "",
        "bad_days": _bad_days(site, language, history),
        "days": list_days(site, language, history.incidents, now),
        "month": urls.month(language, *urls.month_of(now, site.catalog.site.zone)),
    }
    return render_page(site, layout, "service.html", view)


def _share_sentence(pack: LanguagePack, days: int, share: str) -> str:
    """The uptime over this many days; "" if there is none."""
    if not share:
        return ""
    return site_label(pack, "service.share_single" if days == 1 else "service.share", n=days, share=share)


def _bad_days(site: SiteContext, language: str, history: ServiceHistory) -> tuple[tuple[str, str], ...]:
    """The days with a problem in words, and where their incidents are: on this page, else in the archive. Successive
    days with the same problem and the same place are one entry."""
    shown = [
        (f"#{day_anchor(first_day_of(site, incident))}", period)
        for incident in history.incidents
        for period in state_periods(incident)
        if period.service == history.service
    ]
    days = [(day, state, _place_of(site, language, shown, day)) for day, state in bad_days(history.record)]
    entries: list[tuple[str, str]] = []
    # The newest day is first, so that day and position of successive days have the same sum.
    for _, run in groupby(enumerate(days), key=lambda item: (item[0] + item[1][0].toordinal(), *item[1][1:])):
        newest_first = [entry for _, entry in run]
        (last, state, place), (first, _, _) = newest_first[0], newest_first[-1]
        entries.append((days_text(site, language, first, last, state), place))
    return tuple(entries)


def _place_of(site: SiteContext, language: str, shown: Sequence[tuple[str, StatePeriod]], day: date) -> str:
    """Where the incidents of a day are: the first of ``shown`` that lasted into it, else the page of its month."""
    zone = site.catalog.site.zone
    begin, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    places = (p for p, period in shown if period.start < end and (period.end is None or period.end > begin))
    return next(places, urls.month(language, day.year, day.month))


def _retired_since(site: SiteContext, language: str, service: Service, now: datetime) -> str:
    """Since when it is retired; "" if unknown."""
    if service.retired_on is None:
        return ""
    return site_clock(site, language).format_full_day(midnight(service.retired_on, site.catalog.site.zone), now=now)


def _retired_sentence(pack: LanguagePack, day: str) -> str:
    """The sentence shown for a retired service in place of its state."""
    return site_label(pack, "service.ended_on", day=day) if day else site_label(pack, "service.ended")
