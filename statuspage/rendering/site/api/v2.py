"""The eight files under ``api/v2/``."""

from __future__ import annotations

import json
from collections.abc import Iterable

from statuspage.domain import Incident
from statuspage.rendering.site.api import LIST_LIMIT, Recent
from statuspage.rendering.site.api.objects import Components, Json, components, incident_object, page
from statuspage.rendering.site.api.status_codes import indicator
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.pages.current_status import unfinished
from statuspage.rendering.site.templating import site_label


def api_files(edition: SiteContext, recent: Recent) -> dict[str, bytes]:
    """All eight. What is open stands in them however old it is; the long lists hold the newest fifty."""
    found = components(edition, recent)
    going = unfinished(recent.open)
    troubles = [i for i in going if not i.maintenance]
    works = [i for i in going if i.maintenance]
    ahead = [i for i in works if i.status == "scheduled"]
    active = [i for i in works if i.status != "scheduled"]

    def told(stories: Iterable[Incident]) -> list[Json]:
        return [incident_object(edition, story, found) for story in _newest_first(stories)]

    status = {"status": how_it_stands(edition, found)}
    unresolved, all_works = {"incidents": told(troubles)}, {"scheduled_maintenances": told(works)}
    bodies: dict[str, Json] = {
        "incidents": {"incidents": told(recent.troubles[:LIST_LIMIT])},
        "incidents/unresolved": unresolved,
        "scheduled-maintenances": {"scheduled_maintenances": told(recent.maintenances[:LIST_LIMIT])},
        "scheduled-maintenances/upcoming": {"scheduled_maintenances": told(ahead)},
        "scheduled-maintenances/active": {"scheduled_maintenances": told(active)},
        "components": {"components": list(found.listed)},
        "status": status,
        "summary": {"components": list(found.listed), **unresolved, **all_works, **status},
    }
    top = {"cap_status": edition.catalog.leading.marks.machine, "page": page(edition, recent)}
    return {f"api/v2/{name}.json": printed({**top, **body}) for name, body in bodies.items()}


def printed(body: Json) -> bytes:
    """JSON in UTF-8, the same bytes for the same content."""
    return f"{json.dumps(body, ensure_ascii=False)}\n".encode()


def how_it_stands(edition: SiteContext, found: Components) -> Json:
    book = edition.catalog.leading
    sign, key = indicator(found.codes())
    return {"indicator": sign, "description": f"{book.marks.start}{site_label(book, f'client.status.{key}')}"}


def _newest_first(stories: Iterable[Incident]) -> list[Incident]:
    """Planned work by its start, trouble by when customers were first told of it."""
    return sorted(stories, key=lambda i: (i.planned.start if i.planned else i.notices[0].recorded, i.id), reverse=True)
