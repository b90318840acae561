"""Names of time zones from CLDR, by zone, moment and language (UTS 35, part 4, *Time Zone Names*)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.core import get_global
from babel.dates import NO_INHERITANCE_MARKER, get_timezone_location

from statuspage.rendering.wording.contractions import contract

Variant = Literal["standard", "daylight", "generic"]
Width = Literal["long", "short"]

_YEARS = range(2000, 2038)
"""The years a page may mention. tzdata lists future changes up to 2037 and repeats the last rule after that."""


def name_at(zone: str, at: datetime, locale: Locale) -> str:
    """The name that is correct at this moment, as short as CLDR has it: Eastern Daylight Time in summer; else the
    generic one, Eastern Time; GMT+3 if CLDR has no name."""
    return _name_at(zone, at.astimezone(UTC), locale)


@lru_cache(maxsize=1024)
def _name_at(zone: str, at: datetime, locale: Locale) -> str:
    """The same for a time in UTC, where no two moments are equal."""
    return _name_for(zone, _variant(zone, at), _offset(zone, at), locale)


def short_name_at(zone: str, at: datetime, locale: Locale) -> str:
    """The short name for a post: CLDR's abbreviation, or GMT−4 if the name is long."""
    name = name_at(zone, at, locale)
    return name if len(name) <= _ROOM else _name_for(zone, _variant(zone, at), _offset(zone, at), locale, "short")


_ROOM = len("Eastern Daylight Time")
"""Longer names (Nordamerikanische Ostküsten-Sommerzeit) leave too little of a post for its content."""


@lru_cache(maxsize=256)
def name_always(zone: str, locale: Locale, *, offset: bool = False) -> str:
    """The name that is correct at any time: with the city if clocks change, as in Eastern Time (New York); by the city
    alone, Vienna Time, where there is no such name or people take it for the winter's.

    ``offset`` adds the offset if the clocks of the zone never change: Japan Time (UTC+9).
    """
    names, offsets = _names(zone, locale), _offsets(zone)
    if len(offsets) > 1:
        city = _city(zone, locale)
        generic = None if _regions(zone) & _NAMED_LIKE_WINTER else names.get("generic")
        return add_in_brackets(generic, city, locale) if generic else _local_time(city, locale)
    (only_offset,) = offsets
    shared = any(_clocks_change_elsewhere(zone, year) for year in _YEARS)
    name = (None if shared else names.get("generic")) or names.get("standard")
    if name is None:
        return _format_gmt(only_offset, locale)
    return add_in_brackets(name, f"UTC{_format_offset(only_offset)}", locale) if offset else name


_NAMED_LIKE_WINTER = {"Europe_Central", "Europe_Eastern", "Europe_Western"}
"""Where the generic name is what people call the winter's: Central European Time, Mitteleuropäische Zeit."""

_LOCAL_TIME = {"de": "Ortszeit %s", "pt": "horário de %s", "vi": "giờ %s"}
"""CLDR's forms for a city are those of a list: Wien (Ortszeit)."""


def _local_time(city: str, locale: Locale) -> str:
    """The time of a city, within a sentence: Vienna Time, Ortszeit Wien, heure d’Athènes."""
    if locale.language == "fr":
        return contract("heure de ", re.sub("^Le ", "le ", city), "fr")
    form: str = _LOCAL_TIME.get(locale.language, locale.zone_formats["region"])
    return form % city


@lru_cache(maxsize=32)
def all_names(locale: Locale) -> frozenset[str]:
    """Every name that this language has for a zone, long or by its country or city: 日本時間, Eastern Daylight Time,
    New York Time. Names of one letter or two are left out."""
    regions = (*locale.meta_zones.values(), *locale.time_zones.values())
    names = {str(name) for region in regions for name in dict(region.get("long", {})).values()}
    countries = (locale.territories.get(country) for country in get_global("territory_zones"))
    cities = (str(region["city"]) for region in locale.time_zones.values() if region.get("city"))
    names |= {locale.zone_formats["region"] % place for place in (*countries, *cities) if place}
    return frozenset(name for name in names if len(name) > _TWO_LETTERS and name != NO_INHERITANCE_MARKER)


_TWO_LETTERS = 2


def add_in_brackets(text: str, more: str, locale: Locale) -> str:
    """The text with an addition in brackets, in the style of the language: 10:40 (Japan Time), 10:40（日本時間）."""
    joined: str = locale.zone_formats["fallback"] % {"1": text, "0": more}
    return joined


@lru_cache(maxsize=256)
def is_at_home(zone: str, locale: Locale) -> bool:
    """Whether it is the only zone of the country where the language is most spoken, so that readers assume it."""
    likely = get_global("likely_subtags").get(locale.language, "").rpartition("_")[2]
    country = locale.territory or likely
    return get_global("zone_territories").get(_canonical(zone)) == country and _zones_of(country) == 1


