"""The drill room: begin, end, see what the readers would have seen, and where the minutes went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from statuspage import drills, summary
from statuspage.drills import AlreadyRunning, Denies, LiveIncident, NoSuchDrill, Report
from statuspage.drills.card import otherwise
from statuspage.scenarios import ROLES
from statuspage.web import here, incoming, leading, setting_up
from statuspage.web.setting_up import Asked
from statuspage.web.voice import Voice, stopwatch

pages = Blueprint("drills", __name__)


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


@pages.get("/drills")
def show() -> Response:
    """The drill that runs, or how to begin one, and those before."""
    return _room(setting_up.Asked({}))


@pages.post("/drills")
def start() -> Response:
    """Begins a drill, whose alert fires at once, or puts it on the plan."""
    asked = setting_up.asked()
    if asked.problems:
        return _room(asked, 422)
    voice = here.voice()
    try:
        if asked.form.get("when", "now") != "now":
            made = setting_up.put_on_plan(asked.form)
            flash(voice.tn("drills.on_plan", len(made)))
            return redirect(url_for("drills.show"), 303)
        begun = setting_up.begin(asked.form)
    except LiveIncident:
        return _room(asked, 409)
    except AlreadyRunning:
        return _room(replace(asked, problems=(("title", voice.t("drills.one_at_a_time")),)), 409)
    except Denies as error:
        denied = voice.label("problem.text.denies", text=error.said)
        return _room(replace(asked, problems=(("title", denied),)), 422)
    flash(voice.t("drills.begun_blind" if begun.blind else "drills.begun"))
    led = begun.drill.scenario and not here.world().catalog.scenarios[begun.drill.scenario].alone
    return redirect(url_for("leading.show" if led else "home.show"), 303)


@pages.post("/drills/suspend")
def suspend() -> Response:
    """Breaks the drill off, because something real is going on, and goes where that is dealt with."""
    with suppress(NoSuchDrill):
        drills.suspend(here.world(), now=here.now())
    flash(here.voice().t("drills.suspended"))
    live = here.desk().siblings.get("live", "")
    return redirect(f"{live}/" if live else url_for("drills.show"), 303)


@pages.get("/drills/real")
def real() -> str:
    """What stands on every page of a drill while something real is going on."""
    return render_template("real.html")


def beside() -> str:
    """Since when a drill runs beside this world; "" while none is known to."""
    path = here.world().drill_summary
    found = summary.read(path) if path else None
    if found is None or found.drill is None or not timedelta() <= here.now() - found.drill < drills.LONGEST:
        return ""
    return here.voice().times.clock(found.drill)


def going_on() -> dict[str, object]:
    """What is really going on and would break a drill off, what came in of late, and what this reader may do."""
    runs = drills.running(here.world())
    return {
        "real": [one.title(here.voice().language) or one.id for one in drills.real(here.world())],
        "drill_runs": runs is not None,
        "came_in": incoming.latest() if runs else [],
        "leads": runs is not None and bool(runs.scenario) and leading.leads(runs),
        "may_end": leading.may_end(runs),
    }


NOTHING_ON: Mapping[str, object] = {"real": [], "drill_runs": False, "came_in": [], "leads": False, "may_end": False}
"""The same where there are no drills, or nobody is signed in."""


@pages.post("/drills/end")
def end() -> Response:
    """Ends the drill that runs and shows its report."""
    if not leading.may_end(drills.running(here.world())):
        return redirect(url_for("drills.show"), 303)
    try:
        ended = drills.end(here.world(), now=here.now())
    except NoSuchDrill:
        return redirect(url_for("drills.show"), 303)
    return redirect(url_for("scorecard.show", drill_id=ended.drill.id), 303)


def _room(asked: Asked, status: int = 200) -> Response:
    world, voice, now = here.world(), here.voice(), here.now()
    real = summary.read(world.live_summary) if world.live_summary else None
    rows = [row(drills.report(world, drill.id, now=now), voice) for drill in drills.every(world)]
    kinds = [(id, voice.book.phrases.get(f"kind.{id}.name", id).replace("|", "")) for id in setting_up.rules()]
    runs = drills.running(world)
    page = render_template(
        "drills.html",
        here="drills",
        running=next((row for row in rows if row.running), None),
        leads=leading.leads(runs),
        may_end=leading.may_end(runs),
        past=[row for row in rows if not row.running],
        kinds=kinds,
        picked=asked.form.get("kind", kinds[0][0] if kinds else ""),
        typed=defaultdict(str, asked.form),
        fresh=not asked.form,
        scenarios=setting_up.choices(voice),
        planned=setting_up.planned(voice),
        roles=[(role, voice.t(f"drill_role.{role}")) for role in ROLES if role != "leader"],
        words=drills.announced(world)[:3],
        real_open=bool(real and real.open),
        problems=[{"field": field, "text": text} for field, text in asked.problems],
    )
    return make_response(page, status)


def row(found: Report, voice: Voice) -> DrillRow:
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
