"""Says times, lengths, ranges and lists as each language does: the one place that formats them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_percent
from babel.units import format_unit

from statuspage.domain import LocaleRules, TimeText
from statuspage.rendering.wording import time_zones

_SKELETONS: Mapping[str, str] = MappingProxyType(
    {"day": "MMMEd", "long": "MMMMEEEEd", "date": "MMMMd", "year": "yMMMMEEEEd"}
)
"""Days as CLDR writes them, where a language does not say otherwise."""


@dataclass(frozen=True)
class Clock:
    """The clock of one zone, read in one language. 24 hours everywhere; times are aware."""

    writing: LocaleRules
    zone: str

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _locale(self) -> Locale:
        return locale(self.writing.locale)

    def on(self, at: dt.datetime) -> dt.date:
        """The day it is there."""
        return at.astimezone(self._zone).date()

    def clock(self, at: dt.datetime) -> str:
        """Hours and minutes: 11:55, 0:05."""
        there = at.astimezone(self._zone)
        return _clock_layout(there.hour, there.minute, self.writing.clock, self.writing.locale)

    def day(self, at: dt.datetime) -> str:
        """The day with its weekday, short: 7月4日(土), Sat 4 July."""
        return self._date(self.on(at), "day")

    def date(self, at: dt.datetime) -> str:
        """The day alone: 7月4日, 4 July."""
        return self._date(self.on(at), "date")

    def dated(self, at: dt.datetime, *, now: dt.datetime) -> str:
        """The day with its weekday in full, and the year when it is not the year of ``now``."""
        return self._date(self.on(at), "long" if self.on(at).year == self.on(now).year else "year")

    def day_clock(self, at: dt.datetime) -> str:
        """Day and time for a page: 7月4日(土) 11:55, Sat 4 July, 11:55."""
        return f"{self.day(at)}{self.writing.day_gap}{self.clock(at)}"

    def zone_at(self, at: dt.datetime) -> str:
        """The zone's name at this instant: Japan Time, Central European Summer Time."""
        return time_zones.name_at(self.zone, at, self._locale)

    def short_zone_at(self, at: dt.datetime) -> str:
        """The same for a post: MESZ, GMT−4 where the name is long."""
        return time_zones.short_name_at(self.zone, at, self._locale)

    def zone_always(self, *, offset: bool = False) -> str:
        """The zone's name for all times of a text or page: Japan Time, Eastern Time (New York)."""
        return time_zones.name_always(self.zone, self._locale, offset=offset)

    def is_at_home(self) -> bool:
        """Whether readers of the language take the zone as read."""
        return time_zones.is_at_home(self.zone, self._locale)

    def beside(self, text: str, more: str) -> str:
        """A text with more in brackets, as the language sets them."""
        return time_zones.beside(text, more, self._locale)

    def zoned(self, at: dt.datetime) -> str:
        """Day, time and the zone's name: Sat 4 July, 11:55 (Japan Time)."""
        return self.beside(self.day_clock(at), self.zone_at(at))

    def span(self, start: dt.datetime, end: dt.datetime) -> str:
        """From start to end; the days only where they differ: 9:10–9:48, 7月4日(土) 23:40–7月5日(日) 0:20."""
        if self.on(start) == self.on(end):
            return f"{self.clock(start)}–{self.clock(end)}"
        return f"{self.day_clock(start)}–{self.day_clock(end)}"

    def length(self, length: dt.timedelta) -> str:
        """A length in whole minutes, rounded down: 1時間17分, 1 hour 17 minutes."""
        minutes = int(length.total_seconds()) // 60
        if minutes < 1:
            return self.writing.under_a_minute or self._unit(1, "minute")
        days, rest = divmod(minutes, 24 * 60)
        hours, minutes = divmod(rest, 60)
        parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
        return self.writing.gap.join(self._unit(count, unit) for count, unit in parts if count)

    def days(self, first: dt.date, last: dt.date) -> str:
        """A stretch of days with the month said once: 7月2日–3日, 2–3 July. One day alone has its weekday."""
        if first == last:
            return self._date(first, "day")
        if not self.writing.stretch:
            return format_interval(first, last, "MMMMd", locale=self._locale)
        one_month = (first.year, first.month) == (last.year, last.month)
        patterns = self.writing.stretch if one_month else (self.writing.date, self.writing.date)
        return "–".join(format_date(d, p, locale=self._locale) for d, p in zip((first, last), patterns, strict=True))

    def short(self, day: dt.date) -> str:
        """A day without its weekday: 7月4日, 4 July."""
        return self._date(day, "date")

    def month(self, year: int, month: int) -> str:
        """A month: 2026年7月, July 2026."""
        return format_skeleton("yMMMM", dt.datetime(year, month, 1), locale=self._locale)  # noqa: DTZ001 - a month has no zone

    def year(self, year: int) -> str:
        """A year: 2026年, 2026."""
        return format_skeleton("y", dt.datetime(year, 1, 1), locale=self._locale)  # noqa: DTZ001 - a year has no zone

    def short_month(self, at: dt.datetime) -> str:
        """The month alone, short: 7月, Jul."""
        return format_date(self.on(at), "MMM", locale=self._locale)

    def iso(self, at: dt.datetime) -> str:
        """The moment for machines, with the zone's offset: 2026-07-04T11:55:00+09:00."""
        return at.astimezone(self._zone).isoformat(timespec="seconds")

    def _date(self, day: dt.date, form: str) -> str:
        return _day_layout(day, getattr(self.writing, form), _SKELETONS[form], self.writing.locale)

    def _unit(self, count: int, unit: str) -> str:
        text = _unit(count, unit, self.writing.locale)
        return text if self.writing.spaces else text.replace(" ", "")


