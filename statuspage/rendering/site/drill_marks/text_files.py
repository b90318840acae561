"""Checks that a drill's feeds, API files, calendars, images and plain text files are marked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from statuspage.domain import DRILL, EnvironmentMarks


def check_atom(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """The places of an Atom feed that lack their mark."""
    header, *entries = re.split(r"<entry>", text)
    yield from _check_feed(header, marks, name="title", about="subtitle")
    if not all(name.startswith(marks.start) for name in _element_texts(header, "name")):
        yield "author"
    if not all(f":{marks.feed_namespace}" in id for id in _element_texts(header, "id")[:1]):
        yield "id of the feed"
    for number, entry in enumerate(entries, 1):
        yield from (f"{place} of entry {number}" for place in _check_item(entry, marks, "content", "id"))
        if f'term="{marks.machine}"' not in entry:
            yield f"category of entry {number}"


def check_rss(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """The places of an RSS feed that lack their mark."""
    header, *items = re.split(r"<item>", text)
    yield from _check_feed(header, marks, name="title", about="description")
    for number, item in enumerate(items, 1):
        text_of_item = "content:encoded" if "<content:encoded>" in item else "description"
        yield from (f"{place} of item {number}" for place in _check_item(item, marks, text_of_item, "guid"))
        if f">{marks.machine}</category>" not in item:
            yield f"category of item {number}"


def _check_feed(header: str, marks: EnvironmentMarks, *, name: str, about: str) -> Iterator[str]:
    if not all(title.startswith(marks.start) for title in _element_texts(header, name)):
        yield name
    if _element_texts(header, about)[:1] != [marks.banner]:
        yield about
    if marks.machine not in header:
        yield "category"


def _check_item(item: str, marks: EnvironmentMarks, text_tag: str, id_tag: str) -> Iterator[str]:
    if not all(_at_both_ends(title, marks) for title in _element_texts(item, "title")):
        yield "title"
    bodies = _element_texts(item, text_tag)
    updates = [update for body in bodies for update in re.findall(r"</strong> - (.*?)</p>", body, re.DOTALL)]
    texts = [re.sub(r"<[^>]+>", "", unescape(body)) for body in (*bodies, *updates)]
    marked_often = ["".join(bodies).count(mark.strip()) > len(updates) for mark in (marks.start, marks.end)]
    if not texts or not all(marked_often) or not all(_at_both_ends(plain_text, marks) for plain_text in texts):
        yield "text"
    if not all(DRILL in value for value in _element_texts(item, id_tag)):
        yield "id"


def _element_texts(text: str, tag: str) -> list[str]:
    matches = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", text, re.DOTALL)
    return [unescape(re.sub(r"^<!\[CDATA\[(.*)\]\]>$", r"\1", match, flags=re.DOTALL)) for match in matches]


def check_client_file(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """The places of a JSON file that lack their mark."""
    objects = _json_objects(text)
    yield from _check_status(objects, marks)
    for item in objects:
        yield from _check_object(item, marks)


def check_history(
    marks_by_language: Mapping[str, EnvironmentMarks], text: str, marks: EnvironmentMarks
) -> Iterator[str]:
    """The places of a file of the public history that lack their mark, in any language."""
    objects = _json_objects(text)
    yield from _check_status(objects, marks)
    yield from () if objects and str(objects[0].get("site")).startswith(marks.start) else ("name of the site",)
    for item in objects:
        if "notices" in item and not str(item.get("id")).startswith(DRILL):
            yield "id of an incident"
        if "media" in item and not all(
            _language_is_marked(item, marks_by_language.get(str(item.get("language")), marks))
        ):
            yield f"text of a notice in {item.get('language')}"


def _language_is_marked(item: dict[str, Any], marks: EnvironmentMarks) -> Iterator[bool]:
    """Whether each text of a notice in one language is marked; its sentences count as one text."""
    yield from (_at_both_ends(str(item.get(name)), marks) for name in ("title", "headline", "headline_html"))
    sentences = [str(sentence.get("text")) for sentence in item.get("sentences", [])]
    yield _at_both_ends("".join(sentences), marks)
    report = str(item.get("postmortem") or "")
    yield not report or report.startswith(f"<p>{marks.start.strip()}</p>")
    yield not report or report.endswith(f"<p>{marks.end.strip()}</p>")
    for medium in item["media"].values():
        yield _at_both_ends(str(medium.get("body")), marks)
        yield not medium.get("subject") or _at_both_ends(str(medium["subject"]), marks)


def _json_objects(text: str) -> list[dict[str, Any]]:
    try:
        return list(_objects(json.loads(text)))
    except ValueError:
        return []


def _check_status(objects: list[dict[str, Any]], marks: EnvironmentMarks) -> Iterator[str]:
    if [item["cap_status"] for item in objects if "cap_status" in item] != [marks.machine]:
        yield "cap_status"


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from _objects(inner)


def _check_object(item: dict[str, Any], marks: EnvironmentMarks) -> Iterator[str]:
    if "time_zone" in item and not str(item.get("name")).startswith(marks.start):
        yield "name of the page"
    if "indicator" in item and not str(item.get("description")).startswith(marks.start):
        yield "description"
    if "incident_updates" in item:
        yield from () if _at_both_ends(str(item.get("name")), marks) else ("name of an incident",)
        yield from () if str(item.get("id")).startswith(DRILL) else ("id of an incident",)
    if "body" in item and not _at_both_ends(str(item["body"]), marks):
        yield "text of a notice"


def check_calendar(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """The places of a calendar that lack their mark."""
    header, *events = unfold_lines(text).replace("\\,", ",").replace("\\;", ";").split("BEGIN:VEVENT")
    for name in ("NAME", "X-WR-CALNAME"):
        if not _field(header, name).startswith(marks.start):
            yield name
    if _field(header, "X-CAP-STATUS") != marks.machine:
        yield "X-CAP-STATUS"
    for number, event in enumerate(events, 1):
        checks = {
            "SUMMARY": _field(event, "SUMMARY").startswith(marks.start),
            "DESCRIPTION": "\nDESCRIPTION" not in event or _field(event, "DESCRIPTION").endswith(marks.end.strip()),
            "CATEGORIES": marks.machine in _field(event, "CATEGORIES"),
            "UID": DRILL in _field(event, "UID"),
        }
        yield from (f"{name} of event {number}" for name, is_marked in checks.items() if not is_marked)


def unfold_lines(text: str) -> str:
    """A calendar's lines, unfolded (RFC 5545, 3.1)."""
    return re.sub(r"\r?\n[ \t]", "", text)


def _field(text: str, name: str) -> str:
    match = re.search(rf"^{name}(?:;[^:\r\n]*)?:([^\r\n]*)", text, re.MULTILINE)
    return match[1] if match else ""


def check_picture(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """The places of an SVG image that lack their mark."""
    if not re.search(rf'<svg\b[^>]*\bdata-cap-status="{re.escape(marks.machine)}"', text):
        yield "data-cap-status"
    if not all(title.startswith(marks.start) for title in _element_texts(text, "title") or [""]):
        yield "title"
    if not any(marks.word in label for label in _element_texts(text, "text")):
        yield "text"


def check_script(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """The places of a script that lack their mark. Its text is in plain ASCII."""
    if not text.startswith(f"/* {marks.start}"):
        yield "head"
    if "textContent=" in text and f"textContent={json.dumps(marks.start)[:-1]}" not in text:
        yield "line"


def check_plain_text(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """The lines of a plain text file that lack their mark."""
    if not text.startswith(marks.start):
        yield "first line"
    if not text.rstrip().endswith(marks.end.strip()):
        yield "last line"


def _at_both_ends(text: str, marks: EnvironmentMarks) -> bool:
    return text.startswith(marks.start.strip()) and text.rstrip().endswith(marks.end.strip())
