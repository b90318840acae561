"""How long a sentence may be before people lose its thread."""

from __future__ import annotations

import re
from collections.abc import Iterator

from statuspage.domain import LocaleRules
from statuspage.rendering.plain_language.findings import Finding, Level
from statuspage.rendering.plain_language.normalization import Folded
from statuspage.rendering.plain_language.notice_structure import sentences

COMMAS = 4
"""So many commas in one sentence deserve a hint."""

KANJI = 7
"""So many kanji in a row deserve a hint: nobody sees where one word ends."""

_KANJI_RUN = re.compile(rf"[一-鿿々]{{{KANJI},}}")


def sentence_length(text: Folded, writing: LocaleRules | None) -> Iterator[Finding]:
    """Sentences that are too long for their language, too much divided, or dense. None: nothing is known of it."""
    if writing is None:
        return
    letters = writing.count == "characters"
    aim = writing.longest * 3 // 4
    for one in sentences(text.cased):
        size = len(one[0].strip()) if letters else len(one[0].split())
        place = text.span(*one.span())
        if size > aim:
            level = Level.WARNING if size > writing.longest else Level.HINT
            code = "length.letters" if letters else "length.words"
            yield Finding(*place, "length", level, code, args={"n": str(size), "limit": str(aim)})
        elif len(_COMMA.findall(one[0])) >= COMMAS:
            yield Finding(*place, "length", Level.HINT, "length.commas")
    if writing.locale == "ja":
        for run in _KANJI_RUN.finditer(text.cased):
            yield Finding(*text.span(*run.span()), "length", Level.HINT, "length.kanji")


_COMMA = re.compile(r"[、，]|,(?!\d)")
