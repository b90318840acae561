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
    said: str
    share: str


def bars(edition: SiteContext, language: str, record: Record) -> Bars:
    """What is drawn and said of one service's days."""
    quiet = [state not in (None, State.CHECKING) for state in record.days]
    return Bars(
        low="" if all(quiet) else "".join(_stretches(quiet)),
        middle=_strokes(record, (State.PARTIAL, State.DEGRADED), _MIDDLE),
        tall=_strokes(record, (State.MAJOR,), _TALL),
        said=_bar_text(edition, language, record),
        share="" if record.share is None else percent(record.share, edition.book(language).writing),
    )


def _stretches(quiet: Sequence[bool]) -> Iterator[str]:
    """Low bars for stretches of days; between them is nothing."""
    for drawn, days in groupby(enumerate(quiet), key=lambda each: each[1]):
        numbers = [number for number, _ in days]
        if drawn:
            yield f"M{numbers[0]} 19h{len(numbers)}"


def _strokes(record: Record, states: tuple[State, ...], height: str) -> str:
    """A stroke in the middle of each bar: the bar takes two thirds of its day."""
    return "".join(f"M{number}.33 {height}" for number, state in enumerate(record.days) if state in states)


def _bar_text(edition: SiteContext, language: str, record: Record) -> str:
    book = edition.book(language)
    bad = [(number, state) for number, state in enumerate(record.days) if state in _BAD]
    if not bad:
        return site_label(book, "bars.none", n=record.counted)
    time = site_clock(edition, language)
    named = [
        site_label(book, f"bars.{state}", day=time.short(record.first + timedelta(days=number)))
        for number, state in bad[-_NAMED:]
    ]
    if len(bad) > _NAMED:
        named.append(site_label(book, "bars.more", n=len(bad) - _NAMED))
    form = one_or_many(len(bad), book.writing)
    days = listed(named, book.writing)
    return site_label(book, f"bars.{form}", n=record.counted, count=len(bad), days=days)
