"""The latest changes of settings, each with a button that undoes it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from statuspage.usecases import settings
from statuspage.web.desk import request_context
from statuspage.web.desk.settings.outcomes import Failure, content_store, failure_of

pages = Blueprint("setting_changes", __name__)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change, as it is listed."""

    id: int
    time: str
    actor: str
    action: str
    target: str
    files: str
    can_undo: bool


@pages.get("/settings/changes")
def show_changes() -> str:
    """Lists the latest changes."""
    return _render()


@pages.post("/settings/changes/<int:change>")
def undo_change(change: int) -> Response:
    """Undoes a change."""
    outcome = settings.undo(content_store(), change, by=request_context.audit_actor(), now=request_context.now())
    if failure := failure_of(outcome):
        return make_response(_render(failure), failure.status)
    return redirect(url_for("setting_changes.show_changes"), 303)


def _render(failure: Failure | None = None) -> str:
    translator = request_context.translator()
    rows = [
        ChangeRow(
            each.id,
            translator.times.format_day_time(each.at),
            each.account_name,
            translator.t(f"audit.{each.action.replace('.', '_')}"),
            each.target,
            ", ".join(file.file for file in each.files),
            can_undo,
        )
        for each, can_undo in settings.list_changes(content_store())
    ]
    return render_template("settings/changes.html", section="settings", rows=rows, failure=failure)
