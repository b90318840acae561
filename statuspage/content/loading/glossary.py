"""Reads what a language's check for plain language knows: ``LANG/glossary.toml`` and ``LANG/everyday.toml``."""

from __future__ import annotations

from collections.abc import Iterator

from statuspage.content.loading.table_reader import Table
from statuspage.domain import Fit, Glossary, Term
from statuspage.rendering.plain_language import CLASSES, BadPattern, Level, balanced

FILES = ("glossary", "everyday")

SAYS = ("next", "estimate", "works", "fails", "apology")
"""Sentences a notice is searched for, by words they are known by."""


def glossary(glossary_table: Table, everyday_table: Table) -> Glossary:
    """Both files. Every entry stands under its class and its field of work: ``[jargon.web]``."""
    sentences_table = glossary_table.get_table("says", required=False)
    patterns = {name: _searched(sentences_table, name) for name in SAYS}
    sentences_table.reject_unknown_keys()
    exceptions = glossary_table.get_table("exceptions", required=False)
    classes = glossary_table.without_keys("says", "exceptions", "fit")
    fit_table = glossary_table.get_table("fit", required=False)
    glossary = Glossary(
        terms=tuple(term for name, table in classes.iter_tables() for term in _class(glossary_table, name, table)),
        everyday_words=frozenset((*_word_list(everyday_table.get_table("words", required=False)), *_phrases(everyday_table))),
        sentence_markers={name: texts for name, texts in patterns.items() if texts},
        exceptions={key: exceptions.get_text(key) for key in exceptions.values},
        replacement_rules=Fit(fit_table.get_texts("keep"), fit_table.get_texts("verbs"), fit_table.get_text("object", ""), fit_table.get_texts("articles")),
    )
    fit_table.reject_unknown_keys()
    everyday_table.reject_unknown_keys()
    return glossary


def _searched(table: Table, key: str) -> tuple[str, ...]:
    return tuple(pattern for pattern in table.get_texts(key) if _readable(table, pattern, key))


def _class(glossary_table: Table, name: str, table: Table) -> Iterator[Term]:
    if not glossary_table.check_known(name, CLASSES, name):
        return
    for field, entries in table.iter_tables():
        for key, entry in entries.iter_tables():
            yield _term(name, field, key, entry)


def _term(term_class: str, field: str, key: str, entry: Table) -> Term:
    patterns = tuple(pattern for pattern in (key, *entry.get_texts("also")) if _readable(entry, pattern))
    term = Term(
        id=f"{term_class}.{field}.{key}",
        term_class=term_class,
        subject_area=field,
        patterns=patterns,
        replacement=entry.get_text("instead", ""),
        example=entry.get_text("example"),
        explanation=entry.get_text("why", ""),
        level=entry.get_choice("level", [*Level], ""),
        unless_patterns=tuple(pattern for pattern in entry.get_texts("unless") if _readable(entry, pattern, "unless")),
    )
    entry.reject_unknown_keys()
    return term


def _readable(table: Table, pattern: str, *keys: str) -> bool:
    """Whether its brackets match; all else shows when ``checking`` looks for its example."""
    try:
        balanced(pattern)
    except BadPattern as error:
        table.add_error(str(error), *keys)
        return False
    return True


def _word_list(table: Table) -> Iterator[str]:
    for topic in table.values:
        yield from table.get_text(topic).split()


def _phrases(everyday_table: Table) -> Iterator[str]:
    phrases_table = everyday_table.get_table("phrases", required=False)
    for topic in phrases_table.values:
        yield from phrases_table.get_texts(topic)
