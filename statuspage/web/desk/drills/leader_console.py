"""The leader's console: the clock, what comes next, notes; and what only who leads may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as BaseResponse

from statuspage.content import scenario_csv
from statuspage.domain import Scenario
from statuspage.storage.drill_injects import Fed, InjectState
from statuspage.storage.drills import Drill
from statuspage.usecases import drills
from statuspage.usecases.accounts import Role
from statuspage.usecases.drills import NoSuchDrill, Standing
from statuspage.web.desk import request_context
from statuspage.web.desk.permissions import NotYours
from statuspage.web.desk.translations import Translator, stopwatch

pages = Blueprint("leading", __name__)

LEADERS = (Role.ADMINISTRATOR, Role.LEAD)
"""Roles that lead any drill."""


@dataclass(frozen=True, slots=True)
class InjectRow:
    """One inject as the leader sees it. ``due`` is when it comes by itself, None where it does not."""

    number: int
    kind: str
    look: str
    state: str
    minute: str
    time: str
    due: datetime | None
    left: str
    late: bool
    sender: str
    to: str
    subject: str
    text: str
    expect: str
    waiting: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """One mark of the clock: when it was reached, and how long after the alert."""

    name: str
    time: str
    after: str


def leads(drill: Drill | None) -> bool:
    """Whether who asks may see what the leader knows: the leader of this drill, and those whose account leads any."""
    person = request_context.person()
    return person is not None and (person.role in LEADERS or (drill is not None and person.name == drill.leader))


def may_end(drill: Drill | None) -> bool:
    """A drill with a script is ended by who leads it, any other by everybody."""
    return drill is not None and (not drill.scenario or leads(drill))


@pages.get("/drills/console")
def show_console() -> BaseResponse:
    """The drill that runs, as its leader sees it."""
    stands = _standing()
    return _console(stands) if stands else redirect(url_for("drills.show_drills"), 303)


@pages.post("/drills/console")
def act() -> BaseResponse:
    """One press of the leader's: feed in, leave out, stand still, go on, note."""
    stands = _standing()
    if stands is None:
        return redirect(url_for("drills.show_drills"), 303)
    verb, _, which = request.form.get("do", "").partition(":")
    works: dict[str, Callable[[], object]] = {
        "fire": lambda: drills.fire(
            request_context.world(), which, by=request_context.who().name, now=request_context.now()
        ),
        "skip": lambda: drills.skip(
            request_context.world(), which, by=request_context.who().name, now=request_context.now()
        ),
        "pause": lambda: drills.pause_drill(request_context.world(), now=request_context.now()),
        "resume": lambda: drills.resume_drill(request_context.world(), now=request_context.now()),
    }
    if verb == "note":
        return _note(stands)
    if verb not in works:
        raise BadRequest
    try:
        works[verb]()
    except drills.Settled:
        flash(request_context.voice().t("console.settled"))
    except drills.LiveIncident:
        flash(request_context.voice().t("console.real_first"))
    except (drills.NoSuchInject, NoSuchDrill):
        raise NotFound from None
    return redirect(url_for("leading.show_console"), 303)


def _note(stands: Standing) -> BaseResponse:
    """A note that cannot be kept stays in its field, with what is wrong."""
    text = request.form.get("note", "")
    try:
        drills.observe(request_context.world(), text, by=request_context.who().name, now=request_context.now())
    except drills.NoNote:
        return _console(stands, text, request_context.voice().t("console.note_wrong", limit=drills.NOTE_LIMIT), 422)
    except drills.ForbiddenPhraseError as error:
        return _console(stands, text, request_context.voice().label("problem.text.denies", text=error.said), 422)
    except NoSuchDrill:
        return redirect(url_for("drills.show_drills"), 303)
    return redirect(url_for("leading.show_console"), 303)


@pages.get("/drills/scenarios/<scenario_id>.csv")
def event_list(scenario_id: str) -> Response:
    """A scenario's event list, for spreadsheets; it says what players must not know."""
    found = request_context.world().catalog.scenarios.get(scenario_id)
    if found is None:
        raise NotFound
    if not leads(None):
        raise NotYours
    language = request_context.language() if request_context.language() in found.title else next(iter(found.title))
    answer = make_response(scenario_csv.write_csv(found.injects, language))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.id}.{language}.csv"'
    return answer


