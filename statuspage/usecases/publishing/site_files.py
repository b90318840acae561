"""Reads the books and prints what is asked of the public site: name → bytes, nothing written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from statuspage.domain import Incident, Service, State, midnight, record, window
from statuspage.integrations.history import archive as shards
from statuspage.rendering.site import (
    Part,
    Present,
    ServiceHistory,
    SiteContext,
    Year,
    current_states,
    guides,
    history_days,
    month_paging,
    running,
    server_config,
    social_images,
    status,
    urls,
)
from statuspage.rendering.site import archive as lists
from statuspage.rendering.site import service as services
from statuspage.storage import incidents, public_history
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.publishing import feed_files
from statuspage.usecases.subscribers import offered

Month = tuple[int, int]
MonthPage = tuple[Month, int]
Files = dict[str, bytes]


def edition(world: Environment) -> SiteContext:
    """What all pages of this world share; the same one until something of it changes, for what is made once of it."""
    known, read_at = _editions.get(world.name), (world.address, world.own_pages, offered(world))
    same = known and known.catalog is world.catalog and known.sources is world.sources
    if known and same and (known.address, known.own_pages, known.offers) == read_at:
        return known
    made = _editions[world.name] = SiteContext(world.catalog, world.sources, *read_at)
    return made


_editions: dict[str, SiteContext] = {}


def published_incident(tx: Connection, incident_id: str) -> Incident:
    """The incident; KeyError when customers were not told of it."""
    incident = incidents.load(tx, incident_id)
    if incident is None or not incident.notices:
        raise KeyError(incident_id)
    return incident


def present(edition: SiteContext, tx: Connection, now: datetime) -> Present:
    """What the front is made from, read from the books."""
    site, back = edition.catalog.site, history_days.look_back(edition, now)
    lately = [urls.day_span(day, site.zone) for day in back]
    found = (*incidents.open_now(tx), *public_history.newest_in_spans(tx, lately, take=history_days.PER_DAY))
    spans = public_history.since(tx, midnight(window(now, site.zone)[0], site.zone))
    records = {
        one.id: record(spans.get(one.id, ()), now=now, zone=site.zone, since=site.since, until=_last_day(one))
        for one in edition.catalog.services.values()
    }
    once = {incident.id: incident for incident in found}
    return Present(tuple(once.values()), dict(zip(back, public_history.counts(tx, lately), strict=True)), records)


def _last_day(service: Service) -> date | None:
    """The last day a service is judged by; None while it is in use."""
    return (service.ended or _LONG_AGO) if service.retired else None


_LONG_AGO = date(2000, 1, 1)
"""Stands for the last day of a service of which nobody wrote it down, so that no day is told of it."""


def of_services(edition: SiteContext, tx: Connection, here: Present, which: Collection[str], now: datetime) -> Files:
    """The pages of these services, those no longer in use among them."""
    states = current_states(edition.catalog, running(here.incidents))
    files: Files = {}
    for service, known in here.records.items():
        if service in which:
            found = public_history.of_service(tx, service, services.NEWEST_INCIDENTS)
            state = states.get(service, State.OPERATIONAL)
            files |= services.services(edition, ServiceHistory(service, state, known, found), now=now)
    return files


def of_month(
    edition: SiteContext,
    tx: Connection,
    month: Month,
    number: int,
    now: datetime,
    found: tuple[Incident, ...] | None = None,
) -> Files:
    """A month's page, or one of its older parts. ``found`` are its incidents, if they are at hand."""
    part = Part(
        month=month,
        number=number,
        closed=closed(edition, tx, month),
        earlier=_first_month(edition, tx, now) < month,
        later=month < _month(edition, now),
    )
    shown = on_page(edition, tx, month, number) if found is None else found
    return lists.months(edition, part, shown, now=now)


def of_places(edition: SiteContext, tx: Connection, which: Collection[MonthPage], now: datetime) -> Files:
    """These parts of months, and the pages of the years they belong to."""
    files: Files = {}
    for month, number in sorted(which):
        files |= of_month(edition, tx, month, number, now)
    for year in sorted({month[0] for month, _ in which}):
        files |= of_year(edition, tx, year, now)
    return files


