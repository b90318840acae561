"""Imports a public history from a published page, ours or another product's. Nobody is notified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import Incident
from statuspage.integrations.history import (
    FileMissing,
    PublishedPage,
    Source,
    UnreadablePage,
    own_archive,
    read_page,
    statuspage_import,
)
from statuspage.storage import incidents
from statuspage.storage.engine import Database
from statuspage.usecases.environment import Environment

__all__ = ["RestoreResult", "UnreadablePage", "read_published_page", "restore_history"]

IMPORT_TIMEOUT = 3600.0
"""The time limit in seconds for reading a page."""


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """The numbers of imported incidents and notices, and of those already there; and whether the import is complete. If
    not, ``unknown`` says what could not be determined (``restore.unknown.KEY``), with examples."""

    incidents: int
    notices: int
    there: int
    whole: bool
    unknown: tuple[tuple[str, str], ...] = ()


def read_published_page(location: str) -> PublishedPage:
    """The services of a page at this URL or in this folder. Raises UnreadablePage."""
    page = read_page(Source(location, timeout=IMPORT_TIMEOUT))
    if page is None or not page.components:
        raise UnreadablePage("no_component", "api/v2/summary.json")
    return page


def restore_history(env: Environment, location: str, *, now: datetime, language: str = "") -> RestoreResult:
    """Imports the page at this URL or in this folder. Raises UnreadablePage.

    Existing incidents are not changed, so that an interrupted import can simply be repeated. No delivery is queued.
    Other products' pages are imported in ``language``, else the site's first. Published files are not changed: build
    the site afterwards.
    """
    source = Source(location, timeout=IMPORT_TIMEOUT)
    unknown: tuple[tuple[str, str], ...] = ()
    try:
        if is_own_archive := own_archive.has_archive(source):
            batches: Iterable[tuple[Incident, ...]] = own_archive.read_incidents(source)
        else:
            imported = statuspage_import.import_statuspage(
                source, env.site.catalog, language or env.site.catalog.languages[0], now
            )
            batches, unknown = _in_batches(imported.incidents), imported.unknown
        restored, notices, existing = _store_batches(env.databases.environment, batches, now)
    except FileMissing as error:
        raise UnreadablePage("no_file", str(error)) from error
    return RestoreResult(restored, notices, existing, is_own_archive, unknown)


def _store_batches(database: Database, batches: Iterable[tuple[Incident, ...]], now: datetime) -> tuple[int, int, int]:
    restored = notices = existing = 0
    for batch in batches:
        with database.begin() as tx:
            existing_ids = {item.id for item in incidents.load_incidents(tx, [item.id for item in batch])}
            for incident in batch:
                if incident.id not in existing_ids:
                    incidents.restore_incident(tx, incident)
                    restored, notices = restored + 1, notices + len(incident.notices)
            existing += len(existing_ids)
    with database.begin() as tx:
        # The hosts' pages were made from a database with a higher counter; minutes since 1970 are always higher.
        incidents.raise_fence(tx, int(now.timestamp() // 60))
    return restored, notices, existing


def _in_batches(items: tuple[Incident, ...], size: int = 50) -> Iterator[tuple[Incident, ...]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
