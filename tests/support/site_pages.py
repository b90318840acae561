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
from statuspage.rendering.site.pages.current_status import current_states, ongoing_incidents
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


def front(made: SiteContext, *incidents: Incident, now: datetime = NOON) -> dict[str, bytes]:
    return status.front_pages(made, present(made, *incidents, now=now), now=now)


def html(files: Mapping[str, bytes], name: str = "ja/index.html") -> str:
    return files[name].decode()


def every_page(made: SiteContext, incident: Incident | None = None) -> dict[str, bytes]:
    """One page of each type in each language."""
    told = incident or booking()
    ended = over(marks=DRILL, id="drillp2q7x4z") if incident else over(id="k3m9p2q7x4zz")
    past = [replace(one, id=f"drill{one.id}") for one in PAST] if incident else PAST
    learnt = reported(marks=DRILL, id="drillreported") if incident else reported()
    return {
        **front(made, told, *past),
        **status.incident_pages(made, told, now=NOON),
        **status.incident_pages(made, ended, now=NOON),
        **archive.month_pages(
            made, ArchivePage((2026, 7), 0, 0, has_earlier=True, has_later=True), [told, past[0]], now=NOON
        ),
        **archive.year_pages(made, YearSummary(2026, ((6, 1), (7, 3), (8, 0)), has_earlier=True, has_later=False)),
        **service_page.service_pages(made, life(made, told), now=NOON),
        **status.incident_pages(made, learnt, now=NOON),
        **{name: data for name, data in guides.guide_pages(made).items() if name.endswith(".html")},
    }


def life(made: SiteContext, *incidents: Incident, service: str = "booking") -> ServiceHistory:
    states = current_states(made.catalog, ongoing_incidents(incidents))
    return ServiceHistory(service, states[service], present(made, *incidents, now=NOON).records[service], incidents)
