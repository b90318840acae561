"""Makes a text fit its medium by giving up whole sentences, never by cutting one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import regex

from statuspage.catalog import Medium
from statuspage.facts import NoticeKind, Sentence, Text
from statuspage.weighing import x_length

COUNTS = ("none", "characters", "graphemes", "x")
"""The units a medium may count in."""


class DoesNotFit(Exception):
    """Even the sentences that may not be given up are too long for this medium."""

    def __init__(self, medium: Medium, notice: NoticeKind, text: str) -> None:
        self.medium, self.notice, self.text = medium, notice, text
        self.length = length(text, medium.count)
        super().__init__(f"{medium.id}, {notice}: {self.length} of {medium.limit} at most")


def length(text: str, count: str) -> int:
    """How long a text is in the unit ``count``: weighted characters of X, code points, or what readers see as one."""
    match count:
        case "x":
            return x_length(text)
        case "graphemes":
            return sum(1 for _ in regex.finditer(r"\X", text))
        case _:
            return len(text)


def fit(
    sentences: Sequence[Sentence],
    medium: Medium,
    notice: NoticeKind,
    *,
    start: str = "",
    end: str = "",
    joiner: str = "",
) -> Text:
    """The sentences this medium says, in its order, with ``start`` and ``end`` around them, which are never given up.

    ``joiner`` stands between sentences (a space, or nothing in Japanese) unless the medium has a separator
    of its own. Raises DoesNotFit when the rest is still too long.
    """
    separator = joiner if medium.separator == "auto" else medium.separator
    said = said_by(medium, notice, sentences)
    giving_up = list(medium.give_up.get(notice, ()))
    while True:
        text = _text((start, *(s.text for s in said), end), separator, medium)
        if not medium.limit or text.length <= medium.limit:
            return text
        if not giving_up:
            raise DoesNotFit(medium, notice, text.body)
        gone = giving_up.pop(0)
        said = tuple(s for s in said if s.name != gone)


def said_by(medium: Medium, notice: NoticeKind, sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Those of ``sentences`` that this medium says, in its order; all of them where it names none."""
    names = medium.sentences.get(notice)
    if names is None:
        return tuple(sentences)
    return tuple(s for name in names for s in sentences if s.name == name)


def joined(texts: Sequence[str], separator: str) -> str:
    """Texts one after the other, empty ones left out; an address stands alone on its line.

    Networks swallow Japanese text that follows an address directly.
    """
    full = [text for text in texts if text]
    gaps = (_gap(one, other, separator) for one, other in pairwise(full))
    return "".join(full[:1] + [f"{gap}{text}" for gap, text in zip(gaps, full[1:], strict=True)])


def _gap(one: str, other: str, separator: str) -> str:
    if "://" in one + other:
        return "\n"
    return "" if one[-1].isspace() else separator


def _text(texts: Sequence[str], separator: str, medium: Medium) -> Text:
    body = joined(texts, separator)
    return Text(body=body, length=length(body, medium.count), limit=medium.limit)
