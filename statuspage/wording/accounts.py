"""The report after an incident: Markdown as somebody wrote it, made clean HTML for the page."""

from __future__ import annotations

import re

import markdown
import nh3

from statuspage.catalog import Marks

_TAGS = set("p h2 h3 h4 h5 h6 ul ol li strong em code pre blockquote a br hr table thead tbody tr th td".split())
_HEADING = re.compile(r"(</?h)([1-5])(?=>)")


def html(text: str, marks: Marks) -> str:
    """The text as HTML without anything that runs or loads; its headings stand below the page's own.

    In a drill it begins and ends with the marks, in paragraphs of their own. "" for no text.
    """
    if not text.strip():
        return ""
    made = markdown.markdown(text, extensions=["tables", "sane_lists"], output_format="html")
    lower = _HEADING.sub(lambda found: f"{found[1]}{int(found[2]) + 1}", made)
    clean = nh3.clean(lower, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"})
    start, end = (f"<p>{mark.strip()}</p>" if mark.strip() else "" for mark in (marks.start, marks.end))
    return f"{start}{clean}{end}"
