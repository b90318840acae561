"""The drill room: begin, end, see what the readers would have seen, and where the minutes went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import ROLES
from statuspage.usecases import drills
from statuspage.usecases.drills import (
    AlreadyRunning,
    ForbiddenPhraseError,
    LiveIncident,
    NoSuchDrill,
    Report,
    otherwise,
)
from statuspage.usecases.environment import shared_status
from statuspage.web.desk import request_context
from statuspage.web.desk.drills import inbox, leader_console, setup
from statuspage.web.desk.drills.setup import Asked
from statuspage.web.desk.translations import Translator, stopwatch

pages = Blueprint("drills", __name__)

LANDED = "from=drill"
"""What the live desk is told by who comes from a drill that was broken off."""


@dataclass(frozen=True, slots=True)
class DrillRow:
    """A drill in the list."""

    id: str
    title: str
    when: str
    leader: str
    took: str
    reached: bool
    running: bool
    from_form: bool
    broken_off: bool
    otherwise: str


@dataclass(frozen=True, slots=True)
class RealRow:
    """Something that goes on in live: ``href`` is where it is dealt with, "" when nobody knows."""

    title: str
    href: str
    since: datetime
    time: str
    elapsed: str


@dataclass(frozen=True, slots=True)
class Real:
    """What goes on in live. ``more`` alerts wait besides those named; ``known`` is False where nobody can tell."""

    alerts: tuple[RealRow, ...] = ()
    incidents: tuple[RealRow, ...] = ()
    more: int = 0
    known: bool = True


@pages.get("/drills")
def show_drills() -> Response:
    """The drill that runs, or how to begin one, and those before."""
    return _room(setup.Asked({}))


@pages.post("/drills")
def start() -> Response:
    """Begins a drill, whose alert fires at once, or puts it on the plan."""
    asked = setup.asked()
    if asked.problems:
        return _room(asked, 422)
    voice = request_context.voice()
    try:
        if asked.form.get("when", "now") != "now":
            made = setup.put_on_plan(asked.form)
            flash(voice.tn("drills.on_plan", len(made)))
            return redirect(url_for("drills.show_drills"), 303)
        begun = setup.begin_drill(asked.form)
    except LiveIncident:
        return _room(asked, 409)
    except AlreadyRunning:
        return _room(replace(asked, problems=(("title", voice.t("drills.one_at_a_time")),)), 409)
    except ForbiddenPhraseError as error:
        denied = voice.label("problem.text.denies", text=error.said)
        return _room(replace(asked, problems=(("title", denied),)), 422)
    flash(voice.t("drills.begun_blind" if begun.blind else "drills.begun"))
    led = begun.drill.scenario and not request_context.world().catalog.scenarios[begun.drill.scenario].alone
    return redirect(url_for("leading.show_console" if led else "home.show_home"), 303)


@pages.post("/drills/suspend")
def suspend() -> Response:
    """Breaks the drill off, because something real is going on, and goes where that is dealt with."""
    with suppress(NoSuchDrill):
        drills.suspend(request_context.world(), now=request_context.now())
    live = request_context.siblings()["live"]
    if live:
        return redirect(f"{live}/?{LANDED}", 303)  # which says it: a message of this desk would be read too late
    flash(request_context.voice().t("drills.suspended"))
    return redirect(url_for("drills.show_drills"), 303)


@pages.get("/drills/real")
def real() -> str:
    """What stands on every page of a drill while something real is going on."""
    return render_template("real.html")


def beside() -> str:
    """Since when a drill runs beside this world; "" while none is known to."""
    found = _drills_summary()
    if (
        found is None
        or found.drill is None
        or not timedelta() <= request_context.now() - found.drill < drills.LONGEST_DRILL
    ):
        return ""
    return request_context.voice().times.clock(found.drill)


def landed() -> bool:
    """Whether somebody just came here from a drill that was broken off, and none runs any more."""
    found = _drills_summary()
    return request.query_string == LANDED.encode() and found is not None and found.drill is None


def _drills_summary() -> shared_status.Summary | None:
    path = request_context.world().drill_summary
    return shared_status.read_status(path) if path else None


def shown_real() -> Real:
    """What goes on in live, as every screen of a drill shows it."""
    live, voice, desk = request_context.live(), request_context.voice(), request_context.siblings()["live"]
    alerts = tuple(_real(one, f"{desk}/" if desk else "", voice) for one in live.alerts)
    opened = tuple(_real(one, f"{desk}/incidents/{one.id}" if desk else "", voice) for one in live.incidents)
    return Real(alerts, opened, live.untaken - len(alerts), live.known)


def _real(one: shared_status.Open, href: str, voice: Translator) -> RealRow:
    title = one.title(voice.language) or voice.t("home.unnamed")
    clock = voice.times.clock(one.opened)
    return RealRow(title, href, one.opened, clock, stopwatch(max(request_context.now() - one.opened, timedelta())))


def going_on() -> dict[str, object]:
    """What is really going on and would break a drill off, what came in of late, and what this reader may do."""
    runs = drills.running(request_context.world())
    return {
        "real": shown_real(),
        "drill_runs": runs is not None,
        "came_in": inbox.latest() if runs else [],
        "leads": runs is not None and bool(runs.scenario) and leader_console.leads(runs),
        "may_end": leader_console.may_end(runs),
    }


NOTHING_ON: Mapping[str, object] = {
    "real": Real(),
    "drill_runs": False,
    "came_in": [],
    "leads": False,
    "may_end": False,
}
"""The same where there are no drills, or nobody is signed in."""


@pages.post("/drills/end")
def end() -> Response:
    """Ends the drill that runs and shows its report."""
    if not leader_console.may_end(drills.running(request_context.world())):
        return redirect(url_for("drills.show_drills"), 303)
    try:
        ended = drills.end_drill(request_context.world(), now=request_context.now())
    except NoSuchDrill:
        return redirect(url_for("drills.show_drills"), 303)
    return redirect(url_for("scorecard.show_scorecard", drill_id=ended.drill.id), 303)


def _room(asked: Asked, status: int = 200) -> Response:
    world, voice, now = request_context.world(), request_context.voice(), request_context.now()
    rows = [row(drills.report(world, drill.id, now=now), voice) for drill in drills.all_drills(world)]
    kinds = [(id, voice.book.phrases.get(f"kind.{id}.name", id).replace("|", "")) for id in setup.rules()]
    runs = drills.running(world)
    page = render_template(
        "drills.html",
        here="drills",
        running=next((row for row in rows if row.running), None),
        leads=leader_console.leads(runs),
        may_end=leader_console.may_end(runs),
        past=[row for row in rows if not row.running],
        kinds=kinds,
        picked=asked.form.get("kind", kinds[0][0] if kinds else ""),
        typed=defaultdict(str, asked.form),
        fresh=not asked.form,
        scenarios=setup.scenario_choices(voice),
        planned=setup.planned(voice),
        roles=[(role, voice.t(f"drill_role.{role}")) for role in ROLES if role != "leader"],
        words=drills.announced(world)[:3],
        problems=[{"field": field, "text": text} for field, text in asked.problems],
    )
    return make_response(page, status)


def row(found: Report, voice: Translator) -> DrillRow:
    """One drill as lists show it."""
    drill, times = found.drill, voice.times
    end = f"–{times.clock(drill.ended)}" if drill.ended else ""
    return DrillRow(
        id=drill.id,
        title=drill.title,
        when=f"{times.day_clock(drill.started)}{end}",
        leader=drill.leader,
        took=stopwatch(found.took) if found.took is not None else "",
        reached=found.reached,
        running=drill.ended is None,
        from_form=found.from_form,
        broken_off=drill.suspended,
        otherwise=voice.listed(otherwise(found, voice.label)),
    )
