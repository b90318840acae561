"""Checks that sentences are short enough to be understood."""

from __future__ import annotations

import re
from collections.abc import Iterator

from statuspage.domain import LocaleRules
from statuspage.rendering.plain_language.findings import Finding, Level
from statuspage.rendering.plain_language.normalization import NormalizedText
from statuspage.rendering.plain_language.notice_structure import sentences

COMMAS = 4
"""This many commas in one sentence give a hint."""

KANJI = 7
"""This many kanji in a row give a hint, because it is hard to see where a word ends."""

_KANJI_RUN = re.compile(rf"[一-鿿々]{{{KANJI},}}")


def check_sentence_length(text: NormalizedText, locale_rules: LocaleRules | None) -> Iterator[Finding]:
    """Sentences that are too long for their language, have too many commas, or are too dense. None: the language's
    rules are unknown."""
    if locale_rules is None:
        return
    counts_characters = locale_rules.length_unit == "characters"
    target = locale_rules.max_sentence_length * 3 // 4
    for sentence in sentences(text.cased):
        size = len(sentence[0].strip()) if counts_characters else len(sentence[0].split())
        span = text.original_span(*sentence.span())
        if size > target:
            level = Level.WARNING if size > locale_rules.max_sentence_length else Level.HINT
            code = "length.letters" if counts_characters else "length.words"
            yield Finding(*span, "length", level, code, args={"n": str(size), "limit": str(target)})
        elif len(_COMMA.findall(sentence[0])) >= COMMAS:
            yield Finding(*span, "length", Level.HINT, "length.commas")
    if locale_rules.locale == "ja":
        for run in _KANJI_RUN.finditer(text.cased):
            yield Finding(*text.original_span(*run.span()), "length", Level.HINT, "length.kanji")


_COMMA = re.compile(r"[、，]|,(?!\d)")
