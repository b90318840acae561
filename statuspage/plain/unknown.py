"""Words that no list knows: whether a customer understands them is for the writer to say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from statuspage.catalog import Term
from statuspage.plain.folding import Folded
from statuspage.plain.index import Index
from statuspage.plain.patterns import KATAKANA, LATIN

SHORTEST_KATAKANA = 3
"""Katakana words of fewer letters are only found by the glossary."""


@dataclass(frozen=True, slots=True)
class Strange:
    """A word on no list. ``term`` is the glossary's where a part of it is one; ``sure``: worth a warning."""

    start: int
    end: int
    sure: bool
    term: Term | None = None


def strange(text: Folded, index: Index, taken: list[tuple[int, int]], *, language: str) -> Iterator[Strange]:
    """Unknown words outside of what is taken. In a text of Latin letters only those that do not look like a name."""
    latin = language not in _WITHOUT_SPACES
    found = [one for one in _katakana(text, index) if not _inside(one, taken)]
    words = _english(text, index, taken) if latin else _foreign(text, index)
    return iter([*found, *(one for one in words if not _inside(one, taken))])


_WITHOUT_SPACES = ("ja", "zh", "ko")


def _inside(one: Strange, taken: list[tuple[int, int]]) -> bool:
    return any(start < one.end and one.start < end for start, end in taken)


_RUN = re.compile(f"[{KATAKANA}]{{{SHORTEST_KATAKANA},}}")


def _katakana(text: Folded, index: Index) -> Iterator[Strange]:
    for run in _RUN.finditer(text.lower):
        if not _made_of(run[0], index.words):
            term = _part(run[0], index)
            yield Strange(*run.span(), sure=True, term=term)


def _made_of(word: str, words: frozenset[str]) -> bool:
    """Whether a word is an everyday one, or made of several."""
    reached = {0}
    for end in range(2, len(word) + 1):
        if any(word[start:end] in words or word[start:end] + "ー" in words for start in reached if end - start > 1):
            reached.add(end)
    return len(word) in reached


def _part(word: str, index: Index) -> Term | None:
    """The longest glossary word at one end of a longer word of which the rest is known too."""
    known = index.words | index.jargon.keys()
    cuts = sorted(range(2, len(word) - 1), key=lambda cut: -max(cut, len(word) - cut))
    for cut in cuts:
        for piece, rest in ((word[:cut], word[cut:]), (word[cut:], word[:cut])):
            if piece in index.jargon and _made_of(rest, known):
                return index.jargon[piece]
    return None


_FOREIGN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[.+#/&'’-][A-Za-z0-9]+)*[+#]{0,2}")


def _foreign(text: Folded, index: Index) -> Iterator[Strange]:
    """Latin words in a text of another script."""
    for run in _FOREIGN.finditer(text.lower):
        parts = [part for part in re.findall(rf"[{LATIN}]{{2,}}", run[0]) if part not in index.words]
        if parts and run[0] not in index.words:
            yield Strange(*run.span(), sure=True)


_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
_ENGLISH = re.compile(rf"(?<![{LATIN}0-9_@#/])[{LATIN}][{LATIN}0-9'’]*")
DENSE = 2
"""So many unknown words in one sentence are no accident."""


def _english(text: Folded, index: Index, taken: list[tuple[int, int]]) -> Iterator[Strange]:
    """Abbreviations and made-up words; small words on no list, where several stand in one sentence."""
    shouted = text.cased.upper() == text.cased
    for sentence in _SENTENCE.finditer(text.cased):
        odd = [m for m in _ENGLISH.finditer(text.cased, *sentence.span()) if not _known(m[0], index.words)]
        small = [m for m in odd if _is_small(m, sentence.start()) and not _in_any(m, taken)]
        for match in odd:
            code = not shouted and _CODE.fullmatch(match[0]) is not None
            if code or match in small:
                yield Strange(*match.span(), sure=code or len({m[0] for m in small}) >= DENSE)


_CODE = re.compile(r"[A-Z]{2,}[0-9]*s?|[a-z]+[A-Z][a-z]+[A-Z]\w*|[A-Z]\w*[A-Z]\w*[A-Z]\w*|[A-Za-z]+[0-9]+[A-Za-z]\w*")
"""Abbreviations and names of code. Two humps, as in GymTime, are a brand."""


def _is_small(match: re.Match[str], begins: int) -> bool:
    """In small letters, or the first of its sentence."""
    word = match[0]
    first = not match.string[begins : match.start()].strip()
    return word.islower() or (first and word.istitle())


def _in_any(match: re.Match[str], taken: list[tuple[int, int]]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in taken)


def _known(word: str, words: frozenset[str]) -> bool:
    """Whether a word or what it is a form of is an everyday one."""
    low = word.lower().replace("’", "'")
    return len(low) < 2 or any(stem in words for stem in _stems(low))


def _stems(word: str) -> Iterator[str]:
    yield word
    base = re.sub(r"'(s|t|re|ve|ll|d|m)?$|n't$", "", word)
    yield base
    for end, puts in _ENDINGS:
        if base.endswith(end) and len(base) - len(end) >= 2:
            stem = base[: -len(end)]
            yield from (stem + put for put in puts)
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
