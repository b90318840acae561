"""An incident between its notices: words for colleagues, reopened, closed without a word to customers."""

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
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment


class NoSuchIncident(Exception):
    """There is no incident with this id."""


class ActionRefused(Exception):
    """This does not fit how the incident stands; the code is the tail of a label (``problem.CODE``)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def add_note(env: Environment, incident_id: str, text: str, *, actor: str, now: datetime) -> int:
    """Words for colleagues go on record. Returns the entry's sequence.

    Raises NoSuchIncident, and NotNow for characters that turn text around and for the one sentence that colleagues
    must not believe either.
    """
    if has_unreadable_characters(text):
        raise ActionRefused("text.characters")
    if find_forbidden_phrase(text, env.catalog.forbidden_phrases):
        raise ActionRefused("text.denies_note")
    return _append_entry(env, incident_id, InternalNote(text, actor), now)


def reopen_incident(env: Environment, incident_id: str, *, actor: str, now: datetime) -> int:
    """It broke again. Customers hear of it with the next notice. Raises NoSuchIncident, NotNow when it is open."""
    return _append_entry(env, incident_id, TimelineEvent(EventKind.REOPENED, actor=actor), now, must_be_over=True)


def close_incident(env: Environment, incident_id: str, *, actor: str, now: datetime) -> int:
    """Closed without a word to customers, who were never told. Raises NoSuchIncident, NotNow once they were."""
    with env.database.begin() as tx:
        incident = require_incident(tx, incident_id)
        if incident.latest is not None or incident.is_over:
            raise ActionRefused("incident.told")
        event = TimelineEvent(EventKind.CLOSED, actor=actor)
        return incidents.append_entry(tx, incident_id, event, happened=now, recorded=now)


def open_by_form(tx: Connection, incident_id: str, *, form_opened_at: datetime, actor: str, now: datetime) -> None:
    """Somebody writes about something no alert told us of: the clock began when the form was ``opened``."""
    incidents.open_incident(tx, incident_id, at=now, t0=form_opened_at, t0_source="form")
    incidents.append_entry(
        tx, incident_id, TimelineEvent(EventKind.FORM_OPENED, actor=actor), happened=form_opened_at, recorded=now
    )


def confirm_by_form(env: Environment, incident_id: str, *, form_opened_at: datetime, actor: str, now: datetime) -> None:
    """Puts the trouble that somebody writes about on record before customers are told; once is enough."""
    with env.database.begin() as tx:
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
    env: Environment, incident_id: str, entry: Entry, now: datetime, *, must_be_over: bool = False
) -> int:
    with env.database.begin() as tx:
        incident = require_incident(tx, incident_id)
        if must_be_over and incident.is_maintenance:
            raise ActionRefused("notice.plan_over")
        if must_be_over and not incident.is_over:
            raise ActionRefused("incident.open")
        return incidents.append_entry(tx, incident_id, entry, happened=now, recorded=now)
