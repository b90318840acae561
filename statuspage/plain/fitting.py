"""Makes words to write fit into the sentence in which others stood."""

from __future__ import annotations

from statuspage.catalog import Fit


def fitted(text: str, start: int, end: int, instead: str, fit: Fit) -> tuple[int, str]:
    """Where the words to be replaced end, and what to write for them; see ``Fit``.

    Words with a place to fill (``[…]``) are somebody's to write anyway, and stay as they are.
    """
    if not instead or "[" in instead:
        return end, instead
    kept = next((one for one in fit.keep if text.endswith(one, start + 1, end)), "")
    if kept and not instead.endswith(kept):
        return end - len(kept), instead
    return end, instead + fit.object if text.startswith(fit.verbs, end) else instead
