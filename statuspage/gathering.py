"""Gathers from the store what the files for machines are made from, and has them made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from statuspage import shards
from statuspage.shards import Month
from statuspage.site import Edition, badges, calendar, embed, feeds, paths
from statuspage.site.clients import ENTRIES, MOST, Recent, api, entries
from statuspage.store import Connection, history, incidents
from statuspage.timeline import Incident


def standing(edition: Edition, tx: Connection) -> dict[str, bytes]:
    """The files that say how things stand now; the same bytes until something is said or closed."""
    recent = _recent(edition, tx)
    return {
        **api.files(edition, recent),
        **entries.files(edition, recent),
        **badges.files(edition, recent),
        **embed.files(edition, recent),
    }


def said(edition: Edition, tx: Connection, incident: Incident) -> dict[str, bytes]:
    """What a notice of this incident changes besides."""
    files = feeds.feeds(edition, incidents.notices(tx, feeds.WINDOW))
    for service in incident.touched:
        files |= _of_service(edition, tx, service)
    if incident.maintenance:
        files |= calendar.files(edition, history.maintenances(tx, MOST))
    return {**files, **_shards_with(edition, tx, incident)}


def every(edition: Edition, tx: Connection) -> Iterator[dict[str, bytes]]:
    """The same of everything, for a site that is made afresh, except the shards, which are made with their months."""
    yield feeds.feeds(edition, incidents.notices(tx, feeds.WINDOW))
    for service in edition.catalog.services:
        yield _of_service(edition, tx, service)
    yield calendar.files(edition, history.maintenances(tx, MOST))
    months = tuple(_months(edition, tx))
    for month in months:
        yield shards.month(edition, month, history.count(tx, *_span(edition, month)))
    yield shards.index(edition, months)


def _shards_with(edition: Edition, tx: Connection, incident: Incident) -> dict[str, bytes]:
    """The shard of this incident and the list of its month; the index while the month is new."""
    month = paths.month_of(incident.notices[0].recorded, edition.catalog.site.zone)
    start, end = _span(edition, month)
    count = history.count(tx, start, end)
    files = _shard(edition, tx, month, shards.number_of(history.place(tx, incident, start)))
    files |= shards.month(edition, month, count)
    return files | shards.index(edition, tuple(_months(edition, tx))) if count <= shards.SIZE else files


def _shard(edition: Edition, tx: Connection, month: Month, number: int) -> dict[str, bytes]:
    found = history.oldest(tx, *_span(edition, month), skip=(number - 1) * shards.SIZE, take=shards.SIZE)
    return shards.shard(edition, month, number, found)


def _months(edition: Edition, tx: Connection) -> Iterator[Month]:
    """Every month in which customers were first told of something, oldest first."""
    told = history.first_told(tx)
    while told is not None:
        month = paths.month_of(told, edition.catalog.site.zone)
        yield month
        told = history.first_told(tx, since=_span(edition, month)[1])


def _span(edition: Edition, month: Month) -> tuple[datetime, datetime]:
    return paths.month_span(*month, edition.catalog.site.zone)


def _of_service(edition: Edition, tx: Connection, service: str) -> dict[str, bytes]:
    if service not in edition.catalog.services:
        return {}
    return feeds.of_service(edition, service, history.said_of(tx, service, feeds.WINDOW))


def _recent(edition: Edition, tx: Connection) -> Recent:
    return Recent(
        open=incidents.open_now(tx),
        troubles=history.troubles(tx, MOST),
        maintenances=history.maintenances(tx, MOST),
        lately=incidents.lately(tx, ENTRIES),
        first=history.first_told(tx),
        changed=history.changed(tx, edition.catalog.services),
    )
