"""Formats times, durations, ranges and lists in each language. All such formatting is done here."""

from __future__ import annotations

import datetime as dt
import math
import re
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

from statuspage.domain import LocaleRules
from statuspage.rendering.wording.times import time_zones

_SKELETONS: Mapping[str, str] = MappingProxyType(
    {
        "day": "MMMEd",
        "day_year": "yMMMEd",
        "long": "MMMMEEEEd",
        "long_year": "yMMMMEEEEd",
        "date": "MMMMd",
        "date_year": "yMMMMd",
    }
)
"""CLDR's day patterns, used unless a language sets its own."""

_WEEKDAY = re.compile(r"E+")
_WEEKDAY_PART = re.compile(r"[(（]?E+[)）]?,? ?")
"""The weekday of a pattern, alone and with what sets it off."""


_UNIT_AFTER_CLOCK = re.compile(r"( ?)'([^']+)'$")
"""The word at the end of a clock's pattern: H:mm 'Uhr'."""

_JOINS_UNITS = ("de", "es", "fr", "pt")
"""Languages that say *and* before the last unit of a duration: 2 horas y 17 minutos."""


@dataclass(frozen=True)
class Clock:
    """The clock of one zone, in one language; 24 hours unless its pattern says otherwise. Times must be aware."""

    locale_rules: LocaleRules
    zone: str

    @cached_property
    def _zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _locale(self) -> Locale:
        return parse_locale(self.locale_rules.locale)

    def local_date(self, at: dt.datetime) -> dt.date:
        """The local day."""
        return at.astimezone(self._zone_info).date()

    def format_time(self, at: dt.datetime) -> str:
        """Hours and minutes: 11:55, 0:05; with words the full hour has no minutes: 午後7時."""
        local_time = at.astimezone(self._zone_info)
        return _clock_layout(local_time.hour, local_time.minute, self.locale_rules.clock, self.locale_rules.locale)

    def format_day(self, at: dt.datetime, *, now: dt.datetime | None = None) -> str:
        """The day with its weekday, short: 7月4日(土), Sat 4 July; with the year if it is not the year of ``now``."""
        return self._format_date(self.local_date(at), self._with_year("day", at, now))

    def format_date(self, at: dt.datetime, *, now: dt.datetime | None = None) -> str:
        """The day alone: 7月4日, 4 July; with the year if it is not the year of ``now``."""
        return self._format_date(self.local_date(at), self._with_year("date", at, now))

    def format_full_day(self, at: dt.datetime, *, now: dt.datetime) -> str:
        """The day with its full weekday, and the year if it is not the year of ``now``."""
        return self._format_date(self.local_date(at), self._with_year("long", at, now))

    def format_day_time(self, at: dt.datetime, *, now: dt.datetime | None = None) -> str:
        """Day and time for a page: 7月4日(土) 11:55, Sat 4 July, 11:55; the year as in ``format_day``."""
        return f"{self.format_day(at, now=now)}{self.locale_rules.day_gap}{self.format_time(at)}"

    def format_recent(self, at: dt.datetime, *, now: dt.datetime) -> str:
        """The time of day; with its day, and its year, where it is not that of ``now``: 11:55, Sat 4 July, 11:55."""
        if self.local_date(at) == self.local_date(now):
            return self.format_time(at)
        if self.local_date(at).year == self.local_date(now).year:
            return self.format_day_time(at)
        return f"{self.format_full_day(at, now=now)}{self.locale_rules.day_gap}{self.format_time(at)}"

    def zone_name_at(self, at: dt.datetime) -> str:
        """The zone's name at this moment: Japan Time, Central European Summer Time."""
        return time_zones.name_at(self.zone, at, self._locale)

    def short_zone_name_at(self, at: dt.datetime) -> str:
        """The short zone name for a post: MESZ, or GMT−4 if the name is long."""
        return time_zones.short_name_at(self.zone, at, self._locale)

    def zone_name(self, *, offset: bool = False) -> str:
        """The zone's name for all times of a text or page: Japan Time, Eastern Time (New York)."""
        return time_zones.name_always(self.zone, self._locale, offset=offset)

    def is_home_zone(self) -> bool:
        """Whether readers of the language can be expected to assume this zone."""
        return time_zones.is_at_home(self.zone, self._locale)

    def add_in_brackets(self, text: str, more: str) -> str:
        """A text with an addition in brackets, in the style of the language."""
        return time_zones.add_in_brackets(text, more, self._locale)

    def format_with_zone(self, at: dt.datetime) -> str:
        """Day, time and the zone's name: Sat 4 July, 11:55 (Japan Time)."""
        return self.add_in_brackets(self.format_day_time(at), self.zone_name_at(at))

    def format_dated_span(self, start: dt.datetime, end: dt.datetime, *, now: dt.datetime | None = None) -> str:
        """From start to end with the day: 7月4日(土) 9:10–9:48."""
        span = self.format_span(start, end, now=now)
        is_same_day = self.local_date(start) == self.local_date(end)
        return f"{self.format_day(start, now=now)}{self.locale_rules.day_gap}{span}" if is_same_day else span

    def format_span_end(self, start: dt.datetime, end: dt.datetime, *, now: dt.datetime | None = None) -> str:
        """The end of a span, with its day if it is not that of the start: 17:00, Tue 27 July, 17:00."""
        is_same_day = self.local_date(start) == self.local_date(end)
        return self.format_time(end) if is_same_day else self.format_day_time(end, now=now)

    def format_span(self, start: dt.datetime, end: dt.datetime, *, now: dt.datetime | None = None) -> str:
        """From start to end; the days only if they differ: 9:10–9:48, 7月4日(土) 23:40–7月5日(日) 0:20. A word after
        the clock is said once: 2:00–4:00 Uhr. Each has a zone if the clocks change in between: 1:00 (CET)–4:00 (CEST).
        """
        is_same_day = self.local_date(start) == self.local_date(end)
        texts = [self.format_time(at) if is_same_day else self.format_day_time(at, now=now) for at in (start, end)]
        zones = [self.short_zone_name_at(at) for at in (start, end)]
        if zones[0] != zones[1]:
            texts = [self.add_in_brackets(text, zone) for text, zone in zip(texts, zones, strict=True)]
        elif is_same_day and (unit := _UNIT_AFTER_CLOCK.search(self.locale_rules.clock)):
            texts[0] = texts[0].removesuffix(unit[1] + unit[2])
        return "–".join(texts)

    def format_duration(self, duration: dt.timedelta) -> str:
        """A duration in whole minutes, rounded down: 1時間17分, 1 hour 17 minutes."""
        minutes = int(duration.total_seconds()) // 60
        if minutes < 1:
            return self.locale_rules.under_a_minute or self._format_unit(1, "minute")
        days, rest = divmod(minutes, 24 * 60)
        hours, minutes = divmod(rest, 60)
        units = [(days, "day"), (hours, "hour"), (minutes, "minute")]
        parts = [self._format_unit(count, unit) for count, unit in units if count]
        if self._locale.language in _JOINS_UNITS:
            return join_list(parts, self.locale_rules)
        return self.locale_rules.gap.join(parts)

    def format_date_range(self, first: dt.date, last: dt.date) -> str:
        """A range of days with the month named once: 7月2日–3日, 2–3 July. A single day has its weekday."""
        if first == last:
            return self._format_date(first, "day")
        if not self.locale_rules.date_range:
            return format_interval(first, last, "MMMMd", locale=self._locale)
        one_month = (first.year, first.month) == (last.year, last.month)
        patterns = self.locale_rules.date_range if one_month else (self.locale_rules.date, self.locale_rules.date)
        return "–".join(
            format_date(day, pattern, locale=self._locale) for day, pattern in zip((first, last), patterns, strict=True)
        )

    def format_short_date(self, day: dt.date) -> str:
        """A day without its weekday: 7月4日, 4 July."""
        return self._format_date(day, "date")

    def format_month(self, year: int, month: int) -> str:
        """A month: 2026年7月, July 2026."""
        return format_skeleton("yMMMM", dt.datetime(year, month, 1), locale=self._locale)  # noqa: DTZ001 - a month has no zone

    def format_year(self, year: int) -> str:
        """A year: 2026年, 2026."""
        return format_skeleton("y", dt.datetime(year, 1, 1), locale=self._locale)  # noqa: DTZ001 - a year has no zone

    def format_short_month(self, at: dt.datetime) -> str:
        """The short month alone: 7月, Jul."""
        return format_date(self.local_date(at), "MMM", locale=self._locale)

    def format_iso(self, at: dt.datetime) -> str:
        """The time for machines, with the zone's offset: 2026-07-04T11:55:00+09:00."""
        return at.astimezone(self._zone_info).isoformat(timespec="seconds")

    def _with_year(self, form: str, at: dt.datetime, now: dt.datetime | None) -> str:
        is_same_year = now is None or self.local_date(at).year == self.local_date(now).year
        return form if is_same_year else f"{form}_year"

    def _format_date(self, day: dt.date, form: str) -> str:
        return _day_layout(day, self._pattern(form), _SKELETONS[form], self.locale_rules.locale)

    def _pattern(self, form: str) -> str:
        """The language's own pattern, "" if it has none; those with the year follow from its long one."""
        rules = self.locale_rules
        match form:
            case "long_year":
                return rules.year
            case "date_year":
                return _WEEKDAY_PART.sub("", rules.year)
            case "day_year":
                weekday = _WEEKDAY.search(rules.day)
                return _WEEKDAY.sub(weekday.group() if weekday else "E", rules.year)
        return {"day": rules.day, "long": rules.long, "date": rules.date}[form]

    def _format_unit(self, count: int, unit: str) -> str:
        text = _unit(count, unit, self.locale_rules.locale)
        return text if self.locale_rules.uses_spaces else text.replace(" ", "")


