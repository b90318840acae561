"""The glossary of a language's plain-language check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Term:
    """A technical word, or a phrase that tells a customer nothing, with its replacement.

    ``patterns`` match its spellings, in the syntax of ``plain_language.patterns``; ``related_patterns`` match words
    that are found for the same reason but mean something else, so that no wording is offered for them.
    ``unless_patterns`` cancel the finding if they match in the same text. ``replacement`` fits in place of the words,
    "" if there is none; ``suggestion`` says the same as a sentence, for the writer to work in. ``explanation`` and
    ``level`` are "" to use those of the class. ``subject_area`` is the field the word comes from.
    ``has_everyday_meaning``: whether it is an engineer's word depends on the sentence (a server in a restaurant).
    """

    id: str
    term_class: str
    subject_area: str
    patterns: tuple[str, ...]
    replacement: str
    example: str
    explanation: str = ""
    level: str = ""
    unless_patterns: tuple[str, ...] = ()
    related_patterns: tuple[str, ...] = ()
    suggestion: str = ""
    has_everyday_meaning: bool = False


@dataclass(frozen=True, slots=True)
class ReplacementRules:
    """How replacements fit into a sentence.

    In languages without spaces: an ending of the found word that is among ``kept_endings`` stays, and if one of
    ``verbs`` follows, ``object_particle`` is put between the replacement and the verb (再起動|しました →
    …作業|を|しました). In languages with ``articles``: the article before the found word is removed if the replacement
    brings its own (the server → our system).
    """

    kept_endings: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    object_particle: str = ""
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Glossary:
    """Everything that one language's plain-language check knows.

    ``everyday_words`` are words, and phrases that contain one, that look technical but that everybody knows.
    ``sentence_markers`` maps *next_update*, *estimate*, *working*, *failing* and *apology* to words by which such a
    sentence is recognised. ``exceptions`` maps keys of prepared texts (``lists.cause.expired.text``) to the reason why
    they may keep a found word.
    """

    terms: tuple[Term, ...] = ()
    everyday_words: frozenset[str] = frozenset()
    sentence_markers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exceptions: Mapping[str, str] = field(default_factory=dict)
    replacement_rules: ReplacementRules = ReplacementRules()
    context_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    empty_words: frozenset[str] = frozenset()

    def __hash__(self) -> int:
        """Cheap, because what is built from a glossary is cached by it."""
        return hash((len(self.terms), self.everyday_words))
