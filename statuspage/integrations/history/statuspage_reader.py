"""Reads ``api/v2`` and the history feeds of another page into one format, whatever their variations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

from statuspage.integrations.history import instatus
from statuspage.integrations.history.fetch import MAX_DEPTH, FileMissing, Source, UnreadablePage
from statuspage.integrations.history.html_to_text import html_to_text

MAX_ENTRIES = 20_000
"""The maximum number of incidents and their updates on one page, together."""


@dataclass(frozen=True, slots=True)
class Update:
    """One update: the state it announced ("" if it is only labelled *update*), its text, and its times."""

    status: str
    body: str
    posted: datetime
    displayed: datetime
    affected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One incident or maintenance of another page, its updates oldest first. ``components``: name and worst state."""

    id: str
    name: str
    status: str
    created: datetime
    started: datetime
    resolved: datetime | None
    planned: tuple[datetime, datetime] | None
    components: tuple[tuple[str, str], ...]
    updates: tuple[Update, ...]


def read_entries(source: Source) -> tuple[Entry, ...]:
    """All entries of the JSON files, without duplicates, in the order of creation. Raises UnreadablePage,
    FileMissing."""
    by_id: dict[str, Entry] = {}
    for key, name, body in _bodies(source):
        items = body.get(key) if isinstance(body, dict) else None
        if not isinstance(items, list) or len(items) > MAX_ENTRIES:
            raise UnreadablePage("no_list", f"api/v2/{name}.json", key)
        for item in items:
            entry = _entry(f"api/v2/{name}.json", item)
            by_id.setdefault(entry.id, entry)
    return tuple(sorted(by_id.values(), key=lambda entry: (entry.created, entry.id)))


def _bodies(source: Source) -> Iterator[tuple[str, str, Any]]:
    """The files of ``api/v2`` that there are, else what Instatus publishes instead: key, name and content."""
    bodies: dict[str, Any] = {}
    for name in _FILES:
        try:
            bodies[name] = source.read_json(f"api/v2/{name}.json")
        except FileMissing:
            continue
    for name, body in (bodies or instatus.read_as_api(source)).items():
        if name in _FILES:
            yield _FILES[name], name, body


_FILES = {"incidents": "incidents", "scheduled-maintenances": "scheduled_maintenances"}
"""Each file with the key of its list."""


def read_feeds(source: Source) -> tuple[Entry, ...]:
    """The entries of ``history.atom`` or ``history.rss``, oldest first; none if both are missing. Raises
    UnreadablePage."""
    for name in ("history.atom", "history.rss"):
        try:
            root = _parse_xml(name, source.read_bytes(name))
        except FileMissing:
            continue
        items = [element for element in root.iter() if _local_name(element) in ("entry", "item")]
        return tuple(reversed([entry for item in items[:MAX_ENTRIES] if (entry := _from_feed(item))]))
    return ()


