"""Checks that prepared texts are in plain language, and that every glossary entry matches its own example."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from statuspage.domain import Catalog, ContentError, LanguagePack
from statuspage.rendering.plain_language import (
    BadPattern,
    Finding,
    Level,
    build_bare_index,
    find_unplain,
    normalize_text,
    parse_patterns,
)


def find_errors(catalog: Catalog) -> Iterator[ContentError]:
    """The errors of every language that has a glossary."""
    for pack in catalog.packs.values():
        if pack.glossary is not None:
            yield from _find_entry_errors(pack)
            with suppress(BadPattern):  # Already reported.
                yield from _find_unplain_texts(pack, catalog)


def _find_entry_errors(pack: LanguagePack) -> Iterator[ContentError]:
    """Entries that cannot be parsed, or that do not match their example."""
    name = f"{pack.language}/glossary.toml"
    try:
        index = build_bare_index(pack)
    except BadPattern as error:
        yield ContentError(name, 1, "", str(error))
        return
    if pack.glossary is None or index is None:
        return
    for term in pack.glossary.terms:
        try:
            for pattern in (
                compiled
                for text in (*term.patterns, *term.related_patterns, *term.unless_patterns)
                for compiled in parse_patterns(text)
            ):
                pattern.compile()
            hits = index.find_hits(normalize_text(term.example))
            is_matched = any(found is not None and found.id == term.id for _, _, found in hits)
        except BadPattern as error:
            yield ContentError(name, 1, term.id, str(error))
            continue
        if not is_matched:
            yield ContentError(
                name, 1, term.id, f"This entry does not match its own example, “{term.example}”; fix one of them."
            )


def _find_unplain_texts(pack: LanguagePack, catalog: Catalog) -> Iterator[ContentError]:
    """Prepared texts with a finding and without a recorded exception."""
    exceptions = pack.glossary.exceptions if pack.glossary else {}
    for file, key, text in _customer_texts(pack):
        if f"{file}.{key}" in exceptions:
            continue
        shown_text = _SLOT.sub("…", text.replace("|", ""))
        for finding in find_unplain(shown_text, language=pack.language, catalog=catalog):
            if finding.level is not Level.HINT and finding.code != "nothing_said":  # one sentence of many
                yield ContentError(
                    f"{pack.language}/{file}.toml", 1, key, _finding_message(finding, shown_text, f"{file}.{key}", pack)
                )
                break


_SLOT = re.compile(r"\{\w+\}")


def _finding_message(finding: Finding, text: str, key: str, pack: LanguagePack) -> str:
    word = text[finding.start : finding.end]
    better = f"; better: “{finding.better_wording}”" if finding.better_wording else ""
    advice = f'reword it, or give a reason in {pack.language}/glossary.toml under [exceptions]: "{key}" = …'
    return f"Customers may not understand “{word}” ({finding.category}){better}. {advice[0].upper()}{advice[1:]}"


def _customer_texts(pack: LanguagePack) -> Iterator[tuple[str, str, str]]:
    """File, key and text of everything that customers read."""
    for key, text in pack.phrases.items():
        if not key.endswith(_STAFF_SUFFIXES) and not key.startswith(_STAFF_PREFIXES):
            yield "phrases", key, text
    for name, choices in pack.lists.items():
        yield from (("lists", f"{name}.{id}.text", choice.text) for id, choice in choices.items())
    for id, service in pack.services.items():
        for state, effect in service.impact_clauses.items():
            for form in ("now", "still", "again", "was"):
                text = getattr(effect, form)
                for name in filter(None, (service.noun, service.noun_capitalized)):
                    text = text.replace(name, "…")  # an own name is never jargon
                yield "organisation", f"services.{id}.{state}.{form}", text


_STAFF_SUFFIXES = (".prompt", ".label", ".name")
_STAFF_PREFIXES = ("staff.", "staff_unknown.", "time.", "email.")
