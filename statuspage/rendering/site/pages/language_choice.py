"""The language to which a browser is redirected from the root: for our server, for other servers, and for a script."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache

_MORE = "(?:-[A-Za-z0-9]+)*"
_WRITTEN = {"zh-Hans": "Hans|CN|SG|MY", "zh-Hant": "Hant|TW|HK|MO"}
"""Browsers name the region of Chinese rather than its script."""


def choose_language(header: str, languages: Sequence[str]) -> str:
    """The language that ``Accept-Language`` (RFC 9110, section 12.5.4) prefers; "" if the site has none of them."""
    preferences = [_parse_preference(entry) for entry in header.split(",")]
    for requested, weight in sorted(preferences, key=lambda preference: -preference[1]):
        for language, pattern in language_patterns(tuple(languages)):
            if weight and re.fullmatch(pattern, requested, re.IGNORECASE):
                return language
    return ""


def _parse_preference(entry: str) -> tuple[str, float]:
    requested, _, weight = entry.partition(";")
    quality = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", weight)
    return requested.strip(), float(quality[1]) if quality else 1.0


@lru_cache(maxsize=32)
def language_patterns(languages: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each language with the pattern of its browser names, the closest first: pt-PT matches pt-BR if there is no
    other."""
    by_primary: dict[str, str] = {}
    for language in languages:
        by_primary.setdefault(language.partition("-")[0], language)
    exact = [(language, _exact_pattern(language)) for language in languages if language not in by_primary.values()]
    return (*exact, *((language, _loose_pattern(primary, language)) for primary, language in by_primary.items()))


def _exact_pattern(language: str) -> str:
    primary = language.partition("-")[0]
    return f"{primary}-(?:{_WRITTEN[language]}){_MORE}" if language in _WRITTEN else f"{language}{_MORE}"


def _loose_pattern(primary: str, language: str) -> str:
    return f"{primary}(?:-(?:{_WRITTEN[language]}){_MORE})?" if language in _WRITTEN else f"{primary}{_MORE}"


def first_match_pattern(languages: Sequence[str]) -> str:
    """A pattern whose group 1 is the first range of the header that matches one of the languages. It is for servers
    that only have patterns and rely on the order, which is the order of preference in every browser's header."""
    return rf"(?:^|,)\s*({'|'.join(pattern for _, pattern in language_patterns(tuple(languages)))})\s*(?:[;,]|$)"


@lru_cache(maxsize=32)
def redirect_script(languages: tuple[str, ...]) -> str:
    """A script that redirects a browser from the root to its language, for hosts that cannot. "" if there is only one
    language."""
    if len(languages) < 2:
        return ""
    patterns = ",".join(
        f"[{json.dumps(language)},/^{pattern}$/i]" for language, pattern in language_patterns(languages)
    )
    return (
        'if(location.pathname.endsWith("/"))'
        f"(()=>{{const known=[{patterns}];for(const asked of navigator.languages)for(const[l,r]of known)"
        "if(r.test(asked)){"
        'if(l!==document.documentElement.lang)location.replace(l+"/"+location.search+location.hash);return}})();\n'
    )
