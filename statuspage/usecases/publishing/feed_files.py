"""Reads from the database what the machine-readable files need, and renders them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from statuspage.domain import Incident
from statuspage.integrations.history import Month, archive
from statuspage.rendering.site import (
    ENTRIES,
    LIST_LIMIT,
    RecentIncidents,
    SiteContext,
    badges,
    calendar,
    embed,
    history,
    notices,
    urls,
    v2,
)
from statuspage.storage import incidents, public_history
from statuspage.storage.engine import Connection


def status_files(site: SiteContext, tx: Connection) -> dict[str, bytes]:
    """The files with the current status; the bytes change only when something is published or closed."""
    recent = _recent(site, tx)
    return {
        **v2.api_files(site, recent),
        **history.history_feed_files(site, recent),
        **badges.badge_files(site, recent),
        **embed.embed_files(site, recent),
    }


def notice_files(site: SiteContext, tx: Connection, incident: Incident) -> dict[str, bytes]:
    """The other machine-readable files that a notice of this incident changes."""
    files = notices.build_feeds(site, incidents.latest_notices(tx, notices.ENTRY_LIMIT))
    for service in incident.ever_affected:
        files |= _service_feeds(site, tx, service)
    if incident.is_maintenance:
        files |= calendar.calendar_files(site, public_history.latest_maintenance(tx, LIST_LIMIT))
    return {**files, **_archive_files(site, tx, incident)}


def all_files(site: SiteContext, tx: Connection) -> Iterator[dict[str, bytes]]:
    """All machine-readable files for a full build, except the history archive, which is made with its months."""
    yield notices.build_feeds(site, incidents.latest_notices(tx, notices.ENTRY_LIMIT))
    for service in site.catalog.services:
        yield _service_feeds(site, tx, service)
    yield calendar.calendar_files(site, public_history.latest_maintenance(tx, LIST_LIMIT))
    months = tuple(_months(site, tx))
    for month in months:
        yield archive.month_file(site, month, public_history.count_incidents(tx, *_month_span(site, month)))
    yield archive.index_file(site, months)


def _archive_files(site: SiteContext, tx: Connection, incident: Incident) -> dict[str, bytes]:
    """The archive file of this incident and the list of its month; also the index if the month is new."""
    month = urls.month_of(incident.notices[0].recorded, site.catalog.site.zone)
    start, end = _month_span(site, month)
    count = public_history.count_incidents(tx, start, end)
    files = _archive_part(
        site, tx, month, archive.archive_number(public_history.incident_position(tx, incident, start))
    )
    files |= archive.month_file(site, month, count)
    return (
        files | archive.index_file(site, tuple(_months(site, tx))) if count <= archive.INCIDENTS_PER_ARCHIVE else files
    )


def _archive_part(site: SiteContext, tx: Connection, month: Month, number: int) -> dict[str, bytes]:
    shard_incidents = public_history.oldest_incidents(
        tx,
        *_month_span(site, month),
        offset=(number - 1) * archive.INCIDENTS_PER_ARCHIVE,
        limit=archive.INCIDENTS_PER_ARCHIVE,
    )
    return archive.archive_file(site, month, number, shard_incidents)


def _months(site: SiteContext, tx: Connection) -> Iterator[Month]:
    """Every month with a first report, oldest first."""
    first_notice_at = public_history.find_first_notice_time(tx)
    while first_notice_at is not None:
        month = urls.month_of(first_notice_at, site.catalog.site.zone)
        yield month
        first_notice_at = public_history.find_first_notice_time(tx, since=_month_span(site, month)[1])


def _month_span(site: SiteContext, month: Month) -> tuple[datetime, datetime]:
    return urls.month_span(*month, site.catalog.site.zone)


def _service_feeds(site: SiteContext, tx: Connection, service: str) -> dict[str, bytes]:
    if service not in site.catalog.services:
        return {}
    return notices.build_service_feeds(
        site, service, public_history.notices_of_service(tx, service, notices.ENTRY_LIMIT)
    )


def _recent(site: SiteContext, tx: Connection) -> RecentIncidents:
    return RecentIncidents(
        open=incidents.open_incidents(tx),
        incidents=public_history.latest_unplanned(tx, ENTRIES),
        maintenances=public_history.latest_maintenance(tx, LIST_LIMIT),
        latest=incidents.latest_incidents(tx, ENTRIES),
        first_notice_at=public_history.find_first_notice_time(tx),
        updated_by_service=public_history.last_notice_times(tx, site.catalog.services),
    )
