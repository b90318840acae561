"""Finds a time zone by what somebody types, or by what the machine is set to."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from statuspage.content import loading
from statuspage.rendering.wording import is_locale, zones_by_city

SHOWN_ZONES = 3
"""How many zones are named beside one that is not known."""


def guess_zone(environ: dict[str, str] | None = None, link: Path = Path("/etc/localtime")) -> str:
    """The machine's zone by its IANA name; UTC where that cannot be known."""
    named = (environ if environ is not None else dict(os.environ)).get("TZ", "").lstrip(":")
    _, _, linked = str(link.resolve()).partition("zoneinfo/")
    return next((zone for zone in (named, linked) if zone in available_timezones()), "UTC")


def find_zone(text: str) -> str:
    """The IANA name of the zone that somebody typed: in any case, with spaces, or only its city, in any language that
    the program speaks (*Wien*). The text itself where there is none, or where zones of that city differ.
    """
    folded = _fold_name(text)
    zones = {zone.casefold(): zone for zone in available_timezones()}
    cities = [zone for known, zone in zones.items() if "/" in zone and known.rpartition("/")[2] == folded]
    found = zones.get(folded) or _only_one_of(cities)
    return found or _zones_of_translated_cities().get(text.strip().casefold()) or text.strip()


def _fold_name(text: str) -> str:
    """As zones are written: without spaces, capitals and accents (*Montréal*)."""
    letters = unicodedata.normalize("NFKD", text.strip().replace(" ", "_").casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _only_one_of(zones: Sequence[str]) -> str:
    """The zone of this list, if all of them are names of one; the more exact name, which the others are older than."""
    offsets = {tuple(at.astimezone(ZoneInfo(zone)).utcoffset() for at in _SEASONS) for zone in zones}
    return max(zones, key=lambda zone: (zone.count("/"), zone)) if len(offsets) == 1 else ""


_SEASONS = tuple(datetime(2026, month, 15, tzinfo=UTC) for month in (1, 7))


def nearest_zones(text: str) -> tuple[str, ...]:
    """Up to three zones whose name or city is nearly this text, the nearest first."""
    folded = _fold_name(text)
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    known = {zone.rpartition("/")[2].casefold(): zone for zone in zones} | {zone.casefold(): zone for zone in zones}
    known |= _zones_of_translated_cities()
    nearest = get_close_matches(folded, known, n=SHOWN_ZONES, cutoff=0.7)
    return tuple(dict.fromkeys(known[name] for name in nearest))


@cache
def _zones_of_translated_cities() -> Mapping[str, str]:
    """The zone of each city, as each language that the program speaks writes it."""
    locales, known = filter(is_locale, loading.shipped_languages()), available_timezones()
    cities = {city: zone for locale in locales for city, zone in zones_by_city(locale).items()}
    return {city: zone for city, zone in cities.items() if zone in known}
