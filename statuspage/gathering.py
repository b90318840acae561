"""Gathers from the store what the files for machines are made from, and has them made."""

from __future__ import annotations

from collections.abc import Iterator

from statuspage.site import Edition, feeds
from statuspage.site.clients import ENTRIES, MOST, Recent, api, entries
from statuspage.store import Connection, history, incidents
from statuspage.timeline import Incident


def standing(edition: Edition, tx: Connection) -> dict[str, bytes]:
    """The files that say how things stand now; the same bytes until something is said or closed."""
    recent = _recent(edition, tx)
    return {**api.files(edition, recent), **entries.files(edition, recent)}


def said(edition: Edition, tx: Connection, incident: Incident) -> dict[str, bytes]:
    """What a notice of this incident changes besides."""
    files = feeds.feeds(edition, incidents.notices(tx, feeds.WINDOW))
    for service in incident.touched:
        files |= _of_service(edition, tx, service)
    return files


def every(edition: Edition, tx: Connection) -> Iterator[dict[str, bytes]]:
    """The same of everything, for a site that is made afresh."""
    yield feeds.feeds(edition, incidents.notices(tx, feeds.WINDOW))
    for service in edition.catalog.services:
        yield _of_service(edition, tx, service)


def _of_service(edition: Edition, tx: Connection, service: str) -> dict[str, bytes]:
    if service not in edition.catalog.services:
        return {}
    found = history.told_of(tx, service, feeds.WINDOW)
    told = [(incident, notice) for incident in found for notice in incident.notices]
    told.sort(key=lambda each: (each[1].recorded, each[0].id, each[1].sequence), reverse=True)
    return feeds.of_service(edition, service, told[: feeds.WINDOW])


def _recent(edition: Edition, tx: Connection) -> Recent:
    return Recent(
        open=incidents.open_now(tx),
        troubles=history.troubles(tx, MOST),
        maintenances=history.maintenances(tx, MOST),
        lately=incidents.lately(tx, ENTRIES),
        first=history.first_told(tx),
        changed=history.changed(tx, edition.catalog.services),
    )
