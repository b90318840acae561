"""Whether feeds, client files, calendars, pictures and plain texts of a drill can be told from real ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from statuspage.domain import DRILL, EnvironmentMarks


def atom(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """Names of the places of an Atom feed that lack their mark."""
    head, *entries = re.split(r"<entry>", text)
    yield from _of_feed(head, marks, name="title", about="subtitle")
    if not all(name.startswith(marks.start) for name in _texts(head, "name")):
        yield "author"
    if not all(f":{marks.feed}" in id for id in _texts(head, "id")[:1]):
        yield "id of the feed"
    for number, entry in enumerate(entries, 1):
        yield from (f"{place} of entry {number}" for place in _of_item(entry, marks, "content", "id"))
        if f'term="{marks.machine}"' not in entry:
            yield f"category of entry {number}"


def rss(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """Names of the places of an RSS feed that lack their mark."""
    head, *items = re.split(r"<item>", text)
    yield from _of_feed(head, marks, name="title", about="description")
    for number, item in enumerate(items, 1):
        text_of_item = "content:encoded" if "<content:encoded>" in item else "description"
        yield from (f"{place} of item {number}" for place in _of_item(item, marks, text_of_item, "guid"))
        if f">{marks.machine}</category>" not in item:
            yield f"category of item {number}"


def _of_feed(head: str, marks: EnvironmentMarks, *, name: str, about: str) -> Iterator[str]:
    if not all(title.startswith(marks.start) for title in _texts(head, name)):
        yield name
    if _texts(head, about)[:1] != [marks.banner]:
        yield about
    if marks.machine not in head:
        yield "category"


def _of_item(item: str, marks: EnvironmentMarks, text: str, id: str) -> Iterator[str]:
    if not all(_at_both_ends(title, marks) for title in _texts(item, "title")):
        yield "title"
    whole = _texts(item, text)
    updates = [said for found in whole for said in re.findall(r"</strong> - (.*?)</p>", found, re.DOTALL)]
    said = [re.sub(r"<[^>]+>", "", unescape(found)) for found in (*whole, *updates)]
    often = ["".join(whole).count(mark.strip()) > len(updates) for mark in (marks.start, marks.end)]
    if not said or not all(often) or not all(_at_both_ends(found, marks) for found in said):
        yield "text"
    if not all(DRILL in found for found in _texts(item, id)):
        yield "id"


def _texts(text: str, tag: str) -> list[str]:
    found = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", text, re.DOTALL)
    return [unescape(re.sub(r"^<!\[CDATA\[(.*)\]\]>$", r"\1", one, flags=re.DOTALL)) for one in found]


def client_file(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """Names of the places of a JSON file that lack their mark."""
    found = _json_objects(text)
    yield from _status_once(found, marks)
    for one in found:
        yield from _of_object(one, marks)
        yield from _of_json_feed(one, marks)


def history(of: Mapping[str, EnvironmentMarks], text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """Names of the places of a file of the public history that lack their mark, in any language."""
    found = _json_objects(text)
    yield from _status_once(found, marks)
    yield from () if found and str(found[0].get("site")).startswith(marks.start) else ("name of the site",)
    for one in found:
        if "notices" in one and not str(one.get("id")).startswith(DRILL):
            yield "id of an incident"
        if "media" in one and not all(_language_is_marked(one, of.get(str(one.get("language")), marks))):
            yield f"text of a notice in {one.get('language')}"


def _language_is_marked(one: dict[str, Any], marks: EnvironmentMarks) -> Iterator[bool]:
    """Whether each text of a notice in one language is marked; its sentences make one text."""
    yield from (_at_both_ends(str(one.get(name)), marks) for name in ("title", "headline", "headline_html"))
    said = [str(sentence.get("text")) for sentence in one.get("sentences", [])]
    yield _at_both_ends("".join(said), marks)
    report = str(one.get("account") or "")
    yield not report or report.startswith(f"<p>{marks.start.strip()}</p>")
    yield not report or report.endswith(f"<p>{marks.end.strip()}</p>")
    for medium in one["media"].values():
        yield _at_both_ends(str(medium.get("body")), marks)
        yield not medium.get("subject") or _at_both_ends(str(medium["subject"]), marks)


def _json_objects(text: str) -> list[dict[str, Any]]:
    try:
        return list(_objects(json.loads(text)))
    except ValueError:
        return []


def _status_once(found: list[dict[str, Any]], marks: EnvironmentMarks) -> Iterator[str]:
    if [one["cap_status"] for one in found if "cap_status" in one] != [marks.machine]:
        yield "cap_status"


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from _objects(inner)


def _of_object(one: dict[str, Any], marks: EnvironmentMarks) -> Iterator[str]:
    if "time_zone" in one and not str(one.get("name")).startswith(marks.start):
        yield "name of the page"
    if "indicator" in one and not str(one.get("description")).startswith(marks.start):
        yield "description"
    if "incident_updates" in one:
        yield from () if _at_both_ends(str(one.get("name")), marks) else ("name of an incident",)
        yield from () if str(one.get("id")).startswith(DRILL) else ("id of an incident",)
    if "body" in one and not _at_both_ends(str(one["body"]), marks):
        yield "text of a notice"


def _of_json_feed(one: dict[str, Any], marks: EnvironmentMarks) -> Iterator[str]:
    """A feed as JSON Feed 1.1 has it, and its items."""
    if "items" in one:
        named = [str(one.get("title")), *(str(author.get("name")) for author in one.get("authors", [{}]))]
        yield from (f"name {name!r}" for name in named if not name.startswith(marks.start))
        yield from () if one.get("description") == marks.banner else ("description of the feed",)
    if "content_text" in one:
        texts = [str(one.get(name)) for name in ("title", "content_text", "content_html")]
        whole = [re.sub(r"<[^>]+>", "", unescape(said)) for said in texts]
        yield from (f"text {said!r}" for said in whole if not _at_both_ends(said, marks))
        yield from () if DRILL in str(one.get("id")) else ("id of an item",)
        yield from () if marks.machine in one.get("tags", ()) else ("tag of an item",)


def calendar(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """Names of the places of a calendar that lack their mark."""
    head, *events = unfolded(text).replace("\\,", ",").replace("\\;", ";").split("BEGIN:VEVENT")
    for name in ("NAME", "X-WR-CALNAME"):
        if not _field(head, name).startswith(marks.start):
            yield name
    if _field(head, "X-CAP-STATUS") != marks.machine:
        yield "X-CAP-STATUS"
    for number, event in enumerate(events, 1):
        holds = {
            "SUMMARY": _field(event, "SUMMARY").startswith(marks.start),
            "DESCRIPTION": "\nDESCRIPTION" not in event or _field(event, "DESCRIPTION").endswith(marks.end.strip()),
            "CATEGORIES": marks.machine in _field(event, "CATEGORIES"),
            "UID": DRILL in _field(event, "UID"),
        }
        yield from (f"{name} of event {number}" for name, held in holds.items() if not held)


def unfolded(text: str) -> str:
    """A calendar's lines as they are meant (RFC 5545, 3.1)."""
    return re.sub(r"\r?\n[ \t]", "", text)


