"""Tries templates on every type of page, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from statuspage.content.validation import Trial, generate_sample_notices
from statuspage.domain import (
    DRILL,
    MAINTENANCE,
    Catalog,
    ContentError,
    Incident,
    Notice,
    NoticeKind,
    TimelineEntry,
    uptime_record,
)
from statuspage.rendering.site import (
    ArchivePage,
    FrontPageContent,
    RecentIncidents,
    ServiceHistory,
    SiteAssets,
    SiteContext,
    YearSummary,
    archive,
    drill_marks,
    embed,
    guides,
    locate_error,
    month_paging,
    ongoing_incidents,
    service,
    shown_states,
    status,
)
from statuspage.rendering.wording import compose
from statuspage.usecases.content.custom_templates import FOLDER

SAMPLE_URL = "https://status.example.com"


def render_errors(
    catalog: Catalog, shipped: SiteAssets, custom: Mapping[str, str], now: datetime
) -> tuple[ContentError, ...]:
    """The errors when every type of page is rendered with these templates."""
    site = SiteContext(catalog, replace(with_templates(shipped, custom), builtin=None, is_sandboxed=True), SAMPLE_URL)
    try:
        files = {name: data for pages in _render_all(site, now) for name, data in pages.items()}
    except Exception as error:  # Any exception raised by a template is reported as an error.
        name, line = locate_error(error, custom)
        return (template_error(name or next(iter(custom)), line, f"{type(error).__name__}: {error}"),)
    return tuple(
        template_error(next(iter(custom)), 1, message) for message in drill_marks.find_mark_faults(site, files)[:3]
    )


def _render_all(site: SiteContext, now: datetime) -> Iterator[dict[str, bytes]]:
    """Renders every type of page."""
    catalog, zone = site.catalog, site.catalog.site.zone
    sample_incidents = tuple(_sample_incidents(catalog, now))
    records = {
        id: uptime_record((), now=now, zone=zone, first_day=None)
        for id, definition in catalog.services.items()
        if not definition.is_retired
    }
    present, month = FrontPageContent(sample_incidents, {}, records), (now.year, now.month)
    yield guides.guide_pages(site)
    yield status.front_pages(site, present, now=now)
    yield status.front_pages(site, FrontPageContent((), {}, records), now=now)
    for incident in sample_incidents:
        yield status.incident_pages(site, incident, now=now)
    yield archive.month_pages(
        site,
        ArchivePage(month, month_paging.NEWEST_PAGE, 1, has_earlier=True, has_later=True),
        sample_incidents,
        now=now,
    )
    yield archive.year_pages(site, YearSummary(now.year, ((now.month, 2), (1, 0)), has_earlier=True, has_later=True))
    states = shown_states(catalog, ongoing_incidents(sample_incidents))
    for id in list(records)[:1]:
        yield service.service_pages(site, ServiceHistory(id, states[id], records[id], sample_incidents), now=now)
    yield embed.embed_files(site, RecentIncidents(sample_incidents))


def _sample_incidents(catalog: Catalog, now: datetime) -> Iterator[Incident]:
    """An incident and a maintenance of today, first with one notice each, then with every kind of notice."""
    incident_types = [incident_type for incident_type in catalog.incident_types if incident_type != MAINTENANCE][:1]
    small_catalog = replace(
        catalog,
        incident_types={
            id: catalog.incident_types[id] for id in (*incident_types, MAINTENANCE) if id in catalog.incident_types
        },
    )
    id_prefix = DRILL if catalog.leading_pack.marks.word else "trial"
    first_entries: list[TimelineEntry] = []
    for number, trial in enumerate(
        generate_sample_notices(small_catalog, now.replace(hour=0, minute=0, second=0, microsecond=0), SAMPLE_URL)
    ):
        if trial.notice in (NoticeKind.FIRST, NoticeKind.ANNOUNCED):
            first_entries = []
        entries = [*first_entries, _record_trial(trial, catalog, len(first_entries) + 1)]
        first_entries = entries[:1]
        yield Incident(f"{id_prefix}page{number:03}", trial.now, trial.now, "form", tuple(entries))


def _record_trial(trial: Trial, catalog: Catalog, sequence: int) -> TimelineEntry:
    words = compose(trial.notice, trial.facts, catalog=catalog, incident=trial.context, now=trial.now)
    return TimelineEntry(sequence, trial.now, trial.now, Notice(trial.notice, trial.facts, words))


def with_templates(shipped: SiteAssets, custom: Mapping[str, str]) -> SiteAssets:
    """The shipped assets with these custom templates."""
    return replace(shipped, templates={**shipped.templates, **custom}, builtin=shipped, template_errors={})


def template_error(name: str, line: int, reason: str) -> ContentError:
    """The error of a template that is not used."""
    message = f"This template is not used: {reason}. The one that comes with the program stands in for it."
    return ContentError(f"{FOLDER}/{name}", line, "", message)
