"""What a whole notice lacks, promises too late, or says twice, by the facts it was made from and its own times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from statuspage.domain import Facts, NoticeKind, estimate_expires_at
from statuspage.rendering.plain_language.findings import Finding, Level
from statuspage.rendering.plain_language.glossary_index import Index
from statuspage.rendering.plain_language.normalization import Folded

OPEN_NOTICES = (
    NoticeKind.FIRST,
    NoticeKind.UPDATE,
    NoticeKind.PARTLY_RESTORED,
    NoticeKind.WATCHING,
    NoticeKind.CORRECTION,
)
"""Notices after which another one is due."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around a text. ``whole``: it is all that customers get, not a sentence among others.

    ``previous`` is what customers were told before, "" when nothing. ``zone`` is the site's.
    """

    notice: NoticeKind | None = None
    facts: Facts | None = None
    previous: str = ""
    whole: bool = False
    now: datetime | None = None
    zone: str = "UTC"


def structure(text: Folded, index: Index | None, context: Context) -> Iterator[Finding]:
    """Everything about the notice as a whole."""
    yield from _fact_findings(context)
    yield from _nothing_new(text, context)
    yield from _to_fill(text)
    if index is not None:
        yield from _twice(text, index)
        yield from _passed(text, index, context)
        if context.whole:
            yield from _lacks(text, index, context)


def _missing(code: str, level: Level = Level.WARNING) -> Finding:
    return Finding(0, 0, "facts", level, code)


def _fact_findings(context: Context) -> Iterator[Finding]:
    facts, now = context.facts, context.now
    if facts is None or context.notice not in OPEN_NOTICES:
        return
    if facts.started is None:
        yield _missing("facts.since")
    if now is not None and (until := estimate_expires_at(facts.estimate)) is not None and until <= now:
        yield _missing("facts.estimate_past", Level.ERROR)
    if facts.next_update is None:
        yield _missing("facts.next")
    elif now is not None and facts.next_update <= now:
        yield _missing("facts.next_past", Level.ERROR)


def _nothing_new(text: Folded, context: Context) -> Iterator[Finding]:
    """The same words as last time, whatever their times."""
    again = context.notice is NoticeKind.UPDATE and bool(context.previous)
    if again and text.lower.strip() and _folded_text(text.lower) == _folded_text(context.previous.lower()):
        yield _missing("facts.nothing_new")


def _to_fill(text: Folded) -> Iterator[Finding]:
    """A place that somebody took over from the glossary and has not filled: ``[date and time]``."""
    for place in _PLACE.finditer(text.lower):
        yield Finding(*text.span(*place.span()), "facts", Level.ERROR, "text.fill")


_PLACE = re.compile(r"\[[^\[\]\d\n]{1,40}\]")


def _folded_text(text: str) -> str:
    return re.sub(r"[\d\s:時分月日年.,。、]", "", text)


SENTENCE = re.compile(r"[^。！？!?\n.]+(?:\.(?=[^\s])[^。！？!?\n.]*)*[。！？!?.]*")
"""A sentence with its full stop; a point inside a number or an address ends none."""


def sentences(text: str) -> list[re.Match[str]]:
    """The sentences of a text."""
    return [match for match in SENTENCE.finditer(text) if match[0].strip()]


def _twice(text: Folded, index: Index) -> Iterator[Finding]:
    """A second apology, apart from the first; two sentences in a row are one."""
    all_of_it = sentences(text.lower)
    said = [number for number, one in enumerate(all_of_it) if index.says("apology", one[0])]
    for before, number in pairwise(said):
        if number - before > 1:
            one = all_of_it[number]
            yield Finding(*text.span(*one.span()), "empty", Level.WARNING, "apology_twice")


_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])(?::|時)([0-5]\d)?(?:分)?(?!\d)")
_DAY = re.compile(
    r"(\d{1,2})月(\d{1,2})日|(\d{1,2}) (january|february|march|april|may|june|july|august|september|"
    r"october|november|december)|(january|february|march|april|may|june|july|august|september|"
    r"october|november|december) (\d{1,2})"
)
_MONTHS = ("january february march april may june july august september october november december").split()


def _passed(text: Folded, index: Index, context: Context) -> Iterator[Finding]:
    """A next update or an estimate at a time that is over."""
    if context.now is None or context.notice not in OPEN_NOTICES:
        return
    for name, code in (("next", "text.next_past"), ("estimate", "text.estimate_past")):
        for one in sentences(text.lower):
            if index.says(name, one[0]) and (at := _time_in(one[0], context)) and at <= context.now:
                yield Finding(*text.span(*one.span()), "facts", Level.ERROR, code)
                break


def _time_in(sentence: str, context: Context) -> datetime | None:
    """The last clock time a sentence names, on the day it names or today."""
    clocks = _CLOCK.findall(sentence)
    if not clocks or context.now is None:
        return None
    here = context.now.astimezone(ZoneInfo(context.zone))
    hour, minute = int(clocks[-1][0]), int(clocks[-1][1] or 0)
    at = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if (day := _DAY.search(sentence)) is None:
        # Without a day a time long ago is tomorrow's: at 23:50 a notice may promise 0:20.
        return at if here - at < timedelta(hours=12) else at + timedelta(days=1)
    month, number = _month_and_day(day)
    try:
        dated = at.replace(month=month, day=number)
    except ValueError:
        return None
    return dated if here - dated < timedelta(days=180) else dated.replace(year=here.year + 1)


def _month_and_day(day: re.Match[str]) -> tuple[int, int]:
    if day[1]:
        return int(day[1]), int(day[2])
    name, number = (day[4], day[3]) if day[4] else (day[5], day[6])
    return _MONTHS.index(name) + 1, int(number)


def _lacks(text: Folded, index: Index, context: Context) -> Iterator[Finding]:
    """What a whole notice must say and does not."""
    said = {name: index.says(name, text.lower) for name in ("next", "works", "fails")}
    has_time = _CLOCK.search(text.lower) or _DAY.search(text.lower)
    if context.notice is NoticeKind.FIRST and not has_time:
        yield _missing("text.since")
    if context.notice in OPEN_NOTICES and said["next"] is False:
        yield _missing("text.next")
    if context.notice is NoticeKind.PARTLY_RESTORED and False in (said["works"], said["fails"]):
        yield _missing("text.partly")
