"""The drill room: begin, end, see what the readers would have seen, and where the minutes went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Blueprint, abort, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from statuspage import drills, summary
from statuspage.drills import AlreadyRunning, Denies, LiveIncident, NoSuchDrill, Report, Told
from statuspage.scenarios import ROLES
from statuspage.store import incidents
from statuspage.timeline import RecordedNotice
from statuspage.web import here, incoming, leading, setting_up
from statuspage.web.setting_up import Asked
from statuspage.web.voice import Voice, mine, short, stopwatch
from statuspage.web.waterfall import bars, scale
from statuspage.wording.laid import in_line

pages = Blueprint("drills", __name__)

NEEDED = ("scope", "started")
"""Facts that a first report must have; the others are there when somebody knows them."""


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
    return redirect(url_for("drills.report", drill_id=ended.drill.id), 303)


@pages.get("/drills/<drill_id>")
def report(drill_id: str) -> str:
    """Where the minutes of this drill went."""
    world, voice, now = here.world(), here.voice(), here.now()
    try:
        found = drills.report(world, drill_id, now=now)
    except NoSuchDrill:
        abort(404)
    told = found.incidents[0] if found.incidents else None
    first = _first_notice(told)
    return render_template(
        "drill_report.html",
        here="drills",
        drill=_row(found, voice),
        number=len(drills.every(world)) - [d.id for d in drills.every(world)].index(found.drill.id),
        headline=_headline(found, voice),
        verdict=_verdict(found, voice),
        took=short(found.took) if found.took is not None else voice.t("drills.not_yet"),
        goal=stopwatch(found.drill.goal),
        reached=found.reached,
        from_form=found.from_form,
        bars=bars(told, found.drill.goal, voice) if told else [],
        scale=scale(told, found.drill.goal) if told else [],
        slowest=_slowest(told, voice),
        words=first.notice.words.get(voice.language) if first else None,
        facts=_facts(first, voice) if first else [],
    )


def _room(asked: Asked, status: int = 200) -> Response:
    world, voice, now = here.world(), here.voice(), here.now()
    real = summary.read(world.live_summary) if world.live_summary else None
    rows = [_row(drills.report(world, drill.id, now=now), voice) for drill in drills.every(world)]
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


def _row(found: Report, voice: Voice) -> DrillRow:
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
    )


def _headline(found: Report, voice: Voice) -> str:
    if found.took is None:
        return voice.t("drills.head_none")
    minutes, seconds = divmod(int(found.took.total_seconds()), 60)
    key = f"drills.head{'_form' if found.from_form else ''}{'' if minutes else '_seconds'}"
    return voice.t(key, minutes=minutes, seconds=seconds)


def _verdict(found: Report, voice: Voice) -> str:
    if found.took is None:
        return voice.t("drills.verdict_none")
    goal = voice.times.length(found.drill.goal)
    said = [voice.t("drills.verdict_reached" if found.reached else "drills.verdict_missed", goal=goal)]
    if found.from_form:
        said.append(voice.t("drills.verdict_form"))
    if found.earlier:
        said.append(voice.t("drills.verdict_before", before=short(found.earlier[0])))
    return voice.t("join_sentences").join(said)


def _slowest(told: Told | None, voice: Voice) -> str:
    if told is None or told.slowest is None or told.slowest.length < timedelta(seconds=1):
        return ""
    stretch = voice.t(f"drills.slow_{told.slowest.stage}")
    return voice.t("drills.slowest", stage=stretch, length=short(told.slowest.length))


def _first_notice(told: Told | None) -> RecordedNotice | None:
    if told is None:
        return None
    with here.world().store.read() as tx:
        incident = incidents.load(tx, told.incident)
    return incident.notices[0] if incident and incident.notices else None


def _facts(first: RecordedNotice, voice: Voice) -> list[dict[str, object]]:
    """Which facts the first notice had, with its own words for them."""
    words = mine(first.notice.words, voice)
    said = {row.key: row for row in words.rows}
    found = []
    for key in ("scope", "started", "estimate", "next", "workaround"):
        row = said.get(key)
        time = in_line(row.time, voice.book.writing) if row and row.time else ""
        absent = voice.t("drills.fact_missing" if key in NEEDED else "drills.fact_optional")
        text = time or (row.soft or row.lines[0]) if row else absent
        label = voice.t(f"fact.{key}")
        found.append({"there": row is not None, "needed": key in NEEDED, "label": label, "text": text})
    return found
