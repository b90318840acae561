"""Fits a replacement into the sentence around a finding."""

from __future__ import annotations

import re

from statuspage.domain import ReplacementRules
from statuspage.rendering.plain_language.normalization import NormalizedText

_BEGINS = re.compile(r"(?:^|[.!?:\n])\s*$")
"""What precedes the beginning of a sentence, in scripts with capital letters."""


def fit_replacement(
    text: NormalizedText, start: int, end: int, replacement: str, rules: ReplacementRules
) -> tuple[int, int, str]:
    """Start and end of the words to replace, and the fitted replacement.

    Replacements with a placeholder (``[…]``) need a writer anyway, and stay as they are.
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
    """The start of the words, including an article before them if the replacement brings its own."""
    if replacement.partition(" ")[0] not in rules.articles:
        return start
    article = re.search(r"(?<![\w'])([\w']+) $", text[max(0, start - 12) : start])
    return start - len(article[0]) if article and article[1] in rules.articles else start
