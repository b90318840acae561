"""Puts a public history back into the books, from a published page of ours or of others; nobody is told anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import Incident
from statuspage.integrations.history import NotThere, Source, Unfit, own_archive, statuspage_import
from statuspage.storage import incidents
from statuspage.usecases.environment import Environment

__all__ = ["Restored", "Unfit", "restore"]

IMPORT_TIMEOUT = 3600.0
"""Seconds for all of a page."""


@dataclass(frozen=True, slots=True)
class Restored:
    """So many incidents with so many notices are in the books now; ``there``: so many were already. ``whole``: all that
    was public; else ``unknown`` says what could not be known (``restore.unknown.KEY``), with examples."""

    incidents: int
    notices: int
    there: int
    whole: bool
    unknown: tuple[tuple[str, str], ...] = ()


def restore(world: Environment, where: str, *, now: datetime, language: str = "") -> Restored:
    """Reads the page at this address or in this folder into the books. Raises Unfit.

    What is in the books already stays as it is, so that a restore that was cut off is simply
    said again. No delivery is queued.
    Of others' pages everything is in ``language``, else the site's first. Published files are not touched: build the
    site afterwards.
    """
    source = Source(where, patience=IMPORT_TIMEOUT)
    unknown: tuple[tuple[str, str], ...] = ()
    try:
        if whole := own_archive.is_there(source):
            lots: Iterable[tuple[Incident, ...]] = own_archive.incidents(source)
        else:
            read = statuspage_import.import_statuspage(
                source, world.catalog, language or world.catalog.languages[0], now
            )
            lots, unknown = _in_lots(read.incidents), read.unknown
        told, notices, there = _put_back(world, lots, now)
    except NotThere as error:
        raise Unfit(f"{error}: there is no such file") from error
    return Restored(told, notices, there, whole, unknown)


def _put_back(world: Environment, lots: Iterable[tuple[Incident, ...]], now: datetime) -> tuple[int, int, int]:
    told = notices = there = 0
    for lot in lots:
        with world.store.begin() as tx:
            known = {one.id for one in incidents.some(tx, [one.id for one in lot])}
            for incident in lot:
                if incident.id not in known:
                    incidents.put_back(tx, incident)
                    told, notices = told + 1, notices + len(incident.notices)
            there += len(known)
    with world.store.begin() as tx:
        # Targets hold a page made from books that counted further than these: minutes since 1970 are more than any.
        incidents.raise_fence(tx, int(now.timestamp() // 60))
    return told, notices, there


def _in_lots(found: tuple[Incident, ...], size: int = 50) -> Iterator[tuple[Incident, ...]]:
    for start in range(0, len(found), size):
        yield found[start : start + size]