@lru_cache(maxsize=4096)
def _clock_layout(hour: int, minute: int, pattern: str, name: str) -> str:
    text = format_time(dt.time(hour, minute), pattern, locale=parse_locale(name))
    return text if minute else text.removesuffix("0分")


@lru_cache(maxsize=4096)
def _day_layout(day: dt.date, pattern: str, skeleton: str, name: str) -> str:
    if pattern:
        return format_date(day, pattern, locale=parse_locale(name))
    return format_skeleton(skeleton, day, locale=parse_locale(name))


@lru_cache(maxsize=4096)
def _unit(count: int, unit: str, name: str) -> str:
    """The unit with its number. Where CLDR has no long form (ja, zh, ko), the short one is the full word."""
    forms = (format_unit(count, f"duration-{unit}", length, locale=parse_locale(name)) for length in ("long", "short"))
    return next(form for form in forms if "duration" not in form)


def format_share(share: float, locale_rules: LocaleRules) -> str:
    """A share of 0 to 1 in per cent with two decimals, rounded down, so that only the whole is 100%."""
    whole = math.floor(share * 10_000 + 1e-6) / 10_000
    pattern = parse_locale(locale_rules.locale).percent_formats[None].pattern.replace("0", "0.##", 1)
    return format_percent(whole, pattern, locale=parse_locale(locale_rules.locale))


