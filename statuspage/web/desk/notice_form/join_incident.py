"""*Add to that incident*: what was written for a first report goes on as an update of an open incident."""

from __future__ import annotations

from fnmatch import fnmatchcase

from flask import redirect, url_for
from werkzeug.wrappers import Response

from statuspage.domain import EstimateShape, Incident, NoticeKind
from statuspage.storage import incidents
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import drafts, form_state
from statuspage.web.desk.notice_form.drafts import Fields, value_of
from statuspage.web.desk.notice_form.fields import USUAL_MINUTES, chosen_value
from statuspage.web.desk.notice_form.form_state import FormSession
from statuspage.web.desk.notice_form.service_fields import ticked_services

JOIN = "join"
"""The button's action: ``join INCIDENT``."""

_CARRIED = ("current_action", "extra-*", "text-*", "only", "reason")
"""The fields that are taken over if they say something."""

_ESTIMATE = ("estimate", "estimate_*", "pin-estimate", "was-estimate*")


def joined_incident(form_session: FormSession, action: str) -> Incident | None:
    """The open incident to which this form is added; None if the action is another one, or it is no longer open."""
    name, _, id = action.partition(" ")
    if name != JOIN or form_session.notice is not NoticeKind.FIRST:
        return None
    with request_context.env().databases.environment.read() as tx:
        incident = incidents.load_incident(tx, id)
    return incident if incident and incident.latest and not incident.is_over and not incident.is_maintenance else None


def join_incident(form_session: FormSession, incident: Incident) -> Response:
    """Goes on with an update of this incident. An unfinished update comes first, and this form is then kept."""
    path = url_for("notice_form.show_notice", incident_id=incident.id, notice=str(NoticeKind.UPDATE))
    if drafts.find_own_draft(drafts.owner_of(path)) is not None:
        drafts.save_draft(form_session.owner, form_session.fields)
        return redirect(path, 303)
    opening = form_state.opening_fields(incident, None, NoticeKind.UPDATE)
    drafts.save_draft(drafts.owner_of(path), update_fields(opening, form_session.fields))
    drafts.drop_draft(form_session.owner)
    return redirect(f"{path}?draft={drafts.OPENED}", 303)


def update_fields(opening: Fields, typed: Fields) -> Fields:
    """The update's fields with the services, customers, estimate and words of the first report added."""
    ticked = ticked_services(typed, request_context.env().site.catalog)
    added: Fields = {"service": list(dict.fromkeys((*opening.get("service", ()), *(item.service for item in ticked))))}
    added |= {f"state-{item.service}": [item.state] for item in ticked}
    if typed.get("group") or value_of(typed, "audience") in ("all", "some"):
        added |= {name: typed.get(name, []) for name in ("audience", "group")}
    if chosen_value(typed, "estimate") not in ("", EstimateShape.UNKNOWN):
        added |= {**_matching(typed, _ESTIMATE), "estimate": [chosen_value(typed, "estimate")]}
    if value_of(opening, "incident_type") == value_of(typed, "incident_type"):
        answers = _matching(typed, ("answer-*",))
        added |= {name: values for name, values in answers.items() if value_of(answers, name) not in ("", "checking")}
    workarounds = dict.fromkeys((*opening.get("workaround", ()), *typed.get("workaround", ())))
    words = {name: values for name, values in _matching(typed, _CARRIED).items() if any(values)}
    return {**opening, **USUAL_MINUTES, **added, "workaround": list(workarounds), **words}


def _matching(fields: Fields, patterns: tuple[str, ...]) -> Fields:
    return {name: values for name, values in fields.items() if any(fnmatchcase(name, pattern) for pattern in patterns)}
