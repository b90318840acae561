"""Normalises a text for the check: unifies full-width and half-width forms and keeps track of positions."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """``cased`` is the text in compatibility form (NFKC), ``lower`` the same in lower case, of equal length.

    ``starts`` and ``ends`` map its code points to those of the original; None if they are identical.
    """

    cased: str
    lower: str
    starts: tuple[int, ...] | None
    ends: tuple[int, ...] | None

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original text."""
        if self.starts is None or self.ends is None or end <= start:
            return start, end
        return self.starts[start], self.ends[end - 1]


def normalize_text(text: str) -> NormalizedText:
    """The text in the form in which it is checked."""
    if unicodedata.is_normalized("NFKC", text):
        cased = text.translate(_QUOTES)
        return NormalizedText(cased, _lower_same_length(cased), None, None)
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        normalized = unicodedata.normalize("NFKC", cluster[0])
        letters.append(normalized)
        starts += [cluster.start()] * len(normalized)
        ends += [cluster.end()] * len(normalized)
    cased = "".join(letters).translate(_QUOTES)
    return NormalizedText(cased, _lower_same_length(cased), tuple(starts), tuple(ends))


_QUOTES = {ord("’"): "'", ord("‘"): "'"}
_CLUSTER = re.compile("[\\s\\S][\u0300-\u036f\u3099\u309a\uff9e\uff9f]*")
"""A letter with its combining marks: half-width ﾊ and ﾞ make one バ."""


def _lower_same_length(text: str) -> str:
    """Lower case, except for letters whose lower case has two code points."""
    lowered = text.lower()
    return (
        lowered
        if len(lowered) == len(text)
        else "".join(letter if len(letter.lower()) > 1 else letter.lower() for letter in text)
    )


_CODE = (
    r"^[ \t]*(?:```|~~~)[^\n]*$"  # the fence of a code block
    r"|^[ \t]*\[[^\]\n]+\]:[ \t][^\n]*$"  # the target of a link, on its own line
    r"|^[ \t]*(?:#{1,6}|>|[-*+]|\d+[.)])(?=[ \t])"  # headings, quotes, list items
    r"|!?\[(?=[^\]\n]*\]\()"  # a link or picture, up to its text
    r"|\]\([^)\n]*\)"  # its target
    r"|</?[A-Za-z][^>\n]*>"  # markup
    r"|\*+|`+|(?<![A-Za-z0-9])_+|_+(?![A-Za-z0-9])"  # emphasis and code
)
_SIGNS = re.compile(_CODE, re.MULTILINE)


def blank_markup(text: str) -> str:
    """The text with Markdown and HTML syntax replaced by spaces; the length stays the same."""
    return _SIGNS.sub(lambda sign: " " * len(sign[0]), text)
