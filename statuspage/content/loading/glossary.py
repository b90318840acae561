"""Reads what a language's check for plain language knows: ``LANG/glossary.toml`` and ``LANG/everyday.toml``."""

from __future__ import annotations

from collections.abc import Iterator

from statuspage.content.loading.table_reader import Table
from statuspage.domain import Fit, Glossary, Term
from statuspage.rendering.plain_language import CLASSES, BadPattern, Level, balanced

FILES = ("glossary", "everyday")

SAYS = ("next", "estimate", "works", "fails", "apology")
"""Sentences a notice is searched for, by words they are known by."""


def glossary(words: Table, everyday: Table) -> Glossary:
    """Both files. Every entry stands under its class and its field of work: ``[jargon.web]``."""
    says = words.table("says", needed=False)
    found = {name: _searched(says, name) for name in SAYS}
    says.finish()
    exceptions = words.table("exceptions", needed=False)
    classes = words.without("says", "exceptions", "fit")
    fit = words.table("fit", needed=False)
    known = Glossary(
        terms=tuple(term for name, table in classes.each() for term in _class(words, name, table)),
        everyday=frozenset((*_word_list(everyday.table("words", needed=False)), *_phrases(everyday))),
        says={name: one for name, one in found.items() if one},
        exceptions={key: exceptions.text(key) for key in exceptions.values},
        fit=Fit(fit.texts("keep"), fit.texts("verbs"), fit.text("object", ""), fit.texts("articles")),
    )
    fit.finish()
    everyday.finish()
    return known


def _searched(table: Table, key: str) -> tuple[str, ...]:
    return tuple(one for one in table.texts(key) if _readable(table, one, key))


def _class(words: Table, name: str, table: Table) -> Iterator[Term]:
    if not words.known(name, CLASSES, name):
        return
    for field, entries in table.each():
        for key, entry in entries.each():
            yield _term(name, field, key, entry)


def _term(kind: str, field: str, key: str, entry: Table) -> Term:
    find = tuple(one for one in (key, *entry.texts("also")) if _readable(entry, one))
    term = Term(
        id=f"{kind}.{field}.{key}",
        kind=kind,
        field=field,
        find=find,
        instead=entry.text("instead", ""),
        example=entry.text("example"),
        why=entry.text("why", ""),
        level=entry.choice("level", [*Level], ""),
        unless=tuple(one for one in entry.texts("unless") if _readable(entry, one, "unless")),
    )
    entry.finish()
    return term


def _readable(table: Table, written: str, *keys: str) -> bool:
    """Whether its brackets match; all else shows when ``checking`` looks for its example."""
    try:
        balanced(written)
    except BadPattern as bad:
        table.blame(str(bad), *keys)
        return False
    return True


def _word_list(table: Table) -> Iterator[str]:
    for topic in table.values:
        yield from table.text(topic).split()


def _phrases(everyday: Table) -> Iterator[str]:
    table = everyday.table("phrases", needed=False)
    for topic in table.values:
        yield from table.texts(topic)
