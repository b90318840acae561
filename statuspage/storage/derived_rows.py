"""Rows derived from an incident's entries, written in the transaction that appends them: no query reads timelines."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, delete, insert, update

from statuspage.domain import Incident, IncidentFigures, incident_figures, search_text, state_periods
from statuspage.storage.tables import affected_service, incident_record, state_period


def add_record(tx: Connection, incident_id: str) -> None:
    """Inserts the record of an incident without entries."""
    tx.execute(insert(incident_record).values(incident=incident_id, **_record_values(None)))


def save_record(tx: Connection, incident: Incident) -> None:
    """Updates the record of an incident: its figures and the text in which it is searched."""
    condition = incident_record.c.incident == incident.id
    tx.execute(update(incident_record).where(condition).values(_record_values(incident)))


def _record_values(incident: Incident | None) -> dict[str, object]:
    figures = incident_figures(incident) if incident else IncidentFigures()
    return {
        "headlines": dict(figures.headlines),
        "impacts": figures.impacts,
        "state": figures.state.value,
        "incident_type": figures.incident_type,
        "cause": figures.cause,
        "duration_seconds": _seconds(figures.duration),
        "notice_seconds": _seconds(figures.time_to_notice),
        "promises_made": figures.promises_made,
        "promises_kept": figures.promises_kept,
        "corrections": figures.corrections,
        "has_postmortem": figures.has_postmortem,
        "is_withdrawn": figures.is_withdrawn,
        "report_by": figures.report_by,
        "search_text": search_text(incident) if incident else "",
    }


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def save_periods(tx: Connection, incident: Incident) -> None:
    """Replaces the states of the incident's services."""
    tx.execute(delete(state_period).where(state_period.c.incident == incident.id))
    rows = [
        {
            "incident": incident.id,
            "number": n,
            "service": period.service,
            "state": period.state,
            "started_at": period.start,
            "ended_at": period.end,
        }
        for n, period in enumerate(state_periods(incident))
    ]
    if rows:
        tx.execute(insert(state_period), rows)


def save_affected_services(tx: Connection, incident: Incident) -> None:
    """Replaces the services that the incident's notices have ever named."""
    tx.execute(delete(affected_service).where(affected_service.c.incident == incident.id))
    if incident.latest and incident.ever_affected:
        last_notice_at = incident.latest.recorded
        affected_now = {affected.service for affected in incident.affected}
        affected_ever = {impact.service for impact in incident.impacts}
        rows = [
            {
                "incident": incident.id,
                "service": service,
                "last_notice_at": last_notice_at,
                "is_affected": service in affected_now,
                "was_affected": service in affected_ever,
            }
            for service in incident.ever_affected
        ]
        tx.execute(insert(affected_service), rows)
