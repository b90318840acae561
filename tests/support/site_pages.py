"""Shared by the tests of site_pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from statuspage.domain.incident import Incident
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.pages import archive, guides, status
from statuspage.rendering.site.pages import service as services
from statuspage.rendering.site.pages.archive import Year
from statuspage.rendering.site.pages.current_status import current_states, running
from statuspage.rendering.site.pages.month_paging import Part
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
    return status.fronts(made, present(made, *incidents, now=now), now=now)


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
        **status.incidents(made, told, now=NOON),
        **status.incidents(made, ended, now=NOON),
        **archive.months(made, Part((2026, 7), 0, 0, has_earlier=True, has_later=True), [told, past[0]], now=NOON),
        **archive.years(made, Year(2026, ((6, 1), (7, 3), (8, 0)), has_earlier=True, has_later=False)),
        **services.services(made, life(made, told), now=NOON),
        **status.incidents(made, learnt, now=NOON),
        **{name: data for name, data in guides.guides(made).items() if name.endswith(".html")},
    }


def life(made: SiteContext, *incidents: Incident, service: str = "booking") -> ServiceHistory:
    states = current_states(made.catalog, running(incidents))
    return ServiceHistory(service, states[service], present(made, *incidents, now=NOON).records[service], incidents)
