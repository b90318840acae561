"""Checks a whole notice against its facts and times: what is missing, too late, or repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from statuspage.domain import Facts, NoticeKind, estimate_expires_at
from statuspage.rendering.plain_language.findings import Finding, Level
from statuspage.rendering.plain_language.glossary_index import GlossaryIndex
from statuspage.rendering.plain_language.normalization import NormalizedText

OPEN_NOTICES = (
    NoticeKind.FIRST,
    NoticeKind.UPDATE,
    NoticeKind.PARTLY_RESTORED,
    NoticeKind.MONITORING,
    NoticeKind.CORRECTION,
)
"""Kinds of notice that must announce the next update."""


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What is known about a text. ``is_whole_notice``: it is all that customers get, not one sentence of many.

    ``previous_text`` is the previous notice, "" if there is none. ``zone`` is the site's.
    """

    notice: NoticeKind | None = None
    facts: Facts | None = None
    previous_text: str = ""
    is_whole_notice: bool = False
    now: datetime | None = None
    zone: str = "UTC"


def check_structure(text: NormalizedText, index: GlossaryIndex | None, context: CheckContext) -> Iterator[Finding]:
    """Findings about the notice as a whole."""
    yield from _fact_findings(context)
    yield from _unchanged_text(text, context)
    yield from _unfilled_placeholders(text)
    if index is not None:
        yield from _nothing_said(text, index)
        yield from _repeated_apology(text, index)
        yield from _past_times(text, index, context)
        if context.is_whole_notice:
            yield from _missing_statements(text, index, context)


def _missing_fact(code: str, level: Level = Level.WARNING) -> Finding:
    return Finding(0, 0, "facts", level, code)


def _fact_findings(context: CheckContext) -> Iterator[Finding]:
    facts, now = context.facts, context.now
    if facts is None or context.notice not in OPEN_NOTICES:
        return
    if facts.start is None:
        yield _missing_fact("facts.start")
    if now is not None and (expires_at := estimate_expires_at(facts.estimate)) is not None and expires_at <= now:
        yield _missing_fact("facts.estimate_past", Level.ERROR)
    if facts.next_update is None:
        yield _missing_fact("facts.next_update")
    elif now is not None and facts.next_update <= now:
        yield _missing_fact("facts.next_update_past", Level.ERROR)


def _unchanged_text(text: NormalizedText, context: CheckContext) -> Iterator[Finding]:
    """The same words as in the previous notice, except for the times."""
    is_repeat = context.notice is NoticeKind.UPDATE and bool(context.previous_text)
    if is_repeat and text.lower.strip() and _folded_text(text.lower) == _folded_text(context.previous_text.lower()):
        yield _missing_fact("facts.nothing_new")


def _unfilled_placeholders(text: NormalizedText) -> Iterator[Finding]:
    """A placeholder copied from the glossary and not filled in: ``[date and time]``."""
    for placeholder in _PLACE.finditer(text.lower):
        yield Finding(*text.original_span(*placeholder.span()), "facts", Level.ERROR, "text.placeholder")


_PLACE = re.compile(r"\[[^\[\]\d\n]{1,40}\]")


def _folded_text(text: str) -> str:
    return re.sub(r"[\d\s:時分月日年.,。、]", "", text)


SENTENCE = re.compile(r"[^。！？!?\n.]+(?:\.(?=[^\s])[^。！？!?\n.]*)*[。！？!?.]*")
"""A sentence with its full stop. A point inside a number or an address does not end a sentence."""


def sentences(text: str) -> list[re.Match[str]]:
    """The sentences of a text."""
    return [match for match in SENTENCE.finditer(text) if match[0].strip()]


_WORD = re.compile(r"[a-z][a-z']*|[ァ-ヺー一-鿿々]+|[0-9]+")
SHORTEST_TEXT = 10
"""Shorter texts (*Thank you.*) are fragments."""
_ADDRESSED = re.compile(r"客様|皆様|客|皆|方")
FEWEST_LETTERS = 2
"""So many letters besides those that address the readers make a text that can be empty."""


