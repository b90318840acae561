"""The page of each service: how it stands, its ninety days, its incidents, and how to hear of it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.catalog import Book, Service
from statuspage.facts import State
from statuspage.site import Edition, paths
from statuspage.site.bars import bars
from statuspage.site.days import by_day
from statuspage.site.press import Sheet, label, page
from statuspage.site.telling import clock
from statuspage.site.views import MARKS
from statuspage.timeline import Incident
from statuspage.uptime import Record, midnight

NEWEST = 20
"""Incidents listed on a service's page; older ones are on the pages of their months."""


@dataclass(frozen=True, slots=True)
class Life:
    """A service as its page shows it: how it stands, its record, and the newest of its incidents."""

    service: str
    state: State
    record: Record
    incidents: Sequence[Incident]


def services(edition: Edition, life: Life, *, now: datetime) -> dict[str, bytes]:
    """The page of one service in every language; the same one also where it was read under former ids, from where
    every link leads to where it lies now."""
    files = {
        f"{paths.service(language, life.service)}index.html": _service(edition, language, life, now)
        for language in edition.catalog.languages
    }
    return paths.with_former(files, life.service, edition.catalog.services[life.service].was)


def _service(edition: Edition, language: str, life: Life, now: datetime) -> bytes:
    book, time = edition.book(language), clock(edition, language)
    name, path = book.services[life.service].name, paths.service(language, life.service)
    service, history = edition.catalog.services[life.service], bars(edition, language, life.record)
    day = _day(edition, language, service, now)
    word = _ended(book, day) if service.retired else label(book, f"state.{life.state}")
    title = label(book, "service.title", name=name, state=word)
    before = next((n for n, state in enumerate(life.record.days) if state is not None), 0)
    sheet = Sheet(
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
        "share": label(book, "service.share", n=life.record.counted, share=history.share) if history.share else "",
        "ends": (time.short(life.record.first), label(book, "service.today")),
        "since": time.short(life.record.first + timedelta(days=before)) if before else "",
        "days": by_day(edition, language, life.incidents, now),
        "month": paths.month(language, *paths.month_of(now, edition.catalog.site.zone)),
    }
    return page(edition, sheet, "service.html", view)


def _day(edition: Edition, language: str, service: Service, now: datetime) -> str:
    """Since when it is no longer in use; "" where nobody says."""
    if service.ended is None:
        return ""
    return clock(edition, language).dated(midnight(service.ended, edition.catalog.site.zone), now=now)


def _ended(book: Book, day: str) -> str:
    """What is said of a service that is no longer in use, instead of how it stands."""
    return label(book, "service.ended_on", day=day) if day else label(book, "service.ended")
