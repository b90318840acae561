"""Writing a notice: one form for every kind, its preview, and the publish button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import Alert, Incident, NoticeKind
from statuspage.storage import alerts, incidents
from statuspage.usecases import notices
from statuspage.usecases.incidents import confirm_by_form
from statuspage.usecases.notices import NoticeTarget
from statuspage.web.desk import request_context
from statuspage.web.desk.fact_requests import panel
from statuspage.web.desk.incidents import pages as incident_page
from statuspage.web.desk.notice_form import (
    draft_page,
    drafts,
    form_state,
    join_incident,
    merge_answers,
    opening_fields,
    pinned_times,
    plain_language,
    whats_new,
)
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.fact_rows import undo_row
from statuspage.web.desk.notice_form.form_page import preview_form, show_form
from statuspage.web.desk.notice_form.form_state import (
    FormMessages,
    FormSession,
    read_new_target,
    read_target,
    sign_target,
)
from statuspage.web.desk.notice_form.publishing import publish_form

pages = Blueprint("notice_form", __name__)

RENEW = "renew"
"""The action that starts a new incident with the text of a form whose target is invalid or too old."""

WRITABLE_KINDS = tuple(notice_kind for notice_kind in NoticeKind if notice_kind is not NoticeKind.REMINDER)
"""Kinds of notice that have a form."""


@pages.get("/incidents/new")
def show_first_report() -> Response:
    """Shows the form of a first report without an alert, or describes the draft of one."""
    return _show_new_form(NoticeKind.FIRST, opening_fields.first_report_fields(request_context.env().site.catalog))


@pages.post("/incidents/new")
def submit_first_report() -> Response:
    """Handles the submitted form of a first report."""
    return _submit_new_form(NoticeKind.FIRST)


@pages.get("/maintenance/new")
def show_maintenance() -> Response:
    """Shows the form for new maintenance, or describes the draft of one."""
    return _show_new_form(NoticeKind.ANNOUNCED, opening_fields.new_maintenance_fields())


@pages.post("/maintenance/new")
def submit_maintenance() -> Response:
    """Handles the submitted form for new maintenance."""
    return _submit_new_form(NoticeKind.ANNOUNCED)


@pages.get("/incidents/<incident_id>/notices/new/<notice>")
def show_notice(incident_id: str, notice: str) -> Response:
    """Shows the form of a notice on an existing incident with the current facts, or describes the draft of one."""
    incident, alert = _incident_and_alert(incident_id, notice)
    is_placeholder = notice == "first" and bool(request.args.get("placeholder"))
    draft_fields = drafts.find_own_draft(drafts.owner_of(request.path))
    target = NoticeTarget(incident_id, incident.latest_sequence)
    initial_fields = draft_fields or form_state.opening_fields(incident, alert, NoticeKind(notice))
    if is_placeholder:
        initial_fields = form_state.with_placeholder_text(initial_fields)
    if draft_fields and (draft_target := read_target(draft_fields)) and draft_target.incident_id == incident_id:
        target = draft_target
    form_session = FormSession(
        NoticeKind(notice), target, initial_fields, incident, alert, is_draft=draft_fields is not None
    )
    if draft_fields is not None and not drafts.is_opened():
        return draft_page.show_draft(form_session, is_placeholder=is_placeholder)
    return show_form(form_session, FormMessages())


@pages.post("/incidents/<incident_id>/notices/new/<notice>")
def submit_notice(incident_id: str, notice: str) -> Response:
    """Handles the submitted form of a notice on an existing incident."""
    incident, alert = _incident_and_alert(incident_id, notice)
    form_fields = pinned_times.sent_fields()
    target = read_target(form_fields)
    form_session = FormSession(
        NoticeKind(notice), NoticeTarget(incident_id, incident.latest_sequence), form_fields, incident, alert
    )
    if target is None or target.incident_id != incident_id:
        return _discard_or(form_session, _reject_target)
    return _form_response(replace(form_session, target=target))


def _show_new_form(notice: NoticeKind, initial_fields: Fields) -> Response:
    """The empty form of a notice that opens an incident or maintenance, or its draft."""
    new_target = notices.new_incident_target(request_context.env(), now=request_context.now())
    form_session = FormSession(notice, new_target, initial_fields, None, None)
    draft_fields = drafts.find_own_draft(form_session.owner)
    if draft_fields is None:
        return show_form(form_session, FormMessages())
    form_session = replace(form_session, fields=draft_fields, is_draft=True)
    if not drafts.is_opened():
        return draft_page.show_draft(form_session)
    target = read_new_target(draft_fields)
    if target is None:
        return show_form(form_session, FormMessages(stale="preview.new_target", is_without_target=True))
    return show_form(replace(form_session, target=target), FormMessages())


def _submit_new_form(notice: NoticeKind) -> Response:
    """Handles the form of a notice that opens an incident or maintenance. Only an explicit choice gives the text of a
    form whose target is invalid or too old a new one."""
    form_fields = pinned_times.sent_fields()
    target = read_new_target(form_fields)
    new_target = notices.new_incident_target(request_context.env(), now=request_context.now())
    form_session = FormSession(notice, target or new_target, form_fields, None, None)
    if target is None and request.form.get("do") != RENEW:
        return _discard_or(form_session, _reject_new_target)
    if target is None:
        form_session = replace(form_session, fields={**form_fields, "target": [sign_target(new_target)]})
    return _form_response(form_session)


def _discard_or(form_session: FormSession, reject: Callable[[FormSession], Response]) -> Response:
    """A form can be discarded whatever its target says; anything else is rejected."""
    return _discard(form_session) if request.form.get("do") == "discard" else reject(form_session)


def _discard(form_session: FormSession) -> Response:
    drafts.drop_draft(form_session.owner)
    placeholder = "?placeholder=1" if request.args.get("placeholder") else ""
    return redirect(f"{form_session.path}{placeholder}", 303)


def _incident_and_alert(incident_id: str, notice: str) -> tuple[Incident, Alert | None]:
    with request_context.env().databases.environment.read() as tx:
        incident = incidents.load_incident(tx, incident_id)
        incident_alerts = alerts.alerts_of_incident(tx, incident_id, 1)
    if incident is None or notice not in list(WRITABLE_KINDS):
        abort(404)
    if (notice == "first") != (incident.latest is None) and request.method == "GET":
        abort(redirect(url_for("incidents.show_incident", incident_id=incident_id), 303))
    return incident, incident_alerts[0] if incident_alerts else None


def _form_response(form_session: FormSession) -> Response:
    action = request.form.get("do", "preview")
    if action == "discard":
        return _discard(form_session)
    if whats_new.may_go_on(form_session, action):
        return whats_new.go_on_as(form_session, action)
    if (joined := join_incident.joined_incident(form_session, action)) is not None:
        return join_incident.join_incident(form_session, joined)
    form_session = _take_proposal(form_session, action)
    if action.startswith(f"{plain_language.GLOSSARY_ENTRY} "):
        return _glossary_entry_response(form_session, action)
    form_session = replace(form_session, fields=pinned_times.pin_times(form_session.fields))
    if action != "refresh" or request.form.get("has_changes"):
        drafts.save_draft(form_session.owner, form_session.fields)
    if action == "publish":
        return publish_form(form_session)
    if action in ("ask_engineers", "tell_colleagues"):
        return _act_from_form(
            form_session, panel.ask_engineers if action == "ask_engineers" else incident_page.tell_colleagues
        )
    preview = preview_form(form_session)
    if action != "preview":
        return show_form(
            form_session, FormMessages(form_state.problems_so_far(preview.problems), token=preview.token), preview
        )
    return show_form(
        form_session,
        FormMessages(preview.problems, token=preview.token, status=422 if preview.problems else 200),
        preview,
    )


def _take_proposal(form_session: FormSession, action: str) -> FormSession:
    """The form with the replacement for a difficult word, with engineers' answers, or with a change taken back, if one
    was requested."""
    if action.startswith(f"{plain_language.TAKE_REPLACEMENT} "):
        corrected = plain_language.take_replacement(
            form_session.fields,
            action,
            catalog=request_context.env().site.catalog,
            translator=request_context.translator(),
            notice=form_session.notice,
        )
        return replace(form_session, fields=corrected)
    if action.partition(" ")[0] == whats_new.UNDO and (opening := form_session.opening) is not None:
        return replace(form_session, fields=undo_row(form_session.fields, opening, action.partition(" ")[2]))
    takes_answers = action.partition(" ")[0] in (merge_answers.TAKE_ALL, merge_answers.TAKE_ONE)
    if takes_answers and form_session.incident is not None:
        merger = form_state.answer_merger(form_session, form_session.incident)
        return replace(form_session, fields=merger.merge(form_session.fields, action))
    return form_session


def _reject_target(form_session: FormSession) -> Response:
    """The signed target is missing, invalid, or of another incident: nothing is published before a person has looked,
    nothing typed is lost, and the form gets the target of the incident at its own address."""
    resealed = replace(form_session, fields={**form_session.fields, "target": [sign_target(form_session.target)]})
    drafts.save_draft(resealed.owner, resealed.fields)
    preview = preview_form(resealed)
    return show_form(resealed, FormMessages(stale="preview.target", token=preview.token, status=409), preview)


def _reject_new_target(form_session: FormSession) -> Response:
    """The same where there is no incident yet. The form gets no target, so that pressing again opens no incident that
    may have been published already; nothing typed is lost."""
    without_target = replace(form_session, fields={**form_session.fields, "target": [""]})
    drafts.save_draft(without_target.owner, without_target.fields)
    return show_form(without_target, FormMessages(stale="preview.new_target", status=409, is_without_target=True))


def _act_from_form(form_session: FormSession, action: Callable[[str], None]) -> Response:
    """Requests facts or notifies staff from the form, which stays as it was; a new incident is recorded first."""
    target, actor, now = form_session.target, request_context.actor(), request_context.now()
    if form_session.incident is None:
        confirm_by_form(
            request_context.env().databases.environment,
            target.incident_id,
            form_opened_at=target.form_opened_at or now,
            actor=actor,
            now=now,
        )
    form_url = url_for("notice_form.show_notice", incident_id=target.incident_id, notice=str(form_session.notice))
    form_fields = {**form_session.fields, "target": [sign_target(target)]}
    drafts.save_draft(drafts.owner_of(form_url), form_fields, drafts.warning_classes_of(form_session.owner))
    if form_session.path != form_url:
        drafts.drop_draft(form_session.owner)
    action(target.incident_id)
    return redirect(f"{form_url}?draft={drafts.OPENED}#fact-requests", 303)


def _glossary_entry_response(form_session: FormSession, action: str) -> Response:
    """Downloads a line for the glossary; the form stays as it is."""
    try:
        text = plain_language.propose_entry(form_session.fields, action)
    except ValueError:
        abort(400)
    response = make_response(text)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Content-Disposition"] = "attachment; filename=glossary.toml"
    return response


def start_first_report(incident_id: str, now: datetime, *, is_placeholder: bool = False) -> str:
    """Starts the first report of this incident, or a holding notice; returns the form's path."""
    notices.open_notice_form(
        request_context.env().databases.environment, incident_id, actor=request_context.actor(), now=now
    )
    return form_state.first_report_address(incident_id, is_placeholder=is_placeholder)
