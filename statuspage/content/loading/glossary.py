"""Reads a language's plain-language glossary: ``LANG/glossary.toml`` and ``LANG/everyday.toml``."""

from __future__ import annotations

from collections.abc import Iterator

from statuspage.content.loading.table_reader import Table
from statuspage.domain import Glossary, ReplacementRules, Term
from statuspage.rendering.plain_language import CATEGORIES, BadPattern, Level, check_brackets

FILES = ("glossary", "everyday")

SENTENCE_MARKERS = ("next_update", "estimate", "working", "failing", "apology")
"""Kinds of sentences that are recognised in a notice by certain words."""


CONTEXTS = ("technical", "digital", "everyday")
"""The senses in which a word can be meant, told by the words around it."""


def read_glossary(glossary_table: Table, everyday_table: Table) -> Glossary:
    """The glossary from both files. Every entry is in the table of its class and subject area: ``[jargon.web]``."""
    sentences_table = glossary_table.get_table("sentence_markers", required=False)
    patterns = {name: _read_patterns(sentences_table, name) for name in SENTENCE_MARKERS}
    sentences_table.reject_unknown_keys()
    context_table = everyday_table.get_table("context", required=False)
    contexts = {name: _read_patterns(context_table, name) for name in CONTEXTS}
    context_table.reject_unknown_keys()
    exceptions = glossary_table.get_table("exceptions", required=False)
    classes = glossary_table.without_keys("sentence_markers", "exceptions", "replacement_rules", "empty_words")
    fit_table = glossary_table.get_table("replacement_rules", required=False)
    glossary = Glossary(
        terms=tuple(term for name, table in classes.iter_tables() for term in _read_class(glossary_table, name, table)),
        everyday_words=frozenset(
            (*_read_words(everyday_table.get_table("words", required=False)), *_read_phrases(everyday_table))
        ),
        sentence_markers={name: texts for name, texts in patterns.items() if texts},
        exceptions={key: exceptions.get_text(key) for key in exceptions.values},
        replacement_rules=ReplacementRules(
            fit_table.get_texts("kept_endings"),
            fit_table.get_texts("verbs"),
            fit_table.get_text("object_particle", ""),
            fit_table.get_texts("articles"),
        ),
        context_words={name: texts for name, texts in contexts.items() if texts},
        empty_words=frozenset(_read_words(glossary_table.get_table("empty_words", required=False))),
    )
    fit_table.reject_unknown_keys()
    everyday_table.reject_unknown_keys()
    return glossary


def _read_patterns(table: Table, key: str) -> tuple[str, ...]:
    return tuple(pattern for pattern in table.get_texts(key) if _is_valid_pattern(table, pattern, key))


def _read_class(glossary_table: Table, name: str, table: Table) -> Iterator[Term]:
    if not glossary_table.check_known(name, CATEGORIES, name):
        return
    for field, entries in table.iter_tables():
        for key, entry in entries.iter_tables():
            yield _read_term(name, field, key, entry)


def _read_term(term_class: str, field: str, key: str, entry: Table) -> Term:
    patterns = tuple(pattern for pattern in (key, *entry.get_texts("variants")) if _is_valid_pattern(entry, pattern))
    term = Term(
        id=f"{term_class}.{field}.{key}",
        term_class=term_class,
        subject_area=field,
        patterns=patterns,
        replacement=entry.get_text("replacement", ""),
        example=entry.get_text("example"),
        explanation=entry.get_text("explanation", ""),
        level=entry.get_choice("level", [*Level], ""),
        unless_patterns=_read_patterns(entry, "unless_patterns"),
        related_patterns=_read_patterns(entry, "related"),
        suggestion=entry.get_text("suggestion", ""),
        has_everyday_meaning=entry.get_flag("has_everyday_meaning"),
    )
    entry.reject_unknown_keys()
    return term


def _is_valid_pattern(table: Table, pattern: str, *keys: str) -> bool:
    """Whether its brackets match. Everything else shows when the validation matches its example."""
    try:
        check_brackets(pattern)
    except BadPattern as error:
        table.add_error(str(error), *keys)
        return False
    return True


def _read_words(table: Table) -> Iterator[str]:
    for topic in table.values:
        yield from table.get_text(topic).split()


def _read_phrases(everyday_table: Table) -> Iterator[str]:
    phrases_table = everyday_table.get_table("phrases", required=False)
    for topic in phrases_table.values:
        yield from phrases_table.get_texts(topic)
