"""Notes on a drill: an observer's own while it runs, and everybody's after its end (hot wash)."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.storage.drills import Drill
from statuspage.usecases import drills
from statuspage.usecases.accounts import Role
from statuspage.web.desk import request_context
from statuspage.web.desk.drills import leader_console
from statuspage.web.desk.permissions import RoleRequired, has_at_least

pages = Blueprint("drill_notes", __name__)


def observes(drill: Drill) -> bool:
    """Whether the account is an observer of this drill, by its name."""
    account = request_context.current_account()
    return account is not None and "observer" in drill.roles_of(account.name)


def may_note(drill: Drill) -> bool:
    """Whether the account may write notes: its leader and observers, after the end everybody who may write."""
    account = request_context.current_account()
    if account is None:
        return False
    is_over = drill.ended is not None and has_at_least(account.role, Role.REPORTER)
    return is_over or leader_console.leads(drill) or observes(drill)


@pages.get("/drills/<drill_id>/notes")
def show_notes(drill_id: str) -> Response:
    """Shows an observer's own notes, and a field for the next; after the end the scorecard has all of them."""
    drill = _noted_drill(drill_id)
    return _scorecard(drill) if drill.ended is not None else _notes_page(drill)


@pages.post("/drills/<drill_id>/notes")
def add_note(drill_id: str) -> Response:
    """Adds a note. One that cannot be stored stays in its field, with the problem."""
    drill, text = _noted_drill(drill_id), request.form.get("note", "")
    translator = request_context.translator()
    try:
        drills.add_observation(
            request_context.env(), text, drill_id=drill.id, actor=request_context.actor(), now=request_context.now()
        )
    except drills.InvalidNote:
        return _notes_page(drill, text, translator.t("console.note_wrong", limit=drills.NOTE_LIMIT))
    except drills.ForbiddenPhraseError as error:
        return _notes_page(drill, text, translator.label("problem.text.denies", text=error.phrase))
    flash(translator.t("scorecard.saved"))
    if drill.ended is not None:
        return _scorecard(drill)
    return redirect(url_for("drill_notes.show_notes", drill_id=drill.id), 303)


def _scorecard(drill: Drill) -> Response:
    return redirect(url_for("scorecard.show_scorecard", drill_id=drill.id, _anchor="s-notes"), 303)


def _noted_drill(drill_id: str) -> Drill:
    drill = drills.inject_status(request_context.env().databases.environment, drill_id).drill
    if not may_note(drill):
        raise RoleRequired
    return drill


def _notes_page(drill: Drill, note: str = "", problem: str = "") -> Response:
    translator, actor = request_context.translator(), request_context.actor()
    observations = drills.inject_status(request_context.env().databases.environment, drill.id).observations
    page = render_template(
        "drill_notes.html",
        section="drills",
        drill=drill,
        is_over=drill.ended is not None,
        notes=[
            (translator.clock_seconds(observation.at), observation.text)
            for observation in reversed(observations)
            if observation.actor == actor
        ],
        note=note,
        problems=[{"field": "note", "text": problem}] if problem else [],
    )
    return make_response(page, 422 if problem else 200)
