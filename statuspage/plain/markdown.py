"""Markdown as its readers see it, for the check: what only a program reads is blanked, and every place is kept."""

from __future__ import annotations

import re

_CODE = (
    r"^[ \t]*(?:```|~~~)[^\n]*$"  # the fence of a block
    r"|^[ \t]*\[[^\]\n]+\]:[ \t][^\n]*$"  # where a link leads, apart from it
    r"|^[ \t]*(?:#{1,6}|>|[-*+]|\d+[.)])(?=[ \t])"  # headings, quotes, points of a list
    r"|!?\[(?=[^\]\n]*\]\()"  # a link or picture, up to its text
    r"|\]\([^)\n]*\)"  # where it leads
    r"|</?[A-Za-z][^>\n]*>"  # markup
    r"|\*+|`+|(?<![A-Za-z0-9])_+|_+(?![A-Za-z0-9])"  # stress and code
)
_SIGNS = re.compile(_CODE, re.MULTILINE)


def readable(text: str) -> str:
    """The text with blanks in the place of its signs, as long as before."""
    return _SIGNS.sub(lambda sign: " " * len(sign[0]), text)