def parse_time(value: object) -> datetime | None:
    """A time with a zone, in UTC; None if it is invalid."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else None


def _entry(file: str, item: Any) -> Entry:
    if not isinstance(item, dict):
        raise UnreadablePage("no_entry", file)
    id, created = item.get("id"), parse_time(item.get("created_at"))
    if not isinstance(id, str) or not 0 < len(id) <= 100 or created is None:
        raise UnreadablePage("no_id", file)
    start, end = parse_time(item.get("scheduled_for")), parse_time(item.get("scheduled_until"))
    updates = sorted(_updates(item, created), key=lambda update: update.posted)
    return Entry(
        id=id,
        name=html_to_text(item.get("name"), 300) or id,
        status=_clean_status(item.get("status")),
        created=created,
        started=min(parse_time(item.get("started_at")) or created, created),
        resolved=parse_time(item.get("resolved_at")),
        planned=(start, max(end, start)) if start and end else None,
        components=tuple(_components(item)),
        updates=tuple(updates),
    )


def _updates(item: Mapping[str, Any], created: datetime) -> Iterator[Update]:
    items = item.get("incident_updates")
    for update in items[:MAX_ENTRIES] if isinstance(items, list) else ():
        if isinstance(update, dict):
            posted = parse_time(update.get("created_at")) or created
            displayed = parse_time(update.get("display_at")) or posted
            changes = update.get("affected_components")
            affected = tuple(
                (html_to_text(change.get("name"), 300).rpartition(" - ")[2], _clean_status(change.get("new_status")))
                for change in (changes if isinstance(changes, list) else ())
                if isinstance(change, dict)
            )
            yield Update(
                _clean_status(update.get("status")), html_to_text(update.get("body")), posted, displayed, affected
            )


def _components(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    items = item.get("components")
    for component in items if isinstance(items, list) else ():
        if isinstance(component, dict):
            yield html_to_text(component.get("name"), 300), _clean_status(component.get("status"))


def _clean_status(value: object) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[a-z_]{1,40}", value) else ""


# Feeds


def _parse_xml(name: str, data: bytes) -> ElementTree.Element:
    """The root of a feed. A document type is rejected, which rules out entity expansion and external files."""
    prolog = _BEFORE_ROOT.match(data)
    if data.startswith(b"<!", prolog.end() if prolog else 0) or b"\0" in data:
        raise UnreadablePage("definitions", name)
    parser: ElementTree.XMLPullParser[Any] = ElementTree.XMLPullParser(("start", "end"))
    root: ElementTree.Element | None = None
    depth = 0
    try:
        for offset in range(0, len(data), 65_536):
            parser.feed(data[offset : offset + 65_536])
            events: Iterator[Any] = parser.read_events()
            for event, element in events:
                root = element if root is None else root
                depth += 1 if event == "start" else -1
                if depth > MAX_DEPTH:
                    raise UnreadablePage("too_deep", name)
        parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise UnreadablePage("no_xml", name) from error
    if root is None:
        raise UnreadablePage("no_xml", name)
    return root


_BEFORE_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
"""Everything that may precede the root (XML 1.0, 2.8) except a document type."""


def _local_name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _from_feed(item: ElementTree.Element) -> Entry | None:
    """The entry; None if it lacks its URL, its time or every paragraph."""
    fields = {_local_name(child): (child.text or "").strip() or child.get("href", "") for child in item}
    match = re.search(r"/incidents/([A-Za-z0-9]{1,100})/?$", fields.get("link", ""))
    newest = parse_time(fields.get("published")) or _parse_rfc822(fields.get("pubDate", ""))
    updates = tuple(_parse_paragraphs(fields.get("content") or fields.get("description", ""), newest)) if newest else ()
    if not match or newest is None or not updates:
        return None
    first_posted = updates[0].posted
    return Entry(
        match[1],
        html_to_text(fields.get("title"), 300) or match[1],
        "",
        first_posted,
        first_posted,
        None,
        None,
        (),
        updates,
    )


def _parse_rfc822(text: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else None


_PARAGRAPH = re.compile(
    r"\s*<small>(?P<when>.{1,400}?)</small>\s*<br\s*/?>\s*<strong>(?P<label>[^<]{1,60})</strong>\s*-(?P<body>.*)",
    re.DOTALL | re.IGNORECASE,
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def _parse_paragraphs(html: str, newest: datetime) -> Iterator[Update]:
    """Updates, oldest first. The feed has no year and only a short zone name: both are derived from the newest time."""
    parts = re.split(r"<p\b[^<>]{0,100}>", html[:2_000_000], flags=re.IGNORECASE)[:1000]
    matches = [paragraph for part in parts if (paragraph := _PARAGRAPH.match(part[:100_000]))]
    dated = [(match, clock) for match in matches if (clock := _clock_parts(html_to_text(match["when"])))]
    if not dated:
        return
    zone_offset = _nearest(dated[0][1], newest) - newest
    offset = timedelta(minutes=round(zone_offset.total_seconds() / 900) * 15)  # zones differ by quarters of an hour
    previous, updates = newest, []
    for index, (paragraph, clock) in enumerate(dated):
        posted = newest if index == 0 else _nearest(clock, previous + offset, allow_later=False) - offset
        previous = min(previous, posted)
        label = re.sub(r"\s+", "_", paragraph["label"].strip().lower())
        updates.append(
            Update(
                "" if label == "update" else _clean_status(label), html_to_text(paragraph["body"]), previous, previous
            )
        )
    yield from reversed(updates)


def _clock_parts(text: str) -> tuple[int, int, int, int] | None:
    """Month, day, hour, minute of “Nov 24, 10:03 UTC”."""
    match = re.match(r"([A-Za-z]{3})[a-z]*\s+(\d{1,2}),?\s+(\d{1,2}):(\d{2})", text)
    if not match or match[1].lower() not in _MONTHS:
        return None
    return _MONTHS.index(match[1].lower()) + 1, int(match[2]), int(match[3]), int(match[4])


def _nearest(clock: tuple[int, int, int, int], reference: datetime, *, allow_later: bool = True) -> datetime:
    """That day and time in the year nearest to ``reference``; without ``allow_later``, the last one before it."""
    month, day, hour, minute = clock
    candidates = []
    for year in (reference.year - 1, reference.year, reference.year + 1):
        try:
            candidates.append(datetime(year, month, day, min(hour, 23), min(minute, 59), tzinfo=UTC))
        except ValueError:
            continue  # 29 February
    allowed = (
        [candidate for candidate in candidates if allow_later or candidate <= reference + timedelta(minutes=1)]
        or candidates
        or [reference]
    )
    return min(allowed, key=lambda candidate: abs(candidate - reference))
