"""Finds words that are on no list; only the writer can say whether customers understand them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from statuspage.domain import Term
from statuspage.rendering.plain_language.glossary_index import GlossaryIndex
from statuspage.rendering.plain_language.intervals import SpanSet
from statuspage.rendering.plain_language.normalization import NormalizedText
from statuspage.rendering.plain_language.patterns import KATAKANA, LATIN

SHORTEST_KATAKANA = 3
"""Shorter katakana words are found only if the glossary has them."""


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word on no list. ``term`` is the glossary's if a part of the word is one."""

    start: int
    end: int
    term: Term | None = None


def find_unknown_words(
    text: NormalizedText, index: GlossaryIndex, spans: SpanSet, *, language: str
) -> Iterator[UnknownWord]:
    """Unknown words outside ``spans``. In a text in Latin letters, only those that do not look like a name."""
    latin = language not in _WITHOUT_SPACES
    katakana_words = [word for word in _katakana(text, index) if not spans.overlaps(word.start, word.end)]
    words = _english(text, index) if latin else _foreign(text, index)
    return iter([*katakana_words, *(word for word in words if not spans.overlaps(word.start, word.end))])


_WITHOUT_SPACES = ("ja", "zh", "ko")


_RUN = re.compile(f"[{KATAKANA}]{{{SHORTEST_KATAKANA},}}")


def _katakana(text: NormalizedText, index: GlossaryIndex) -> Iterator[UnknownWord]:
    for run in _RUN.finditer(text.lower):
        if not _is_compound(run[0], index.everyday_words, index.longest_length):
            term = _glossary_part(run[0], index)
            yield UnknownWord(*run.span(), term=term)


def _is_compound(word: str, words: frozenset[str], longest_length: int) -> bool:
    """Whether a word is an everyday one, or a compound of them; the longest has ``longest_length`` letters."""
    reached = {0}
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - longest_length), end - 1):
            if start in reached and (word[start:end] in words or word[start:end] + "ー" in words):
                reached.add(end)
                break
    return len(word) in reached


def _glossary_part(word: str, index: GlossaryIndex) -> Term | None:
    """The longest glossary word at one end of a longer word whose other part is known too."""
    cuts = (cut for cut in range(2, len(word) - 1) if min(cut, len(word) - cut) <= index.longest_length)
    for cut in sorted(cuts, key=lambda cut: -max(cut, len(word) - cut)):
        for piece, rest in ((word[:cut], word[cut:]), (word[cut:], word[:cut])):
            if piece in index.katakana_terms and _is_compound(rest, index.known_katakana, index.longest_length):
                return index.katakana_terms[piece]
    return None


_FOREIGN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[.+#/&'’-][A-Za-z0-9]+)*[+#]{0,2}")


def _foreign(text: NormalizedText, index: GlossaryIndex) -> Iterator[UnknownWord]:
    """Latin words in a text of another script."""
    for run in _FOREIGN.finditer(text.lower):
        parts = [part for part in re.findall(rf"[{LATIN}]{{2,}}", run[0]) if part not in index.everyday_words]
        if parts and run[0] not in index.everyday_words:
            yield UnknownWord(*run.span())


_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
_ENGLISH = re.compile(rf"(?<![{LATIN}0-9_@#/])[{LATIN}][{LATIN}0-9'’]*")


def _english(text: NormalizedText, index: GlossaryIndex) -> Iterator[UnknownWord]:
    """Abbreviations, coined words, and lower-case words on no list. Other capitals are names."""
    is_all_caps = text.cased.upper() == text.cased
    for sentence in _SENTENCE.finditer(text.cased):
        candidates = [
            candidate
            for candidate in _ENGLISH.finditer(text.cased, *sentence.span())
            if not _is_everyday_word(candidate[0], index.everyday_words)
        ]
        first_letter = _first_letter_position(sentence)
        for match in candidates:
            is_code = not is_all_caps and _CODE.fullmatch(match[0]) is not None
            if is_code or _is_small(match, first_letter):
                yield UnknownWord(*match.span())


def _first_letter_position(sentence: re.Match[str]) -> int:
    """The position of the sentence's first letter."""
    return sentence.end() - len(sentence[0].lstrip())


_CODE = re.compile(
    r"[A-Z]{2,}[0-9]*s?|[a-z]+[A-Z][a-z]+[A-Z]\w*|(?:[A-Z](?:(?![A-Z])\w)*){3}\w*|[A-Za-z]+[0-9]+[A-Za-z]\w*"
)
"""Abbreviations and names from code. Two humps, as in GymTime, are a brand name."""


def _is_small(match: re.Match[str], first_letter: int) -> bool:
    """Whether it is in lower case, or the first word of its sentence (at ``first_letter``)."""
    return match[0].islower() or (match.start() == first_letter and match[0].istitle())


def _is_everyday_word(word: str, words: frozenset[str]) -> bool:
    """Whether a word, or its base form, is an everyday word."""
    lowered = word.lower().replace("’", "'")
    return len(lowered) < 2 or any(stem in words for stem in _stems(lowered))


def _stems(word: str) -> Iterator[str]:
    yield word
    base = re.sub(r"'(s|t|re|ve|ll|d|m)?$|n't$", "", word)
    yield base
    for ending, replacements in _ENDINGS:
        if base.endswith(ending) and len(base) - len(ending) >= 2:
            stem = base[: -len(ending)]
            yield from (stem + replacement for replacement in replacements)
            if len(stem) > 2 and stem[-1] == stem[-2]:
                yield stem[:-1]


_ENDINGS = (
    ("s", ("",)),
    ("es", ("",)),
    ("ies", ("y",)),
    ("ed", ("", "e")),
    ("ied", ("y",)),
    ("ing", ("", "e")),
    ("er", ("", "e")),
    ("ers", ("", "e")),
    ("est", ("", "e")),
    ("ly", ("", "le")),
    ("ily", ("y",)),
    ("ness", ("",)),
    ("ier", ("y",)),
)
