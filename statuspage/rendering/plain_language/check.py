"""The check for plain language: words and sentences that customers do not understand or should not read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlsplit

from statuspage.domain import Catalog, Fit, LanguagePack, NoticeKind, Term
from statuspage.rendering.plain_language.findings import CLASSES, Finding, Level, level_of, why_of
from statuspage.rendering.plain_language.glossary_index import Index, index_of
from statuspage.rendering.plain_language.intervals import Taken
from statuspage.rendering.plain_language.normalization import Folded, fold
from statuspage.rendering.plain_language.notice_structure import Context, structure
from statuspage.rendering.plain_language.replacements import fitted
from statuspage.rendering.plain_language.sentence_length import sentence_length
from statuspage.rendering.plain_language.technical_details import FINE, traces
from statuspage.rendering.plain_language.unknown_words import strange

__all__ = ["CLASSES", "Context", "Finding", "Level", "find_unplain", "grave", "knows", "why_of"]

_BARE = Context()

LONGEST_TEXT = 20_000
"""Characters that are looked at; no notice is that long."""


def find_unplain(text: str, *, language: str, catalog: Catalog, context: Context = _BARE) -> tuple[Finding, ...]:
    """Everything found in a text in this language, in the order of places; what it lacks as a whole comes first.

    A language without a glossary is checked only for what is the same in all: hosts, keys, addresses, codes, length.
    """
    folded = fold(text[:LONGEST_TEXT])
    book = _spoken(catalog, language)
    index = index_of(book) if book else None
    found = [*structure(folded, index, context), *sentence_length(folded, book.writing if book else None)]
    spoken = book.writing.locale if book else language
    found += _word_findings(text[:LONGEST_TEXT], index, own_domains(catalog), spoken, context.notice)
    return tuple(sorted(found, key=lambda one: (one.start, one.end)))


def knows(catalog: Catalog, language: str) -> bool:
    """Whether there is a glossary for this language."""
    book = _spoken(catalog, language)
    return book is not None and book.glossary is not None


def _spoken(catalog: Catalog, language: str) -> LanguagePack | None:
    """The language's book, with the glossary of the one whose words it uses where it has none (やさしい日本語)."""
    book = catalog.books.get(language)
    if book is None or book.glossary is not None:
        return book
    other = catalog.books.get(book.writing.locale)
    return replace(book, glossary=other.glossary) if other else book


def grave(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those that ask for a reason before the words go out."""
    return tuple(one for one in findings if one.level is Level.ERROR)


def own_domains(catalog: Catalog) -> frozenset[str]:
    """The domains of the house: of its page, of its own site."""
    hosts = (urlsplit(address).hostname for address in (catalog.site.address, catalog.site.home))
    return frozenset(host.removeprefix("www.") for host in hosts if host)


@lru_cache(maxsize=8)
def _word_findings(
    text: str, index: Index | None, own: frozenset[str], language: str, notice: NoticeKind | None
) -> tuple[Finding, ...]:
    """Kept for a moment: one request of the desk asks several times about the same boxes."""
    return tuple(_each_word(fold(text), index, own, language, notice))


def _each_word(
    text: Folded, index: Index | None, own: frozenset[str], language: str, notice: NoticeKind | None
) -> Iterator[Finding]:
    marks = traces(text, own)
    taken = [(one.start, one.end) for one in marks]
    meant_otherwise: dict[str, bool] = {}
    for mark in marks:
        if mark.code == FINE:
            continue
        level = Level.HINT if mark.hint else level_of(mark.kind, notice)
        yield Finding(*text.span(mark.start, mark.end), mark.kind, level, mark.code)
    if index is None:
        return
    for start, end, term in [*index.hits(text, taken)]:
        taken.append((start, end))
        if term is None:
            continue
        if term.id not in meant_otherwise:
            meant_otherwise[term.id] = index.taken_back(term, text)
        if not meant_otherwise[term.id]:
            yield _of_term(text, (start, end, term), index.fit, notice)
    for one in strange(text, index, Taken(taken), language=language):
        if one.term is not None:
            yield _of_term(text, (one.start, one.end, one.term), index.fit, notice)
        else:
            level = level_of("unknown", notice) if one.sure else Level.HINT
            yield Finding(*text.span(one.start, one.end), "unknown", level, "unknown")


def _of_term(text: Folded, found: tuple[int, int, Term], fit: Fit, notice: NoticeKind | None) -> Finding:
    start, end, term = found
    level = Level(term.level) if term.level else level_of(term.kind, notice)
    start, end, instead = fitted(text, start, end, term.instead, fit)
    return Finding(*text.span(start, end), term.kind, level, term.kind, instead, term.why)
