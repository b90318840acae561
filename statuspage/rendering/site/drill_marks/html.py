"""Checks that a page of a drill is marked in every place where somebody may look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from statuspage.domain import EnvironmentMarks

COLOUR = "%237a2590"
"""The colour of the drill favicon: the token ``--drill``."""

_VOID = frozenset("meta link br wbr img input hr use path circle rect".split())


@dataclass(frozen=True, eq=False)
class _Element:
    tag: str
    attributes: dict[str, str]
    ancestors: tuple[_Element, ...] = ()
    children: list[str | _Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text inside, as written."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def attribute(self, name: str) -> str:
        """An attribute, "" if it is missing."""
        return self.attributes.get(name, "")

    def within(self, tag: str, css_class: str = "") -> bool:
        """Whether it is inside an element with this tag and class."""
        return any(
            e.tag == tag and (not css_class or css_class in e.attribute("class").split()) for e in self.ancestors
        )


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[_Element] = []
        self._open_elements: list[_Element] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = _Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open_elements))
        self._append(element)
        self.elements.append(element)
        if tag not in _VOID:
            self._open_elements.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while tag in [e.tag for e in self._open_elements] and self._open_elements.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._append(data)

    def _append(self, child: str | _Element) -> None:
        if self._open_elements:
            self._open_elements[-1].children.append(child)


def check_page(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """The places on the page that lack their mark."""
    elements = _Page(text).elements
    checks = [*_for_machines(elements, marks), *_around(elements, marks), *_in_words(elements, marks)]
    return (place for place, holds in checks if not holds)


def check_embed(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """The places that lack their mark in the banner embedded in another site's frame."""
    elements = _Page(text).elements
    meta = {e.attribute("name"): e.attribute("content") for e in elements if e.tag == "meta"}
    lines = [e.text for e in elements if e.tag == "p"]
    checks = [
        ("noindex", meta.get("robots", "").startswith("noindex,")),
        ("title", any(e.tag == "title" and e.text.startswith(marks.start) for e in elements)),
        ("line", not lines or (lines[0].startswith(marks.start) and lines[1:] == [marks.banner])),
    ]
    return (place for place, holds in checks if not holds)


MarkCheck = tuple[str, bool]


def _for_machines(elements: list[_Element], marks: EnvironmentMarks) -> Iterator[MarkCheck]:
    """Marks for machines: search engines, feed readers and scripts."""
    meta = {e.attribute("name") or e.attribute("property"): e.attribute("content") for e in elements if e.tag == "meta"}
    yield "cap:status", meta.get("cap:status") == marks.machine
    yield "noindex", meta.get("robots", "").startswith("noindex,")
    yield "description", _at_both_ends(meta.get("description", ""), marks)
    for name in ("og:description", "twitter:description"):
        yield name, _at_both_ends(meta[name], marks) if name in meta else True
    for name in ("og:title", "twitter:title"):
        yield name, meta.get(name, marks.start).startswith(marks.start)
    titles = [e.text for e in elements if e.tag == "title"]  # the page's own title, and those of images in it
    yield "title", bool(titles) and all(title.startswith(marks.start) for title in titles)
    icons = [e.attribute("href") for e in elements if e.tag == "link" and e.attribute("rel") == "icon"]
    yield "icon", all(COLOUR in icon for icon in icons)


def _around(elements: list[_Element], marks: EnvironmentMarks) -> Iterator[MarkCheck]:
    """Marks around the page, so that no screenshot of it can pass for a real one."""
    style = "".join(e.text for e in elements if e.tag == "style")
    yield "style", all(f".{name}" in style for name in ("dbar", "dtag", "dmark", "dframe"))
    yield "body", any(e.tag == "body" and "drill" in e.attribute("class").split() for e in elements)
    bars = [
        (e.attribute("aria-label"), e.text) for e in elements if e.tag == "aside" and e.attribute("class") == "dbar"
    ]
    yield "banner", bars == [(marks.word, f"{marks.word}{marks.banner}")]
    yield "footer", any(e.tag == "footer" and f"{marks.word} {marks.banner}" in e.text for e in elements)
    overlay_texts = [e.text for e in elements if e.tag == "text" and e.within("svg", "dmark")]
    yield "dmark", overlay_texts == [marks.word, marks.word]
    yield "dframe", any(e.tag == "div" and e.attribute("class") == "dframe" for e in elements)


def _in_words(elements: list[_Element], marks: EnvironmentMarks) -> Iterator[MarkCheck]:
    """Marks in headings, notices and the names of incidents."""
    yield "heading", any(e.tag == "h1" for e in elements)
    for e in elements:
        if e.tag == "h1" or (e.tag == "h2" and e.attribute("id").startswith("i-")):
            yield f"heading {e.text!r}", _tagged(e, marks)
        if e.tag == "summary" and e.within("div", "probs"):
            yield f"heading {e.text!r}", any(_tagged(bold, marks) for bold in _bold(e))
        if e.tag == "li" and e.within("div", "route") and e.attribute("class") != "next":
            yield f"notice {e.attribute('id')}", _at_both_ends(_mark_lines(e), marks)
        if e.tag == "details" and e.attribute("class") == "whole":
            yield "whole notice", _at_both_ends(_mark_lines(e), marks)
        is_listed = e.tag == "a" and e.within("li") and not e.within("div", "route") and not e.within("nav")
        if is_listed and "incidents/" in e.attribute("href"):
            yield f"link {e.text!r}", e.text.startswith(marks.start)
        if e.tag == "div" and e.attribute("class") == "prose text":  # a postmortem
            texts = [child.text for child in e.children if isinstance(child, _Element)] or [""]
            yield "report", texts[0].startswith(marks.start.strip()) and texts[-1].endswith(marks.end.strip())
        if e.tag == "svg" and e.attribute("class") == "code":
            captions = [child.text for child in e.children if isinstance(child, _Element) and child.tag == "text"]
            yield "picture", (e.attribute("data-cap-status"), captions) == (marks.machine, [marks.word])


def _tagged(heading: _Element, marks: EnvironmentMarks) -> bool:
    """Whether the heading starts with the mark in its tag, exactly once."""
    first_child = next((child for child in heading.children if not isinstance(child, str) or child.strip()), "")
    if isinstance(first_child, str):
        return False
    rest = heading.text.removeprefix(first_child.text).lstrip()
    return (first_child.attribute("class"), first_child.text) == ("dtag", marks.word) and not rest.startswith(
        marks.start.strip()
    )


def _bold(summary: _Element) -> list[_Element]:
    """What is bold in the row of an incident."""
    inside = [child for child in summary.children if isinstance(child, _Element)]
    return [bold for child in inside for bold in child.children if isinstance(bold, _Element) and bold.tag == "b"]


def _mark_lines(notice: _Element) -> str:
    return "\n".join(child.text for child in notice.children if isinstance(child, _Element) and child.tag == "p")


def _at_both_ends(text: str, marks: EnvironmentMarks) -> bool:
    return text.startswith(marks.start) and text.endswith(marks.end.strip())
