"""Merges a preposition with the article of the name after it: *au portail*, *d’API*, *del panel*, *no painel*."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_MERGED: Mapping[str, Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "fr": {"à": {"le": "au", "les": "aux"}, "de": {"le": "du", "les": "des"}},
        "es": {"a": {"el": "al"}, "de": {"el": "del"}},
        "pt": {
            "a": {"o": "ao", "a": "à", "os": "aos", "as": "às"},
            "de": {"o": "do", "a": "da", "os": "dos", "as": "das"},
            "em": {"o": "no", "a": "na", "os": "nos", "as": "nas"},
            "por": {"o": "pelo", "a": "pela", "os": "pelos", "as": "pelas"},
        },
    }
)
"""Each preposition with the articles that merge with it."""

_DETERMINERS: Mapping[str, str] = MappingProxyType(
    {
        "fr": r"le |la |les |l[’']|un |une |d’autres |\d+ autres |nos |notre |vos |votre |leurs? ",
        "es": r"el |la |los |las |su |sus |otros ",
        "pt": r"o |a |os |as |sua |seu |suas |seus |outros ",
    }
)
"""With what an item of a list begins that takes the preposition again: *au portail et à la connexion*."""

_LIST_JOINTS: Mapping[str, str] = MappingProxyType(
    {
        "fr": ", ainsi que |, | et | ou | ni ",
        "es": ", así como |, | y | o | ni ",
        "pt": ", bem como |, | e | ou | nem ",
    }
)
_BEFORE_VOWEL = re.compile(r"(?!(?:onz|oui\b|ouist|yaourt))[aeiouàáâãäåéèêëíîïóôõöøúùûüœæ]", re.IGNORECASE)


def contract(plain: str, content: str, language: str) -> str:
    """The plain text and the names after it, the preposition between them merged and repeated as the language asks."""
    prepositions = _MERGED.get(language)
    if prepositions is None or not content:
        return plain + content
    words = plain.split(" ")
    if len(words) < 2 or words[-1]:
        return plain + content
    preposition = words[-2].lstrip("(«“‘\u00a0").lower()
    if preposition == "que" and language == "fr" and _BEFORE_VOWEL.match(content):
        return f"{plain[:-2]}’{content}"
    if preposition not in prepositions:
        return plain + content
    lead = plain[: -len(preposition) - 1]
    preposition_as_written = plain[len(lead) : -1]
    first, *rest = _items(content, language)
    return (
        lead
        + _with_preposition(preposition_as_written, first, language)
        + "".join(joint + _with_preposition(preposition, item, language) for joint, item in rest)
    )


def _items(content: str, language: str) -> tuple[str, *tuple[tuple[str, str], ...]]:
    """The first item of a list of names, and each further one with the words that join it on; of those after the first,
    only items with an article or the like count, so that a name is never taken apart."""
    pieces = re.split(rf"({_LIST_JOINTS[language]})(?={_DETERMINERS[language]})", content)
    return pieces[0], *zip(pieces[1::2], pieces[2::2], strict=True)


def _with_preposition(preposition: str, item: str, language: str) -> str:
    article, space, name = item.partition(" ")
    merged = _MERGED[language][preposition.lower()].get(article) if space else None
    if merged:
        return f"{_capital_as(preposition, merged)} {name}"
    if language == "fr" and preposition.lower() == "de" and _BEFORE_VOWEL.match(item):
        return f"{preposition[0]}’{item}"
    return f"{preposition} {item}"


def _capital_as(model: str, word: str) -> str:
    return word[0].upper() + word[1:] if model[0].isupper() else word
