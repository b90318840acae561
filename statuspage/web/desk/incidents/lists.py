"""The lists of all incidents and of all planned maintenance: what is open, then what is over, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

from flask import Blueprint, render_template, request, url_for

from statuspage.domain import Incident
from statuspage.storage import alerts, incidents
from statuspage.web.desk import request_context
from statuspage.web.desk.incidents.ended_rows import EndedRow, ended_row
from statuspage.web.desk.incidents.incident_rows import (
    first_alert_title,
    incident_row,
    mark_most_urgent,
    untold_incident,
)
from statuspage.web.desk.panels.maintenance import maintenance_row
from statuspage.web.desk.translations import Translator

pages = Blueprint("incident_lists", __name__)

SHOWN_AT_ONCE = 50
"""How many ended incidents a page lists; older ones are behind *Earlier*."""


@pages.get("/incidents")
def show_incidents() -> str:
    """Lists open incidents, then ended ones by month."""
    translator, now = request_context.translator(), request_context.now()
    with request_context.env().databases.environment.read() as tx:
        found = [incident for incident in incidents.open_incidents(tx) if not incident.is_maintenance]
        untold = [incident for incident in found if incident.latest is None]
        titles = {incident.id: first_alert_title(alerts.alerts_of_incident(tx, incident.id, 1)) for incident in untold}
        ended = incidents.ended_incidents(tx, _before(), SHOWN_AT_ONCE)
    told = [incident_row(incident, translator, now) for incident in found if incident.latest]
    return render_template(
        "incidents.html",
        section="incidents",
        unfinished=[untold_incident(incident, titles[incident.id], translator, now) for incident in untold],
        incidents=mark_most_urgent(told),
        months=_months(ended, translator),
        earlier=_earlier("incident_lists.show_incidents", ended),
    )


@pages.get("/maintenance")
def show_maintenance() -> str:
    """Lists running and planned maintenance, then what is over by month."""
    translator, now = request_context.translator(), request_context.now()
    with request_context.env().databases.environment.read() as tx:
        found = [incident for incident in incidents.open_incidents(tx) if incident.is_maintenance]
        ended = incidents.ended_maintenance(tx, _before(), SHOWN_AT_ONCE)
    rows = sorted((maintenance_row(incident, translator, now) for incident in found), key=lambda row: row.at)
    started = {incident.id for incident in found if incident.has_started or incident.is_overrun(now)}
    return render_template(
        "maintenance.html",
        section="maintenance",
        zone=translator.times.zone_name(),
        running=[row for row in rows if row.id in started],
        planned=[row for row in rows if row.id not in started],
        months=_months(ended, translator),
        earlier=_earlier("incident_lists.show_maintenance", ended),
    )


def _months(ended: Sequence[Incident], translator: Translator) -> list[tuple[str, list[EndedRow]]]:
    """The rows by month of their first notice, the newest month first."""

    def month(incident: Incident) -> str:
        day = translator.times.local_date(incident.notices[0].recorded)
        return translator.times.format_month(day.year, day.month)

    return [(name, [ended_row(incident, translator) for incident in some]) for name, some in groupby(ended, key=month)]


def _earlier(endpoint: str, ended: Sequence[Incident]) -> str:
    """The address of the next page; "" if this one is the last."""
    if len(ended) < SHOWN_AT_ONCE:
        return ""
    return url_for(endpoint, before=ended[-1].notices[0].recorded.isoformat())


def _before() -> datetime:
    """Up to when ended incidents are listed, from the address. What cannot be read counts as now."""
    try:
        moment = datetime.fromisoformat(request.args.get("before", ""))
    except ValueError:
        return request_context.now()
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