def of_history(edition: SiteContext, tx: Connection, month: Month, number: int, found: Sequence[Incident]) -> Files:
    """The shards of a part of a month, which holds whole ones."""
    skipped, _ = month_paging.reach(number, public_history.count(tx, *_span(edition, month)))
    return shards.shards_from(edition, month, skipped, found)


def of_notice(edition: SiteContext, tx: Connection, incident: Incident, now: datetime) -> Files:
    """The pages of an incident itself, those of its month that a notice of it changes, and the feeds it stands in."""
    files = status.incidents(edition, incident, now=now)
    files |= of_places(edition, tx, set(places(edition, tx, incident)), now)
    return files | feed_files.notice_files(edition, tx, incident)


def of_all(edition: SiteContext, tx: Connection, which: Collection[str], now: datetime) -> Files:
    """What speaks of everything at once: the pages of these services, the files for machines, the fronts."""
    here = present(edition, tx, now)
    files = of_services(edition, tx, here, which, now)
    return {**files, **feed_files.status_files(edition, tx), **status.fronts(edition, here, now=now)}


def unchanging(edition: SiteContext) -> Files:
    """What changes only with content and templates."""
    # A picture cannot carry a drill's marks, so that a drill has none.
    return (
        guides.guides(edition)
        | server_config.published(edition)
        | ({} if edition.catalog.leading.marks.word else social_images.pictures())
    )


def months(edition: SiteContext, tx: Connection, now: datetime) -> Iterator[Month]:
    """Every month from the first notice to now, oldest first, also those in which nothing happened."""
    month, last = _first_month(edition, tx, now), _month(edition, now)
    while month <= last:
        yield month
        month = urls.step(*month, 1)


def new_months(world: Environment, edition: SiteContext, tx: Connection, now: datetime) -> Iterator[Month]:
    """Months since the last page, when one has begun; with the one before, which gets its link to the next."""
    leading, first = edition.catalog.languages[0], _first_month(edition, tx, now)
    month = _month(edition, now)
    while month >= first and not world.target.has(f"{urls.month(leading, *month)}index.html"):
        yield month
        month = urls.step(*month, -1)
        if month >= first:
            yield month


def places(edition: SiteContext, tx: Connection, incident: Incident) -> Iterator[MonthPage]:
    """The pages of its month that a notice of this incident changes."""
    month = _month(edition, incident.notices[0].recorded)
    start, end = _span(edition, month)
    for number in month_paging.touched(public_history.place(tx, incident, start), public_history.count(tx, start, end)):
        yield month, number


def on_page(edition: SiteContext, tx: Connection, month: Month, number: int) -> tuple[Incident, ...]:
    """The incidents of a month's page, or of one of its older parts."""
    start, end = _span(edition, month)
    skip, take = month_paging.reach(number, public_history.count(tx, start, end))
    return public_history.oldest(tx, start, end, skip=skip, take=take)


def closed(edition: SiteContext, tx: Connection, month: Month) -> int:
    """How many older parts a month has."""
    return month_paging.closed(public_history.count(tx, *_span(edition, month)))


def of_year(edition: SiteContext, tx: Connection, number: int, now: datetime) -> Files:
    """A year's page."""
    found = [month for month in months(edition, tx, now) if month[0] == number]
    counts = tuple((month, public_history.count(tx, *_span(edition, (number, month)))) for _, month in found)
    earlier, later = _first_month(edition, tx, now)[0] < number, number < _month(edition, now)[0]
    return lists.years(edition, Year(number, counts, earlier, later))


def _month(edition: SiteContext, at: datetime) -> Month:
    return urls.month_of(at, edition.catalog.site.zone)


def _first_month(edition: SiteContext, tx: Connection, now: datetime) -> Month:
    return _month(edition, public_history.first_told(tx) or now)


def _span(edition: SiteContext, month: Month) -> tuple[datetime, datetime]:
    return urls.month_span(*month, edition.catalog.site.zone)
