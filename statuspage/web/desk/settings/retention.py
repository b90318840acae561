"""Retention in the settings: for how many days each kind of record is kept, and what was deleted when."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import MAX_RETENTION_DAYS, SHORTEST_RETENTION, ContentError
from statuspage.usecases import retention
from statuspage.usecases.settings import retention_settings
from statuspage.web.desk import request_context
from statuspage.web.desk.settings.outcomes import Failure, FieldProblem, content_store, keep_change

pages = Blueprint("retention_settings", __name__)


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind of record on the screen: the days as typed or in force, and what the last run did, as a sentence."""

    name: str
    fewest: int
    days: str
    last_run: str


@pages.get("/settings/retention")
def show_retention() -> str:
    """Shows the periods and the last runs."""
    return _retention_page()


@pages.post("/settings/retention")
def change_retention() -> Response:
    """Keeps the periods that were typed."""
    typed = {kind: request.form.get(kind, "").strip() for kind in _present()}
    wrong = [kind for kind, text in typed.items() if not _is_period(kind, text)]
    if wrong:
        problems = tuple(FieldProblem(kind, _problem(kind)) for kind in wrong)
        return make_response(_retention_page(Failure(problems)), 422)
    days = {kind: int(text) for kind, text in typed.items()}
    change = retention_settings.change_periods(days, _present(), seen=request.form.get("seen", ""))
    if failed := keep_change(change, _field_of_period):
        return make_response(_retention_page(failed), failed.status)
    return redirect(url_for("retention_settings.show_retention"), 303)


def _present() -> dict[str, int]:
    return {kind.name: kind.days for kind in retention.list_kinds(request_context.env())}


def _is_period(kind: str, text: str) -> bool:
    is_number = text.isascii() and text.isdigit() and len(text) < 6
    return is_number and _fewest(kind) <= int(text) <= MAX_RETENTION_DAYS


def _fewest(kind: str) -> int:
    return SHORTEST_RETENTION.get(kind, 1)


def _problem(kind: str) -> str:
    return request_context.translator().t("retention.wrong", fewest=_fewest(kind), most=f"{MAX_RETENTION_DAYS:,}")


def _field_of_period(error: ContentError) -> str:
    return error.key.removeprefix("retention.")


def _retention_page(failure: Failure | None = None) -> str:
    translator, store = request_context.translator(), content_store()
    rows = [
        KindRow(
            kind.name,
            _fewest(kind.name),
            request.form.get(kind.name, str(kind.days))[:20],
            translator.tn(
                "retention.removed", kind.last_run.removed, time=translator.times.format_day_time(kind.last_run.ran_at)
            )
            if kind.last_run
            else translator.t("retention.never_ran"),
        )
        for kind in retention.list_kinds(request_context.env())
    ]
    is_open = "seen" in request.form and failure is not None and not failure.conflict
    return render_template(
        "settings/retention.html",
        section="settings",
        rows=rows,
        most=MAX_RETENTION_DAYS,
        seen=request.form["seen"] if is_open else retention_settings.seen_periods(store),
        writable=store.is_writable(),
        failure=failure,
    )
