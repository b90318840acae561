"""One incident: what customers read now, its timeline, and the next actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import (
    Incident,
    InternalNote,
    NoticeText,
    has_unreadable_characters,
    open_questions,
    strip_invisible,
)
from statuspage.storage import alerts
from statuspage.storage.post_incident import retrospectives
from statuspage.usecases import action_items, incidents
from statuspage.usecases.alerts import checklists
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.notices import holding_notice
from statuspage.usecases.on_call import briefing
from statuspage.web.desk import request_context
from statuspage.web.desk.fact_requests import panel
from statuspage.web.desk.incidents import approvals, leftover_messages
from statuspage.web.desk.incidents.timeline_lines import timeline_lines
from statuspage.web.desk.notice_form import drafts, form_state
from statuspage.web.desk.notice_form.preview import STATE_TONES
from statuspage.web.desk.panels import maintenance, on_call, response_clock, runbooks
from statuspage.web.desk.panels.maintenance import NextAction
from statuspage.web.desk.translations import Translator, short_title, text_for_reader

pages = Blueprint("incidents", __name__)

NOTE_LIMIT = 4000
"""Maximum characters of an internal note."""

UPDATE_KEY = "n"
"""The key that opens an update with unchanged facts; if nothing is new, one more press publishes it."""

PLACEHOLDER_KEY = "h"
"""The key that opens a holding notice; one more press publishes it."""


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
    try:
        incidents.reopen_incident(
            request_context.env().databases.environment,
            incident_id,
            actor=request_context.actor(),
            now=request_context.now(),
        )
    except ActionRefused as error:
        flash(request_context.translator().label(f"problem.{error.code}"))
        return redirect(url_for("incidents.show_incident", incident_id=incident_id), 303)
    return redirect(url_for("notice_form.show_notice", incident_id=incident_id, notice="update"), 303)


@pages.post("/incidents/<incident_id>/close")
def close(incident_id: str) -> Response:
    """Closes an incident that was never published."""
    try:
        incidents.close_incident(
            request_context.env().databases.environment,
            incident_id,
            actor=request_context.actor(),
            now=request_context.now(),
        )
    except ActionRefused as error:
        flash(request_context.translator().label(f"problem.{error.code}"))
    return redirect(url_for("home.show_home"), 303)


def newest_text(incident: Incident, translator: Translator) -> NoticeText | None:
    """The newest notice in the reader's language."""
    return text_for_reader(incident.latest.notice.texts, translator) if incident.latest else None


def next_actions(incident: Incident, translator: Translator) -> list[NextAction]:
    """The notices that may come next, the most likely first."""
    if incident.is_maintenance:
        return maintenance.next_actions(incident, translator, is_late=incident.is_overrun(request_context.now()))
    if incident.latest is None:
        return [] if incident.is_over else _first_actions(incident, translator)
    if incident.is_over:
        follow_up = open_questions(incident, request_context.env().site.catalog)
        return [
            *([_next_action(incident, "follow_up", translator, is_primary=True)] if follow_up else []),
            _next_action(incident, "postmortem", translator, is_primary=incident.report_by is not None),
            _next_action(incident, "correction", translator),
        ]
    notice_kinds = ("update", "resolved", "partly_restored", "monitoring", "correction", "withdrawal")
    return [
        _next_action(
            incident,
            notice_kind,
            translator,
            is_primary=notice_kind == "update",
            key=UPDATE_KEY if notice_kind == "update" else "",
        )
        for notice_kind in notice_kinds
    ]


def _first_actions(incident: Incident, translator: Translator) -> list[NextAction]:
    """The first report, and a holding notice if customers have waited long enough."""
    write = _next_action(incident, "first", translator, is_primary=True)
    if not holding_notice.is_due_for_incident(request_context.env().site.catalog, incident, now=request_context.now()):
        return [write]
    return [
        write,
        NextAction(
            translator.t("home.placeholder"),
            form_state.first_report_address(incident.id, is_placeholder=True),
            key=PLACEHOLDER_KEY,
        ),
    ]


def handover_texts(incident: Incident, translator: Translator) -> Mapping[str, str] | None:
    """Texts to copy: for the phone team, and for staff with the time they were told and their channels."""
    notice_text, channels = newest_text(incident, translator), on_call.staff_channels(request_context.env(), translator)
    if incident.is_over or (not channels and (notice_text is None or "short" not in notice_text.media)):
        return None
    notes = [entry for entry in incident.entries if isinstance(entry.entry, InternalNote)]
    return {
        "phone": notice_text.media["short"].body if notice_text and "short" in notice_text.media else "",
        "colleagues": text_for_colleagues(incident, translator),
        "language": notice_text.language if notice_text else translator.language,
        "told_at": translator.times.format_time(notes[0].recorded) if notes else "",
        "channels": channels,
    }


