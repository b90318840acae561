"""Planned maintenance: the list."""

from __future__ import annotations

from statuspage.storage import incidents
from statuspage.web.api import paging
from statuspage.web.api.conversion import incident_out
from statuspage.web.api.incident_outputs import MaintenanceList
from statuspage.web.api.operations import Answer, Call, Operation
from statuspage.web.api.paging import Page

ENDED = 200
"""How many that are over are listed at most."""


def list_maintenance(call: Call) -> Answer:
    """What is not over, then what is, the newest first."""
    with call.env.databases.environment.read() as tx:
        current = [incident for incident in incidents.open_incidents(tx) if incident.is_maintenance]
        ended = incidents.ended_maintenance(tx, call.now, ENDED)
    shown, following = paging.page_of([*current, *ended], lambda incident: incident.id, call.query_as(Page))
    return Answer(MaintenanceList(items=[incident_out(call.env, incident) for incident in shown], next=following))


MAINTENANCE_OPERATIONS = (
    Operation(
        "listMaintenance", "GET", "/maintenance", "maintenance", "List planned maintenance", MaintenanceList,
        list_maintenance, query=Page, description="What is not over, then what is, the newest first.",
    ),
)  # fmt: skip
