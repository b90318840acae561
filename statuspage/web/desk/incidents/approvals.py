"""A notice that waits for a second person: its words exactly as they would go out, and what may be decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import Incident, Pending, approval
from statuspage.usecases.accounts import Role
from statuspage.usecases.incidents import NoSuchIncident, NotNow
from statuspage.usecases.notices import approvals as verbs
from statuspage.web.desk import permissions, request_context
from statuspage.web.desk.translations import Translator, mine, stopwatch

pages = Blueprint("approving", __name__)


@dataclass(frozen=True, slots=True)
class Held:
    """A notice that waits, as a list shows it. Nobody approves their ``own``."""

    href: str
    title: str
    at: datetime
    waited: str
    by: str
    own: bool


@pages.get("/incidents/<incident_id>/approve/<int:number>")
def show_approval(incident_id: str, number: int) -> Response:
    """The words, who wrote them, and how long they have waited."""
    return _approval_page(request_context.incident_or_404(incident_id), number)


@pages.post("/incidents/<incident_id>/approve/<int:number>")
def decide(incident_id: str, number: int) -> Response:
    """Yes, no with a reason, or, for who leads, out without a second person."""
    world, me, now, reason = (
        request_context.world(),
        request_context.who(),
        request_context.now(),
        request.form.get("reason", ""),
    )
    do = request.form.get("do")
    try:
        if do == "approve":
            done = verbs.approve(world, incident_id, number, by=me.name, now=now, account=me.id)
        elif do == "alone":
            permissions.need(me.role, Role.LEAD)
            done = verbs.go_alone(world, incident_id, number, by=me.name, reason=reason, now=now)
        elif do == "refuse":
            verbs.refuse(world, incident_id, number, by=me.name, reason=reason, now=now)
            flash(request_context.voice().t("approval.refused"))
            return redirect(url_for("incident.show_incident", incident_id=incident_id), 303)
        else:
            abort(400)
    except NoSuchIncident:
        abort(404)
    except NotNow as no:
        return _approval_page(request_context.incident_or_404(incident_id), number, reason, no.code)
    return redirect(url_for("receipts.show_receipts", incident_id=done.incident, sequence=done.sequence), 303)


def held(opened: tuple[Incident, ...]) -> list[Held]:
    """Everything that waits for a second person now."""
    voice, now, me = request_context.voice(), request_context.now(), request_context.who()
    return [
        Held(
            href=_approval_address(one.id, each),
            title=_notice_title(each, voice),
            at=each.at,
            waited=stopwatch(now - each.at),
            by=each.by,
            own=each.is_of(me.name, me.id),
        )
        for one in opened
        for each in approval.open_now(one)
    ]


def _approval_address(incident_id: str, one: Pending) -> str:
    return url_for("approving.show_approval", incident_id=incident_id, number=one.number)


def _notice_title(one: Pending, voice: Translator) -> str:
    words = mine(one.waiting.notice.words, voice)
    return voice.t("approval.title_of", label=words.label, title=words.title)


def _approval_page(incident: Incident, number: int, reason: str = "", wrong: str = "") -> Response:
    voice, now, me = request_context.voice(), request_context.now(), request_context.who()
    one = next((each for each in approval.pending(incident) if each.number == number), None) or abort(404)
    worn = one.worn_out(incident, now) if one.decided is None else ""
    words = [mine(one.waiting.notice.words, voice)]
    words += [each for each in one.waiting.notice.words.values() if each is not words[0]]
    page = render_template(
        "approve.html",
        here="home",
        incident_id=incident.id,
        notice=str(one.waiting.notice.notice),
        label=words[0].label,
        by=one.by,
        at=one.at,
        waited=stopwatch(now - one.at),
        time=voice.times.clock(one.at),
        words=[(request_context.world().catalog.books[each.language].name, each) for each in words],
        link=f"{request_context.desk_address()}{_approval_address(incident.id, one)}"
        if request_context.desk_address()
        else "",
        open=one.decided is None and not worn,
        decided=one.decided is not None,
        worn=voice.label(f"problem.{worn}") if worn else "",
        own=one.is_of(me.name, me.id),
        leads=permissions.at_least(me.role, Role.LEAD),
        reason=reason,
        problems=[{"field": "reason", "text": voice.label(f"problem.{wrong}")}] if wrong else [],
    )
    return make_response(page, 422 if wrong else 200)
