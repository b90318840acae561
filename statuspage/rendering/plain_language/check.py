"""The plain-language check: words and sentences that customers do not understand or should not read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlsplit

from statuspage.domain import Catalog, LanguagePack, NoticeKind, Readers, ReplacementRules, Term
from statuspage.rendering.plain_language.findings import TECHNICAL, Finding, Level, level_for
from statuspage.rendering.plain_language.glossary_index import GlossaryIndex, build_index
from statuspage.rendering.plain_language.intervals import SpanSet
from statuspage.rendering.plain_language.normalization import NormalizedText, normalize_text
from statuspage.rendering.plain_language.notice_structure import CheckContext, check_structure
from statuspage.rendering.plain_language.sentence_length import check_sentence_length
from statuspage.rendering.plain_language.technical_details import HARMLESS, find_technical_details
from statuspage.rendering.plain_language.unknown_words import find_unknown_words

_BARE = CheckContext()

LONGEST_TEXT = 20_000
"""The number of characters that are checked; no notice is that long."""


def find_unplain(text: str, *, language: str, catalog: Catalog, context: CheckContext = _BARE) -> tuple[Finding, ...]:
    """Every finding in a text in this language, in text order; what is missing from the text as a whole comes first.

    A language without a glossary is checked only for what is the same in all languages: hosts, keys, addresses, codes,
    length.
    """
    folded = normalize_text(text[:LONGEST_TEXT])
    pack = _pack_with_glossary(catalog, language)
    index = build_index(pack, catalog.site.allowed_words) if pack else None
    findings = [
        *check_structure(folded, index, context),
        *check_sentence_length(folded, pack.locale_rules if pack else None),
    ]
    locale = pack.locale_rules.locale if pack else language
    findings += _word_findings(text[:LONGEST_TEXT], index, own_domains(catalog), locale, context.notice)
    if catalog.site.readers is Readers.ENGINEERS:
        findings = [finding for finding in findings if finding.category not in TECHNICAL]
    return tuple(sorted(findings, key=lambda finding: (finding.start, finding.end)))


def has_glossary(catalog: Catalog, language: str) -> bool:
    """Whether there is a glossary for this language."""
    pack = _pack_with_glossary(catalog, language)
    return pack is not None and pack.glossary is not None


def _pack_with_glossary(catalog: Catalog, language: str) -> LanguagePack | None:
    """The language's pack; if it has no glossary, with the glossary of the language it is based on (やさしい日本語)."""
    pack = catalog.packs.get(language)
    if pack is None or pack.glossary is not None:
        return pack
    locale_pack = catalog.packs.get(pack.locale_rules.locale)
    return replace(pack, glossary=locale_pack.glossary) if locale_pack else pack


def blocking_findings(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Findings that need a reason before the notice can be published."""
    return tuple(finding for finding in findings if finding.level is Level.ERROR)


def own_domains(catalog: Catalog) -> frozenset[str]:
    """The company's domains: those of the page and of its own site."""
    hosts = (urlsplit(address).hostname for address in (catalog.site.address, catalog.site.homepage))
    return frozenset(host.removeprefix("www.") for host in hosts if host)


@lru_cache(maxsize=8)
def _word_findings(
    text: str, index: GlossaryIndex | None, allowed_domains: frozenset[str], language: str, notice: NoticeKind | None
) -> tuple[Finding, ...]:
    """Cached, because a single request of the desk checks the same fields several times."""
    return tuple(_iter_word_findings(normalize_text(text), index, allowed_domains, language, notice))


def _iter_word_findings(
    text: NormalizedText,
    index: GlossaryIndex | None,
    allowed_domains: frozenset[str],
    language: str,
    notice: NoticeKind | None,
) -> Iterator[Finding]:
    details = find_technical_details(text, allowed_domains)
    spans = [(detail.start, detail.end) for detail in details]
    exempt: dict[str, bool] = {}
    for detail in details:
        if detail.code == HARMLESS:
            continue
        level = Level.HINT if detail.is_hint else level_for(detail.category, notice)
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
            yield _term_finding(text, (start, end, term), index.replacement_rules, notice)
    for word in find_unknown_words(text, index, SpanSet(spans), language=language):
        if word.term is not None:
            yield _term_finding(text, (word.start, word.end, word.term), index.replacement_rules, notice)
        else:
            level = level_for("unknown", notice) if word.is_certain else Level.HINT
            yield Finding(*text.original_span(word.start, word.end), "unknown", level, "unknown")


def _term_finding(
    text: NormalizedText, hit: tuple[int, int, Term], rules: ReplacementRules, notice: NoticeKind | None
) -> Finding:
    start, end, term = hit
    level = Level(term.level) if term.level else level_for(term.term_class, notice)
    start, end, replacement = fit_replacement(text, start, end, term.replacement, rules)
    return Finding(
        *text.original_span(start, end), term.term_class, level, term.term_class, replacement, term.explanation
    )


_BEGINS = re.compile(r"(?:^|[.!?:\n])\s*$")
"""What precedes the beginning of a sentence, in scripts with capital letters."""


def fit_replacement(
    text: NormalizedText, start: int, end: int, replacement: str, rules: ReplacementRules
) -> tuple[int, int, str]:
    """Start and end of the words to replace, and the adapted replacement.

    Replacements with a placeholder (``[…]``) have to be edited by the writer anyway and are not adapted.
    """
    if not replacement or "[" in replacement:
        return start, end, replacement
    start = _with_article(text.lower, start, replacement, rules)
    if text.cased[start].isupper() and _BEGINS.search(text.cased, max(0, start - 8), start):
        replacement = replacement[0].upper() + replacement[1:]
    kept_ending = next((ending for ending in rules.kept_endings if text.lower.endswith(ending, start + 1, end)), "")
    if kept_ending and not replacement.endswith(kept_ending):
        return start, end - len(kept_ending), replacement
    return start, end, replacement + rules.object_particle if text.lower.startswith(rules.verbs, end) else replacement


def _with_article(text: str, start: int, replacement: str, rules: ReplacementRules) -> int:
    """The start of the words to replace, including a preceding article if the replacement brings its own."""
    if replacement.partition(" ")[0] not in rules.articles:
        return start
    article = re.search(r"(?<![\w'])([\w']+) $", text[max(0, start - 12) : start])
    return start - len(article[0]) if article and article[1] in rules.articles else start
