"""The report after an incident: Markdown as somebody wrote it, made clean HTML for the page."""

from __future__ import annotations

import re

import markdown
import nh3

from statuspage.domain import EnvironmentMarks

_TAGS = set("p h2 h3 h4 h5 h6 ul ol li strong em code pre blockquote a br hr table thead tbody tr th td".split())
_LINKS = 300
"""How many links a report has at most. Markdown looks for the end of each bracket in all that follows."""

_NO_LINK = "\ue000"
"""Stands for a bracket where there are more; from the area of Unicode that means nothing."""

_LINK_SCHEME = re.compile(r"https?://|mailto:|tel:", re.IGNORECASE)
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)


def html(text: str, marks: EnvironmentMarks) -> str:
    """The text as HTML without anything that runs or loads; its headings stand below the page's own.

    In a drill it begins and ends with the marks, in paragraphs of their own. "" for no text.
    """
    if not text.strip():
        return ""
    plain = text if text.count("[") <= _LINKS else text.replace("[", _NO_LINK)
    made = markdown.markdown(plain, extensions=["tables", "sane_lists"], output_format="html")
    clean = nh3.clean(_lowered(made), tags=_TAGS, attributes={"a": {"href"}}, attribute_filter=_whole_address)
    start, end = (f"<p>{mark.strip()}</p>" if mark.strip() else "" for mark in (marks.start, marks.end))
    return f"{start}{clean.replace(_NO_LINK, '[')}{end}"


def _whole_address(_tag: str, name: str, value: str) -> str | None:
    """Feeds and mails know no page to which the rest of an address would belong."""
    return value if name == "rel" or _LINK_SCHEME.match(value) else None


def _lowered(made: str) -> str:
    """The same with its headings one level below the page's own, and none skipped, whichever the writer began with."""
    above: list[int] = []

    def lower(found: re.Match[str]) -> str:
        level = int(found[1])
        while above and above[-1] >= level:
            above.pop()
        above.append(level)
        return f"<h{len(above) + 1}>{found[2]}</h{len(above) + 1}>"

    return _HEADING.sub(lower, made)
