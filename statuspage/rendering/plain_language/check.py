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
    pack = _spoken(catalog, language)
    index = index_of(pack) if pack else None
    findings = [*structure(folded, index, context), *sentence_length(folded, pack.locale_rules if pack else None)]
    locale = pack.locale_rules.locale if pack else language
    findings += _word_findings(text[:LONGEST_TEXT], index, own_domains(catalog), locale, context.notice)
    return tuple(sorted(findings, key=lambda finding: (finding.start, finding.end)))


def knows(catalog: Catalog, language: str) -> bool:
    """Whether there is a glossary for this language."""
    pack = _spoken(catalog, language)
    return pack is not None and pack.glossary is not None


def _spoken(catalog: Catalog, language: str) -> LanguagePack | None:
    """The language's book, with the glossary of the one whose words it uses where it has none (やさしい日本語)."""
    pack = catalog.packs.get(language)
    if pack is None or pack.glossary is not None:
        return pack
    locale_pack = catalog.packs.get(pack.locale_rules.locale)
    return replace(pack, glossary=locale_pack.glossary) if locale_pack else pack


def grave(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those that ask for a reason before the words go out."""
    return tuple(finding for finding in findings if finding.level is Level.ERROR)


def own_domains(catalog: Catalog) -> frozenset[str]:
    """The domains of the house: of its page, of its own site."""
    hosts = (urlsplit(address).hostname for address in (catalog.site.address, catalog.site.homepage))
    return frozenset(host.removeprefix("www.") for host in hosts if host)


@lru_cache(maxsize=8)
def _word_findings(
    text: str, index: Index | None, allowed_domains: frozenset[str], language: str, notice: NoticeKind | None
) -> tuple[Finding, ...]:
    """Kept for a moment: one request of the desk asks several times about the same boxes."""
    return tuple(_each_word(fold(text), index, allowed_domains, language, notice))


def _each_word(
    text: Folded, index: Index | None, allowed_domains: frozenset[str], language: str, notice: NoticeKind | None
) -> Iterator[Finding]:
    details = traces(text, allowed_domains)
    spans = [(detail.start, detail.end) for detail in details]
    exempt: dict[str, bool] = {}
    for detail in details:
        if detail.code == FINE:
            continue
        level = Level.HINT if detail.is_hint else level_of(detail.category, notice)
        yield Finding(*text.original_span(detail.start, detail.end), detail.category, level, detail.code)
    if index is None:
        return
    for start, end, term in [*index.find_hits(text, spans)]:
        spans.append((start, end))
        if term is None:
            continue
        if term.id not in exempt:
            exempt[term.id] = index.is_exempt(term, text)
        if not exempt[term.id]:
            yield _of_term(text, (start, end, term), index.replacement_rules, notice)
    for word in strange(text, index, Taken(spans), language=language):
        if word.term is not None:
            yield _of_term(text, (word.start, word.end, word.term), index.replacement_rules, notice)
        else:
            level = level_of("unknown", notice) if word.is_certain else Level.HINT
            yield Finding(*text.original_span(word.start, word.end), "unknown", level, "unknown")


def _of_term(text: Folded, hit: tuple[int, int, Term], rules: Fit, notice: NoticeKind | None) -> Finding:
    start, end, term = hit
    level = Level(term.level) if term.level else level_of(term.term_class, notice)
    start, end, replacement = fitted(text, start, end, term.replacement, rules)
    return Finding(*text.original_span(start, end), term.term_class, level, term.term_class, replacement, term.explanation)
