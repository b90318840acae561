"""The history of one service as bars, one for each day, with a text description and the uptime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from statuspage.domain import State, UptimeRecord, worst
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import site_clock
from statuspage.rendering.site.templating import site_label
from statuspage.rendering.wording import format_share, join_list, plural_form

HEIGHT = 22
"""Units of the drawing. A day is one unit wide, a low bar 6 units high, a middle one 14."""

_MIDDLE = "8v14"
_TALL = "0v22"
_NAMED_DAYS = 5  # days named in the description; the others are counted
_BAD = (State.MAJOR, State.PARTIAL, State.DEGRADED)


@dataclass(frozen=True, slots=True)
class Bars:
    """SVG paths: ``low`` for quiet days ("" if all are quiet), ``middle`` and ``tall`` for days with incidents ("" if
    none).

    ``description`` says the same in words. ``share`` is the uptime, "" if there is nothing to count.
    """

    low: str
    middle: str
    tall: str
    description: str
    share: str


def uptime_bars(site: SiteContext, language: str, record: UptimeRecord) -> Bars:
    """The bars and the description of one service's days."""
    is_quiet = [state not in (None, State.CHECKING) for state in record.days]
    return Bars(
        low="" if all(is_quiet) else "".join(_quiet_path(is_quiet)),
        middle=_bar_path(record, (State.PARTIAL, State.DEGRADED), _MIDDLE),
        tall=_bar_path(record, (State.MAJOR,), _TALL),
        description=_bar_text(site, language, record),
        share="" if record.uptime is None else format_share(record.uptime, site.language_pack(language).locale_rules),
    )


def worst_of_each_day(records: Sequence[UptimeRecord]) -> UptimeRecord:
    """One record for several services: the worst of them on each day, without a share."""
    days = (tuple(filter(None, states)) for states in zip(*(record.days for record in records), strict=True))
    return UptimeRecord(records[0].first_day, tuple(worst(states) if states else None for states in days), None)


def bad_days(site: SiteContext, language: str, record: UptimeRecord) -> tuple[tuple[date, str], ...]:
    """Every day with a problem, newest first, with its state in words."""
    pack, clock = site.language_pack(language), site_clock(site, language)
    days = [
        (record.first_day + timedelta(days=number), state) for number, state in enumerate(record.days) if state in _BAD
    ]
    return tuple(
        (day, site_label(pack, f"bars.{state}", day=clock.format_short_date(day))) for day, state in reversed(days)
    )


def _quiet_path(is_quiet: Sequence[bool]) -> Iterator[str]:
    """Low bars for periods of quiet days, with gaps between them."""
    for is_drawn, days in groupby(enumerate(is_quiet), key=lambda item: item[1]):
        numbers = [number for number, _ in days]
        if is_drawn:
            yield f"M{numbers[0]} 19h{len(numbers)}"


def _bar_path(record: UptimeRecord, states: tuple[State, ...], height: str) -> str:
    """A stroke in the middle of each bar, which takes two thirds of its day."""
    return "".join(f"M{number}.33 {height}" for number, state in enumerate(record.days) if state in states)


def _bar_text(site: SiteContext, language: str, record: UptimeRecord) -> str:
    pack = site.language_pack(language)
    bad = [(number, state) for number, state in enumerate(record.days) if state in _BAD]
    is_one_day = record.counted_days == 1
    if not bad:
        return site_label(pack, "bars.single" if is_one_day else "bars.none", n=record.counted_days)
    clock = site_clock(site, language)
    phrases = [
        site_label(pack, f"bars.{state}", day=clock.format_short_date(record.first_day + timedelta(days=number)))
        for number, state in bad[-_NAMED_DAYS:]
    ]
    if len(bad) > _NAMED_DAYS:
        phrases.append(site_label(pack, "bars.more", n=len(bad) - _NAMED_DAYS))
    form = "single_bad" if is_one_day else plural_form(len(bad), pack.locale_rules)
    days = join_list(phrases, pack.locale_rules)
    return site_label(pack, f"bars.{form}", n=record.counted_days, count=len(bad), days=days)