def _zones_of(country: str) -> int:
    return len(get_global("territory_zones").get(country, ()))


def _variant(zone: str, at: datetime) -> Variant:
    """Which of the zone's names applies. Summer time has its own name. So have the second pass of an hour that clocks
    show twice, and a place without summer time if others with the same name have it: in July, Mountain Time is wrong
    for Phoenix."""
    local_time = at.astimezone(ZoneInfo(zone))
    if (local_time.dst() or timedelta()) > _least_dst(zone, local_time.year):
        return "daylight"
    return "standard" if local_time.fold or _clocks_change_elsewhere(zone, local_time.year) else "generic"


@lru_cache(maxsize=256)
def _clocks_change_elsewhere(zone: str, year: int) -> bool:
    """Whether clocks do not change here in a year in which they change elsewhere under the same name."""
    regions = _regions(zone)
    other_zones = (zone_id for zone_id, region in get_global("meta_zones").items() if region in regions)
    return not _changes_clocks(zone, year) and any(_changes_clocks(zone_id, year) for zone_id in other_zones)


@lru_cache(maxsize=1024)
def _changes_clocks(zone: str, year: int) -> bool:
    try:
        return len({datetime(year, month, 15, 12, tzinfo=ZoneInfo(zone)).dst() for month in range(1, 13)}) > 1
    except ZoneInfoNotFoundError:  # CLDR has more zones than some machines know.
        return False


@lru_cache(maxsize=256)
def _least_dst(zone: str, year: int) -> timedelta:
    """The smallest daylight saving offset in a year: minus one hour in Ireland, whose standard time is in summer."""
    return min(datetime(year, month, 15, 12, tzinfo=ZoneInfo(zone)).dst() or timedelta() for month in range(1, 13))


@lru_cache(maxsize=1024)
def _name_for(zone: str, variant: Variant, offset: timedelta, locale: Locale, width: Width = "long") -> str:
    names = _names(zone, locale, width)
    name = names.get(variant) or (names.get("standard") if variant == "generic" else None)
    return name or _format_gmt(offset, locale)


_CAPITALS_OF_A_LIST = {"pt": re.compile(r"\b(?:Horário|Padrão|Verão)\b"), "vi": re.compile(r"\bGiờ\b")}
"""CLDR's capitals are those of a list: within a sentence it is *horário de verão da Europa Central*, *giờ Nhật Bản*."""


def _names(zone: str, locale: Locale, width: Width = "long") -> Mapping[str, str]:
    """Its names by variant. CLDR uses the zone's first name as key, Babel asks with the newest: Asia/Kolkata."""
    sources = [
        *(locale.meta_zones.get(region, {}) for region in _regions(zone)),
        *(locale.time_zones.get(zone_id, {}) for zone_id in _all_ids(zone)),
    ]
    by_variant = {variant: name for source in sources for variant, name in dict(source.get(width, {})).items()}
    names = {variant: name for variant, name in by_variant.items() if name and name != NO_INHERITANCE_MARKER}
    capitals = _CAPITALS_OF_A_LIST.get(locale.language)
    if capitals is None:
        return names
    return {variant: capitals.sub(lambda word: word[0].lower(), name) for variant, name in names.items()}


def _regions(zone: str) -> set[str]:
    """CLDR's metazones of the zone: Europe_Central."""
    names = (get_global("meta_zones").get(zone_id) for zone_id in _all_ids(zone))
    return {str(name) for name in names if name}


def _city(zone: str, locale: Locale) -> str:
    cities = (locale.time_zones.get(zone_id, {}).get("city") for zone_id in _all_ids(zone))
    return next(filter(None, cities), None) or get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True)


def _all_ids(zone: str) -> list[str]:
    """The present and former ids of the zone."""
    canonical = _canonical(zone)
    return list(
        dict.fromkeys(
            (canonical, zone, *(alias for alias, target in get_global("zone_aliases").items() if target == canonical))
        )
    )


def _canonical(zone: str) -> str:
    name: str = get_global("zone_aliases").get(zone, zone)
    return name


@lru_cache(maxsize=64)
def _offsets(zone: str) -> frozenset[timedelta]:
    """All UTC offsets that its clocks have in the middle of a month."""
    return frozenset(_offset(zone, datetime(year, month, 15, tzinfo=UTC)) for year in _YEARS for month in range(1, 13))


def _offset(zone: str, at: datetime) -> timedelta:
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def _format_gmt(offset: timedelta, locale: Locale) -> str:
    form: str = locale.zone_formats["gmt"] % _format_offset(offset)
    return form


def _format_offset(offset: timedelta) -> str:
    """+9, +5:30, −3; "" for none. The minus sign is U+2212, at which no line breaks."""
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    sign = "−" if offset < timedelta() else "+"
    return f"{sign}{hours}{f':{minutes:02}' if minutes else ''}" if offset else ""
