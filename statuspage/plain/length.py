"""How long a sentence may be before people lose its thread."""

from __future__ import annotations

import re
from collections.abc import Iterator

from statuspage.plain.findings import Finding, Level
from statuspage.plain.folding import Folded
from statuspage.plain.structure import sentences

CHARACTERS = (60, 80)
"""Japanese, Chinese, Korean: characters of a sentence for a hint, and for a warning."""

WORDS = (25, 32)
"""Other languages: words of a sentence."""

COMMAS = 4
"""So many commas in one sentence deserve a hint."""

KANJI = 7
"""So many kanji in a row deserve a hint: nobody sees where one word ends."""

_BY_LETTERS = ("ja", "zh", "ko")
_KANJI_RUN = re.compile(rf"[一-鿿々]{{{KANJI},}}")


def length(text: Folded, language: str) -> Iterator[Finding]:
    """Sentences that are too long, too much divided, or dense."""
    letters = language in _BY_LETTERS
    limits = CHARACTERS if letters else WORDS
    for one in sentences(text.cased):
        size = len(one[0].strip()) if letters else len(one[0].split())
        if size > limits[0]:
            level = Level.WARNING if size > limits[1] else Level.HINT
            args = {"n": str(size), "limit": str(limits[0])}
            yield Finding(
                *text.span(*one.span()), "length", level, "length.letters" if letters else "length.words", args=args
            )
        elif len(re.findall(r"[、，]|,(?!\d)", one[0])) >= COMMAS:
            yield Finding(*text.span(*one.span()), "length", Level.HINT, "length.commas")
    if language == "ja":
        for run in _KANJI_RUN.finditer(text.cased):
            yield Finding(*text.span(*run.span()), "length", Level.HINT, "length.kanji")
