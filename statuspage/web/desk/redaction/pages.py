"""Redacts personal data in an incident: the places are shown first, then redacted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.integrations.hosting import Unwritable
from statuspage.process_log import Log
from statuspage.storage.engine import DatabaseBusy
from statuspage.usecases.accounts import Role
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.publishing import DrillMarkError
from statuspage.usecases.redaction import RedactionPlace, RedactionPlaces, cleanup, redact
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts import fresh_authentication
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.panels import on_call
from statuspage.web.desk.permissions import RoleRequired

pages = Blueprint("redaction", __name__)

_log = Log(__name__)

REASON_PROBLEMS = ("redaction.reason_missing", "redaction.reason_repeats", "text.characters")
"""Problems with the reason; all others concern the text."""


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One place as shown on the page: what it is, and the text with its context."""

    name: str
    count: str
    language: str
    before: str
    text: str
    after: str


@pages.get("/incidents/<incident_id>/redact")
def show_redaction(incident_id: str) -> Response:
    """Asks for the text and the reason."""
    _require_redaction_right()
    return _redaction_page(incident_id)


@pages.post("/incidents/<incident_id>/redact")
@fresh_authentication.required
def submit_redaction(incident_id: str) -> Response:
    """Shows the places; once they were seen and have not changed, redacts the text."""
    _require_redaction_right()
    text, reason, seen_count = (request.form.get(name, "") for name in ("text", "reason", "match_count"))
    try:
        matches = redact.find_text(request_context.env(), incident_id, text)
        if not matches.places:
            return _redaction_page(incident_id, text, reason, problem="redaction.not_found", matches=matches)
        if request.form.get("do") != "redact":
            return _redaction_page(incident_id, text, reason, matches=matches)
        if seen_count != str(matches.count):
            return _redaction_page(incident_id, text, reason, problem="redaction.changed", matches=matches)
        redacted = redact.redact_text(
            request_context.env(),
            incident_id,
            text,
            reason=reason,
            actor=request_context.actor(),
            now=request_context.now(),
        )
    except ActionRefused as error:
        return _redaction_page(
            incident_id, text, reason, problem=error.code, matches=matches if error.code in REASON_PROBLEMS else None
        )
    _flash_done(redacted)
    _finish_cleanup()
    return redirect(url_for("incidents.show_incident", incident_id=incident_id), 303)


def _require_redaction_right() -> None:
    if not request_context.may_redact():
        raise RoleRequired(Role.ADMINISTRATOR)


def _flash_done(redacted: RedactionPlaces) -> None:
    translator = request_context.translator()
    flash(translator.tn("redaction.done", redacted.count))
    if redacted.staff_channels:
        channel_names = translator.format_list(
            [
                on_call.staff_channel_name(request_context.env().site.catalog, channel_id, translator)
                for channel_id in redacted.staff_channels
            ]
        )
        flash(translator.t("redaction.notified", ways=channel_names))


def _finish_cleanup() -> None:
    """Finishes the redaction; the worker continues if that fails now."""
    try:
        cleanup.finish_redactions(request_context.env(), now=request_context.now())
    except (Unwritable, DrillMarkError, DatabaseBusy) as error:
        _log.warning("redaction unfinished", reason=str(error))
        flash(request_context.translator().t("redaction.unfinished"))


def _redaction_page(
    incident_id: str, text: str = "", reason: str = "", *, problem: str = "", matches: RedactionPlaces | None = None
) -> Response:
    incident, translator = request_context.incident_or_404(incident_id), request_context.translator()
    pack = translator.pack
    page = render_template(
        "redaction.html",
        section="home",
        incident_id=incident.id,
        label=pack.labels.get(redact.LABEL_KEY, redact.FALLBACK_LABEL),
        text=text,
        reason=reason,
        matches=matches if matches and matches.places else None,
        lines=list(_place_lines(matches)) if matches else [],
        others=_other_incidents(matches.other_ids) if matches else [],
        copies=translator.format_list([path.name for path in cleanup.old_copies(request_context.env().home)]),
        problems=[{"field": _problem_field(problem), "text": translator.label(f"problem.{problem}")}]
        if problem
        else [],
    )
    return make_response(page, 422 if problem else 200)


def _problem_field(problem: str) -> str:
    return "reason" if problem in REASON_PROBLEMS else "text"


def _place_lines(matches: RedactionPlaces) -> Iterator[PlaceLine]:
    for place in matches.places:
        yield PlaceLine(
            _place_name(place),
            request_context.translator().tn("redaction.times", place.count),
            place.language,
            f"…{place.hit.before}",
            place.hit.text,
            f"{place.hit.after}…",
        )


def _place_name(place: RedactionPlace) -> str:
    translator, packs = request_context.translator(), request_context.env().site.catalog.packs
    number = str(place.sequence) if place.record_type in ("notice", "delivery") else ""
    channel = (
        channel_picker.channel_name(request_context.env().site.catalog, place.name, translator)
        if place.record_type in ("delivery", "file")
        else ()
    )
    language = packs[place.language].name if place.language in packs else ""
    return " ".join(
        part for part in (translator.t(f"redaction.place.{place.record_type}"), number, *channel, language) if part
    )


def _other_incidents(others: tuple[str, ...]) -> list[tuple[str, str]]:
    """The other incidents with their pages, and alerts by id."""
    return [(id, url_for("incidents.show_incident", incident_id=id)) for id in others]
