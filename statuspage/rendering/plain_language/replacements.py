"""Makes words to write fit into the sentence in which others stood."""

from __future__ import annotations

import re

from statuspage.domain import Fit
from statuspage.rendering.plain_language.normalization import Folded

_BEGINS = re.compile(r"(?:^|[.!?:\n])\s*$")
"""What a sentence begins behind, where it has capital letters."""


def fitted(text: Folded, start: int, end: int, instead: str, fit: Fit) -> tuple[int, int, str]:
    """From where to where words are to be replaced, and what to write for them; see ``Fit``.

    Words with a place to fill (``[…]``) are somebody's to write anyway, and stay as they are.
    """
    if not instead or "[" in instead:
        return start, end, instead
    start = _with_article(text.lower, start, instead, fit)
    if text.cased[start].isupper() and _BEGINS.search(text.cased, max(0, start - 8), start):
        instead = instead[0].upper() + instead[1:]
    kept = next((one for one in fit.keep if text.lower.endswith(one, start + 1, end)), "")
    if kept and not instead.endswith(kept):
        return start, end - len(kept), instead
    return start, end, instead + fit.object if text.lower.startswith(fit.verbs, end) else instead


def _with_article(text: str, start: int, instead: str, fit: Fit) -> int:
    """Where the words begin together with the article before them, which those to write bring along themselves."""
    if instead.partition(" ")[0] not in fit.articles:
        return start
    before = re.search(r"(?<![\w'])([\w']+) $", text[max(0, start - 12) : start])
    return start - len(before[0]) if before and before[1] in fit.articles else start
