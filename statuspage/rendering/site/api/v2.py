"""The eight files under ``api/v2/``."""

from __future__ import annotations

import json
from collections.abc import Iterable

from statuspage.domain import Incident
from statuspage.rendering.site.api import INCIDENT_LIMIT, LIST_LIMIT, RecentIncidents
from statuspage.rendering.site.api.objects import Components, Json, incident_object, list_components, page_object
from statuspage.rendering.site.api.status_codes import indicator
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.pages.current_status import filter_unfinished
from statuspage.rendering.site.templating import site_label


def api_files(site: SiteContext, recent: RecentIncidents) -> dict[str, bytes]:
    """All eight files. Open incidents are always included, whatever their age; the long lists contain the newest ones.

    The files about maintenance change only with maintenance.
    """
    all_components = list_components(site, recent)
    unfinished_incidents = filter_unfinished(recent.open)
    incidents = [i for i in unfinished_incidents if not i.is_maintenance]
    maintenances = [i for i in unfinished_incidents if i.is_maintenance]
    upcoming = [i for i in maintenances if i.status == "scheduled"]
    active = [i for i in maintenances if i.status != "scheduled"]

    def to_objects(items: Iterable[Incident]) -> list[Json]:
        return [incident_object(site, item, all_components) for item in _sort_newest_first(items)]

    status = {"status": page_status(site, all_components)}
    unresolved = {"incidents": to_objects(incidents)}
    all_maintenances = {"scheduled_maintenances": to_objects(maintenances)}
    bodies: dict[str, Json] = {
        "incidents": {"incidents": to_objects(recent.incidents[:INCIDENT_LIMIT])},
        "incidents/unresolved": unresolved,
        "scheduled-maintenances": {"scheduled_maintenances": to_objects(recent.maintenances[:LIST_LIMIT])},
        "scheduled-maintenances/upcoming": {"scheduled_maintenances": to_objects(upcoming)},
        "scheduled-maintenances/active": {"scheduled_maintenances": to_objects(active)},
        "components": {"components": list(all_components.ordered)},
        "status": status,
        "summary": {"components": list(all_components.ordered), **unresolved, **all_maintenances, **status},
    }
    page, maintenance_page = (page_object(site, at) for at in (recent.updated_at, recent.maintenance_updated_at))
    cap_status = site.catalog.leading_pack.marks.machine
    return {
        f"api/v2/{name}.json": to_json_bytes(
            {"cap_status": cap_status, "page": maintenance_page if name.startswith("scheduled-") else page, **body}
        )
        for name, body in bodies.items()
    }


def to_json_bytes(body: Json) -> bytes:
    """JSON in UTF-8 without spaces; identical content gives identical bytes."""
    return f"{json.dumps(body, ensure_ascii=False, separators=(',', ':'))}\n".encode()


def page_status(site: SiteContext, all_components: Components) -> Json:
    pack = site.catalog.leading_pack
    level, key = indicator(all_components.service_statuses())
    return {"indicator": level, "description": f"{pack.marks.start}{site_label(pack, f'api.status.{key}')}"}


def _sort_newest_first(incidents: Iterable[Incident]) -> list[Incident]:
    """Newest first: maintenance by its start, incidents by their first notice."""
    return sorted(
        incidents,
        key=lambda i: (i.maintenance_window.start if i.maintenance_window else i.notices[0].recorded, i.id),
        reverse=True,
    )
