"""One incident: what customers read now, everything that happened, and what can be done next."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import (
    Incident,
    InternalNote,
    NoticeText,
    strip_invisible,
    unreadable,
)
from statuspage.storage import alerts
from statuspage.usecases import incidents
from statuspage.usecases.alerts import checklists
from statuspage.usecases.incidents import NoSuchIncident, NotNow
from statuspage.usecases.notices import holding_notice
from statuspage.usecases.on_call import briefing
from statuspage.web.desk import request_context
from statuspage.web.desk.fact_requests import panel
from statuspage.web.desk.incidents import approvals, leftover_messages
from statuspage.web.desk.incidents.timeline_lines import timeline_lines
from statuspage.web.desk.notice_form import drafts, form_state
from statuspage.web.desk.notice_form.preview import LOOKS
from statuspage.web.desk.panels import maintenance, on_call, response_clock, runbooks
from statuspage.web.desk.panels.maintenance import Act
from statuspage.web.desk.translations import Translator, mine

pages = Blueprint("incident", __name__)

NOTE_LIMIT = 4000
"""Characters of a note for colleagues."""

UPDATE = "n"
"""The key that opens an update as things stand: where nothing is new, one more press publishes it."""

HOLDING = "h"
"""The key that opens a holding notice; one more press publishes it."""


@pages.get("/incidents/<incident_id>")
def show_incident(incident_id: str) -> Response:
    """The whole story of an incident."""
    kept = drafts.kept(f"{incident_id}:note") or {}
    return _incident_page(found(incident_id), note=(kept.get("text") or [""])[-1])


@pages.post("/incidents/<incident_id>/note")
def note(incident_id: str) -> Response:
    """Words for colleagues."""
    text = strip_invisible(request.form.get("text", ""))
    wrong = _wrong(text)
    if wrong:
        slots = {"count": len(text), "limit": NOTE_LIMIT}
        return _incident_page(found(incident_id), note=text, problem=request_context.voice().label(wrong, **slots))
    _add_note(incident_id, text)
    drafts.drop(f"{incident_id}:note")
    flash(request_context.voice().t("incident.noted"))
    return redirect(url_for("incident.show_incident", incident_id=incident_id), 303)


@pages.post("/incidents/<incident_id>/told")
def told(incident_id: str) -> Response:
    """Colleagues were told, with the words prepared for them."""
    incident = found(incident_id)
    _add_note(
        incident_id,
        for_colleagues(incident, request_context.voice())
        or request_context.voice().t("receipts.colleagues_told_plain"),
    )
    flash(request_context.voice().t("receipts.told_noted"))
    return redirect(_back_to_notice(incident), 303)


@pages.post("/incidents/<incident_id>/tell")
def tell(incident_id: str) -> Response:
    """Colleagues are told by the ways that are set up for it."""
    incident = found(incident_id)
    tell_them(incident_id)
    return redirect(_back_to_notice(incident), 303)


def tell_them(incident_id: str) -> None:
    """Colleagues are told; the page that follows says so. Raises NoSuchIncident."""
    briefing.tell_colleagues(
        request_context.world(), incident_id, by=request_context.who().name, now=request_context.now()
    )
    flash(request_context.voice().t("duty.telling"))


@pages.post("/incidents/<incident_id>/checks/<int:number>")
def check(incident_id: str, number: int) -> Response:
    """Something on the checklist was done, or was not after all."""
    done = request.form.get("done") == "yes"
    by, language = request_context.who().name, request_context.voice().language
    try:
        checklists.tick(
            request_context.world(), incident_id, number, done=done, language=language, by=by, now=request_context.now()
        )
    except (NoSuchIncident, NotNow):
        abort(404)
    return redirect(url_for("incident.show_incident", incident_id=incident_id, _anchor="h-rb"), 303)


@pages.post("/incidents/<incident_id>/reopen")
def reopen(incident_id: str) -> Response:
    """It broke again."""
    try:
        incidents.reopen(request_context.world(), incident_id, by=request_context.who().name, now=request_context.now())
    except NoSuchIncident:
        abort(404)
    except NotNow as no:
        flash(request_context.voice().label(f"problem.{no.code}"))
        return redirect(url_for("incident.show_incident", incident_id=incident_id), 303)
    return redirect(url_for("report.on_incident", incident_id=incident_id, notice="update"), 303)


@pages.post("/incidents/<incident_id>/close")
def close(incident_id: str) -> Response:
    """Nothing to tell customers after all."""
    try:
        incidents.close_incident(
            request_context.world(), incident_id, by=request_context.who().name, now=request_context.now()
        )
    except NoSuchIncident:
        abort(404)
    except NotNow as no:
        flash(request_context.voice().label(f"problem.{no.code}"))
    return redirect(url_for("home.show_home"), 303)


def found(incident_id: str) -> Incident:
    """The incident; 404 when there is none."""
    return request_context.incident_or_404(incident_id)


def words_of(incident: Incident, voice: Translator) -> NoticeText | None:
    """The newest notice in the reader's language."""
    return mine(incident.latest.notice.words, voice) if incident.latest else None


