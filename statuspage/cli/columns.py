"""Aligns the columns of a list in the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def align(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line for each row: every column but the last as wide as its widest text, with two spaces between."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    """How many cells of a terminal a text takes: Japanese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
