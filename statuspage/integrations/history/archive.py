"""The whole public history as published files, cut so that none grows without end, and back again.

``history/index.json`` names the months, ``history/2026-07.json`` the shards of a month, ``history/2026-07-1.json``
holds ten incidents. What they carry is described in ``docs/files.md``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from statuspage.domain import (
    SITE_MEDIA,
    Facts,
    Incident,
    Notice,
    NoticeKind,
    NoticeText,
    StepKind,
    TimelineEntry,
    TimelineEvent,
)
from statuspage.rendering.site import SiteContext
from statuspage.serialization import load, to_json

VERSION = 1
"""Raised when a reader of older files could misread newer ones. What is only added does not count."""

SIZE = 10
"""Incidents in a shard, in the order customers were first told of them."""

_TURNS = (StepKind.CLOSED, StepKind.REOPENED)
Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ArchivedNotice:
    """A notice as customers read it: what was so, when that was, when it was posted, and its words by language."""

    sequence: int
    notice: NoticeKind
    happened: datetime
    recorded: datetime
    facts: Facts
    words: Mapping[str, NoticeText]


@dataclass(frozen=True, slots=True)
class Turned:
    """That an incident was closed without a word, or opened again."""

    sequence: int
    turn: StepKind
    happened: datetime
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """Everything public of an incident. ``opened`` is part of the ids of its feed items."""

    id: str
    opened: datetime
    notices: tuple[ArchivedNotice, ...]
    turns: tuple[Turned, ...] = ()


def name(month: Month, number: int = 0) -> str:
    """The file of a month, or of one of its shards, counted from 1."""
    part = f"-{number}" if number else ""
    return f"history/{month[0]:04d}-{month[1]:02d}{part}.json"


def number_of(place: int) -> int:
    """The shard of an incident that has so many before it in its month."""
    return place // SIZE + 1


def count(incidents: int) -> int:
    """How many shards so many incidents fill."""
    return -(-incidents // SIZE)


def index(edition: SiteContext, months: Sequence[Month]) -> dict[str, bytes]:
    """The file that a reader begins with."""
    body = {"languages": list(edition.catalog.languages), "months": [name(month) for month in months]}
    return {"history/index.json": _printed(edition, body)}


def month(edition: SiteContext, month: Month, incidents: int) -> dict[str, bytes]:
    """How many incidents a month had, and the shards that hold them."""
    shards = [name(month, number) for number in range(1, count(incidents) + 1)]
    return {name(month): _printed(edition, {"month": _month_name(month), "incidents": incidents, "shards": shards})}


def shard(edition: SiteContext, month: Month, number: int, incidents: Sequence[Incident]) -> dict[str, bytes]:
    """Ten incidents of a month, or fewer."""
    head = _printed(edition, {"month": _month_name(month), "shard": number})[:-2].decode()
    told = ",\n".join(to_json(Published, published(one)) for one in incidents)
    return {name(month, number): f'{head}, "incidents": [\n{told}\n]}}\n'.encode()}


def shards_from(edition: SiteContext, month: Month, skipped: int, incidents: Sequence[Incident]) -> dict[str, bytes]:
    """The shards of incidents of a month that has so many, whole shards of them, before these."""
    files: dict[str, bytes] = {}
    for at in range(0, len(incidents), SIZE):
        files |= shard(edition, month, number_of(skipped + at), incidents[at : at + SIZE])
    return files


def read_archive(data: bytes) -> tuple[Incident, ...]:
    """The incidents of a shard. Raises ValueError when it is none, or one of a newer version."""
    body = json.loads(data)
    if not isinstance(body, dict) or body.get("version") != VERSION:
        raise ValueError(f"This is no shard of version {VERSION}.")
    return tuple(_incident(load(Published, one)) for one in body["incidents"])


def public(incident: Incident) -> Incident:
    """What is public of an incident: its notices without names, reasons and words for others, and its turns."""
    return _incident(published(incident))


def published(incident: Incident) -> Published:
    """The same as it stands in a shard."""
    turns = [r for r in incident.entries if isinstance(r.entry, TimelineEvent) and r.entry.step in _TURNS]
    return Published(
        id=incident.id,
        opened=incident.opened,
        notices=tuple(
            ArchivedNotice(
                n.sequence,
                n.notice.notice,
                n.happened,
                n.recorded,
                _archived_facts(n.notice.facts),
                _archived_words(n.notice.words),
            )
            for n in incident.notices
        ),
        turns=tuple(
            Turned(r.sequence, r.entry.step, r.happened, r.recorded)
            for r in turns
            if isinstance(r.entry, TimelineEvent)
        ),
    )


def _archived_facts(facts: Facts) -> Facts:
    return replace(facts, planned=replace(facts.planned, remind=None)) if facts.planned else facts


def _archived_words(words: Mapping[str, NoticeText]) -> dict[str, NoticeText]:
    return {
        language: replace(one, media={name: one.media[name] for name in SITE_MEDIA if name in one.media})
        for language, one in words.items()
    }


def _incident(told: Published) -> Incident:
    """As it was, except for what only the team knew: when the alert came counts from the opening."""
    notices = [
        TimelineEntry(n.sequence, n.happened, n.recorded, Notice(n.notice, n.facts, n.words)) for n in told.notices
    ]
    turns = [TimelineEntry(t.sequence, t.happened, t.recorded, TimelineEvent(t.turn)) for t in told.turns]
    entries = sorted((*notices, *turns), key=lambda r: r.sequence)
    return Incident(told.id, told.opened, told.opened, "form", tuple(entries))


def _month_name(month: Month) -> str:
    return f"{month[0]:04d}-{month[1]:02d}"


def _printed(edition: SiteContext, body: Mapping[str, Any]) -> bytes:
    book = edition.catalog.leading
    head = {"version": VERSION, "cap_status": book.marks.machine, "site": f"{book.marks.start}{book.site}"}
    return f"{json.dumps({**head, **body}, ensure_ascii=False)}\n".encode()
