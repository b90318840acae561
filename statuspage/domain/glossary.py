"""What a language's check for plain language knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Term:
    """An engineer's word, or a phrase that tells a customer nothing, with what to write instead.

    ``find`` is how it is written, in the small pattern language of ``plain.patterns``; ``unless`` are patterns that
    take the finding back where they stand in the same text. ``instead`` is "" where it is best left out. ``why``
    and ``level`` are "" where those of the class hold. ``field`` is the field of work the word comes from.
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


@dataclass(frozen=True, slots=True)
class ReplacementRules:
    """How words to write fit where others stood.

    Where words run together: a found word's ending that is among ``keep`` stays as it is, and where one of ``verbs``
    follows, ``object`` is put between the words to write and it (再起動|しました → …作業|を|しました). Where they have
    ``articles``: one before the found word goes when the words to write bring their own (the server → our system).
    """

    kept_endings: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    object_particle: str = ""
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Glossary:
    """What one language's check for plain language knows.

    ``everyday`` are words that everybody knows though they look like an engineer's, with phrases that contain one.
    ``says`` maps *next*, *estimate*, *works*, *fails* and *apology* to words by which such a sentence is known.
    ``exceptions`` maps prepared words (``lists.cause.expired.text``) to why they keep theirs.
    """

    terms: tuple[Term, ...] = ()
    everyday_words: frozenset[str] = frozenset()
    sentence_markers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exceptions: Mapping[str, str] = field(default_factory=dict)
    replacement_rules: ReplacementRules = ReplacementRules()

    def __hash__(self) -> int:
        """Cheap: what is made of a glossary is kept by it."""
        return hash((len(self.terms), self.everyday_words))