def text_for_colleagues(incident: Incident, translator: Translator) -> str:
    """The prepared text for staff, "" if nothing is public."""
    notice_text = newest_text(incident, translator)
    return notice_text.media["colleagues"].body if notice_text and "colleagues" in notice_text.media else ""


def _tone(incident: Incident) -> str:
    if incident.is_over:
        return "ok"
    if incident.is_maintenance:
        return "maint"
    return STATE_TONES[incident.state] if incident.affected else "unk"


def _incident_page(
    incident: Incident, *, note: str = "", problem: str = "", note_saved_at: datetime | None = None
) -> Response:
    env, translator, now = request_context.env(), request_context.translator(), request_context.now()
    notice_text = newest_text(incident, translator)
    page = render_template(
        "incident.html",
        section="maintenance" if incident.is_maintenance else "incidents",
        incident_id=incident.id,
        title=short_title(notice_text) if notice_text else _untold_title(incident, translator),
        since=_since(incident, translator),
        words=notice_text,
        tone=_tone(incident),
        state=notice_text.status if notice_text else translator.t("incident.not_public"),
        public_links=_public_links(incident) if notice_text and env.site.address else [],
        maintenance=maintenance.maintenance_row(incident, translator, now)
        if incident.is_maintenance and not incident.is_over
        else None,
        by_itself=maintenance.scheduled_lines(incident, translator, now),
        clock=_running_clock(incident, translator, now),
        entries=timeline_lines(incident, translator, now),
        promise=response_clock.promise_view(incident, translator, now),
        next_actions=next_actions(incident, translator),
        alert_titles=_alert_titles(incident),
        handover=handover_texts(incident, translator),
        held_notices=approvals.held_notices((incident,)),
        retrospective=_retrospective_state(incident),
        came_back=action_items.open_items_of_cause(env, incident.id) if incident.is_over else (),
        fact_panel=None if incident.is_maintenance else panel.build_panel(incident),
        can_reopen=incident.is_over and incident.latest is not None and not incident.is_maintenance,
        can_close=incident.latest is None and not incident.is_over,
        note=note,
        note_draft=translator.t(
            "draft.note", name=request_context.actor(), time=translator.times.format_day_time(note_saved_at)
        )
        if note_saved_at
        else "",
        runbook=None if incident.is_over else runbooks.runbook_of_incident(env, incident, translator),
        may_redact=request_context.may_redact(),
        leftover_messages=leftover_messages.leftover_messages(env, incident.id, translator),
        problems=[{"field": "note", "text": problem}] if problem else [],
    )
    return make_response(page, 422 if problem else 200)


def _retrospective_state(incident: Incident) -> str:
    """How far its retrospective is, *none* if there is none yet; "" if it is not offered: drills have their own."""
    if not incident.is_over or incident.is_maintenance or request_context.translator().pack.marks.word:
        return ""
    with request_context.env().databases.environment.read() as tx:
        record = retrospectives.load_retrospective(tx, incident.id)
    return record.state if record.changed_at else "none"


def _public_links(incident: Incident) -> list[dict[str, str]]:
    env = request_context.env()
    packs, path = env.site.catalog.packs, f"incidents/{incident.id}/"
    return [
        {"href": f"{env.site.address}/{language}/{path}", "language": language, "label": packs[language].name}
        for language in env.site.catalog.languages
    ]


def _running_clock(incident: Incident, translator: Translator, now: datetime) -> response_clock.ClockBar | None:
    """The clock while customers know nothing yet; later it is a line of the timeline."""
    is_told = incident.latest is not None or incident.is_over
    return None if is_told else response_clock.incident_clock(incident, translator, now)


def _since(incident: Incident, translator: Translator) -> str:
    """Since when it is known to be, as published."""
    facts = incident.public_facts
    return (
        translator.t("incident.since", time=translator.times.format_recent(facts.start.at, now=request_context.now()))
        if facts and facts.start
        else ""
    )


def _alert_titles(incident: Incident) -> list[str]:
    with request_context.env().databases.environment.read() as tx:
        return [alert.monitor_alert.title for alert in alerts.alerts_of_incident(tx, incident.id)]


def _untold_title(incident: Incident, translator: Translator) -> str:
    with request_context.env().databases.environment.read() as tx:
        incident_alerts = alerts.alerts_of_incident(tx, incident.id, 1)
    return incident_alerts[0].monitor_alert.title if incident_alerts else translator.t("home.unnamed")


def _next_action(
    incident: Incident, notice: str, translator: Translator, *, is_primary: bool = False, key: str = ""
) -> NextAction:
    href = url_for("notice_form.show_notice", incident_id=incident.id, notice=notice)
    return NextAction(translator.t(f"incident.write.{notice}"), href, is_primary, key)


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
