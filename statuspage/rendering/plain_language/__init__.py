"""The plain-language check: words and sentences that customers do not understand or should not read."""

from statuspage.rendering.plain_language.check import blocking_findings, find_unplain, has_glossary
from statuspage.rendering.plain_language.findings import CATEGORIES, Finding, Level, reason_for
from statuspage.rendering.plain_language.glossary_index import build_bare_index
from statuspage.rendering.plain_language.normalization import blank_markup, normalize_text
from statuspage.rendering.plain_language.notice_structure import CheckContext
from statuspage.rendering.plain_language.patterns import BadPattern, check_brackets, parse_patterns

__all__ = [
    "CATEGORIES",
    "BadPattern",
    "CheckContext",
    "Finding",
    "Level",
    "blank_markup",
    "blocking_findings",
    "build_bare_index",
    "check_brackets",
    "find_unplain",
    "has_glossary",
    "normalize_text",
    "parse_patterns",
    "reason_for",
]
