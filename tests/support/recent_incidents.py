"""Recent incidents, as pages and feeds get them."""

from __future__ import annotations

from dataclasses import replace

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import Affected, State
from statuspage.domain.incident import Incident, Notice
from statuspage.rendering.site.api import RecentIncidents
from tests.support.site import another
from tests.support.times import at


def recent(*incidents: Incident) -> RecentIncidents:
    """What the database would return for these incidents."""
    newest_first = sorted(incidents, key=lambda i: i.notices[0].recorded, reverse=True)
    return RecentIncidents(
        open=tuple(i for i in incidents if not i.is_over),
        incidents=tuple(i for i in newest_first if not i.is_maintenance),
        maintenances=tuple(i for i in newest_first if i.is_maintenance),
        latest=tuple(sorted(incidents, key=lambda i: i.notices[-1].recorded, reverse=True)),
        first_notice_at=newest_first[-1].notices[0].recorded if newest_first else None,
        updated_by_service={s: i.notices[-1].recorded for i in reversed(newest_first) for s in i.ever_affected},
    )


def everywhere(catalog: Catalog, state: State) -> Incident:
    """An open incident in which every service has this state."""
    incident = another("everywhere00", at("11:00"), minutes=None)
    affected = tuple(Affected(service, state) for service in catalog.services)
    return with_affected(incident, affected)


def with_affected(incident: Incident, affected: tuple[Affected, ...]) -> Incident:
    (first,) = incident.entries
    assert isinstance(first.entry, Notice)
    facts = replace(first.entry.facts, affected=affected)
    return replace(incident, entries=(replace(first, entry=replace(first.entry, facts=facts)),))
