"""The history of one service as bars, one for each day, with the same said in words and as a share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from statuspage.domain import Record, State
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import site_clock
from statuspage.rendering.site.templating import site_label
from statuspage.rendering.wording import listed, one_or_many, percent

HEIGHT = 22
"""Units of the drawing; a day is one unit wide. A low bar is 6 of them, a middle one 14."""

_MIDDLE = "8v14"
_TALL = "0v22"
_NAMED = 5  # days named in words; of the others it is said how many there are
_BAD = (State.MAJOR, State.PARTIAL, State.DEGRADED)


@dataclass(frozen=True, slots=True)
class Bars:
    """``low`` draws the quiet days, "" when all days are; ``middle`` and ``tall`` those with trouble; "" when none.

    ``said`` is the same in words. ``share`` is "" while there is nothing to count.
    """

    low: str
    middle: str
    tall: str
    description: str
    share: str


def bars(site: SiteContext, language: str, record: Record) -> Bars:
    """What is drawn and said of one service's days."""
    is_quiet = [state not in (None, State.CHECKING) for state in record.days]
    return Bars(
        low="" if all(is_quiet) else "".join(_stretches(is_quiet)),
        middle=_strokes(record, (State.PARTIAL, State.DEGRADED), _MIDDLE),
        tall=_strokes(record, (State.MAJOR,), _TALL),
        description=_bar_text(site, language, record),
        share="" if record.uptime is None else percent(record.uptime, site.language_pack(language).locale_rules),
    )


def _stretches(is_quiet: Sequence[bool]) -> Iterator[str]:
    """Low bars for stretches of days; between them is nothing."""
    for is_drawn, days in groupby(enumerate(is_quiet), key=lambda item: item[1]):
        numbers = [number for number, _ in days]
        if is_drawn:
            yield f"M{numbers[0]} 19h{len(numbers)}"


def _strokes(record: Record, states: tuple[State, ...], height: str) -> str:
    """A stroke in the middle of each bar: the bar takes two thirds of its day."""
    return "".join(f"M{number}.33 {height}" for number, state in enumerate(record.days) if state in states)


def _bar_text(site: SiteContext, language: str, record: Record) -> str:
    pack = site.language_pack(language)
    bad = [(number, state) for number, state in enumerate(record.days) if state in _BAD]
    if not bad:
        return site_label(pack, "bars.none", n=record.counted_days)
    clock = site_clock(site, language)
    phrases = [
        site_label(pack, f"bars.{state}", day=clock.format_short_date(record.first_day + timedelta(days=number)))
        for number, state in bad[-_NAMED:]
    ]
    if len(bad) > _NAMED:
        phrases.append(site_label(pack, "bars.more", n=len(bad) - _NAMED))
    form = one_or_many(len(bad), pack.locale_rules)
    days = listed(phrases, pack.locale_rules)
    return site_label(pack, f"bars.{form}", n=record.counted_days, count=len(bad), days=days)
