"""What customers and machines could read of an environment, collected without the program (rows, files, messages), and
to which environment it belongs.

The rules are deliberately written a second time and do not use the checks of ``rendering/site``.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lxml import etree, html

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Marks = Mapping[str, Mapping[str, Any]]
Texts = Mapping[str, str]

ATOM = "{http://www.w3.org/2005/Atom}"


def files(site: Path, print_of: Callable[[str], str], known: dict[str, str]) -> dict[str, str]:
    """The text of every published file whose hash is not in ``known`` yet, by full path."""
    found = {}
    for path in site.rglob("*"):
        if path.is_file() and known.get(str(path)) != print_of(str(path)):
            known[str(path)] = print_of(str(path))
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            found[str(path)] = data.decode("utf-8", "replace")
    return found


def outbox(folder: Path) -> list[str]:
    """The messages of a drill's channels."""
    return [json.loads(path.read_text("utf-8"))["message"]["text"] for path in sorted(folder.rglob("*.json"))]


def _bodies(rows: Rows) -> Iterator[Mapping[str, Any]]:
    for row in rows.get("entry", ()):
        if row["type"] == "notice":
            yield json.loads(row["body"]) if isinstance(row["body"], str) else row["body"]


def _words(rows: Rows) -> Iterator[Mapping[str, Any]]:
    for body in _bodies(rows):
        yield from body["texts"].values()


def _whole(words: Mapping[str, Any]) -> dict[str, str]:
    """Texts that are read on their own, by their place in a notice."""
    found = {name: words[name] for name in ("title", "headline", "headline_html")}
    found |= {name: text["body"] for name, text in words["media"].items()}
    return found | {f"subject of {name}": t["subject"] for name, t in words["media"].items() if t["subject"]}


def notices(rows: Rows) -> list[str]:
    """All texts of all notices."""
    return [text for words in _words(rows) for text in (*_whole(words).values(), words["postmortem"])]


def open_deliveries(rows: Rows) -> list[str]:
    """All texts of all messages in the queue."""
    payloads = (row["payload"] for row in rows.get("delivery", ()))
    plain = [json.loads(one) if isinstance(one, str) else one for one in payloads]
    return [text for payload in plain for text in payload.values()]


def turned(rows: Rows) -> list[str]:
    """Stored texts with characters that reverse text, except drafts."""
    plain = [repr(row) for table, found in rows.items() if table != "draft" for row in found]
    return [row for row in plain if re.search(r"\\u(202[a-e]|206[6-9])|[\u202a-\u202e\u2066-\u2069]", row)]


def of_live(rows: Rows, messages: Iterable[str], texts: Texts, marks: Marks) -> Iterator[str]:
    """Every drill mark found in what the live environment stores, sends or publishes."""
    wanted = {m[name].strip() for m in marks.values() for name in ("start_mark", "end_mark", "banner")} | {"Exercise"}
    wanted |= {json.dumps(one)[1:-1] for one in wanted} | {"/incidents/drill"}
    for text in (*map(json.dumps, _bodies(rows)), *notices(rows), *open_deliveries(rows), *messages, *texts.values()):
        yield from (f"{mark} in {text[:200]}" for mark in wanted if mark in text)


def of_drill(rows: Rows, messages: Iterable[str], texts: Texts, marks: Marks) -> Iterator[str]:
    """Every part of a drill that could be mistaken for live."""
    for words in _words(rows):
        own = marks[words["language"]]
        yield from (f"{place}: {text}" for place, text in _whole(words).items() if not at_both_ends(text, [own]))
    # A service puts its own mention before the text; the text itself has its mark.
    composed_texts = [re.sub(r"^(?:<@\w+>\s*)+", "", text) for text in messages]
    yield from (text for text in (*open_deliveries(rows), *composed_texts) if not at_both_ends(text, marks.values()))
    for name, text in texts.items():
        plain = name.removesuffix(".gz")
        suffix = plain.rpartition(".")[2]
        lacking = _KINDS.get(suffix, _unknown)
        yield from (f"{name}: {one}" for one in lacking(text, [*marks.values()]))


def pages_of_pdf(file: Path) -> list[str]:
    """The text of each page, without spaces: another program breaks lines where it likes."""
    text = subprocess.run(["pdftotext", file, "-"], check=True, capture_output=True, text=True).stdout
    return [_packed(page) for page in text.split("\f") if page.strip()]


def printed_live(pages: Sequence[str], marks: Mapping[str, Any]) -> Iterator[str]:
    """Every drill mark in a document of the live environment."""
    wanted = [*(_packed(marks[name]) for name in ("start_mark", "end_mark", "banner")), "/incidents/drill"]
    yield from (f"{mark} in {page[:200]}" for page in pages for mark in wanted if mark in page)


