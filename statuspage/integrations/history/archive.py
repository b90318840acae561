"""The whole public history as published files, split so that none grows without limit; and reading them back.

``history/index.json`` lists the months, ``history/2026-07.json`` the parts of a month, and ``history/2026-07-1.json``
contains up to two incidents. The contents are described in ``docs/reference/files.md``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from statuspage.domain import (
    SITE_MEDIA,
    EventKind,
    Facts,
    Incident,
    Notice,
    NoticeKind,
    NoticeText,
    TimelineEntry,
    TimelineEvent,
)
from statuspage.rendering.site import SiteContext
from statuspage.serialization import from_json_value, to_json

VERSION = 1
"""Increase it if a reader of older files could misread newer ones. Additions alone do not count."""

INCIDENTS_PER_ARCHIVE = 2
"""Incidents in a part, in the order of their first notices. Each notice writes one part again."""

_STATUS_CHANGES = (EventKind.CLOSED, EventKind.REOPENED)
Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ArchivedNotice:
    """A notice as customers read it: its facts, when they were true, when it was published, and its texts by
    language."""

    sequence: int
    notice: NoticeKind
    happened: datetime
    recorded: datetime
    facts: Facts
    words: Mapping[str, NoticeText]


@dataclass(frozen=True, slots=True)
class StatusChange:
    """An incident was closed without a notice, or reopened."""

    sequence: int
    turn: EventKind
    happened: datetime
    recorded: datetime


@dataclass(frozen=True, slots=True)
class PublishedIncident:
    """Everything public about an incident. ``opened`` is part of the ids of its feed items."""

    id: str
    opened: datetime
    notices: tuple[ArchivedNotice, ...]
    turns: tuple[StatusChange, ...] = ()


def file_name(month: Month, number: int = 0) -> str:
    """The file of a month, or of one of its parts, counted from 1."""
    suffix = f"-{number}" if number else ""
    return f"history/{month[0]:04d}-{month[1]:02d}{suffix}.json"


def archive_number(preceding: int) -> int:
    """The part that contains an incident with this many before it in its month."""
    return preceding // INCIDENTS_PER_ARCHIVE + 1


def archive_count(incidents: int) -> int:
    """How many parts this many incidents fill."""
    return -(-incidents // INCIDENTS_PER_ARCHIVE)


def index_file(site: SiteContext, months: Sequence[Month]) -> dict[str, bytes]:
    """The file with which a reader begins."""
    body = {"languages": list(site.catalog.languages), "months": [file_name(month) for month in months]}
    return {"history/index.json": _json_file(site, body)}


def month_file(site: SiteContext, month: Month, incidents: int) -> dict[str, bytes]:
    """The file of a month with the parts that contain its incidents; it changes only with a new part."""
    archives = [file_name(month, archive) for archive in range(1, archive_count(incidents) + 1)]
    return {file_name(month): _json_file(site, {"month": _month_name(month), "shards": archives})}


def archive_file(site: SiteContext, month: Month, number: int, incidents: Sequence[Incident]) -> dict[str, bytes]:
    """A part of a month."""
    header = _json_file(site, {"month": _month_name(month), "shard": number})[:-2].decode()
    items = ",\n".join(to_json(PublishedIncident, to_published(incident)) for incident in incidents)
    return {file_name(month, number): f'{header},"incidents":[\n{items}\n]}}\n'.encode()}


def archive_files_from(
    site: SiteContext, month: Month, preceding: int, incidents: Sequence[Incident]
) -> dict[str, bytes]:
    """The parts with these incidents of a month, which come after ``preceding`` others (a multiple of the part
    size)."""
    files: dict[str, bytes] = {}
    for start in range(0, len(incidents), INCIDENTS_PER_ARCHIVE):
        files |= archive_file(
            site, month, archive_number(preceding + start), incidents[start : start + INCIDENTS_PER_ARCHIVE]
        )
    return files


def read_archive(data: bytes) -> tuple[Incident, ...]:
    """The incidents of a part. Raises ValueError if it is invalid, or of a newer version."""
    body = json.loads(data)
    if not isinstance(body, dict) or body.get("version") != VERSION:
        raise ValueError(f"This is no shard of version {VERSION}.")
    return tuple(_incident(from_json_value(PublishedIncident, item)) for item in body["incidents"])


def to_published(incident: Incident) -> PublishedIncident:
    """The public parts of an incident in the format of the archive."""
    changes = [
        entry
        for entry in incident.entries
        if isinstance(entry.entry, TimelineEvent) and entry.entry.event in _STATUS_CHANGES
    ]
    return PublishedIncident(
        id=incident.id,
        opened=incident.opened,
        notices=tuple(
            ArchivedNotice(
                entry.sequence,
                entry.notice.notice,
                entry.happened,
                entry.recorded,
                _archived_facts(entry.notice.facts),
                _archived_words(entry.notice.texts),
            )
            for entry in incident.notices
        ),
        turns=tuple(
            StatusChange(entry.sequence, entry.entry.event, entry.happened, entry.recorded)
            for entry in changes
            if isinstance(entry.entry, TimelineEvent)
        ),
    )


def _archived_facts(facts: Facts) -> Facts:
    return (
        replace(facts, maintenance_window=replace(facts.maintenance_window, remind_at=None))
        if facts.maintenance_window
        else facts
    )


def _archived_words(words: Mapping[str, NoticeText]) -> dict[str, NoticeText]:
    return {
        language: replace(text, media={name: text.media[name] for name in SITE_MEDIA if name in text.media})
        for language, text in words.items()
    }


def _incident(archived: PublishedIncident) -> Incident:
    """The incident, except for what only the team knew: the alert's time is set to that of the opening."""
    notices = [
        TimelineEntry(
            notice.sequence, notice.happened, notice.recorded, Notice(notice.notice, notice.facts, notice.words)
        )
        for notice in archived.notices
    ]
    changes = [
        TimelineEntry(change.sequence, change.happened, change.recorded, TimelineEvent(change.turn))
        for change in archived.turns
    ]
    entries = sorted((*notices, *changes), key=lambda entry: entry.sequence)
    return Incident(archived.id, archived.opened, archived.opened, "form", tuple(entries))


def _month_name(month: Month) -> str:
    return f"{month[0]:04d}-{month[1]:02d}"


def _json_file(site: SiteContext, body: Mapping[str, Any]) -> bytes:
    pack = site.catalog.leading_pack
    header = {"version": VERSION, "cap_status": pack.marks.machine, "site": f"{pack.marks.start}{pack.site}"}
    return f"{json.dumps({**header, **body}, ensure_ascii=False, separators=(',', ':'))}\n".encode()
