"""Reads our own public history, ``history/…json`` of a page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from statuspage.domain import DRILL, Incident
from statuspage.integrations.history import archive
from statuspage.integrations.history.fetch import FileMissing, Source, UnreadablePage

_ID = re.compile(rf"(?!{DRILL})[a-z0-9]{{12}}")
_ARCHIVE_NAME = re.compile(r"history/\d{4}-\d{2}(?:-\d{1,6})?\.json")


def has_archive(source: Source) -> bool:
    """Whether the page has an archive. Raises UnreadablePage if this version of the program cannot read it."""
    try:
        index = source.read_json("history/index.json")
    except FileMissing:
        return False
    if not isinstance(index, dict) or index.get("version") != archive.VERSION:
        raise UnreadablePage("other_version", "history/index.json")
    if index.get("cap_status") != "Actual":
        raise UnreadablePage("drill", "history/index.json")
    return True


def read_incidents(source: Source) -> Iterator[tuple[Incident, ...]]:
    """All public incidents, one part at a time, in the order of their first notices. Raises UnreadablePage,
    FileMissing."""
    for month in _archive_names(source, "history/index.json", "months"):
        for name in _archive_names(source, month, "shards"):
            batch = _read_archive(source, name)
            for incident in batch:
                _check_incident(name, incident)
            yield batch


def _archive_names(source: Source, file: str, key: str) -> list[str]:
    content = source.read_json(file)
    names = content.get(key) if isinstance(content, dict) else None
    if not isinstance(names, list) or not all(
        isinstance(name, str) and _ARCHIVE_NAME.fullmatch(name) for name in names
    ):
        raise UnreadablePage("no_list", file, key)
    return names


def _read_archive(source: Source, name: str) -> tuple[Incident, ...]:
    try:
        return archive.read_archive(json.dumps(source.read_json(name)).encode())
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadablePage("no_archive", name) from error


def _check_incident(name: str, incident: Incident) -> None:
    numbers = [entry.sequence for entry in incident.entries]
    times = [moment for entry in incident.entries for moment in (entry.happened, entry.recorded)] + [incident.opened]
    if not _ID.fullmatch(incident.id) or not incident.notices or numbers != sorted(set(numbers)) or min(numbers) < 1:
        raise UnreadablePage("broken_incident", name)
    if any(moment.tzinfo is None for moment in times):
        raise UnreadablePage("no_zone", name)
