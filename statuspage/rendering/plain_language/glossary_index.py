"""A language's glossary made ready to be found in a text: compiled once, looked up by how words begin."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from statuspage.domain import Fit, Glossary, LanguagePack, Term
from statuspage.rendering.plain_language.normalization import Folded, fold
from statuspage.rendering.plain_language.patterns import KATAKANA, LATIN, Pattern, keys_at, patterns

Hit = tuple[int, int, Term | None]
"""Start and end in the folded text, with the term found; None for words that are fine."""


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """``by_key`` finds patterns by their beginning; ``words`` are single everyday words in small letters, and
    ``jargon`` the katakana words of the glossary with their terms, of both of which longer words are made; ``known``
    are the katakana words of both, and the ``longest`` of them has so many letters."""

    by_key: Mapping[str, tuple[tuple[Pattern, Term | None], ...]]
    words: frozenset[str]
    jargon: Mapping[str, Term]
    known: frozenset[str]
    longest: int
    unless: Mapping[str, tuple[Pattern, ...]]
    sayings: Mapping[str, tuple[Pattern, ...]]
    fit: Fit

    def hits(self, text: Folded, taken: Iterable[tuple[int, int]] = ()) -> Iterator[Hit]:
        """Glossary words and everyday phrases from left to right, the longest first, outside of what is taken."""
        busy = deque(sorted(taken))
        done = 0
        for start, keys in keys_at(text.lower):
            while busy and busy[0][1] <= start:
                busy.popleft()
            if start < done or (busy and busy[0][0] <= start):
                continue
            found = self._longest(text, start, keys)
            if found is not None:
                done = found[1]
                yield found

    def _longest(self, text: Folded, start: int, keys: Iterable[str]) -> Hit | None:
        best: Hit | None = None
        rank = (0, False, 0)
        for key in keys:
            for pattern, term in self.by_key.get(key, ()):
                end = pattern.end(text, start)
                # Of two that reach as far, a glossary word counts before an everyday phrase, the plainer pattern first.
                if end and (here := (end, term is not None, len(pattern.head))) > rank:
                    best, rank = (start, end, term), here
        return best

    def taken_back(self, term: Term, text: Folded) -> bool:
        """Whether something stands in the text by which this word is meant otherwise."""
        return any(pattern.found_in(text) for pattern in self.unless.get(term.id, ()))

    def says(self, name: str, text: str) -> bool | None:
        """Whether a sentence says such a thing (*next*, *estimate*, …); None where the language does not tell."""
        if name not in self.sayings:
            return None
        folded = fold(text)
        return any(pattern.found_in(folded) for pattern in self.sayings[name])


def index_of(book: LanguagePack) -> Index | None:
    """The index of this book's glossary; None where it has none."""
    return _index(book.glossary, frozenset(_own_names(book))) if book.glossary is not None else None


def _own_names(book: LanguagePack) -> Iterator[str]:
    """What the house itself calls things: services, groups, places, groups of people."""
    yield from (book.site, book.tagline, book.desk, *book.groups.values())
    for service in book.services.values():
        yield from (service.name, service.noun)
    for choice in book.people.values():
        yield from (choice.label, choice.text)
    yield from (text for key, text in book.phrases.items() if key.startswith("place."))


@lru_cache(maxsize=32)
def _index(glossary: Glossary, names: frozenset[str]) -> Index:
    by_key: dict[str, list[tuple[Pattern, Term | None]]] = {}
    names = frozenset(name.replace("|", "").replace("\u200b", "") for name in names if name)
    fine = {phrase for phrase in glossary.everyday if _is_phrase(phrase)} | {n for n in names if _is_phrase(n)}
    for term in glossary.terms:
        for written in term.find:
            for pattern in patterns(written):
                for key in pattern.keys:
                    by_key.setdefault(key, []).append((pattern, term))
    for phrase in fine:
        for pattern in patterns(_escaped_phrase(phrase)):
            for key in pattern.keys:
                by_key.setdefault(key, []).append((pattern, None))
    words = frozenset(_single((glossary.everyday - fine) | names))
    jargon = {fold(w).lower: t for t in glossary.terms for w in t.find if _KATAKANA.fullmatch(w)}
    known = frozenset(word for word in words | jargon.keys() if _KATAKANA.fullmatch(word))
    return Index(
        by_key={key: tuple(found) for key, found in by_key.items()},
        words=words,
        jargon=jargon,
        known=known,
        longest=max(map(len, known), default=0),
        unless={t.id: _patterns(t.unless) for t in glossary.terms if t.unless},
        sayings={name: _patterns(words) for name, words in glossary.says.items()},
        fit=glossary.fit,
    )


def _patterns(written: Iterable[str]) -> tuple[Pattern, ...]:
    return tuple(pattern for one in written for pattern in patterns(one))


_KATAKANA = re.compile(f"[{KATAKANA}]+")
_WORD = re.compile(rf"[{LATIN}][{LATIN}0-9'’]*|[{KATAKANA}]+")


def _is_phrase(text: str) -> bool:
    """Whether it is more than one word of one script, so that something might be found inside it."""
    return _WORD.fullmatch(text) is None


def _escaped_phrase(phrase: str) -> str:
    """A phrase that is no pattern."""
    return re.sub(r"[#*()|~!]", "", phrase).strip() or "—"


def _single(phrases: frozenset[str]) -> Iterator[str]:
    for phrase in phrases:
        yield from (word[0] for word in _WORD.finditer(fold(phrase).lower))
