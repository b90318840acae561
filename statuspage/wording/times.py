"""Says times, lengths, ranges and lists as each language does: the one place that formats them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.lists import format_list
from babel.units import format_unit

LOCALES: Mapping[str, str] = MappingProxyType({"en": "en_GB"})
"""Locales other than the language's own: day before month, as the house writes."""

UNSPACED = frozenset({"ja", "zh", "th", "lo", "km", "my"})
"""Languages written without spaces between words and sentences."""

_PATTERNS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ja": {"day": "M月d日(E)", "long": "M月d日(E)", "date": "M月d日", "year": "y年"},
        "en": {"day": "E d MMMM", "long": "EEEE d MMMM", "date": "d MMMM", "year": " y"},
    }
)
"""How the house writes days in its first languages; others take what CLDR says."""

_STRETCHES: Mapping[str, tuple[str, str]] = MappingProxyType({"ja": ("M月d日", "d日"), "en": ("d", "d MMMM")})
"""The first and the last of some days in one month."""

_SKELETONS: Mapping[str, str] = MappingProxyType({"day": "MMMEd", "long": "MMMMEEEEd", "date": "MMMMd"})

_UNDER_A_MINUTE: Mapping[str, str] = MappingProxyType({"ja": "1分未満", "en": "less than a minute"})


@dataclass(frozen=True)
class Clock:
    """The clock of one zone, read in one language. 24 hours everywhere; times are aware."""

    language: str
    zone: str

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _locale(self) -> Locale:
        return locale(self.language)

    def on(self, at: dt.datetime) -> dt.date:
        """The day it is there."""
        return at.astimezone(self._zone).date()

    def clock(self, at: dt.datetime) -> str:
        """Hours and minutes: 11:55, 0:05."""
        there = at.astimezone(self._zone)
        return f"{there.hour}:{there.minute:02}"

    def day(self, at: dt.datetime) -> str:
        """The day with its weekday, short: 7月4日(土), Sat 4 July."""
        return self._date(at, "day")

    def date(self, at: dt.datetime) -> str:
        """The day alone: 7月4日, 4 July."""
        return self._date(at, "date")

    def dated(self, at: dt.datetime, *, now: dt.datetime) -> str:
        """The day with its weekday in full, and the year when it is not the year of ``now``."""
        return self._date(at, "long", year=self.on(at).year != self.on(now).year)

    def day_clock(self, at: dt.datetime) -> str:
        """Day and time for a page: 7月4日(土) 11:55, Sat 4 July, 11:55."""
        gap = " " if self.language in UNSPACED else ", "
        return f"{self.day(at)}{gap}{self.clock(at)}"

    def span(self, start: dt.datetime, end: dt.datetime) -> str:
        """From start to end; the days only where they differ: 9:10–9:48, 7月4日(土) 23:40–7月5日(日) 0:20."""
        if self.on(start) == self.on(end):
            return f"{self.clock(start)}–{self.clock(end)}"
        return f"{self.day_clock(start)}–{self.day_clock(end)}"

    def length(self, length: dt.timedelta) -> str:
        """A length in whole minutes, rounded down: 1時間17分, 1 hour 17 minutes."""
        minutes = int(length.total_seconds()) // 60
        if minutes < 1:
            return _UNDER_A_MINUTE.get(self.language, self._unit(1, "minute"))
        days, rest = divmod(minutes, 24 * 60)
        hours, minutes = divmod(rest, 60)
        parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
        gap = "" if self.language in UNSPACED else " "
        return gap.join(self._unit(count, unit) for count, unit in parts if count)

    def days(self, first: dt.date, last: dt.date) -> str:
        """A stretch of days with the month said once: 7月2日–3日, 2–3 July. One day alone has its weekday."""
        if first == last:
            return self.day(dt.datetime(first.year, first.month, first.day, 12, tzinfo=self._zone))
        known = _STRETCHES.get(self.language)
        if known is None:
            return format_interval(first, last, "MMMMd", locale=self._locale)
        date = _PATTERNS[self.language]["date"]
        patterns = known if (first.year, first.month) == (last.year, last.month) else (date, date)
        return "–".join(format_date(d, p, locale=self._locale) for d, p in zip((first, last), patterns, strict=True))

    def month(self, year: int, month: int) -> str:
        """A month: 2026年7月, July 2026."""
        return format_skeleton("yMMMM", dt.datetime(year, month, 1), locale=self._locale)  # noqa: DTZ001 - a month has no zone

    def iso(self, at: dt.datetime) -> str:
        """The moment for machines, with the zone's offset: 2026-07-04T11:55:00+09:00."""
        return at.astimezone(self._zone).isoformat(timespec="seconds")

    def _date(self, at: dt.datetime, form: str, *, year: bool = False) -> str:
        there = self.on(at)
        patterns = _PATTERNS.get(self.language)
        if patterns is None:
            return format_skeleton(f"y{_SKELETONS[form]}" if year else _SKELETONS[form], there, locale=self._locale)
        text = format_date(there, patterns[form], locale=self._locale)
        if not year:
            return text
        in_year = format_date(there, patterns["year"], locale=self._locale)
        return f"{in_year}{text}" if self.language in UNSPACED else f"{text}{in_year}"

    def _unit(self, count: int, unit: str) -> str:
        """CLDR has no long form of its own in some languages (ja, zh, ko); the short one is the full word there."""
        forms = (format_unit(count, f"duration-{unit}", length, locale=self._locale) for length in ("long", "short"))
        text = next(form for form in forms if "duration" not in form)
        return text.replace(" ", "") if self.language in UNSPACED else text


def listed(items: Sequence[str], language: str) -> str:
    """Items in one phrase: AとB, A、B、C; A and B, A, B and C."""
    if language == "ja" and len(items) == 2 and not any("と" in item for item in items):
        return "と".join(items)  # CLDR says A、B, which reads like a list that goes on.
    return format_list(list(items), locale=locale(language)) if items else ""


def joiner(language: str) -> str:
    """What stands between two sentences on one line."""
    return "" if language in UNSPACED else " "


@lru_cache
def locale(language: str) -> Locale:
    """The locale whose habits this language follows here."""
    return Locale.parse(LOCALES.get(language, language).replace("-", "_"))