def _field(text: str, name: str) -> str:
    found = re.search(rf"^{name}(?:;[^:\r\n]*)?:([^\r\n]*)", text, re.MULTILINE)
    return found[1] if found else ""


def picture(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """Names of the places of an SVG picture that lack their mark."""
    if not re.search(rf'<svg\b[^>]*\bdata-cap-status="{re.escape(marks.machine)}"', text):
        yield "data-cap-status"
    if not all(title.startswith(marks.start) for title in _texts(text, "title") or [""]):
        yield "title"
    if not any(marks.word in said for said in _texts(text, "text")):
        yield "text"


def script(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """Names of the places of a script that lack their mark. Its line is written in pure ASCII."""
    if not text.startswith(f"/* {marks.start}"):
        yield "head"
    if "textContent=" in text and f"textContent={json.dumps(marks.start)[:-1]}" not in text:
        yield "line"


def unmarked_lines(text: str, marks: EnvironmentMarks) -> Iterator[str]:
    """Names of the lines of a plain text that lack their mark."""
    if not text.startswith(marks.start):
        yield "first line"
    if not text.rstrip().endswith(marks.end.strip()):
        yield "last line"


def _at_both_ends(text: str, marks: EnvironmentMarks) -> bool:
    return text.startswith(marks.start.strip()) and text.rstrip().endswith(marks.end.strip())
