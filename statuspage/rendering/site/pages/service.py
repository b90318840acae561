"""The page of each service: how it stands, its ninety days, its incidents, and how to hear of it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.domain import Incident, LanguagePack, Record, Service, State, midnight
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import site_clock
from statuspage.rendering.site.pages.history_days import by_day
from statuspage.rendering.site.pages.incident_view import MARKS
from statuspage.rendering.site.pages.uptime_bars import bars
from statuspage.rendering.site.templating import PageLayout, page, site_label

NEWEST_INCIDENTS = 20
"""Incidents listed on a service's page; older ones are on the pages of their months."""


@dataclass(frozen=True, slots=True)
class ServiceHistory:
    """A service as its page shows it: how it stands, its record, and the newest of its incidents."""

    service: str
    state: State
    record: Record
    incidents: Sequence[Incident]


def services(edition: SiteContext, life: ServiceHistory, *, now: datetime) -> dict[str, bytes]:
    """The page of one service in every language; the same one also where it was read under former ids, from where
    every link leads to where it lies now."""
    files = {
        f"{urls.service(language, life.service)}index.html": _service(edition, language, life, now)
        for language in edition.catalog.languages
    }
    return urls.with_former(files, life.service, edition.catalog.services[life.service].was)


def _service(edition: SiteContext, language: str, life: ServiceHistory, now: datetime) -> bytes:
    book, time = edition.book(language), site_clock(edition, language)
    name, path = book.services[life.service].name, urls.service(language, life.service)
    service, history = edition.catalog.services[life.service], bars(edition, language, life.record)
    day = _retired_since(edition, language, service, now)
    word = _retired_sentence(book, day) if service.retired else site_label(book, f"state.{life.state}")
    title = site_label(book, "service.title", name=name, state=word)
    before = next((n for n, state in enumerate(life.record.days) if state is not None), 0)
    sheet = PageLayout(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state="chk" if service.retired else MARKS[life.state],
        title=title,
        description=title,
        sections=("services", "long", "lists"),
    )
    view = {
        "name": name,
        "word": word,
        "heading": title.partition(day) if day else (title, "", ""),
        "bars": history if life.record.counted else None,
        "share": site_label(book, "service.share", n=life.record.counted, share=history.share) if history.share else "",
        "ends": (time.short(life.record.first), site_label(book, "service.today")),
        "since": time.short(life.record.first + timedelta(days=before)) if before else "",
        "days": by_day(edition, language, life.incidents, now),
        "month": urls.month(language, *urls.month_of(now, edition.catalog.site.zone)),
    }
    return page(edition, sheet, "service.html", view)


def _retired_since(edition: SiteContext, language: str, service: Service, now: datetime) -> str:
    """Since when it is no longer in use; "" where nobody says."""
    if service.ended is None:
        return ""
    return site_clock(edition, language).dated(midnight(service.ended, edition.catalog.site.zone), now=now)


def _retired_sentence(book: LanguagePack, day: str) -> str:
    """What is said of a service that is no longer in use, instead of how it stands."""
    return site_label(book, "service.ended_on", day=day) if day else site_label(book, "service.ended")
