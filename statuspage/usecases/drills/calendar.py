"""Drills that are to come, as a calendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from statuspage.domain import LanguagePack
from statuspage.storage.scheduled_drills import Rehearsal

LENGTH = timedelta(hours=1)
"""How long a calendar shows a drill whose minute is known."""


def of_drills(coming: Sequence[Rehearsal], book: LanguagePack, zone: str, *, now: datetime) -> bytes:
    """A calendar in this language: of announced drills only, and of a secret minute only the window."""
    calendar = Calendar()
    calendar.add("prodid", f"-//statuspage//drills//{book.language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{book.marks.start}{book.labels['desk.drills.calendar']}")
    calendar.add("x-wr-timezone", zone)
    calendar.add("x-cap-status", book.marks.machine)
    for one in coming:
        if one.announced:
            calendar.add_component(_event(one, book, now))
    return bytes(calendar.to_ical())


def _event(one: Rehearsal, book: LanguagePack, now: datetime) -> Event:
    begin, end = one.window
    text = book.labels["desk.drills.in_window" if one.secret else "desk.drills.at_time"]
    event = Event()
    event.add("uid", f"{one.id}@drill")
    event.add("dtstamp", now)
    event.add("dtstart", begin)
    event.add("dtend", end if one.secret else begin + LENGTH)
    event.add("summary", f"{book.marks.start}{book.labels['desk.drills.calendar']}")  # what is imagined is no one's yet
    event.add("description", f"{text}{book.marks.end}")
    event.add("transp", "TRANSPARENT")
    return event
