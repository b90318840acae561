"""Services and their present states."""

from __future__ import annotations

from statuspage.domain import worst
from statuspage.storage import incidents
from statuspage.web.api import paging
from statuspage.web.api.operations import Answer, Call, Operation
from statuspage.web.api.outputs import ServiceList, ServiceOut
from statuspage.web.api.paging import Page


def list_services(call: Call) -> Answer:
    """The services that customers use."""
    catalog = call.env.site.catalog
    with call.env.databases.environment.read() as tx:
        affected = [each for incident in incidents.open_incidents(tx) for each in incident.affected]
    states = {
        each.service: worst(tuple(other.state for other in affected if other.service == each.service)).value
        for each in affected
    }
    offered = [service for service in catalog.services.values() if not service.is_retired]
    shown, following = paging.page_of(offered, lambda service: service.id, call.query_as(Page))
    items = [
        ServiceOut(
            id=service.id,
            group=service.group,
            names={language: catalog.packs[language].services[service.id].name for language in catalog.languages},
            state=states.get(service.id, "operational"),
        )
        for service in shown
    ]
    return Answer(ServiceList(items=items, next=following))


SERVICE_OPERATIONS = (
    Operation(
        "listServices", "GET", "/services", "services", "List services and their states", ServiceList, list_services,
        query=Page, description="In the order of the page, without those that are no longer offered.",
    ),
)  # fmt: skip