@lru_cache(maxsize=4096)
def _clock_layout(hour: int, minute: int, pattern: str, name: str) -> str:
    return format_time(dt.time(hour, minute), pattern, locale=locale(name))


@lru_cache(maxsize=4096)
def _day_layout(day: dt.date, pattern: str, skeleton: str, name: str) -> str:
    if pattern:
        return format_date(day, pattern, locale=locale(name))
    return format_skeleton(skeleton, day, locale=locale(name))


@lru_cache(maxsize=4096)
def _unit(count: int, unit: str, name: str) -> str:
    """CLDR has no long form of its own in some languages (ja, zh, ko); the short one is the full word there."""
    forms = (format_unit(count, f"duration-{unit}", length, locale=locale(name)) for length in ("long", "short"))
    return next(form for form in forms if "duration" not in form)


def percent(share: float, writing: LocaleRules) -> str:
    """A share of 0 to 1 with two places, rounded down, so that only what is whole is called 100%."""
    whole = math.floor(share * 10_000 + 1e-6) / 10_000
    pattern = locale(writing.locale).percent_formats[None].pattern.replace("0", "0.##", 1)
    return format_percent(whole, pattern, locale=locale(writing.locale))


def listed(items: Sequence[str], writing: LocaleRules) -> str:
    """Items in one phrase: AとB, A、B、C; A and B, A, B and C."""
    if writing.pair and len(items) == 2 and not any(writing.pair in item for item in items):
        return writing.pair.join(items)  # CLDR says A、B in Japanese, which reads like a list that goes on.
    return format_list(list(items), locale=locale(writing.locale)) if items else ""


def direction(writing: LocaleRules) -> str:
    """``rtl`` where the script runs from right to left, else ``ltr``."""
    return locale(writing.locale).text_direction


def one_or_many(count: int, writing: LocaleRules) -> str:
    """Which of two forms goes with this number: one or many, as the language has it (0 is one in French)."""
    return "one" if locale(writing.locale).plural_form(count) == "one" or count == 1 else "many"


@lru_cache
def locale(name: str) -> Locale:
    """The locale whose habits a language follows here."""
    return Locale.parse(name.replace("-", "_"))


def is_locale(name: str) -> bool:
    """Whether there is such a locale."""
    try:
        locale(name)
    except (UnknownLocaleError, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class TimeLayout:
    """A large time as its cell sets it: the day on a line of its own, the other words on the line of the time."""

    above: str
    before: str
    value: str
    after: str
    below: str


def laid(time: TimeText) -> TimeLayout:
    """Sets the side that names a day apart; only a day has digits."""
    before, after = time.before.strip(), time.after.strip()
    above, below = (side if _has_day(side) else "" for side in (before, after))
    return TimeLayout(above, "" if above else before, time.value, "" if below else after, below)


def in_line(time: TimeText, writing: LocaleRules) -> str:
    """The same in a line of text: about 2:27, Wed 25 November."""
    if not writing.spaces:
        return f"{time.before}{time.value}{time.after}"
    before, after = time.before.strip(), time.after.strip()
    lead = f"{before}{', ' if _has_day(before) else ' '}" if before else ""
    rest = f"{', ' if _has_day(after) else ' '}{after}" if after else ""
    return f"{lead}{time.value}{rest}"


def _has_day(side: str) -> bool:
    return any(c.isdigit() for c in side)