def next_acts(incident: Incident, voice: Translator) -> list[Act]:
    """What can be told customers next, the likeliest first."""
    if incident.maintenance:
        return maintenance.acts(incident, voice, late=incident.overrun(request_context.now()))
    if incident.latest is None:
        return [] if incident.over else _first_acts(incident, voice)
    if incident.over:
        return [_act(incident, "correction", voice)]
    kinds = ("update", "resolved", "partly_restored", "watching", "correction", "withdrawal")
    return [_act(incident, kind, voice, go=kind == "update", key=UPDATE if kind == "update" else "") for kind in kinds]


def _first_acts(incident: Incident, voice: Translator) -> list[Act]:
    """The first report, and a holding notice where customers have waited for one long enough."""
    write = _act(incident, "first", voice, go=True)
    if not holding_notice.is_due_for_incident(request_context.world(), incident, now=request_context.now()):
        return [write]
    return [write, Act(voice.t("home.holding"), form_state.first_of(incident.id, holding=True), key=HOLDING)]


def meanwhile(incident: Incident, voice: Translator) -> Mapping[str, str] | None:
    """Texts to hand on: for the phone desk, and for colleagues with the time they were told and the ways there are."""
    words, ways = words_of(incident, voice), on_call.telling(request_context.world(), voice)
    if incident.over or (not ways and (words is None or "short" not in words.media)):
        return None
    notes = [r for r in incident.entries if isinstance(r.entry, InternalNote)]
    return {
        "phone": words.media["short"].body if words and "short" in words.media else "",
        "colleagues": for_colleagues(incident, voice),
        "language": words.language if words else voice.language,
        "told": voice.times.clock(notes[0].recorded) if notes else "",
        "ways": ways,
    }


def for_colleagues(incident: Incident, voice: Translator) -> str:
    """The prepared words for colleagues, "" while nothing is public."""
    words = words_of(incident, voice)
    return words.media["colleagues"].body if words and "colleagues" in words.media else ""


def _incident_page(incident: Incident, *, note: str = "", problem: str = "") -> Response:
    world, voice, now = request_context.world(), request_context.voice(), request_context.now()
    words = words_of(incident, voice)
    look = "ok" if incident.over else LOOKS[incident.state] if incident.affected else "unk"
    look = "maint" if incident.maintenance and not incident.over else look
    public = _public(incident) if words and world.address else []
    page = render_template(
        "incident.html",
        here="home",
        incident_id=incident.id,
        title=words.title if words else _untold(incident, voice),
        words=words,
        look=look,
        state=words.status if words else voice.t("incident.not_told"),
        public_links=public,
        clock=None if incident.maintenance else response_clock.of(incident, voice, now),
        planned=maintenance.planned(incident, voice, now) if incident.maintenance and not incident.over else None,
        by_itself=maintenance.by_itself(incident, voice, now),
        entries=timeline_lines(incident, voice, now),
        promise=response_clock.promise(incident, voice, now),
        next_acts=next_acts(incident, voice),
        acts_above=True,
        meanwhile=meanwhile(incident, voice),
        held_back=approvals.held((incident,)),
        engineers=None if incident.maintenance else panel.panel(incident),
        can_reopen=incident.over and incident.latest is not None and not incident.maintenance,
        can_close=incident.latest is None and not incident.over,
        note=note,
        runbook=None if incident.over else runbooks.runbook_of_incident(world, incident, voice),
        may_redact=request_context.may_redact(),
        left=leftover_messages.messages(world, incident.id, voice),
        problems=[{"field": "note", "text": problem}] if problem else [],
    )
    return make_response(page, 422 if problem else 200)


def _public(incident: Incident) -> list[dict[str, str]]:
    world = request_context.world()
    books, path = world.catalog.books, f"incidents/{incident.id}/"
    return [
        {"href": f"{world.address}/{each}/{path}", "language": each, "label": books[each].name}
        for each in world.catalog.languages
    ]


def _untold(incident: Incident, voice: Translator) -> str:
    with request_context.world().store.read() as tx:
        joined = alerts.alerts_of_incident(tx, incident.id, 1)
    return joined[0].signal.title if joined else voice.t("home.unnamed")


def _act(incident: Incident, notice: str, voice: Translator, *, go: bool = False, key: str = "") -> Act:
    href = url_for("report.on_incident", incident_id=incident.id, notice=notice)
    return Act(voice.t(f"incident.write.{notice}"), href, go, key)


def _add_note(incident_id: str, text: str) -> None:
    try:
        incidents.note(
            request_context.world(), incident_id, text, by=request_context.who().name, now=request_context.now()
        )
    except NoSuchIncident:
        abort(404)


def _wrong(text: str) -> str:
    if not text:
        return "desk.incident.note_missing"
    if len(text) > NOTE_LIMIT:
        return "problem.text.long"
    return "problem.text.characters" if unreadable(text) else ""


def _back_to_notice(incident: Incident) -> str:
    if incident.latest is None:
        return url_for("incident.show_incident", incident_id=incident.id)
    return url_for("receipts.show_receipts", incident_id=incident.id, sequence=incident.latest.sequence)
