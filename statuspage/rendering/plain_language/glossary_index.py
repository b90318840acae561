"""A language's glossary as an index: compiled once, looked up by the first letters of words."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from statuspage.domain import Glossary, LanguagePack, ReplacementRules, Term
from statuspage.rendering.plain_language.normalization import NormalizedText, normalize_text
from statuspage.rendering.plain_language.patterns import KATAKANA, LATIN, Pattern, keys_at, parse_patterns

Hit = tuple[int, int, Term | None]
"""Start and end in the normalised text, with the matching term; None for words that are allowed."""


@dataclass(frozen=True, slots=True, eq=False)
class GlossaryIndex:
    """The compiled glossary.

    ``patterns_by_key`` finds patterns by their first letters, each with its term and its rank. ``everyday_words`` are
    single everyday words in lower case, ``katakana_terms`` the katakana words of the glossary with their terms;
    compounds may consist of both. ``known_katakana`` are the katakana words of both; the longest has
    ``longest_length`` letters. ``contexts_by_key`` finds the words that tell in which sense a sentence is meant.
    """

    patterns_by_key: Mapping[str, tuple[tuple[Pattern, Term | None, int], ...]]
    everyday_words: frozenset[str]
    katakana_terms: Mapping[str, Term]
    known_katakana: frozenset[str]
    longest_length: int
    exceptions_by_term: Mapping[str, tuple[Pattern, ...]]
    statement_patterns: Mapping[str, tuple[Pattern, ...]]
    replacement_rules: ReplacementRules
    contexts_by_key: Mapping[str, tuple[tuple[Pattern, str], ...]]
    empty_words: frozenset[str]

    def find_hits(self, text: NormalizedText, spans: Iterable[tuple[int, int]] = ()) -> Iterator[Hit]:
        """Glossary words and everyday phrases outside ``spans``, from left to right, the longest match first."""
        skipped = deque(sorted(spans))
        position = 0
        for start, keys in keys_at(text.lower):
            while skipped and skipped[0][1] <= start:
                skipped.popleft()
            if start < position or (skipped and skipped[0][0] <= start):
                continue
            hit = self._longest_hit(text, start, keys)
            if hit is not None:
                position = hit[1]
                yield hit

    def _longest_hit(self, text: NormalizedText, start: int, keys: Iterable[str]) -> Hit | None:
        best: Hit | None = None
        best_rank = (0, 0, 0)
        for key in keys:
            for pattern, term, rank in self.patterns_by_key.get(key, ()):
                end = pattern.find_end(text, start)
                # If two matches end at the same place, the company's own name beats a glossary word, that one beats an
                # everyday phrase, and the simpler pattern wins.
                if end and (candidate_rank := (end, rank, len(pattern.prefix))) > best_rank:
                    best, best_rank = (start, end, term), candidate_rank
        return best

    def find_contexts(self, text: NormalizedText) -> Iterator[tuple[int, str]]:
        """Where a word tells in which sense its sentence is meant, with that sense."""
        for start, keys in keys_at(text.lower):
            for key in keys:
                for pattern, context in self.contexts_by_key.get(key, ()):
                    if pattern.find_end(text, start):
                        yield start, context

    def is_exempt(self, term: Term, text: NormalizedText) -> bool:
        """Whether one of the term's exceptions occurs in the text, so that the word has another meaning there."""
        return any(pattern.occurs_in(text) for pattern in self.exceptions_by_term.get(term.id, ()))

    def mentions(self, name: str, text: str) -> bool | None:
        """Whether a sentence contains a marker of this kind (*next*, *estimate*, …); None if the language has none."""
        if name not in self.statement_patterns:
            return None
        folded = normalize_text(text)
        return any(pattern.occurs_in(folded) for pattern in self.statement_patterns[name])


_PHRASE_RANK, _TERM_RANK, _NAME_RANK = range(3)


def build_index(pack: LanguagePack, allowed_words: tuple[str, ...] = ()) -> GlossaryIndex | None:
    """The index of this pack's glossary, in which the company's names and these words are no findings; None if the
    pack has no glossary.
    """
    if pack.glossary is None:
        return None
    return _index_of(_Same(pack.glossary), frozenset((*_own_names(pack), *allowed_words)))


def build_bare_index(pack: LanguagePack) -> GlossaryIndex | None:
    """The same without the company's names: what the glossary alone finds."""
    return _index_of(_Same(pack.glossary), frozenset()) if pack.glossary is not None else None


