"""A notice that waits for a second person: its words exactly as they would go out, and what may be decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage import approving
from statuspage.approving import Pending
from statuspage.desk import approving as verbs
from statuspage.desk.incidents import NoSuchIncident, NotNow
from statuspage.people import Role
from statuspage.timeline import Incident
from statuspage.web import here, rights
from statuspage.web.voice import Voice, mine, stopwatch

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
def show(incident_id: str, number: int) -> Response:
    """The words, who wrote them, and how long they have waited."""
    return _page(here.incident(incident_id), number)


@pages.post("/incidents/<incident_id>/approve/<int:number>")
def decide(incident_id: str, number: int) -> Response:
    """Yes, no with a reason, or, for who leads, out without a second person."""
    world, me, now, reason = here.world(), here.who(), here.now(), request.form.get("reason", "")
    do = request.form.get("do")
    try:
        if do == "approve":
            done = verbs.approve(world, incident_id, number, by=me.name, now=now, account=me.id)
        elif do == "alone":
            rights.need(me.role, Role.LEAD)
            done = verbs.go_alone(world, incident_id, number, by=me.name, reason=reason, now=now)
        elif do == "refuse":
            verbs.refuse(world, incident_id, number, by=me.name, reason=reason, now=now)
            flash(here.voice().t("approval.refused"))
            return redirect(url_for("incident.show", incident_id=incident_id), 303)
        else:
            abort(400)
    except NoSuchIncident:
        abort(404)
    except NotNow as no:
        return _page(here.incident(incident_id), number, reason, no.code)
    return redirect(url_for("receipts.show", incident_id=done.incident, sequence=done.sequence), 303)


def held(opened: tuple[Incident, ...]) -> list[Held]:
    """Everything that waits for a second person now."""
    voice, now, me = here.voice(), here.now(), here.who()
    return [
        Held(
            href=_address(one.id, each),
            title=_title(each, voice),
            at=each.at,
            waited=stopwatch(now - each.at),
            by=each.by,
            own=each.is_of(me.name, me.id),
        )
        for one in opened
        for each in approving.open_now(one)
    ]


def _address(incident_id: str, one: Pending) -> str:
    return url_for("approving.show", incident_id=incident_id, number=one.number)


def _title(one: Pending, voice: Voice) -> str:
    words = mine(one.waiting.notice.words, voice)
    return voice.t("approval.title_of", label=words.label, title=words.title)


def _page(incident: Incident, number: int, reason: str = "", wrong: str = "") -> Response:
    voice, now, me = here.voice(), here.now(), here.who()
    one = next((each for each in approving.pending(incident) if each.number == number), None) or abort(404)
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
        words=[(here.world().catalog.books[each.language].name, each) for each in words],
        link=f"{here.address()}{_address(incident.id, one)}" if here.address() else "",
        open=one.decided is None and not worn,
        decided=one.decided is not None,
        worn=voice.label(f"problem.{worn}") if worn else "",
        own=one.is_of(me.name, me.id),
        leads=rights.at_least(me.role, Role.LEAD),
        reason=reason,
        problems=[{"field": "reason", "text": voice.label(f"problem.{wrong}")}] if wrong else [],
    )
    return make_response(page, 422 if wrong else 200)
