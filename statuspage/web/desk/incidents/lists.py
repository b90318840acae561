"""The lists of all incidents and of all planned maintenance: what is open, then what is over, month by month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import TypeVar

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import Incident
from statuspage.storage import alerts, incident_records, incidents
from statuspage.storage.incident_records import IncidentOrder, IncidentRecord
from statuspage.usecases import incident_list
from statuspage.web.desk import request_context
from statuspage.web.desk.incidents.ended_rows import EndedRow, ended_row, record_row
from statuspage.web.desk.incidents.incident_rows import (
    first_alert_title,
    incident_rows,
    unpublished_incident,
)
from statuspage.web.desk.incidents.list_filters import address_elsewhere, asked_filters, filter_view, typed_query
from statuspage.web.desk.panels.maintenance import maintenance_row
from statuspage.web.desk.translations import Translator

pages = Blueprint("incident_lists", __name__)

Item = TypeVar("Item")

SHOWN_AT_ONCE = 50
"""How many ended incidents a page lists; older ones are behind *Earlier*."""

BYTE_ORDER_MARK = "\ufeff"
"""Put before a CSV file so that Excel reads it as UTF-8."""


@pages.get("/incidents")
def show_incidents() -> str | Response:
    """Lists the incidents that were asked for: open ones first, then ended ones by month. Those of the other
    environment are on its own desk."""
    if elsewhere := address_elsewhere():
        return redirect(elsewhere)
    query, translator, now = typed_query(), request_context.translator(), request_context.now()
    wanted, offset = query.as_filter(translator.times.zone), _offset()
    with request_context.env().databases.environment.read() as tx:
        found = incident_records.list_records(tx, wanted, query.order, limit=SHOWN_AT_ONCE + 1, offset=offset)
        open_ids = {incident.id for incident in found[:SHOWN_AT_ONCE] if not incident.is_over}
        opened = [incident for incident in incidents.load_incidents(tx, open_ids) if not incident.is_over]
        unpublished = [incident for incident in opened if incident.latest is None]
        rows = incident_rows(tx, [incident for incident in opened if incident.latest], translator, now)
        titles = {
            incident.id: first_alert_title(alerts.alerts_of_incident(tx, incident.id, 1)) for incident in unpublished
        }
    ended = [record for record in found[:SHOWN_AT_ONCE] if record.is_over]
    return render_template(
        "incidents.html",
        section="incidents",
        unfinished=[unpublished_incident(incident, titles[incident.id], translator, now) for incident in unpublished],
        incidents=rows,
        months=_record_months(ended, query.order, translator),
        earlier=_next_page(offset) if len(found) > SHOWN_AT_ONCE else "",
        filters=filter_view(query, translator),
    )


@pages.get("/incidents.csv")
def export_incidents() -> Response:
    """Downloads the incidents that were asked for as CSV."""
    env, translator = request_context.env(), request_context.translator()
    packs = incident_list.packs_for(env.site.catalog, translator.language)
    rows = incident_list.incidents_csv(env.databases.environment, typed_query(), translator.times.zone, packs)
    response = make_response(BYTE_ORDER_MARK + incident_list.write_csv(rows))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="incidents-{request_context.now():%Y-%m-%d}.csv"'
    return response


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


def _record_months(
    ended: Sequence[IncidentRecord], order: IncidentOrder, translator: Translator
) -> list[tuple[str, list[EndedRow]]]:
    """The rows by month; one list with the order as its heading if they are not sorted by time."""
    if order in (IncidentOrder.NEWEST, IncidentOrder.OLDEST):
        return _by_month(
            ended, lambda record: record.opened_at, lambda record: record_row(record, translator), translator
        )
    rows = [record_row(record, translator) for record in ended]
    return [(translator.t(f"incidents.order.{order}"), rows)] if rows else []


def _months(ended: Sequence[Incident], translator: Translator) -> list[tuple[str, list[EndedRow]]]:
    """The rows by month of their first notice, the newest month first."""
    return _by_month(
        ended,
        lambda incident: incident.notices[0].recorded,
        lambda incident: ended_row(incident, translator),
        translator,
    )


def _by_month(
    items: Sequence[Item], moment: Callable[[Item], datetime], row: Callable[[Item], EndedRow], translator: Translator
) -> list[tuple[str, list[EndedRow]]]:
    def month(item: Item) -> str:
        day = translator.times.local_date(moment(item))
        return translator.times.format_month(day.year, day.month)

    return [(name, [row(item) for item in some]) for name, some in groupby(items, key=month)]


def _earlier(endpoint: str, ended: Sequence[Incident]) -> str:
    """The address of the next page; "" if this one is the last."""
    if len(ended) < SHOWN_AT_ONCE:
        return ""
    return url_for(endpoint, before=ended[-1].notices[0].recorded.isoformat())


def _offset() -> int:
    text = request.args.get("from_row", "")
    return min(int(text), 10**9) if text.isascii() and text.isdecimal() else 0


def _next_page(offset: int) -> str:
    """The address of the next page of the same list."""
    return url_for("incident_lists.show_incidents", **asked_filters(), from_row=str(offset + SHOWN_AT_ONCE))


def _before() -> datetime:
    """Up to when ended incidents are listed, from the address. What cannot be read counts as now."""
    try:
        moment = datetime.fromisoformat(request.args.get("before", ""))
    except ValueError:
        return request_context.now()
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
