"""``calendar.ics``: planned maintenance for calendars, in every language (RFC 5545, RFC 7986)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from icalendar import Calendar, Event

from statuspage.domain import Incident, LanguagePack, NoticeKind
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import bare, words_of
from statuspage.rendering.site.templating import clean, site_label

_AGAIN = timedelta(hours=1)  # how soon a calendar should look again


def calendar_files(edition: SiteContext, works: Sequence[Incident]) -> dict[str, bytes]:
    """A calendar in every language. ``works`` are the newest planned works; cancelled ones stay, and say so."""
    return {f"{language}/calendar.ics": _calendar(edition, language, works) for language in edition.catalog.languages}


def _calendar(edition: SiteContext, language: str, works: Sequence[Incident]) -> bytes:
    book = edition.book(language)
    calendar = Calendar()
    calendar.add("prodid", f"-//statuspage//{language}//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = f"{book.marks.start}{site_label(book, 'calendar.name', site=book.site)}"
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", edition.catalog.site.zone)
    calendar.add("refresh-interval", _AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add("x-cap-status", book.marks.machine)
    for work in works:
        calendar.add_component(_event(edition, book, work))
    return bytes(calendar.to_ical())


def _event(edition: SiteContext, book: LanguagePack, work: Incident) -> Event:
    plan, newest = work.planned, work.notices[-1]
    if plan is None:
        raise ValueError(f"{work.id} is no planned work")
    words = words_of(edition, book.language, work, newest)
    event = Event()
    event.add("uid", f"{work.id}@{edition.host}")
    event.add("sequence", changes(work))
    event.add("dtstamp", newest.recorded)
    event.add("created", work.notices[0].recorded)
    event.add("last-modified", newest.recorded)
    event.add("dtstart", plan.start)
    event.add("dtend", plan.end)
    event.add("summary", clean(f"{book.marks.start}{bare(book, words.title)}"))
    event.add("description", clean(words.media["feed"].body))
    event.add("url", edition.reach(urls.incident_folder(book.language, work.id)))
    event.add("status", "CANCELLED" if _cancelled(work) else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("categories", [book.marks.machine])
    return event


def changes(work: Incident) -> int:
    """How often the plan was changed or called off since it was announced: a calendar takes what counts higher."""
    plans = [(n.notice.facts.planned, n.notice.notice is NoticeKind.CANCELLED) for n in work.notices]
    windows = [(plan.start, plan.end, off) for plan, off in plans if plan]
    return sum(before != after for before, after in pairwise(windows))


def _cancelled(work: Incident) -> bool:
    return any(n.notice.notice is NoticeKind.CANCELLED for n in work.notices)
