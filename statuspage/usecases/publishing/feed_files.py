"""Gathers from the store what the files for machines are made from, and has them made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from statuspage.domain import Incident
from statuspage.integrations.history import Month, archive
from statuspage.rendering.site import (
    ENTRIES,
    LIST_LIMIT,
    Recent,
    SiteContext,
    badges,
    calendar,
    embed,
    notices,
    urls,
    v2,
)
from statuspage.rendering.site import history as entries
from statuspage.storage import incidents, public_history
from statuspage.storage.engine import Connection


def status_files(edition: SiteContext, tx: Connection) -> dict[str, bytes]:
    """The files that say how things stand now; the same bytes until something is said or closed."""
    recent = _recent(edition, tx)
    return {
        **v2.api_files(edition, recent),
        **entries.history_feed_files(edition, recent),
        **badges.badge_files(edition, recent),
        **embed.embed_files(edition, recent),
    }


def notice_files(edition: SiteContext, tx: Connection, incident: Incident) -> dict[str, bytes]:
    """What a notice of this incident changes besides."""
    files = notices.feeds(edition, incidents.notices(tx, notices.ENTRY_LIMIT))
    for service in incident.touched:
        files |= _of_service(edition, tx, service)
    if incident.maintenance:
        files |= calendar.calendar_files(edition, public_history.maintenances(tx, LIST_LIMIT))
    return {**files, **_shards_with(edition, tx, incident)}


def all_files(edition: SiteContext, tx: Connection) -> Iterator[dict[str, bytes]]:
    """The same of everything, for a site that is made afresh, except the shards, which are made with their months."""
    yield notices.feeds(edition, incidents.notices(tx, notices.ENTRY_LIMIT))
    for service in edition.catalog.services:
        yield _of_service(edition, tx, service)
    yield calendar.calendar_files(edition, public_history.maintenances(tx, LIST_LIMIT))
    months = tuple(_months(edition, tx))
    for month in months:
        yield archive.month(edition, month, public_history.count(tx, *_span(edition, month)))
    yield archive.index(edition, months)


def _shards_with(edition: SiteContext, tx: Connection, incident: Incident) -> dict[str, bytes]:
    """The shard of this incident and the list of its month; the index while the month is new."""
    month = urls.month_of(incident.notices[0].recorded, edition.catalog.site.zone)
    start, end = _span(edition, month)
    count = public_history.count(tx, start, end)
    files = _shard(edition, tx, month, archive.number_of(public_history.place(tx, incident, start)))
    files |= archive.month(edition, month, count)
    return files | archive.index(edition, tuple(_months(edition, tx))) if count <= archive.SIZE else files


def _shard(edition: SiteContext, tx: Connection, month: Month, number: int) -> dict[str, bytes]:
    found = public_history.oldest(tx, *_span(edition, month), skip=(number - 1) * archive.SIZE, take=archive.SIZE)
    return archive.shard(edition, month, number, found)


def _months(edition: SiteContext, tx: Connection) -> Iterator[Month]:
    """Every month in which customers were first told of something, oldest first."""
    told = public_history.first_told(tx)
    while told is not None:
        month = urls.month_of(told, edition.catalog.site.zone)
        yield month
        told = public_history.first_told(tx, since=_span(edition, month)[1])


def _span(edition: SiteContext, month: Month) -> tuple[datetime, datetime]:
    return urls.month_span(*month, edition.catalog.site.zone)


def _of_service(edition: SiteContext, tx: Connection, service: str) -> dict[str, bytes]:
    if service not in edition.catalog.services:
        return {}
    return notices.of_service(edition, service, public_history.said_of(tx, service, notices.ENTRY_LIMIT))


def _recent(edition: SiteContext, tx: Connection) -> Recent:
    return Recent(
        open=incidents.open_now(tx),
        troubles=public_history.troubles(tx, LIST_LIMIT),
        maintenances=public_history.maintenances(tx, LIST_LIMIT),
        lately=incidents.lately(tx, ENTRIES),
        first=public_history.first_told(tx),
        changed=public_history.changed(tx, edition.catalog.services),
    )
