"""Converts updates of other pages, which may be any kind of HTML, to plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from statuspage.rendering.site import strip_forbidden

MAX_TEXT = 20_000
"""Maximum characters kept of one text."""

_BREAKS = frozenset({"br", "p", "div", "li", "tr"})
_SILENT = frozenset({"script", "style"})


def html_to_text(text: object, max_length: int = MAX_TEXT) -> str:
    """The text without tags. Line breaks are kept; a link keeps its URL in brackets."""
    if not isinstance(text, str):
        return ""
    extractor = _TextExtractor()
    extractor.feed(text[: max_length * 4])
    extractor.close()
    lines = (
        re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in strip_forbidden("".join(extractor.parts)).splitlines()
    )
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:max_length]


class _TextExtractor(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._link_url = ""
        self._silent_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS:
            self.parts.append("\n")
        if tag in _SILENT:
            self._silent_depth += 1
        if tag == "a":
            url = dict(attrs).get("href") or ""
            self._link_url = url if re.match(r"https?://\S+$", url) else ""

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent_depth = max(0, self._silent_depth - 1)
        if tag == "a" and self._link_url:
            if self.parts[-1:] != [self._link_url]:
                self.parts.append(f" ({self._link_url})")
            self._link_url = ""

    def handle_data(self, data: str) -> None:
        if not self._silent_depth:
            self.parts.append(data)
