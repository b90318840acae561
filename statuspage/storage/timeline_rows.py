"""Converts timeline entries to rows of the database and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection, Row, Text, cast, null, select

from statuspage.domain import Entry, InternalNote, Notice, TimelineEntry, TimelineEvent, service_renames
from statuspage.serialization import from_json, to_json_value
from statuspage.storage import notice_text
from statuspage.storage.engine import renamed_services
from statuspage.storage.tables import entry as entries

_ENTRY_TYPES: dict[str, type[TimelineEvent] | type[InternalNote] | type[Notice]] = {
    "step": TimelineEvent,
    "note": InternalNote,
    "notice": Notice,
}
_HEAD_COLUMNS = tuple(entries.c[name] for name in ("incident", "sequence", "type", "happened", "recorded"))
_BODY = cast(entries.c.body, Text).label("body")  # reading it as dicts first takes half as long again
_SITE_COLUMNS = (*_HEAD_COLUMNS, _BODY, cast(null(), Text).label("media"))
_ALL_COLUMNS = (*_HEAD_COLUMNS, _BODY, cast(entries.c.media, Text).label("media"))


def entry_row(incident: str, timeline_entry: TimelineEntry) -> dict[str, object]:
    """The row of an entry, for insertion."""
    match timeline_entry.entry:
        case TimelineEvent(event=step):
            kind = step.value
        case InternalNote():
            kind = "note"
        case Notice(notice=notice):
            kind = notice.value
    key = timeline_entry.entry.key or None if isinstance(timeline_entry.entry, Notice) else None
    return {
        "incident": incident,
        "sequence": timeline_entry.sequence,
        "type": timeline_entry.entry.type,
        "kind": kind,
        "happened": timeline_entry.happened,
        "recorded": timeline_entry.recorded,
        "key": key,
        **body_columns(to_json_value(timeline_entry.entry)),
    }


def body_columns(serialized: notice_text.JsonObject) -> dict[str, object]:
    """An entry as JSON in its columns; a notice's texts for media other than the page are separate."""
    body, media = notice_text.split_media(serialized) if serialized["type"] == "notice" else (serialized, None)
    return {"body": body, "media": media}


def load_timelines(tx: Connection, ids: Sequence[str]) -> dict[str, tuple[TimelineEntry, ...]]:
    """The timelines of these incidents, in order; services have their present ids."""
    if not ids:
        return {}
    columns = _SITE_COLUMNS if notice_text.is_for_site(tx) else _ALL_COLUMNS
    rows: Iterable[Row[tuple[object, ...]]] = tx.execute(
        select(*columns).where(entries.c.incident.in_(ids)).order_by(entries.c.incident, entries.c.sequence)
    )
    renamed = renamed_services(tx)
    return {
        id: tuple(_timeline_entry(row, renamed) for row in group)
        for id, group in groupby(rows, key=attrgetter("incident"))
    }


@lru_cache(maxsize=250)
def _entry(type: str, body: str, media: str | None) -> Entry:
    """The entry of a row, cached by its text, so that a redacted row is a different one. Publishing needs the entries
    of the previous publication again; the cache holds that many, at most about 25 MB."""
    entry = from_json(_ENTRY_TYPES[type], body)
    return notice_text.restore_media(entry, media) if isinstance(entry, Notice) else entry


def _timeline_entry(row: Row[tuple[object, ...]], renamed: Mapping[str, str]) -> TimelineEntry:
    entry = _entry(row.type, row.body, row.media)
    if renamed and isinstance(entry, Notice):
        entry = replace(entry, facts=service_renames.rename_facts(entry.facts, renamed))
    return TimelineEntry(row.sequence, row.happened, row.recorded, entry)
