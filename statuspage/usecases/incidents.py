"""What can be done with an incident between its notices: add an internal note, reopen, close without a notice."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import (
    Entry,
    EventKind,
    Incident,
    InternalNote,
    TimelineEvent,
    find_forbidden_phrase,
    has_unreadable_characters,
)
from statuspage.storage import incidents
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.environment import Environment


class NoSuchIncident(Exception):
    """The incident id is unknown."""


class ActionRefused(Exception):
    """The incident's state does not allow this. The code is the last part of a label key (``problem.CODE``)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def add_note(env: Environment, incident_id: str, text: str, *, actor: str, now: datetime) -> int:
    """Records an internal note. Returns the event's sequence.

    Raises NoSuchIncident, or ActionRefused for characters that reverse text and for the claim that this is not a drill.
    """
    if has_unreadable_characters(text):
        raise ActionRefused("text.characters")
    if find_forbidden_phrase(text, env.site.catalog.forbidden_phrases):
        raise ActionRefused("text.denies_note")
    return _append_entry(env.databases.environment, incident_id, InternalNote(text, actor), now)


def reopen_incident(database: Database, incident_id: str, *, actor: str, now: datetime) -> int:
    """Reopens the incident; customers are told with the next notice. Raises NoSuchIncident, or ActionRefused if it is
    open."""
    return _append_entry(database, incident_id, TimelineEvent(EventKind.REOPENED, actor=actor), now, must_be_over=True)


def close_incident(database: Database, incident_id: str, *, actor: str, now: datetime) -> int:
    """Closes an incident that was never published. Raises NoSuchIncident, or ActionRefused if it was published."""
    with database.begin() as tx:
        incident = require_incident(tx, incident_id)
        if incident.latest is not None or incident.is_over:
            raise ActionRefused("incident.published")
        event = TimelineEvent(EventKind.CLOSED, actor=actor)
        return incidents.append_entry(tx, incident_id, event, happened=now, recorded=now)


def open_by_form(tx: Connection, incident_id: str, *, form_opened_at: datetime, actor: str, now: datetime) -> None:
    """Opens an incident without an alert; its clock starts when the form was opened."""
    incidents.open_incident(tx, incident_id, at=now, t0=form_opened_at, t0_source="form")
    incidents.append_entry(
        tx, incident_id, TimelineEvent(EventKind.FORM_OPENED, actor=actor), happened=form_opened_at, recorded=now
    )


def confirm_by_form(
    database: Database, incident_id: str, *, form_opened_at: datetime, actor: str, now: datetime
) -> None:
    """Records the incident that somebody is writing about before it is published; repeating it changes nothing."""
    with database.begin() as tx:
        if incidents.load_incident(tx, incident_id) is None:
            open_by_form(tx, incident_id, form_opened_at=form_opened_at, actor=actor, now=now)
            incidents.append_entry(
                tx, incident_id, TimelineEvent(EventKind.CONFIRMED, actor=actor), happened=now, recorded=now
            )


def require_incident(tx: Connection, incident_id: str) -> Incident:
    """The incident with this id. Raises NoSuchIncident."""
    incident = incidents.load_incident(tx, incident_id)
    if incident is None:
        raise NoSuchIncident
    return incident


def _append_entry(
    database: Database, incident_id: str, entry: Entry, now: datetime, *, must_be_over: bool = False
) -> int:
    with database.begin() as tx:
        incident = require_incident(tx, incident_id)
        if must_be_over and incident.is_maintenance:
            raise ActionRefused("notice.maintenance_over")
        if must_be_over and not incident.is_over:
            raise ActionRefused("incident.open")
        return incidents.append_entry(tx, incident_id, entry, happened=now, recorded=now)
