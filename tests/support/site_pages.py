"""Shared by the tests of site_pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from statuspage.domain.incident import Incident
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.pages import archive, guides, status
from statuspage.rendering.site.pages import service as service_page
from statuspage.rendering.site.pages.archive import YearSummary
from statuspage.rendering.site.pages.current_status import ongoing_incidents, shown_states
from statuspage.rendering.site.pages.month_paging import ArchivePage
from statuspage.rendering.site.pages.service import ServiceHistory
from tests.support.site import (
    DRILL,
    another,
    booking,
    over,
    present,
    reported,
)
from tests.support.times import at

PAST = (another("mail", at("09:10", "2026-07-01")), another("gates", at("07:02", "2026-06-28")))


NOON = at("12:20")


def front(site_context: SiteContext, *incidents: Incident, now: datetime = NOON) -> dict[str, bytes]:
    return status.front_pages(site_context, present(site_context, *incidents, now=now), now=now)


def html(files: Mapping[str, bytes], name: str = "ja/index.html") -> str:
    return files[name].decode()


def every_page(site_context: SiteContext, incident: Incident | None = None) -> dict[str, bytes]:
    """One page of each type in each language."""
    shown_incident = incident or booking()
    ended = over(marks=DRILL, id="drillp2q7x4z") if incident else over(id="k3m9p2q7x4zz")
    past = [replace(one, id=f"drill{one.id}") for one in PAST] if incident else PAST
    learnt = reported(marks=DRILL, id="drillreported") if incident else reported()
    return {
        **front(site_context, shown_incident, *past),
        **status.incident_pages(site_context, shown_incident, now=NOON),
        **status.incident_pages(site_context, ended, now=NOON),
        **archive.month_pages(
            site_context,
            ArchivePage((2026, 7), 0, 0, has_earlier=True, has_later=True),
            [shown_incident, past[0]],
            now=NOON,
        ),
        **archive.year_pages(
            site_context, YearSummary(2026, ((6, 1), (7, 3), (8, 0)), has_earlier=True, has_later=False)
        ),
        **service_page.service_pages(site_context, life(site_context, shown_incident), now=NOON),
        **status.incident_pages(site_context, learnt, now=NOON),
        **{name: data for name, data in guides.guide_pages(site_context).items() if name.endswith(".html")},
    }


def life(site_context: SiteContext, *incidents: Incident, service: str = "booking") -> ServiceHistory:
    states = shown_states(site_context.catalog, ongoing_incidents(incidents))
    return ServiceHistory(
        service, states[service], present(site_context, *incidents, now=NOON).records[service], incidents
    )
