"""Scheduled drills as a calendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from statuspage.domain import LanguagePack
from statuspage.storage.scheduled_drills import ScheduledDrill

if TYPE_CHECKING:
    from icalendar import Event

LENGTH = timedelta(hours=1)
"""The duration shown for a drill with a known start time."""


def build_calendar(rehearsals: Sequence[ScheduledDrill], pack: LanguagePack, zone: str, *, now: datetime) -> bytes:
    """A calendar in this language, with announced drills only; of a drill with a secret start, only its window."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", f"-//statuspage//drills//{pack.language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{pack.marks.start}{pack.labels['desk.drills.calendar']}")
    calendar.add("x-wr-timezone", zone)
    calendar.add("x-cap-status", pack.marks.machine)
    for rehearsal in rehearsals:
        if rehearsal.is_announced:
            calendar.add_component(_event(rehearsal, pack, now))
    return bytes(calendar.to_ical())


def _event(rehearsal: ScheduledDrill, pack: LanguagePack, now: datetime) -> Event:
    from icalendar import Event

    begin, end = rehearsal.window
    text = pack.labels["desk.drills.in_window" if rehearsal.is_secret else "desk.drills.at_time"]
    event = Event()
    event.add("uid", f"{rehearsal.id}@drill")
    event.add("dtstamp", now)
    event.add("dtstart", begin)
    event.add("dtend", end if rehearsal.is_secret else begin + LENGTH)
    # A generic summary, because nobody may know the scenario before the drill starts.
    event.add("summary", f"{pack.marks.start}{pack.labels['desk.drills.calendar']}")
    event.add("description", f"{text}{pack.marks.end}")
    event.add("transp", "TRANSPARENT")
    return event
