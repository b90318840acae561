"""The page of one incident, and what can be done there without a notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import Incident, has_unreadable_characters, strip_invisible
from statuspage.usecases import incidents
from statuspage.usecases.alerts import checklists
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.on_call import briefing
from statuspage.web.desk import request_context
from statuspage.web.desk.incidents.page_content import page_content, text_for_colleagues
from statuspage.web.desk.notice_form import drafts

pages = Blueprint("incidents", __name__)

NOTE_LIMIT = 4000
"""Maximum characters of an internal note."""


@pages.get("/incidents/<incident_id>")
def show_incident(incident_id: str) -> Response:
    """Shows everything about an incident."""
    owner = f"{incident_id}:note"
    draft, saved_at = drafts.find_own_draft(owner) or {}, drafts.find_saved_at(owner)
    return _incident_page(
        request_context.incident_or_404(incident_id), note=(draft.get("text") or [""])[-1], note_saved_at=saved_at
    )


@pages.post("/incidents/<incident_id>/note")
def add_note(incident_id: str) -> Response:
    """Adds an internal note."""
    text = strip_invisible(request.form.get("text", ""))
    problem_key = _note_problem(text)
    if problem_key:
        slots = {"count": len(text), "limit": NOTE_LIMIT}
        return _incident_page(
            request_context.incident_or_404(incident_id),
            note=text,
            problem=request_context.translator().label(problem_key, **slots),
        )
    _add_note(incident_id, text)
    drafts.drop_draft(f"{incident_id}:note")
    flash(request_context.translator().t("incident.note_added"))
    return redirect(url_for("incidents.show_incident", incident_id=incident_id), 303)


@pages.post("/incidents/<incident_id>/colleagues-told")
def note_colleagues_told(incident_id: str) -> Response:
    """Records that staff were told with the prepared text."""
    incident = request_context.incident_or_404(incident_id)
    _add_note(
        incident_id,
        text_for_colleagues(incident, request_context.translator())
        or request_context.translator().t("receipts.colleagues_already_told"),
    )
    flash(request_context.translator().t("receipts.colleagues_noted"))
    return redirect(_back_to_notice(incident), 303)


@pages.post("/incidents/<incident_id>/tell-colleagues")
def tell_colleagues_now(incident_id: str) -> Response:
    """Notifies staff through the staff channels."""
    incident = request_context.incident_or_404(incident_id)
    tell_colleagues(incident_id)
    return redirect(_back_to_notice(incident), 303)


def tell_colleagues(incident_id: str) -> None:
    """Notifies staff and shows the result on the next page. Raises NoSuchIncident."""
    briefing.brief_staff(request_context.env(), incident_id, actor=request_context.actor(), now=request_context.now())
    flash(request_context.translator().t("on_call.telling_colleagues"))


@pages.post("/incidents/<incident_id>/checks/<int:number>")
def tick_check(incident_id: str, number: int) -> Response:
    """Ticks or unticks a checklist item."""
    is_done = request.form.get("done") == "yes"
    actor, language = request_context.actor(), request_context.translator().language
    try:
        checklists.tick_item(
            request_context.env(),
            incident_id,
            number,
            done=is_done,
            language=language,
            actor=actor,
            now=request_context.now(),
        )
    except ActionRefused:
        abort(404)
    return redirect(url_for("incidents.show_incident", incident_id=incident_id, _anchor="h-rb"), 303)


@pages.post("/incidents/<incident_id>/reopen")
def reopen(incident_id: str) -> Response:
    """Reopens the incident."""
    if not _is_applied(incidents.reopen_incident, incident_id):
        return redirect(url_for("incidents.show_incident", incident_id=incident_id), 303)
    return redirect(url_for("notice_form.show_notice", incident_id=incident_id, notice="update"), 303)


@pages.post("/incidents/<incident_id>/close")
def close(incident_id: str) -> Response:
    """Closes an incident that was never published."""
    _is_applied(incidents.close_incident, incident_id)
    return redirect(url_for("home.show_home"), 303)


def _is_applied(change: Callable[..., object], incident_id: str) -> bool:
    """Whether the change was applied; if not, the next page says why."""
    env, actor, now = request_context.env(), request_context.actor(), request_context.now()
    try:
        change(env.databases.environment, incident_id, actor=actor, now=now)
    except ActionRefused as error:
        flash(request_context.translator().label(f"problem.{error.code}"))
        return False
    return True


def _incident_page(
    incident: Incident, *, note: str = "", problem: str = "", note_saved_at: datetime | None = None
) -> Response:
    content = page_content(incident, request_context.translator(), request_context.now())
    page = render_template(
        "incident.html",
        **content,
        note=note,
        note_draft=_draft_note(note_saved_at),
        may_redact=request_context.may_redact(),
        problems=[{"field": "note", "text": problem}] if problem else [],
    )
    return make_response(page, 422 if problem else 200)


def _draft_note(saved_at: datetime | None) -> str:
    """That what is typed was kept, and when; "" if nothing was."""
    translator = request_context.translator()
    if saved_at is None:
        return ""
    return translator.t("draft.note", name=request_context.actor(), time=translator.times.format_day_time(saved_at))


def _add_note(incident_id: str, text: str) -> None:
    incidents.add_note(
        request_context.env(), incident_id, text, actor=request_context.actor(), now=request_context.now()
    )


def _note_problem(text: str) -> str:
    if not text:
        return "desk.incident.note_missing"
    if len(text) > NOTE_LIMIT:
        return "problem.text.long"
    return "problem.text.characters" if has_unreadable_characters(text) else ""


def _back_to_notice(incident: Incident) -> str:
    if incident.latest is None:
        return url_for("incidents.show_incident", incident_id=incident.id)
    return url_for("receipts.show_receipts", incident_id=incident.id, sequence=incident.latest.sequence)
