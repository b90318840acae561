"""The retrospective of an incident or a drill: read, written by several people at once, taken along as Markdown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import ContributingCause, RetrospectiveState, Section
from statuspage.usecases import retrospectives
from statuspage.usecases.action_items import NoSuchSubject
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.retrospectives import EventInput, NotOverYet, Retrospective
from statuspage.web.desk import request_context
from statuspage.web.desk.action_items import action_rows, owner_names, priority_choices
from statuspage.web.desk.drills import leader_console
from statuspage.web.desk.incidents.promised_reports import promised_report_of
from statuspage.web.desk.permissions import RoleRequired
from statuspage.web.desk.retrospectives import view
from statuspage.web.desk.translations import Translator

pages = Blueprint("retrospectives", __name__)

FIELDS = ("text", "source", "happened", "section", "note")


@pages.get("/retrospectives/<subject>")
def show_retrospective(subject: str) -> Response:
    """Shows what was recorded and what people wrote."""
    return _page(subject)


@pages.get("/retrospectives/<subject>.md")
def download(subject: str) -> Response:
    """Downloads the retrospective as Markdown."""
    formatter = view.formatter_of(request_context.translator())
    response = make_response(retrospectives.retrospective_markdown(_require_retrospective(subject), formatter))
    response.headers["Content-Type"] = "text/markdown; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="retrospective-{subject}.md"'
    return response


@pages.post("/retrospectives/<subject>/notes")
def write_note(subject: str) -> Response:
    """Adds a note, or changes one. Of two changes at once, both are kept."""
    form, env = request.form, request_context.env()
    section, note, version = form.get("section", ""), form.get("note", ""), form.get("version", "")
    actor, now = request_context.audit_actor(), request_context.now()
    if note.isdecimal() and version.isdecimal():
        return _apply(
            subject,
            lambda: retrospectives.change_note(
                env, subject, int(note), form.get("text", ""), version=int(version), actor=actor, now=now
            ),
            f"part-{section}",
        )
    if section not in set(Section):
        abort(400)
    return _apply(
        subject,
        lambda: retrospectives.write_note(env, subject, Section(section), form.get("text", ""), actor=actor, now=now),
        f"part-{section}",
    )


@pages.post("/retrospectives/<subject>/events")
def write_event(subject: str) -> Response:
    """Adds an event to the timeline."""
    form, translator = request.form, request_context.translator()
    typed = EventInput(_typed_time(translator), form.get("text", ""), form.get("source", ""))
    env, actor, now = request_context.env(), request_context.audit_actor(), request_context.now()
    return _apply(subject, lambda: retrospectives.add_event(env, subject, typed, actor=actor, now=now), "h-timeline")


@pages.post("/retrospectives/<subject>/causes")
def choose_causes(subject: str) -> Response:
    """Changes the contributing causes: only what was ticked or unticked here."""
    ticked, seen = _causes("cause"), _causes("seen")
    env, actor, now = request_context.env(), request_context.audit_actor(), request_context.now()
    return _apply(
        subject,
        lambda: retrospectives.change_causes(
            env, subject, added=ticked - seen, removed=seen - ticked, actor=actor, now=now
        ),
        "h-causes",
    )


@pages.post("/retrospectives/<subject>/state")
def set_state(subject: str) -> Response:
    """Records how far it is."""
    state = request.form.get("do", "")
    if state not in set(RetrospectiveState):
        abort(400)
    env, actor, now = request_context.env(), request_context.audit_actor(), request_context.now()
    return _apply(
        subject,
        lambda: retrospectives.set_state(env, subject, RetrospectiveState(state), actor=actor, now=now),
        "",
    )


def _apply(subject: str, change: Callable[[], object], anchor: str) -> Response:
    """Applies the change and shows the page; what was refused is shown again with what was typed."""
    _require_retrospective(subject)
    translator = request_context.translator()
    try:
        was_applied = change()
    except NoSuchSubject:
        abort(404)
    except NotOverYet:
        abort(409)
    except ActionRefused as error:
        return _page(subject, problem=error.code)
    flash(translator.t("retro.kept_both") if was_applied is False else translator.t("retro.saved"))
    return redirect(url_for("retrospectives.show_retrospective", subject=subject, _anchor=anchor or None), 303)


def _require_retrospective(subject: str) -> Retrospective:
    """The retrospective; 404 if there is none. One of a running drill is only for its leader."""
    try:
        retrospective = retrospectives.find_retrospective(request_context.env(), subject, now=request_context.now())
    except NoSuchSubject:
        abort(404)
    if retrospective.drill and not retrospective.is_over and not leader_console.may_end(retrospective.drill):
        raise RoleRequired
    return retrospective


def _page(subject: str, problem: str = "") -> Response:
    retrospective, translator = _require_retrospective(subject), request_context.translator()
    page = render_template(
        "retrospective.html",
        section="drills" if retrospective.drill else "incidents",
        subject=subject,
        title=view.formatter_of(translator).title_of(retrospective),
        origin=view.origin_of(retrospective),
        is_drill=retrospective.drill is not None,
        is_over=retrospective.is_over,
        state=retrospective.record.state,
        states=[state.value for state in RetrospectiveState],
        state_by=retrospective.record.changed_by,
        minutes=view.minutes_rows(retrospective.intervals, translator),
        parts=view.part_rows(retrospective, translator),
        timeline=view.timeline_rows(retrospective, translator),
        causes=view.cause_choices(retrospective, translator),
        actions=action_rows(retrospective.actions, translator),
        priorities=priority_choices(translator),
        owners=owner_names(),
        promised_report=promised_report_of(retrospective.incident, translator)
        if retrospective.incident and not retrospective.drill
        else None,
        problem=translator.label(f"problem.{problem}") if problem else "",
        typed={name: request.form.get(name, "") for name in FIELDS},
    )
    return make_response(page, 422 if problem else 200)


def _causes(name: str) -> set[ContributingCause]:
    known = set(ContributingCause)
    return {ContributingCause(value) for value in request.form.getlist(name) if value in known}


def _typed_time(translator: Translator) -> datetime | None:
    """The time that was typed, in the site's zone; None if it cannot be read."""
    try:
        local = datetime.fromisoformat(request.form.get("happened", ""))
        return local.replace(tzinfo=ZoneInfo(translator.times.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