def join_list(items: Sequence[str], locale_rules: LocaleRules) -> str:
    """Items as one phrase: AとB, A、B、C; A and B, A, B and C."""
    if locale_rules.pair and len(items) == 2 and not any(locale_rules.pair in item for item in items):
        return locale_rules.pair.join(items)  # CLDR's Japanese form is A、B, which reads like an unfinished list.
    if not items:
        return ""
    if locale_rules.as_well_as and len(items) > 1 and _has_pair(items, locale_rules):
        return f"{join_plainly(items[:-1], locale_rules)}{locale_rules.as_well_as}{items[-1]}"
    listed = _listed(tuple(items), locale_rules.locale)
    return _soften_spanish(listed, items[-1]) if locale_rules.locale == "es" else listed


def _has_pair(items: Sequence[str], locale_rules: LocaleRules) -> bool:
    """Whether one of the items itself has the word that would join the last two: *notices and email*."""
    joined = locale_rules.pair or _listed(("#", "#"), locale_rules.locale).strip("#")
    return any(joined in item for item in items)


@lru_cache(maxsize=1024)
def _listed(items: tuple[str, ...], locale: str) -> str:
    """CLDR's list; kept, because a notice says the same names many times."""
    return format_list(list(items), locale=parse_locale(locale))


def join_alternatives(items: Sequence[str], locale_rules: LocaleRules) -> str:
    """Items of which one is enough: A or B, A, B or C."""
    return _join_last(items, locale_rules.either, locale_rules)


