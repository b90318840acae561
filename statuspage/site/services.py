"""The page of each service: how it stands, its ninety days, its incidents, and how to hear of it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.facts import State
from statuspage.site import Edition, paths
from statuspage.site.bars import bars
from statuspage.site.days import by_day
from statuspage.site.press import Sheet, label, page
from statuspage.site.telling import clock
from statuspage.site.views import MARKS
from statuspage.timeline import Incident
from statuspage.uptime import Record

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
    """The page of one service in every language."""
    return {
        f"{paths.service(language, life.service)}index.html": _service(edition, language, life, now)
        for language in edition.catalog.languages
    }


def _service(edition: Edition, language: str, life: Life, now: datetime) -> bytes:
    book, time = edition.book(language), clock(edition, language)
    name, path = book.services[life.service].name, paths.service(language, life.service)
    word, history = label(book, f"state.{life.state}"), bars(edition, language, life.record)
    title = label(book, "service.title", name=name, state=word)
    first = life.record.first + timedelta(days=len(life.record.days) - life.record.counted)
    sheet = Sheet(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state=MARKS[life.state],
        title=title,
        description=title,
        sections=("services", "lists"),
    )
    view = {
        "name": name,
        "word": word,
        "bars": history,
        "share": label(book, "service.share", n=life.record.counted, share=history.share) if history.share else "",
        "ends": (time.short(life.record.first), label(book, "service.today")),
        "since": time.short(first) if life.record.counted < len(life.record.days) else "",
        "days": by_day(edition, language, life.incidents, now),
        "month": paths.month(language, *paths.month_of(now, edition.catalog.site.zone)),
    }
    return page(edition, sheet, "service.html", view)
