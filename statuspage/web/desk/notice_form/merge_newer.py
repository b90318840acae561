"""*Published first*: what somebody has changed on a form goes on upon what a colleague has published meanwhile."""

from __future__ import annotations

from dataclasses import replace

from statuspage.domain import MAINTENANCE_NOTICES, Incident, Notice
from statuspage.storage import incidents
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import form_state
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.fact_rows import ROW_FIELDS, belongs_to
from statuspage.web.desk.notice_form.form_state import FormSession
from statuspage.web.desk.notice_form.join_incident import update_fields
from statuspage.web.desk.notice_form.whats_new import as_shown, changed_fields

LISTS = ("service", "workaround")
"""Fields with several values, of which two people may each add and remove some."""

_SEPARATE = ("extra", "questions")
"""Rows whose fields say something each on its own: a text for each language, an answer to each question."""


def onto_newer(form_session: FormSession) -> Fields:
    """The fields of a form whose incident got a newer notice: its facts, with those that were changed here."""
    incident = _load_incident(form_session.target.incident_id)
    if incident is None or incident.latest is None or form_session.notice in MAINTENANCE_NOTICES:
        return form_session.fields
    seen = as_seen(incident, form_session.target.latest_sequence)
    opened = form_state.opening_fields(seen, form_session.alert, form_session.notice)
    changed = changed_fields(form_session, opened)
    rows = {row for row in ROW_FIELDS if any(belongs_to(name, row) for name in changed)}
    later = form_state.later_kind(form_session.notice)
    opening = form_state.opening_fields(incident, form_session.alert, later)
    if seen.latest is None:
        typed = form_session.fields if "services" in rows else {**form_session.fields, "service": []}
        merged = update_fields(opening, typed)
        return as_shown({**merged, **_of_rows(form_session.fields, rows & {"start", "next_update"})})
    merged = {**opening, **_of_rows(form_session.fields, rows - {"services", "workaround", *_SEPARATE}), **changed}
    merged |= {name: _merge_list(opened, form_session.fields, opening, name) for name in LISTS}
    return as_shown(merged)


def as_seen(incident: Incident, sequence: int) -> Incident:
    """The incident without the notices after this one."""
    kept = (item for item in incident.entries if not isinstance(item.entry, Notice) or item.sequence <= sequence)
    return replace(incident, entries=tuple(kept))


def _of_rows(fields: Fields, rows: set[str]) -> Fields:
    return {name: values for name, values in fields.items() if any(belongs_to(name, row) for row in rows)}


def _merge_list(opened: Fields, typed: Fields, newer: Fields, name: str) -> list[str]:
    """The values of the newer notice, without those removed here, and with those added here."""
    before, here = opened.get(name, []), typed.get(name, [])
    removed = {value for value in before if value not in here}
    added = [value for value in here if value not in before]
    return list(dict.fromkeys((*(value for value in newer.get(name, []) if value not in removed), *added)))


def _load_incident(incident_id: str) -> Incident | None:
    with request_context.env().databases.environment.read() as tx:
        return incidents.load_incident(tx, incident_id)
