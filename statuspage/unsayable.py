"""The sentence that nobody may say, in a drill or outside one: that this is not a drill.

In Hawaii, in 2018, it stood in the script of a drill, and was believed. A real notice needs no such sentence: it
carries no mark.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache


def unsayable(text: str, never: Iterable[str]) -> str:
    """The first of ``never`` that the text says, however it is spaced, punctuated or capitalised; "" for none."""
    said = _bare(text)
    return next((one for one in never if _kept(one) in said), "")


@lru_cache(maxsize=256)
def _kept(one: str) -> str:
    return _bare(one)


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
