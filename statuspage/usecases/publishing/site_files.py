"""Reads the database and renders files of the public site: name → bytes. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from statuspage.domain import Incident, Service, State, midnight, recent_days, uptime_record
from statuspage.integrations.history import archive as history_archive
from statuspage.integrations.hosting import Folder
from statuspage.rendering.site import (
    NEWEST_PAGE,
    ArchivePage,
    FrontPageContent,
    ServiceHistory,
    SiteContext,
    YearSummary,
    archive,
    guides,
    history_days,
    month_paging,
    ongoing_incidents,
    security_txt,
    server_config,
    shown_states,
    social_images,
    status,
    urls,
)
from statuspage.rendering.site import service as service_page
from statuspage.storage import incidents, public_history
from statuspage.storage.engine import Connection
from statuspage.usecases.publishing import feed_files

Month = tuple[int, int]
MonthPage = tuple[Month, int]
Files = dict[str, bytes]


def published_incident(tx: Connection, incident_id: str) -> Incident:
    """The incident. Raises KeyError if it was never published."""
    incident = incidents.load_incident(tx, incident_id)
    if incident is None or not incident.notices:
        raise KeyError(incident_id)
    return incident


def front_content(site: SiteContext, tx: Connection, now: datetime) -> FrontPageContent:
    """The data of the front page, read from the database."""
    site_config, days = site.catalog.site, history_days.recent_dates(site, now)
    day_spans = [urls.day_span(day, site_config.zone) for day in days]
    shown_incidents = (
        *incidents.open_incidents(tx),
        *public_history.newest_in_periods(tx, day_spans, limit=history_days.PER_DAY),
    )
    periods = public_history.periods_since(tx, midnight(recent_days(now, site_config.zone)[0], site_config.zone))
    records = {
        service.id: uptime_record(
            periods.get(service.id, ()),
            now=now,
            zone=site_config.zone,
            first_day=max(filter(None, (site_config.history_start, service.offered_since)), default=None),
            last_day=_last_day(service),
        )
        for service in site.catalog.services.values()
    }
    unique = {incident.id: incident for incident in shown_incidents}
    return FrontPageContent(
        tuple(unique.values()),
        dict(zip(days, public_history.count_incidents_in_periods(tx, day_spans), strict=True)),
        records,
    )


def _last_day(service: Service) -> date | None:
    """The last day that counts for a service; None while it is in use."""
    return (service.retired_on or _UNKNOWN_END) if service.is_retired else None


_UNKNOWN_END = date(2000, 1, 1)
"""Stands for the retirement day of a service if it was not recorded, so that no days are shown."""


def service_pages(
    site: SiteContext, tx: Connection, front: FrontPageContent, service_ids: Collection[str], now: datetime
) -> Files:
    """The pages of these services, including retired ones."""
    states = shown_states(site.catalog, ongoing_incidents(front.incidents))
    files: Files = {}
    for service, uptime in front.records.items():
        if service in service_ids:
            newest = public_history.incidents_of_service(tx, service, service_page.NEWEST_INCIDENTS)
            state = states.get(service, State.OPERATIONAL)
            files |= service_page.service_pages(site, ServiceHistory(service, state, uptime, newest), now=now)
    return files


def month_page_files(
    site: SiteContext,
    tx: Connection,
    month: Month,
    page_number: int,
    now: datetime,
    known_incidents: tuple[Incident, ...] | None = None,
) -> Files:
    """A month's page, or one of its older parts. ``known_incidents`` are its incidents, if already loaded."""
    part = ArchivePage(
        month=month,
        page_number=page_number,
        closed_count=older_part_count(site, tx, month),
        has_earlier=_first_month(site, tx, now) < month,
        has_later=month < _month_of(site, now),
    )
    page_incidents = incidents_on_page(site, tx, month, page_number) if known_incidents is None else known_incidents
    return archive.month_pages(site, part, page_incidents, now=now)


def new_month_files(site_folder: Folder, site: SiteContext, tx: Connection, now: datetime) -> Files:
    """The pages of the months that have begun since the last page, and of their years."""
    files: Files = {}
    months = set(_missing_months(site_folder, site, tx, now))
    for month in sorted(months):
        files |= month_page_files(site, tx, month, NEWEST_PAGE, now)
    return files | year_pages(site, tx, months, now)


def archive_files(
    site: SiteContext, tx: Connection, month: Month, page_number: int, page_incidents: Sequence[Incident]
) -> Files:
    """The archive files of a part of a month; a part of a month always contains whole archive files."""
    skipped, _ = month_paging.page_slice(page_number, public_history.count_incidents(tx, *_month_span(site, month)))
    return history_archive.archive_files_from(site, month, skipped, page_incidents)


