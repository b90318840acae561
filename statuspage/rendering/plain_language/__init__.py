"""The check for plain language: words and sentences that customers do not understand or should not read."""

from statuspage.rendering.plain_language.check import find_unplain, grave, knows
from statuspage.rendering.plain_language.findings import CLASSES, Finding, Level, why_of
from statuspage.rendering.plain_language.glossary_index import index_of
from statuspage.rendering.plain_language.normalization import fold, readable
from statuspage.rendering.plain_language.notice_structure import Context
from statuspage.rendering.plain_language.patterns import BadPattern, balanced, patterns

__all__ = [
    "CLASSES",
    "BadPattern",
    "Context",
    "Finding",
    "Level",
    "balanced",
    "find_unplain",
    "fold",
    "grave",
    "index_of",
    "knows",
    "patterns",
    "readable",
    "why_of",
]