def _standing() -> Standing | None:
    """The drill that runs; refused to players."""
    try:
        stands = drills.inject_status(request_context.world())
    except NoSuchDrill:
        return None
    if not leads(stands.drill):
        raise NotYours
    return stands


def _console(stands: Standing, note: str = "", problem: str = "", status: int = 200) -> BaseResponse:
    world, voice, now = request_context.world(), request_context.voice(), request_context.now()
    drill, scenario = stands.drill, request_context.world().catalog.scenarios.get(stands.drill.scenario)
    rest = drills.left(drill, now)
    settled = sorted((f for f in stands.script if f.settled), key=lambda f: (f.settled or now, f.number), reverse=True)
    page = render_template(
        "console.html",
        here="drills",
        drill=drill,
        when=voice.times.day_clock(drill.started),
        elapsed=stopwatch((drill.paused or now) - drill.started),
        left=stopwatch(rest) if rest is not None else "",
        stages=_stages(drill, now, voice),
        coming=[_inject_row(fed, drill, voice, now) for fed in stands.coming],
        settled=[_inject_row(fed, drill, voice, now) for fed in settled],
        notes=[(voice.seconds(one.at), one.by, one.text) for one in reversed(stands.observations)],
        known=_leader_facts(scenario, voice),
        roles=[(voice.t(f"drill_role.{role}"), voice.listed(names)) for role, names in drill.roles.items()],
        kept_out=voice.listed(drill.kept_out),
        note=note,
        problems=[{"field": "note", "text": problem}] if problem else [],
        site_address=world.address,
    )
    return make_response(page, status)


def _leader_facts(scenario: Scenario | None, voice: Translator) -> list[tuple[str, str]]:
    """What the leader knows and players do not."""
    if scenario is None:
        return []
    parts = (("secret", scenario.secret), ("prepare", scenario.prepare), ("keep_out", scenario.keep_out))
    return [(voice.t(f"console.{key}"), drills.script_text(texts, voice.language)) for key, texts in parts if texts]


def _stages(drill: Drill, now: datetime, voice: Translator) -> list[Stage]:
    return [
        Stage(voice.t(f"stage.{one.stage}"), voice.seconds(one.at), stopwatch(told.counted.after(one.at)))
        for told in drills.report(request_context.world(), drill.id, now=now).incidents[:1]
        for one in told.stamps
    ]


def _inject_row(fed: Fed, drill: Drill, voice: Translator, now: datetime) -> InjectRow:
    inject, standing_at = fed.inject, drill.paused or now
    late = fed.planned is not None and fed.planned < standing_at
    return InjectRow(
        number=fed.number,
        kind=voice.t(f"inject.{inject.kind.value}"),
        look=inject.kind.value,
        state=voice.t(f"console.{fed.state.value}"),
        minute=_minute(inject.at, inject.after, voice),
        time=voice.seconds(fed.settled) if fed.settled else "",
        due=fed.planned if drill.paused is None and fed.state is InjectState.PLANNED else None,
        left=stopwatch(fed.planned - standing_at) if fed.planned else "",
        late=late,
        sender=drills.script_text(inject.sender, voice.language),
        to=voice.t(f"drill_role.{inject.to}"),
        subject=unmarked(drills.script_text(inject.subject, voice.language), voice),
        text=unmarked(drills.script_text(inject.text, voice.language), voice),
        expect=drills.script_text(inject.expect, voice.language),
        waiting=fed.state is InjectState.PLANNED,
    )


def _minute(at: timedelta | None, after: str, voice: Translator) -> str:
    if at is not None:
        return voice.t("console.minute", minute=int(at.total_seconds() // 60))
    return voice.t("console.after", stage=voice.t(f"stage.{after}")) if after else voice.t("console.by_hand")


def unmarked(text: str, voice: Translator) -> str:
    """The text without the mark at its beginning, where the page shows that as a badge."""
    return text.removeprefix(voice.book.marks.start.strip()).lstrip()
