"""Whether customers understand the prepared words, and whether every entry of a glossary is met by its own example."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from statuspage.domain import Catalog, ContentError, LanguagePack
from statuspage.rendering.plain_language import BadPattern, Finding, Level, find_unplain, fold, index_of, patterns


def faults(catalog: Catalog) -> Iterator[ContentError]:
    """Of every language that has a glossary."""
    for book in catalog.books.values():
        if book.glossary is not None:
            yield from _entries(book)
            with suppress(BadPattern):  # That has been said.
                yield from _prepared_words(book, catalog)


def _entries(book: LanguagePack) -> Iterator[ContentError]:
    """Entries that cannot be read, or that do not find their example."""
    name = f"{book.language}/glossary.toml"
    try:
        index = index_of(book)
    except BadPattern as bad:
        yield ContentError(name, 1, "", str(bad))
        return
    for term in book.glossary.terms if book.glossary and index else ():
        try:
            for pattern in (one for written in (*term.find, *term.unless) for one in patterns(written)):
                pattern.compile()
            met = index is not None and any(hit[2] == term for hit in index.hits(fold(term.example)))
        except BadPattern as bad:
            yield ContentError(name, 1, term.id, str(bad))
            continue
        if not met:
            yield ContentError(
                name, 1, term.id, f"This entry is not found in its own example, “{term.example}”; mend one."
            )


def _prepared_words(book: LanguagePack, catalog: Catalog) -> Iterator[ContentError]:
    """Prepared words in which something is found, without a reason for keeping it."""
    kept = book.glossary.exceptions if book.glossary else {}
    for file, key, text in _customer_texts(book):
        if f"{file}.{key}" in kept:
            continue
        said = _SLOT.sub("…", text.replace("|", ""))
        for one in find_unplain(said, language=book.language, catalog=catalog):
            if one.level is not Level.HINT:
                yield ContentError(
                    f"{book.language}/{file}.toml", 1, key, _finding_message(one, said, f"{file}.{key}", book)
                )
                break


_SLOT = re.compile(r"\{\w+\}")


def _finding_message(found: Finding, text: str, place: str, book: LanguagePack) -> str:
    word = text[found.start : found.end]
    better = f"; better: “{found.instead}”" if found.instead else ""
    mend = f'write it otherwise, or give the reason in {book.language}/glossary.toml under [exceptions]: "{place}" = …'
    return f"Customers may not understand “{word}” ({found.kind}){better}. {mend[0].upper()}{mend[1:]}"


def _customer_texts(book: LanguagePack) -> Iterator[tuple[str, str, str]]:
    """File, key and text of all that customers read."""
    for key, text in book.phrases.items():
        if not key.endswith(_FOR_STAFF) and not key.startswith(_FOR_COLLEAGUES):
            yield "phrases", key, text
    for name, choices in book.lists.items():
        yield from (("lists", f"{name}.{id}.text", choice.text) for id, choice in choices.items())
    for id, service in book.services.items():
        for state, effect in service.effects.items():
            for form in ("now", "still", "again"):
                yield "house", f"service.{id}.{state}.{form}", getattr(effect, form)


_FOR_STAFF = (".ask", ".label", ".name")
_FOR_COLLEAGUES = ("inside.", "unknown.", "time.", "mail.")
