"""Incidents: the list, one of them, and its timeline."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from statuspage.domain import Incident
from statuspage.storage import incident_records, incidents
from statuspage.storage.incident_records import IncidentRecord
from statuspage.usecases import incident_list
from statuspage.usecases.environment import Environment
from statuspage.usecases.incident_list import IncidentQuery
from statuspage.web.api import paging
from statuspage.web.api.conversion import incident_out, timeline_entry_out
from statuspage.web.api.incident_outputs import IncidentList, IncidentOut, IncidentSummary, TimelineOut
from statuspage.web.api.operations import Answer, Call, Operation
from statuspage.web.api.paging import Page
from statuspage.web.api.problems import Problem


class State(StrEnum):
    """Which incidents are listed."""

    ANY = "any"
    OPEN = "open"
    OVER = "over"


class IncidentsQuery(Page):
    """Which incidents are listed."""

    state: State = Field(State.ANY, description="Open ones, those that are over, or any.")
    service: str = Field("", max_length=64, pattern="^[^\\x00]*$", description="The id of a service.")
    text: str = Field("", max_length=200, pattern="^[^\\x00]*$", description="Words, all of which occur.")


def list_incidents(call: Call) -> Answer:
    """The incidents, the newest first, without planned maintenance."""
    query, site = call.query_as(IncidentsQuery), call.env.site.catalog.site
    group = "" if query.state is State.ANY else query.state.value
    wanted = IncidentQuery(text=query.text, group=group, service=query.service).as_filter(
        site.zone, after=_position(query.cursor) if query.cursor else None
    )
    with call.env.databases.environment.read() as tx:
        records = incident_records.list_records(tx, wanted, limit=query.limit + 1)
        services = incident_records.services_of(tx, [record.id for record in records])
    packs = incident_list.packs_for(call.env.site.catalog, call.translator.language)
    shown = records[: query.limit]
    items = [
        IncidentSummary(**incident_list.record_json(record, services.get(record.id, ()), packs)) for record in shown
    ]
    is_last = len(records) <= query.limit
    return Answer(IncidentList(items=items, next=None if is_last else _cursor(shown[-1])))


def _cursor(record: IncidentRecord) -> str:
    return paging.make_cursor(f"{record.opened_at.isoformat()} {record.id}")


def _position(cursor: str) -> tuple[datetime, str]:
    at, _, id = paging.read_cursor(cursor).partition(" ")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise paging.bad_cursor() from None
    if moment.tzinfo is None or "\0" in id or not 1970 < moment.year < 9000:
        raise paging.bad_cursor()
    return moment, id


def show_incident(call: Call) -> Answer:
    """One incident or maintenance with its notices and those that wait."""
    incident = require_incident(call.env, call.path["incident"])
    return Answer(incident_out(call.env, incident), sequence=(incident.id, incident.latest_sequence))


def show_timeline(call: Call) -> Answer:
    """The timeline of one incident, which customers do not see."""
    incident = require_incident(call.env, call.path["incident"])
    shown, following = paging.page_of(incident.entries, lambda item: str(item.sequence), call.query_as(Page))
    return Answer(TimelineOut(items=[timeline_entry_out(item) for item in shown], next=following))


def require_incident(env: Environment, id: str) -> Incident:
    """The incident with this id. Raises Problem."""
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, id)
    if incident is None:
        raise Problem("not-found", "There is no incident with this id.")
    return incident


INCIDENT_OPERATIONS = (
    Operation(
        "listIncidents", "GET", "/incidents", "incidents", "List incidents", IncidentList, list_incidents,
        query=IncidentsQuery, description="The newest first, without planned maintenance.",
    ),
    Operation(
        "getIncident", "GET", "/incidents/{incident}", "incidents", "Get one incident or maintenance",
        IncidentOut, show_incident, problems=(404,),
        description="Its ETag names the newest notice; send it as If-Match with the next one.",
    ),
    Operation(
        "getTimeline", "GET", "/incidents/{incident}/timeline", "incidents", "Get the timeline of an incident",
        TimelineOut, show_timeline, query=Page, problems=(404,),
        description="Events, internal notes and notices, the oldest first. Customers do not see it.",
    ),
)  # fmt: skip