class _Same:
    """A glossary that equals only itself: to compare two equal ones takes milliseconds, at every key press."""

    def __init__(self, glossary: Glossary) -> None:
        self.glossary = glossary

    def __hash__(self) -> int:
        return id(self.glossary)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.glossary is self.glossary


@lru_cache(maxsize=64)
def _index_of(same: _Same, names: frozenset[str]) -> GlossaryIndex:
    return _build_index(same.glossary, names)


def _own_names(pack: LanguagePack) -> Iterator[str]:
    """The company's own names: services, groups, audience groups."""
    yield from (pack.site, pack.tagline, pack.desk, *(group.name for group in pack.groups.values()))
    for service in pack.services.values():
        yield from (service.name, service.noun)
    for choice in pack.audience_groups.values():
        yield from (choice.label, choice.text)
    yield from (text for key, text in pack.phrases.items() if key.startswith("place."))


@lru_cache(maxsize=32)
def _build_index(glossary: Glossary, names: frozenset[str]) -> GlossaryIndex:
    by_key: dict[str, list[tuple[Pattern, Term | None, int]]] = {}
    names = frozenset(name.replace("|", "").replace("\u200b", "") for name in names if name)
    phrases = {phrase for phrase in glossary.everyday_words if _is_phrase(phrase)}
    for term in glossary.terms:
        bare_term = replace(term, replacement="", suggestion="")
        for spellings, entry in ((term.patterns, term), (term.related_patterns, bare_term)):
            for pattern in _patterns(spellings):
                for key in pattern.lookup_keys:
                    by_key.setdefault(key, []).append((pattern, entry, _TERM_RANK))
    for phrase in (*phrases, *names):
        rank = _NAME_RANK if phrase in names else _PHRASE_RANK
        for pattern in parse_patterns(_escaped_phrase(phrase)):
            for key in pattern.lookup_keys:
                by_key.setdefault(key, []).append((pattern, None, rank))
    everyday_words = frozenset(_split_words((glossary.everyday_words - phrases) | names))
    jargon = {
        normalize_text(form).lower: replace(entry, replacement="", suggestion="")  # the compound means something else
        for entry in glossary.terms
        for form in (*entry.patterns, *entry.related_patterns)
        if _KATAKANA.fullmatch(form)
    }
    known_katakana = frozenset(word for word in everyday_words | jargon.keys() if _KATAKANA.fullmatch(word))
    return GlossaryIndex(
        patterns_by_key={key: tuple(entries) for key, entries in by_key.items()},
        everyday_words=everyday_words,
        katakana_terms=jargon,
        known_katakana=known_katakana,
        longest_length=max(map(len, known_katakana), default=0),
        exceptions_by_term={
            entry.id: _patterns(entry.unless_patterns) for entry in glossary.terms if entry.unless_patterns
        },
        statement_patterns={name: _patterns(spellings) for name, spellings in glossary.sentence_markers.items()},
        replacement_rules=glossary.replacement_rules,
        contexts_by_key=_contexts_by_key(glossary),
        empty_words=frozenset(normalize_text(word).lower for word in glossary.empty_words),
    )


def _contexts_by_key(glossary: Glossary) -> Mapping[str, tuple[tuple[Pattern, str], ...]]:
    by_key: dict[str, list[tuple[Pattern, str]]] = {}
    for context, spellings in glossary.context_words.items():
        for pattern in _patterns(spellings):
            for key in pattern.lookup_keys:
                by_key.setdefault(key, []).append((pattern, context))
    return {key: tuple(entries) for key, entries in by_key.items()}


def _patterns(spellings: Iterable[str]) -> tuple[Pattern, ...]:
    return tuple(pattern for spelling in spellings for pattern in parse_patterns(spelling))


_KATAKANA = re.compile(f"[{KATAKANA}]+")
_WORD = re.compile(rf"[{LATIN}][{LATIN}0-9'’]*|[{KATAKANA}]+")


def _is_phrase(text: str) -> bool:
    """Whether it has more than one word of one script, so that a term could be found inside it."""
    return _WORD.fullmatch(text) is None


def _escaped_phrase(phrase: str) -> str:
    """A phrase with the special characters of the pattern syntax escaped."""
    return re.sub(r"[#*()|~!]", "", phrase).strip() or "—"


def _split_words(phrases: frozenset[str]) -> Iterator[str]:
    for phrase in phrases:
        yield from (word[0] for word in _WORD.finditer(normalize_text(phrase).lower))
