"""The history of one service as bars, one for each day, with a text description and the uptime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby

from statuspage.domain import State, UptimeRecord, worst
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import site_clock
from statuspage.rendering.site.templating import site_label
from statuspage.rendering.wording import format_share, join_list, plural_form

_LOW, _MIDDLE, _TALL = 19, 15, 11
"""The middle of each kind of bar in a drawing 22 units high, with a unit for each day; ``.hist`` in the style sheet has
their heights and cuts the lines into days."""

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


@lru_cache(maxsize=64)  # No more: each keeps its site, with all content, in memory.
def uptime_bars(site: SiteContext, language: str, record: UptimeRecord) -> Bars:
    """The bars and the description of one service's days."""
    is_quiet = [state not in (None, State.CHECKING) for state in record.days]
    return Bars(
        low="" if all(is_quiet) else _bar_path(is_quiet, _LOW),
        middle=_bar_path([state in (State.PARTIAL, State.DEGRADED) for state in record.days], _MIDDLE),
        tall=_bar_path([state is State.MAJOR for state in record.days], _TALL),
        description=_bar_text(site, language, record),
        share="" if record.uptime is None else format_share(record.uptime, site.language_pack(language).locale_rules),
    )


def worst_of_each_day(records: Sequence[UptimeRecord]) -> UptimeRecord:
    """One record for several services: the worst of them on each day, without a share."""
    days = (tuple(filter(None, states)) for states in zip(*(record.days for record in records), strict=True))
    return UptimeRecord(records[0].first_day, tuple(worst(states) if states else None for states in days), None)


def bad_days(record: UptimeRecord) -> tuple[tuple[date, State], ...]:
    """Every day with a problem, newest first."""
    days = [(record.first_day + timedelta(days=number), state) for number, state in enumerate(record.days)]
    return tuple((day, state) for day, state in reversed(days) if state in _BAD)


def days_text(site: SiteContext, language: str, first: date, last: date, state: State) -> str:
    """One day or a range of days with the same problem, in words; of a range that the problem was there on each day."""
    clock, pack = site_clock(site, language), site.language_pack(language)
    if first == last:
        return site_label(pack, f"bars.{state}", day=clock.format_short_date(first))
    return site_label(pack, f"bars.each_day.{state}", day=clock.format_date_range(first, last))


def _bar_path(is_drawn: Sequence[bool], y: int) -> str:
    """One line for each run of days; its dashes are the bars."""
    path, start = "", 0
    for is_run, days in groupby(is_drawn):
        length = len(tuple(days))
        path += f"M{start} {y}h{length}" if is_run else ""
        start += length
    return path


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
