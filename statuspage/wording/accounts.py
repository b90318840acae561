"""The report after an incident: Markdown as somebody wrote it, made clean HTML for the page."""

from __future__ import annotations

import re

import markdown
import nh3

from statuspage.catalog import Marks

_TAGS = set("p h2 h3 h4 h5 h6 ul ol li strong em code pre blockquote a br hr table thead tbody tr th td".split())
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)


def html(text: str, marks: Marks) -> str:
    """The text as HTML without anything that runs or loads; its headings stand below the page's own.

    In a drill it begins and ends with the marks, in paragraphs of their own. "" for no text.
    """
    if not text.strip():
        return ""
    made = markdown.markdown(text, extensions=["tables", "sane_lists"], output_format="html")
    clean = nh3.clean(
        _lowered(made), tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"}
    )
    start, end = (f"<p>{mark.strip()}</p>" if mark.strip() else "" for mark in (marks.start, marks.end))
    return f"{start}{clean}{end}"


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