def join_negated(items: Sequence[str], locale_rules: LocaleRules) -> str:
    """Items that a negation denies one and all: (cannot use) A or B, (no puede usar) A ni B."""
    return _join_last(items, locale_rules.neither, locale_rules)


def join_plainly(items: Sequence[str], locale_rules: LocaleRules) -> str:
    """Items after a colon: A, B, C."""
    return ("、" if not locale_rules.uses_spaces else ", ").join(items)


def _join_last(items: Sequence[str], word: str, locale_rules: LocaleRules) -> str:
    """A list whose last two items this word joins; the language's usual list if it has no such word."""
    if not word or len(items) < 2:
        return join_list(items, locale_rules)
    listed = f"{join_plainly(items[:-1], locale_rules)}{word}{items[-1]}"
    return _soften_spanish(listed, items[-1]) if locale_rules.locale == "es" else listed


def _soften_spanish(listed: str, last: str) -> str:
    """*y* becomes *e* before the sound of i, *o* becomes *u* before that of o: pagos e informes, pagos u órdenes.

    (Real Academia Española, Diccionario panhispánico de dudas, https://www.rae.es/dpd/y and https://www.rae.es/dpd/o)
    """
    for conjunction, softened, sound in ((" y ", " e ", _SPANISH_I), (" o ", " u ", _SPANISH_O)):
        beginning = listed.removesuffix(conjunction + last)
        if beginning != listed and sound.match(last):
            return f"{beginning}{softened}{last}"
    return listed


_SPANISH_I = re.compile(r"(?!(?-i:i[A-Z][a-z]))h?[ií](?![aeo])", re.IGNORECASE)
_SPANISH_O = re.compile(r"h?[oó]", re.IGNORECASE)


def text_direction(locale_rules: LocaleRules) -> str:
    """``rtl`` if the script runs from right to left, else ``ltr``."""
    return parse_locale(locale_rules.locale).text_direction


def plural_form(count: int, locale_rules: LocaleRules) -> str:
    """Which of two forms goes with this number, one or many, by the language's rule (0 is one in French)."""
    return "one" if parse_locale(locale_rules.locale).plural_form(count) == "one" or count == 1 else "many"


@lru_cache
def parse_locale(name: str) -> Locale:
    """The Babel locale whose formats this language uses."""
    return Locale.parse(name.replace("-", "_"))


def zone_names(locale: str) -> frozenset[str]:
    """Every name that this locale has for a time zone."""
    return time_zones.all_names(parse_locale(locale))


@lru_cache
def zones_by_city(locale: str) -> Mapping[str, str]:
    """The zone of each city that this locale names one after, by the city's name in lower case (*wien*)."""
    zones = parse_locale(locale).time_zones
    return {names["city"].casefold(): zone for zone, names in zones.items() if names.get("city")}


def is_locale(name: str) -> bool:
    """Whether Babel knows this locale."""
    try:
        parse_locale(name)
    except (UnknownLocaleError, ValueError):
        return False
    return True
