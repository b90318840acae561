"""Renders a postmortem, written in Markdown, as clean HTML for the page."""

from __future__ import annotations

import re

from statuspage.domain import EnvironmentMarks

_TAGS = set("p h2 h3 h4 h5 h6 ul ol li strong em code pre blockquote a br hr table thead tbody tr th td".split())
_LINKS = 300
"""The maximum number of links in a postmortem. For each bracket, Markdown searches the rest of the text for its end."""

_NO_LINK = "\ue000"
"""Replaces brackets beyond that limit; from the private use area of Unicode."""

_LINK_SCHEME = re.compile(r"https?://|mailto:|tel:", re.IGNORECASE)
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)


def render_html(text: str, marks: EnvironmentMarks) -> str:
    """The text as HTML without anything that runs or loads; its headings are below the page's own.

    In a drill it begins and ends with the marks, in separate paragraphs. "" for no text.
    """
    if not text.strip():
        return ""
    import markdown  # Only here: most commands render no postmortem.
    import nh3

    limited = text if text.count("[") <= _LINKS else text.replace("[", _NO_LINK)
    rendered = markdown.markdown(limited, extensions=["tables", "sane_lists"], output_format="html")
    sanitized = nh3.clean(
        _lower_headings(rendered), tags=_TAGS, attributes={"a": {"href"}}, attribute_filter=_keep_absolute_url
    )
    start, end = (f"<p>{mark.strip()}</p>" if mark.strip() else "" for mark in (marks.start, marks.end))
    return f"{start}{sanitized.replace(_NO_LINK, '[')}{end}"


def _keep_absolute_url(_tag: str, name: str, value: str) -> str | None:
    """Keeps absolute URLs only: feeds and emails have no page that a relative URL could refer to."""
    return value if name == "rel" or _LINK_SCHEME.match(value) else None


def _lower_headings(rendered: str) -> str:
    """Moves the headings one level below the page's own, without gaps, whatever level the writer began with."""
    levels: list[int] = []

    def lower(match: re.Match[str]) -> str:
        level = int(match[1])
        while levels and levels[-1] >= level:
            levels.pop()
        levels.append(level)
        return f"<h{len(levels) + 1}>{match[2]}</h{len(levels) + 1}>"

    return _HEADING.sub(lower, rendered)
