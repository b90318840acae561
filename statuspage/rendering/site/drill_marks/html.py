"""Whether a page of a drill can be told from a real one at every place where somebody may look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from statuspage.domain import EnvironmentMarks

COLOUR = "%237a2590"
"""Of the picture in the browser's tab: the token ``--drill``."""

_VOID = frozenset("meta link br wbr img input hr use path circle rect".split())
_NOTICE = re.compile(r"n-\d+")


@dataclass(frozen=True, eq=False)
class _Element:
    tag: str
    attributes: dict[str, str]
    above: tuple[_Element, ...] = ()
    parts: list[str | _Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text inside, as it is written."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    def get(self, name: str) -> str:
        """An attribute, "" when it is not there."""
        return self.attributes.get(name, "")

    def within(self, tag: str, kind: str = "") -> bool:
        """Whether it lies in such an element."""
        return any(e.tag == tag and (not kind or kind in e.get("class").split()) for e in self.above)


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.all: list[_Element] = []
        self._open: list[_Element] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = _Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        self._put(element)
        self.all.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while tag in [e.tag for e in self._open] and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._put(data)

    def _put(self, part: str | _Element) -> None:
        if self._open:
            self._open[-1].parts.append(part)


def lacking(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """Names of the places that lack their mark."""
    page = _Page(text).all
    places = [*_for_machines(page, marks), *_around(page, marks), *_in_words(page, marks)]
    return (place for place, holds in places if not holds)


def line(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """The same of the one line that stands in a frame of somebody else's page."""
    page = _Page(text).all
    named = {e.get("name"): e.get("content") for e in page if e.tag == "meta"}
    lines = [e.text for e in page if e.tag == "p"]
    places = [
        ("noindex", named.get("robots", "").startswith("noindex,")),
        ("title", any(e.tag == "title" and e.text.startswith(marks.start) for e in page)),
        ("line", not lines or (lines[0].startswith(marks.start) and lines[1:] == [marks.banner])),
    ]
    return (place for place, holds in places if not holds)


PlaceOfMark = tuple[str, bool]


def _for_machines(page: list[_Element], marks: EnvironmentMarks) -> Iterator[PlaceOfMark]:
    """What a search engine, a feed reader or somebody's script looks at."""
    named = {e.get("name") or e.get("property"): e.get("content") for e in page if e.tag == "meta"}
    yield "cap:status", named.get("cap:status") == marks.machine
    yield "noindex", named.get("robots", "").startswith("noindex,")
    yield "description", _at_both_ends(named.get("description", ""), marks)
    for name in ("og:description", "twitter:description"):
        yield name, _at_both_ends(named[name], marks) if name in named else True
    for name in ("og:title", "twitter:title"):
        yield name, named.get(name, marks.start).startswith(marks.start)
    titles = [e.text for e in page if e.tag == "title"]  # its own, and those of pictures in it
    yield "title", bool(titles) and all(title.startswith(marks.start) for title in titles)
    icons = [e.get("href") for e in page if e.tag == "link" and e.get("rel") == "icon"]
    yield "icon", all(COLOUR in icon for icon in icons)


def _around(page: list[_Element], marks: EnvironmentMarks) -> Iterator[PlaceOfMark]:
    """What frames a page so that no cut of it passes for a real one."""
    style = "".join(e.text for e in page if e.tag == "style")
    yield "style", all(f".{name}" in style for name in ("dbar", "dtag", "dmark", "dframe"))
    yield "body", any(e.tag == "body" and "drill" in e.get("class").split() for e in page)
    bars = [(e.get("aria-label"), e.text) for e in page if e.tag == "aside" and e.get("class") == "dbar"]
    yield "banner", bars == [(marks.word, f"{marks.word}{marks.banner}")]
    yield "footer", any(e.tag == "footer" and f"{marks.word} {marks.banner}" in e.text for e in page)
    over = [e.text for e in page if e.tag == "text" and e.within("svg", "dmark")]
    yield "dmark", over == [marks.word, marks.word]
    yield "dframe", any(e.tag == "div" and e.get("class") == "dframe" for e in page)


def _in_words(page: list[_Element], marks: EnvironmentMarks) -> Iterator[PlaceOfMark]:
    """Headings, notices and the names of incidents."""
    yield "heading", any(e.tag == "h1" for e in page)
    for e in page:
        if e.tag == "h1" or (e.tag == "h2" and e.get("id").startswith("i-")):
            yield f"heading {e.text!r}", _tagged(e, marks)
        if e.tag == "li" and _NOTICE.fullmatch(e.get("id")):
            yield f"notice {e.get('id')}", _at_both_ends(_mark_lines(e), marks)
        if e.tag == "a" and "incidents/" in e.get("href") and e.within("li") and not e.within("div", "route"):
            yield f"link {e.text!r}", e.text.startswith(marks.start)
        if e.tag == "div" and e.get("class") == "prose text":  # a report afterwards
            said = [part.text for part in e.parts if isinstance(part, _Element)] or [""]
            yield "report", said[0].startswith(marks.start.strip()) and said[-1].endswith(marks.end.strip())
        if e.tag == "svg" and e.get("class") == "code":
            below = [part.text for part in e.parts if isinstance(part, _Element) and part.tag == "text"]
            yield "picture", (e.get("data-cap-status"), below) == (marks.machine, [marks.word])


def _tagged(heading: _Element, marks: EnvironmentMarks) -> bool:
    """The word in its own small frame, first, and once."""
    first = next((part for part in heading.parts if not isinstance(part, str) or part.strip()), "")
    if isinstance(first, str):
        return False
    rest = heading.text.removeprefix(first.text).lstrip()
    return (first.get("class"), first.text) == ("dtag", marks.word) and not rest.startswith(marks.start.strip())


def _mark_lines(notice: _Element) -> str:
    return "\n".join(part.text for part in notice.parts if isinstance(part, _Element) and part.tag == "p")


def _at_both_ends(text: str, marks: EnvironmentMarks) -> bool:
    return text.startswith(marks.start) and text.endswith(marks.end.strip())
