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
from statuspage.rendering.plain_language.people import OwnContacts
from statuspage.rendering.plain_language.sentence_length import check_sentence_length
from statuspage.rendering.plain_language.technical_details import HARMLESS, TechnicalDetail, find_technical_details
from statuspage.rendering.plain_language.unknown_words import find_unknown_words
from statuspage.rendering.plain_language.word_context import SentenceSenses

_BARE = CheckContext()

NATIONAL_DIGITS = 9
"""The digits of a phone number that are the same with and without the country's prefix."""

LONGEST_TEXT = 20_000
"""The number of characters that are checked; no notice is that long."""


def find_unplain(text: str, *, language: str, catalog: Catalog, context: CheckContext = _BARE) -> tuple[Finding, ...]:
    """Every finding in a text in this language, in text order; what is missing from the text as a whole comes first.

    A language without a glossary is checked only for what is the same in all languages: hosts, keys, addresses, codes,
    length.
    """
    folded = _normalized_text(text[:LONGEST_TEXT])
    pack = _pack_with_glossary(catalog, language)
    index = build_index(pack, catalog.site.allowed_words) if pack else None
    findings = [
        *check_structure(folded, index, context),
        *check_sentence_length(folded, pack.locale_rules if pack else None),
    ]
    locale = pack.locale_rules.locale if pack else language
    findings += _word_findings(text[:LONGEST_TEXT], index, own_contacts(catalog), locale, context.notice)
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


def own_contacts(catalog: Catalog) -> OwnContacts:
    """How the company itself is reached: the domains of its page and its site, and what it names as its contact."""
    site = catalog.site
    hosts = (urlsplit(address).hostname for address in (site.address, site.homepage, site.contact.url))
    domains = (*(host.removeprefix("www.") for host in hosts if host), site.contact.url.partition("@")[2])
    phone = re.sub(r"\D", "", site.contact.phone)
    return OwnContacts(frozenset(filter(None, domains)), phone[-NATIONAL_DIGITS:])


@lru_cache(maxsize=4)
def _normalized_text(text: str) -> NormalizedText:
    return normalize_text(text)


@lru_cache(maxsize=8)
def _word_findings(
    text: str, index: GlossaryIndex | None, own: OwnContacts, language: str, notice: NoticeKind | None
) -> tuple[Finding, ...]:
    """Cached, because a single request of the desk checks the same fields several times."""
    return tuple(_iter_word_findings(_normalized_text(text), index, own, language, notice))


_QUOTED = re.compile(r"「[^「」\n]{1,60}」|“[^“”\n]{1,60}”|\"[^\"\n]{1,60}\"")
"""What customers read on the screen: a notice that quotes it is plainer than one that does not."""


def _iter_word_findings(
    text: NormalizedText,
    index: GlossaryIndex | None,
    own: OwnContacts,
    language: str,
    notice: NoticeKind | None,
) -> Iterator[Finding]:
    details = find_technical_details(text, own)
    quoted = SpanSet(text.original_span(*match.span()) for match in _QUOTED.finditer(text.cased))
    for detail in details:
        if detail.code == HARMLESS:
            continue
        start, end = text.original_span(detail.start, detail.end)
        is_hint = detail.is_hint or (detail.category == "metric" and quoted.overlaps(start, end))
        level = Level.HINT if is_hint else level_for(detail.category, notice)
        yield Finding(start, end, detail.category, level, detail.code)
    if index is not None:
        for finding in _glossary_findings(text, index, details, language, notice):
            is_quoted = finding.category in TECHNICAL and quoted.overlaps(finding.start, finding.end)
            yield replace(finding, level=Level.HINT) if is_quoted else finding


def _glossary_findings(
    text: NormalizedText,
    index: GlossaryIndex,
    details: list[TechnicalDetail],
    language: str,
    notice: NoticeKind | None,
) -> Iterator[Finding]:
    """Words of the glossary, and words on no list, outside the details."""
    spans = [(detail.start, detail.end) for detail in details]
    hits = [*index.find_hits(text, spans)]
    spans += [(start, end) for start, end, _ in hits]
    senses = SentenceSenses(text, index, hits, details)
    unknown_words = [*find_unknown_words(text, index, SpanSet(spans), language=language)]
    exempt: dict[str, bool] = {}
    for start, end, term in [*hits, *((word.start, word.end, word.term) for word in unknown_words)]:
        if term is None:
            continue
        if term.id not in exempt:
            exempt[term.id] = index.is_exempt(term, text)
        level = _term_level(term, start, senses, notice)
        if level is not None and not exempt[term.id]:
            yield _term_finding(text, (start, end, term), index.replacement_rules, level)
    for word in unknown_words:
        if word.term is None:
            span = text.original_span(word.start, word.end)
            yield Finding(*span, "unknown", level_for("unknown", notice), "unknown")


def _term_level(term: Term, start: int, senses: SentenceSenses, notice: NoticeKind | None) -> Level | None:
    """The level of a glossary word at this place; None where it is meant in its everyday sense."""
    class_level = level_for(term.term_class, notice)
    if term.has_everyday_meaning:
        return senses.level_of(term, start, class_level)
    return Level(term.level) if term.level else class_level


def _term_finding(text: NormalizedText, hit: tuple[int, int, Term], rules: ReplacementRules, level: Level) -> Finding:
    start, end, term = hit
    start, end, replacement = fit_replacement(text, start, end, term.replacement, rules)
    return Finding(
        *text.original_span(start, end),
        term.term_class,
        level,
        term.term_class,
        replacement,
        term.explanation,
        suggestion=term.suggestion,
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
