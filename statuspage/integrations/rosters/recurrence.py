"""A calendar's events within a period, including recurring ones (RFC 5545)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import islice
from math import prod
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, vDDDTypes
from recurring_ical_events import CalendarQuery, EventAdapter, Series

MAX_CALENDAR = 2_000_000
"""Maximum characters of a calendar."""

MAX_EVENTS = 20_000
"""The maximum number of events in a calendar, and of recurrences of one of them."""

MAX_SHIFT = timedelta(days=400)
"""A longer shift is cut to this length."""

MAX_RULE, MAX_TIMES_A_DAY, MAX_RANGE_CHANGES = 500, 96, 500
"""Maximum characters of a rule, times of day in it, and *this and following* changes in a calendar."""

MAX_SHIFTS = 5_000
"""The limit for a calendar in one period."""

RULE_BUDGET, CALENDAR_BUDGET = 5, 100
"""Times ``MAX_EVENTS``: the limits, in days, on the search for the next recurrence of one rule, and of all rules of a
calendar."""

_COST = {"YEARLY": 50, "MONTHLY": 5, "SHIFT": 20}
_EVENT_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Unreadable(Exception):
    """The calendar cannot be read. The text says why, and contains nothing from the calendar."""


@dataclass(frozen=True, slots=True)
class Shift:
    """The period (UTC) for which the calendar names somebody, by its title and the attendees' addresses."""

    starts_at: datetime
    ends_at: datetime
    title: str
    emails: tuple[str, ...] = ()


