"""Redacts a text wherever it occurs in prose: plain, with Markdown or HTML markup inside it, or in an address."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import quote

from statuspage.domain.facts import Facts

SHORTEST, SHORTEST_ASCII = 2, 3
"""The minimum number of letters and digits in a text to redact (more if it is ASCII only), so that it does not match
within ordinary words."""

STRUCTURE = frozenset(
    """type event notice key language name at actor by channels recipient_role source identity started_at ended_at
    incident_type kind channel incident sequence id warning_classes""".split()
)
"""Names of values that are not prose: what something is, when it was, and who did it."""

FACTS = frozenset(field.name for field in fields(Facts)) - {"extra", "postmortem"}
"""Fields of facts that refer to prepared content."""

_WORDS_ALONE = ("labels", "payload", "form", "message", "extra", "postmortem")
"""Everything below these names is prose, whatever its own name."""

_AROUND = 24
"""Characters shown on either side of a match."""

_GLUE = r"(?:<[^<>]*>|[*`\\])*"
"""What may be between two letters without being visible to a reader: a tag, or Markdown markup."""

_GAP = r"(?:\s|&nbsp;|%20|\+)+"
_TAGS = "a b bdi blockquote br code em h1 h2 h3 h4 h5 h6 hr li ol p pre span strong table tbody td th thead tr ul"
_TAG = re.compile(rf"</?(?:{_TAGS.replace(' ', '|')})(?:\s[^<>]*)?>")
_LINK = re.compile(r"<a\s[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a text was found: its language ("" if unknown), and the words around it."""

    language: str
    before: str
    text: str
    after: str


def count_letters(text: str) -> int:
    """The number of letters and digits."""
    return sum(char.isalnum() for char in text)


def is_too_short(text: str) -> bool:
    """Whether it is so short that it would match within ordinary words."""
    return count_letters(text) < (SHORTEST_ASCII if text.isascii() else SHORTEST)


def search_pattern(text: str) -> re.Pattern[str]:
    """A pattern for the text that also matches other case, full and half width, escapes, and tags or line breaks inside
    it."""
    parts = (part for part in re.split(r"(\s+)|", text) if part)
    return re.compile(_GLUE.join(_GAP if part.isspace() else _letter(part) for part in parts), re.IGNORECASE)


def _letter(letter: str) -> str:
    folded = unicodedata.normalize("NFKC", letter)
    wide = chr(ord(folded) + 0xFEE0) if len(folded) == 1 and "!" <= folded <= "~" else folded
    forms = {letter, folded, wide}
    forms |= {escaped for form in forms for escaped in (html.escape(form), quote(form, safe=""))}
    forms |= {"&#39;", "&apos;"} if letter == "'" else {"&#34;"} if letter == '"' else set()
    return f"(?:{'|'.join(re.escape(form) for form in sorted(forms, key=len, reverse=True))})"


@dataclass(frozen=True, slots=True)
class RedactionMatcher:
    """The text to redact and its replacement: per language (``labels``), else ``default_label``."""

    pattern: re.Pattern[str]
    labels: Mapping[str, str]
    default_label: str

    def redact(self, value: Any) -> tuple[Any, tuple[Hit, ...]]:
        """The value (any JSON value) with the text redacted in all its prose, and where it was found.

        In facts only the free texts are prose; everything else refers to prepared content.
        """
        hits: list[Hit] = []
        return self._redact_value(value, "", hits), tuple(hits)

    def is_found_in(self, value: Any) -> bool:
        """Whether the text occurs anywhere in the value's prose."""
        return bool(self.redact(value)[1])

    def _redact_value(
        self, value: Any, language: str, hits: list[Hit], structure_keys: frozenset[str] = STRUCTURE
    ) -> Any:
        match value:
            case str():
                return self._redact_text(value, language, hits)
            case list() | tuple():
                return [self._redact_value(item, language, hits, structure_keys) for item in value]
            case Mapping():
                return {
                    name: inner
                    if name in structure_keys
                    else self._redact_value(inner, self._language_of(name, language), hits, _kept_fields(name))
                    for name, inner in value.items()
                }
        return value

    def _language_of(self, name: str, language: str) -> str:
        """The language of the text below this name: ``ja``, or ``extra.ja`` on a form."""
        suffix = name.rpartition(".")[2]
        return suffix if suffix in self.labels else language

    def _redact_text(self, text: str, language: str, hits: list[Hit]) -> str:
        label = self.labels.get(language, self.default_label)

        def replace_match(found_match: re.Match[str]) -> str:
            hits.append(_hit(text, found_match, language))
            return label + "".join(_TAG.findall(found_match[0]))

        def replace_link(link: re.Match[str]) -> str:
            if not (found_match := self.pattern.search(link[0])):
                return link[0]
            hits.append(_hit(link[0], found_match, language))
            return "<a>"

        return self.pattern.sub(replace_match, _LINK.sub(replace_link, text))


def _kept_fields(name: str) -> frozenset[str]:
    """The fields below this name that are not prose."""
    if name == "facts":
        return FACTS
    if name == "pending_approval":
        return STRUCTURE - {"notice"}  # whose ``notice`` is a whole notice
    return frozenset() if name in _WORDS_ALONE else STRUCTURE


def _hit(text: str, found_match: re.Match[str], language: str) -> Hit:
    start, end = found_match.span()
    return Hit(language, text[max(0, start - _AROUND) : start], found_match[0], text[end : end + _AROUND])