def notice_files(site: SiteContext, tx: Connection, incident: Incident, now: datetime) -> Files:
    """The pages of an incident itself, those of its month that its notice changes, and the feeds that contain it."""
    files = status.incident_pages(site, incident, now=now)
    month_pages = tuple(affected_month_pages(site, tx, incident))
    for month, page_number in month_pages:
        files |= month_page_files(site, tx, month, page_number, now)
    # The page of a year does not count the incidents of the present month.
    files |= year_pages(site, tx, {month for month, _ in month_pages} - {_month_of(site, now)}, now)
    return files | feed_files.notice_files(site, tx, incident)


def overview_files(site: SiteContext, tx: Connection, service_ids: Collection[str], now: datetime) -> Files:
    """The pages of these services, the machine-readable files, and the front pages."""
    front = front_content(site, tx, now)
    files = service_pages(site, tx, front, service_ids, now)
    files |= feed_files.status_files(site, tx) | security_txt.security_files(site, now)
    return {**files, **status.front_pages(site, front, now=now)}


def static_files(site: SiteContext) -> Files:
    """Files that change only with content and templates."""
    # An image without text cannot have drill marks, so a drill has none.
    return (
        guides.guide_pages(site)
        | server_config.headers_file(site)
        | ({} if site.catalog.leading_pack.marks.word else social_images.pictures())
    )


def all_months(site: SiteContext, tx: Connection, now: datetime) -> Iterator[Month]:
    """Every month from the first notice to now, oldest first, including empty ones."""
    month, last_month = _first_month(site, tx, now), _month_of(site, now)
    while month <= last_month:
        yield month
        month = urls.add_months(*month, 1)


def _missing_months(site_folder: Folder, site: SiteContext, tx: Connection, now: datetime) -> Iterator[Month]:
    """Months since the last page, if a new one has begun; with the one before, which gets a link to the next."""
    leading_language, first_month = site.catalog.languages[0], _first_month(site, tx, now)
    month = _month_of(site, now)
    while month >= first_month and not site_folder.has_file(f"{urls.month(leading_language, *month)}index.html"):
        yield month
        month = urls.add_months(*month, -1)
        if month >= first_month:
            yield month


def affected_month_pages(site: SiteContext, tx: Connection, incident: Incident) -> Iterator[MonthPage]:
    """The pages of its month that a notice of this incident changes."""
    month = _month_of(site, incident.notices[0].recorded)
    start, end = _month_span(site, month)
    for page_number in month_paging.pages_to_rebuild(
        public_history.incident_position(tx, incident, start), public_history.count_incidents(tx, start, end)
    ):
        yield month, page_number


def incidents_on_page(site: SiteContext, tx: Connection, month: Month, page_number: int) -> tuple[Incident, ...]:
    """The incidents of a month's page, or of one of its older parts."""
    start, end = _month_span(site, month)
    skip, take = month_paging.page_slice(page_number, public_history.count_incidents(tx, start, end))
    return public_history.oldest_incidents(tx, start, end, offset=skip, limit=take)


def older_part_count(site: SiteContext, tx: Connection, month: Month) -> int:
    """How many older parts a month has."""
    return month_paging.count_closed_pages(public_history.count_incidents(tx, *_month_span(site, month)))


def year_pages(site: SiteContext, tx: Connection, months: Collection[Month], now: datetime) -> Files:
    """The pages of the years of these months."""
    files: Files = {}
    for year in sorted({year for year, _ in months}):
        files |= _year_page(site, tx, year, now)
    return files


def _year_page(site: SiteContext, tx: Connection, year: int, now: datetime) -> Files:
    year_months = [month for month in all_months(site, tx, now) if month[0] == year]
    counts = tuple(
        (
            month[1],
            None if month == _month_of(site, now) else public_history.count_incidents(tx, *_month_span(site, month)),
        )
        for month in year_months
    )
    has_earlier, has_later = _first_month(site, tx, now)[0] < year, year < _month_of(site, now)[0]
    return archive.year_pages(site, YearSummary(year, counts, has_earlier, has_later))


def _month_of(site: SiteContext, at: datetime) -> Month:
    return urls.month_of(at, site.catalog.site.zone)


def _first_month(site: SiteContext, tx: Connection, now: datetime) -> Month:
    return _month_of(site, public_history.find_first_notice_time(tx) or now)


def _month_span(site: SiteContext, month: Month) -> tuple[datetime, datetime]:
    return urls.month_span(*month, site.catalog.site.zone)