def read_shifts(text: str, zone: ZoneInfo, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """The shifts that overlap the period from ``start`` to ``end``, the earliest first. Raises Unreadable.

    ``zone`` applies to whole days and to times without a zone. Changes and cancellations within a series are applied,
    to one occurrence or to all that follow.
    """
    candidates = _shifts_between(text, zone, start.date() - timedelta(days=1), end.date() + timedelta(days=2))
    return tuple(
        shift
        for shift in candidates
        if shift.starts_at < shift.ends_at and shift.ends_at > start and shift.starts_at < end
    )


@lru_cache(maxsize=16)
def _shifts_between(text: str, zone: ZoneInfo, first_day: date, last_day: date) -> tuple[Shift, ...]:
    """The shifts of whole days, so that they are computed once a day; with a margin, because shifts get longer in the
    night in which the clocks change."""
    query, budget = _Query(_parse_calendar(text, zone), skip_bad_series=True), _Budget(CALENDAR_BUDGET * MAX_EVENTS)
    for series in query.series:
        if series.recurrence.has_core:
            of_dates, *rules = series.recurrence.rrules
            series.recurrence.rrules = [of_dates, *(_BoundedRule(rule, budget) for rule in rules)]
    days = (datetime.combine(day, time(), UTC) for day in (first_day, last_day))
    events = query.between(*days)
    if len(events) > MAX_SHIFTS:
        raise Unreadable("it names too many shifts")
    return tuple(
        sorted(filter(None, map(_to_shift, events)), key=lambda shift: (shift.starts_at, shift.ends_at, shift.title))
    )


def _to_shift(event: Any) -> Shift | None:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    starts_at, ends_at = (event[name].dt.astimezone(UTC) for name in ("DTSTART", "DTEND"))
    attendees = event.get("ATTENDEE", [])
    emails = (
        str(attendee).lower().removeprefix("mailto:")
        for attendee in (attendees if isinstance(attendees, list) else [attendees])
    )
    return Shift(
        starts_at, min(ends_at, starts_at + MAX_SHIFT), " ".join(str(event.get("SUMMARY", "")).split()), tuple(emails)
    )


def _parse_calendar(text: str, zone: ZoneInfo) -> Calendar:
    """The calendar with only those events whose time can be read."""
    if len(text) > MAX_CALENDAR:
        raise Unreadable("it is too large")
    try:
        events = Calendar.from_ical(text).walk("VEVENT")
    except Exception as error:  # Any error that an external calendar causes in the library means that it is unreadable.
        raise Unreadable("it is no calendar in the form of iCalendar (.ics)") from error
    if len(events) > MAX_EVENTS:
        raise Unreadable("it has too many events")
    calendar = Calendar()
    calendar.subcomponents = [event for event in events if _normalize_event(event, zone)]
    changes = [event["RECURRENCE-ID"] for event in calendar.events if "RECURRENCE-ID" in event]
    if sum("RANGE" in change.params for change in changes) > MAX_RANGE_CHANGES:
        raise Unreadable("it has too many changes")
    versions: dict[tuple[Any, Any], Any] = {}
    for event in calendar.events:
        if "RECURRENCE-ID" not in event and versions.setdefault((event["UID"], event["SEQUENCE"]), event) is not event:
            del event["UID"]  # Some programs give all events one UID; these are not versions of each other.
    return calendar


def _normalize_event(event: Any, zone: ZoneInfo) -> bool:
    """Gives all its times a zone, removes an end before the start, and keeps at most one rule. False if the event is
    invalid."""
    try:
        start = _with_zone(event["DTSTART"].dt, zone)
        duration = _with_zone(EventAdapter(event).raw_end, zone).astimezone(start.tzinfo) - start
        event["DTSTART"] = vDDDTypes(start)
        event["DTEND"] = vDDDTypes(start + min(max(duration, timedelta()), MAX_SHIFT))
        event["UID"] = str(event.get("UID", ""))
        event["SEQUENCE"] = event["SEQUENCE"] if isinstance(event.get("SEQUENCE"), int) else -1
        event.pop("DURATION", None)
        event.subcomponents = []
        if "RECURRENCE-ID" in event:
            event.pop("RRULE", None)
            event["RECURRENCE-ID"].dt = _with_zone(event["RECURRENCE-ID"].dt, zone)
        if "RRULE" in event:
            event["RRULE"] = _limit_rule(event["RRULE"], start.tzinfo)
        try:
            Series([EventAdapter(event)])
        except ValueError:
            del event["RRULE"]  # An invalid rule leaves the first occurrence.
    except _EVENT_ERRORS:
        return False
    return True


def _with_zone(value: date | datetime, zone: tzinfo | None) -> datetime:
    """The value as a time with a zone; a whole day begins at midnight of ``zone``."""
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _limit_rule(rules: Any, zone: tzinfo | None) -> Any:
    """The first of these rules; its last day counts to its end."""
    rule = (rules[0] if isinstance(rules, list) else rules).copy()
    times = prod(len(rule.get(part, [0])) for part in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    if str(rule.get("FREQ", [""])[0]).upper() in ("SECONDLY", "MINUTELY") or times > MAX_TIMES_A_DAY:
        raise ValueError("nobody is on duty for a minute")
    if len(rule.to_ical()) > MAX_RULE:
        raise ValueError("nobody wrote this rule by hand")
    last_moment = rule.pop("UNTIL", [None])[0]
    if last_moment is not None and last_moment.year < MAXYEAR:
        rule.pop("COUNT", None)
        until = last_moment if isinstance(last_moment, datetime) else datetime.combine(last_moment, time(23, 59, 59))
        rule["UNTIL"] = [_with_zone(until, zone).astimezone(UTC)]
    return rule


class _Query(CalendarQuery):  # type: ignore[misc] # The library has no types
    suppressed_errors = _EVENT_ERRORS


@dataclass
class _Budget:
    """What is left of the limits for one calendar."""

    remaining: int

    def spend(self, cost: int) -> None:
        self.remaining -= cost
        if self.remaining < 0:
            raise Unreadable("it comes again too often")


class _BoundedRule:
    """A rule with at most ``MAX_EVENTS`` recurrences, abandoned if it seems never to recur."""

    def __init__(self, rule: Any, budget: _Budget) -> None:
        parts = dict(part.split("=", 1) for part in rule.string.split(";"))
        interval = _Interval(parts.get("INTERVAL", 1))
        interval.on_use = self._spend_step
        self.rule, self.until = rule.replace(interval=interval, cache=False), rule.until
        self.cost = _COST.get(parts["FREQ"], 1) * (1 + parts.get("BYSETPOS", "").count(","))
        self.budget, self.remaining = budget, RULE_BUDGET * MAX_EVENTS

    def between(self, after: datetime, before: datetime, *, inc: bool) -> Iterator[datetime]:
        """Like that of ``rrule``, including both ends."""
        for moment in islice(self.rule, MAX_EVENTS):
            if moment > before:
                return
            self.budget.spend(1 if moment < after else _COST["SHIFT"])
            if moment >= after:
                yield moment

    def _spend_step(self) -> None:
        self.budget.spend(self.cost)
        self.remaining -= self.cost
        if self.remaining < 0:
            raise ValueError("it never comes")


class _Interval(int):
    """A rule's interval that counts how often it is used: for a day that never comes, dateutil tries every year up to
    9999."""

    on_use: Callable[[], None]

    def __radd__(self, other: int) -> int:
        self.on_use()
        return other + int(self)

    def __mul__(self, other: int) -> int:
        self.on_use()
        return int(self) * other