def printed_drill(pages: Sequence[str], marks: Mapping[str, Any]) -> Iterator[str]:
    """Every page of a drill's document that could be mistaken for live."""
    yield from (f"page without its banner: {page[:200]}" for page in pages if _packed(marks["banner"]) not in page)


def _packed(text: str) -> str:
    return "".join(text.split())


def at_both_ends(text: str, marks: Iterable[Mapping[str, Any]]) -> bool:
    return any(
        text.startswith(m["start_mark"].strip()) and text.rstrip().endswith(m["end_mark"].strip()) for m in marks
    )


def begins(text: str, marks: Iterable[Mapping[str, Any]]) -> bool:
    return any(text.startswith(m["start_mark"].strip()) for m in marks)


Every = Sequence[Mapping[str, Any]]


def _unknown(text: str, marks: Every) -> Iterator[str]:
    yield "nobody knows how a file of this type is marked"


def _page(text: str, marks: Every) -> Iterator[str]:
    page = html.fromstring(text)
    whole = page.text_content()
    if not begins(page.findtext(".//title") or "", marks):
        yield "title"
    for name, wanted in (("robots", "noindex"), ("cap:status", "Exercise")):
        if not any(wanted in one for one in page.xpath(f"//meta[@name='{name}']/@content")):
            yield name
    if page.xpath("//main//p") and not any(m["banner"] in whole for m in marks):  # An embed may be empty.
        yield "banner"
    for notice in page.xpath("//li[starts-with(@id, 'n-')]"):
        content = notice.text_content()
        if not any(m["start_mark"].strip() in content and m["end_mark"].strip() in content for m in marks):
            yield f"notice {content!r}"


def _atom(text: str, marks: Every) -> Iterator[str]:
    feed = etree.fromstring(text.encode())
    for entry in feed.iter(f"{ATOM}entry"):
        yield from _item(entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}content"), marks)
        if "drill" not in (entry.findtext(f"{ATOM}id") or ""):
            yield "id"
    yield from _head(feed.findtext(f"{ATOM}title"), text, marks)


def _rss(text: str, marks: Every) -> Iterator[str]:
    feed = etree.fromstring(text.encode())
    for item in feed.iter("item"):
        yield from _item(item.findtext("title"), item.findtext("description"), marks)
    yield from _head(feed.findtext("channel/title"), text, marks)


def _head(title: str | None, text: str, marks: Every) -> Iterator[str]:
    if not begins(title or "", marks):
        yield f"name {title!r}"
    yield from _machine(text, marks)


def _item(title: str | None, body: str | None, marks: Every) -> Iterator[str]:
    content = re.sub(r"<[^>]+>", "", body or "")
    if not begins(title or "", marks):
        yield f"title {title!r}"
    if not any(m["start_mark"].strip() in content and m["end_mark"].strip() in content for m in marks):
        yield f"text {content!r}"


def _json(text: str, marks: Every) -> Iterator[str]:
    yield from _machine(text, marks)
    yield from _inside(json.loads(text), marks)


def _inside(value: Any, marks: Every) -> Iterator[str]:
    """Incidents, items and texts anywhere in a file."""
    if isinstance(value, list):
        for one in value:
            yield from _inside(one, marks)
    if not isinstance(value, dict):
        return
    named = value.get("name" if "incident_updates" in value else "title")
    if ("incident_updates" in value or "content_html" in value) and not begins(str(named), marks):
        yield f"name {named!r}"
    for key in ("body", "content_text"):
        if isinstance(value.get(key), str) and not at_both_ends(value[key], marks):
            yield f"text {value[key]!r}"
    for one in value.values():
        yield from _inside(one, marks)


def calendar(text: str, marks: Every) -> Iterator[str]:
    yield from _machine(text, marks)
    for summary in re.findall(r"^SUMMARY[^:]*:(.*?)\r?$", unfolded(text), re.MULTILINE):
        if not begins(summary, marks):
            yield f"summary {summary!r}"


def unfolded(calendar: str) -> str:
    """Its lines, unfolded (RFC 5545, 3.1)."""
    return re.sub(r"\r?\n[ \t]", "", calendar)


def _machine(text: str, marks: Every) -> Iterator[str]:
    if not any(m["cap_status"] in text for m in marks):
        yield "nothing for machines"


def _robots(text: str, marks: Every) -> Iterator[str]:
    if "Disallow: /\n" not in text:
        yield "open to all"


_KINDS: Mapping[str, Callable[[str, Every], Iterator[str]]] = {
    "html": _page,
    "atom": _atom,
    "rss": _rss,
    "json": _json,
    "ics": calendar,
    "svg": _machine,
    "js": _machine,
    "txt": _robots,
}
