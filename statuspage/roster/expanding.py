"""A calendar's events within a stretch of time, those that come again too (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar

LARGEST = 2_000_000
"""Characters of a calendar."""

MOST = 20_000
"""Events of a calendar, and times that one of them comes again."""

LONGEST = timedelta(days=400)
"""A shift that lasts longer is none."""

_TOO_OFTEN = ("SECONDLY", "MINUTELY")


class Unreadable(Exception):
    """This is no calendar that can be read; the text says why, and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From when to when (UTC) the calendar names somebody: by its title, and the addresses of those invited."""

    begins: datetime
    ends: datetime
    title: str
    mails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Event:
    """One event as the calendar states it; times are those of its own zone's clock, without the zone."""

    uid: str
    begins: datetime
    lasts: timedelta
    zone: Any
    title: str
    mails: tuple[str, ...]
    rule: str
    until: datetime | None
    more: tuple[datetime, ...]
    without: frozenset[datetime]
    instead_of: datetime | None
    off: bool


def shifts(text: str, zone: ZoneInfo, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """The shifts that touch the stretch from ``start`` to ``end``, the earliest first. Raises Unreadable.

    ``zone`` is where whole days, and times without a zone, begin. What was changed or cancelled of a series counts as
    it was changed; a change of *this and all that follow* is taken for this one alone.
    """
    events = _events(text, zone)
    moved = {(one.uid, one.instead_of) for one in events if one.instead_of is not None}
    found = [
        shift
        for one in events
        if not one.off
        for shift in _times(one, start, end)
        if one.instead_of is not None or (one.uid, shift.begins) not in moved
    ]
    return tuple(sorted(found, key=lambda shift: (shift.begins, shift.ends, shift.title)))


@lru_cache(maxsize=16)
def _events(text: str, zone: ZoneInfo) -> tuple[_Event, ...]:
    if len(text) > LARGEST:
        raise Unreadable("it is too large")
    try:
        calendar = Calendar.from_ical(text)
    except Exception as error:  # Whatever a stranger's calendar makes the library trip over, it is unreadable.
        raise Unreadable("it is no calendar in the form of iCalendar (.ics)") from error
    listed = list(calendar.walk("VEVENT"))
    if len(listed) > MOST:
        raise Unreadable("it has too many events")
    return tuple(event for part in listed if (event := _event(part, zone)))


def _event(part: Any, zone: ZoneInfo) -> _Event | None:
    """None where it has no time that can be read: the others still count."""
    try:
        begins, own = _local(part["DTSTART"].dt, zone)
        rule, until = _rule(part, own)
        return _Event(
            uid=str(part.get("UID", "")),
            begins=begins,
            lasts=_lasts(part, begins, own, zone),
            zone=own,
            title=" ".join(str(part.get("SUMMARY", "")).split()),
            mails=tuple(_mails(part)),
            rule=rule,
            until=until,
            more=tuple(_dates(part, "RDATE", own, zone)),
            without=frozenset(_dates(part, "EXDATE", own, zone)),
            instead_of=_instant(part["RECURRENCE-ID"].dt, zone) if "RECURRENCE-ID" in part else None,
            off=str(part.get("STATUS", "")).upper() == "CANCELLED",
        )
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
        return None


def _local(value: date | datetime, zone: ZoneInfo) -> tuple[datetime, Any]:
    """The time on its own zone's clock, and that zone; a whole day begins at midnight of ``zone``."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time()), zone
    return value.replace(tzinfo=None), value.tzinfo or zone


def _instant(value: date | datetime, zone: ZoneInfo) -> datetime:
    local, own = _local(value, zone)
    return local.replace(tzinfo=own).astimezone(UTC)


def _lasts(part: Any, begins: datetime, own: Any, zone: ZoneInfo) -> timedelta:
    """By its end, on the clock of its beginning; by its length; else a whole day for a day, no time for a time."""
    whole = not isinstance(part["DTSTART"].dt, datetime)
    if "DTEND" in part:
        end: datetime = _instant(part["DTEND"].dt, zone).astimezone(own).replace(tzinfo=None)
        lasts = end - begins
    elif "DURATION" in part:
        lasts = part["DURATION"].dt
    else:
        lasts = timedelta(days=1) if whole else timedelta()
    return min(lasts, LONGEST)


def _rule(part: Any, own: Any) -> tuple[str, datetime | None]:
    """The rule by which it comes again without its end, and that end on the event's own clock."""
    if "RRULE" not in part:
        return "", None
    rules = part["RRULE"] if isinstance(part["RRULE"], list) else [part["RRULE"]]
    rule = rules[0].copy()
    if str(rule.get("FREQ", [""])[0]).upper() in _TOO_OFTEN:
        raise ValueError("nobody is on duty for a minute")
    last = rule.pop("UNTIL", [None])[0]
    until = None
    if last is not None:
        until = datetime.combine(last, time.max) if not isinstance(last, datetime) else last
        until = until.astimezone(own).replace(tzinfo=None) if until.tzinfo else until
    return rule.to_ical().decode(), until


def _dates(part: Any, name: str, own: Any, zone: ZoneInfo) -> Iterator[datetime]:
    given = part.get(name, [])
    for listed in given if isinstance(given, list) else [given]:
        for one in listed.dts:
            value = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            yield _instant(value, zone).astimezone(own).replace(tzinfo=None)


def _mails(part: Any) -> Iterator[str]:
    given = part.get("ATTENDEE", [])
    for one in given if isinstance(given, list) else [given]:
        yield str(one).lower().removeprefix("mailto:")


def _times(event: _Event, start: datetime, end: datetime) -> Iterator[Shift]:
    first = start.astimezone(event.zone).replace(tzinfo=None) - event.lasts
    last = end.astimezone(event.zone).replace(tzinfo=None)
    for local in sorted({*_again(event, last), *event.more} - event.without):
        if first <= local <= last:
            begins = local.replace(tzinfo=event.zone).astimezone(UTC)
            ends = (local + event.lasts).replace(tzinfo=event.zone).astimezone(UTC)
            if begins < ends and ends > start and begins < end:
                yield Shift(begins, ends, event.title, event.mails)


def _again(event: _Event, last: datetime) -> Iterator[datetime]:
    """Its beginnings up to ``last``; a rule that cannot be read leaves the first one."""
    if not event.rule or event.instead_of is not None:
        yield event.begins
        return
    until = min(event.until or last, last)
    try:
        rule = rrulestr(event.rule, dtstart=event.begins)
    except ValueError:
        yield event.begins
        return
    for number, local in enumerate(takewhile(lambda one: one <= until, rule)):
        if number >= MOST:
            return
        yield local