def _nothing_said(text: NormalizedText, index: GlossaryIndex) -> Iterator[Finding]:
    """A text in which no word tells customers anything: *We are still looking into this. Thank you.*"""
    if len(text.lower.strip()) < SHORTEST_TEXT or not index.empty_words:
        return
    words = _WORD.findall(text.lower)
    if sum(map(len, words)) - sum(map(len, _ADDRESSED.findall(text.lower))) < FEWEST_LETTERS:
        return  # what says something is in hiragana, which is not counted
    if words and all(_is_empty(word, index) for word in words):
        yield Finding(0, 0, "empty", Level.WARNING, "nothing_said")


def _is_empty(word: str, index: GlossaryIndex) -> bool:
    """Whether a word is an empty one, or consists of such ones (調査状況)."""
    if word in index.empty_words:
        return True
    if word[0].isascii():
        return False
    reached = {0}
    for end in range(1, len(word) + 1):
        if any(start in reached and word[start:end] in index.empty_words for start in range(max(0, end - 8), end)):
            reached.add(end)
    return len(word) in reached


def _repeated_apology(text: NormalizedText, index: GlossaryIndex) -> Iterator[Finding]:
    """Every apology after the first."""
    apologies = [match for match in sentences(text.lower) if index.mentions("apology", match[0])]
    for match in apologies[1:]:
        yield Finding(*text.original_span(*match.span()), "empty", Level.WARNING, "apology_twice")


_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])(?::|時)([0-5]\d)?(?:分)?(?!\d)")
_DAY = re.compile(
    r"(\d{1,2})月(\d{1,2})日|(\d{1,2}) (january|february|march|april|may|june|july|august|september|"
    r"october|november|december)|(january|february|march|april|may|june|july|august|september|"
    r"october|november|december) (\d{1,2})"
)
_MONTHS = ("january february march april may june july august september october november december").split()


def _past_times(text: NormalizedText, index: GlossaryIndex, context: CheckContext) -> Iterator[Finding]:
    """A next update or an estimate at a past time."""
    if context.now is None or context.notice not in OPEN_NOTICES:
        return
    for name, code in (("next_update", "text.next_update_past"), ("estimate", "text.estimate_past")):
        for sentence in sentences(text.lower):
            if index.mentions(name, sentence[0]) and (at := _time_in(sentence[0], context)) and at <= context.now:
                yield Finding(*text.original_span(*sentence.span()), "facts", Level.ERROR, code)
                break


def _time_in(sentence: str, context: CheckContext) -> datetime | None:
    """The last clock time in a sentence, on the day it names, else today."""
    clocks = _CLOCK.findall(sentence)
    if not clocks or context.now is None:
        return None
    local_now = context.now.astimezone(ZoneInfo(context.zone))
    hour, minute = int(clocks[-1][0]), int(clocks[-1][1] or 0)
    at = local_now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if (date_match := _DAY.search(sentence)) is None:
        # A time long ago without a day is tomorrow's: at 23:50 a notice may promise 0:20.
        return at if local_now - at < timedelta(hours=12) else at + timedelta(days=1)
    month, day_number = _month_and_day(date_match)
    try:
        dated = at.replace(month=month, day=day_number)
    except ValueError:
        return None
    return dated if local_now - dated < timedelta(days=180) else dated.replace(year=local_now.year + 1)


def _month_and_day(date_match: re.Match[str]) -> tuple[int, int]:
    if date_match[1]:
        return int(date_match[1]), int(date_match[2])
    name, day_number = (date_match[4], date_match[3]) if date_match[4] else (date_match[5], date_match[6])
    return _MONTHS.index(name) + 1, int(day_number)


def _missing_statements(text: NormalizedText, index: GlossaryIndex, context: CheckContext) -> Iterator[Finding]:
    """Statements that a complete notice must contain but does not."""
    mentioned = {name: index.mentions(name, text.lower) for name in ("next_update", "working", "failing")}
    has_time = _CLOCK.search(text.lower) or _DAY.search(text.lower)
    if context.notice is NoticeKind.FIRST and not has_time:
        yield _missing_fact("text.start")
    if context.notice in OPEN_NOTICES and mentioned["next_update"] is False:
        yield _missing_fact("text.next_update")
    if context.notice is NoticeKind.PARTLY_RESTORED and False in (mentioned["working"], mentioned["failing"]):
        yield _missing_fact("text.partly")
