"""The drill room: begin, end, see what the readers would have seen, and where the minutes went."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage import drills, summary
from statuspage.catalog import AlertRule
from statuspage.deliveries import SITE, Delivery
from statuspage.drills import AlreadyRunning, Denies, LiveIncident, NoSuchDrill, Report, Told
from statuspage.facts import Words
from statuspage.incoming import Signal
from statuspage.rules import unreadable
from statuspage.store import deliveries, incidents
from statuspage.timeline import RecordedNotice
from statuspage.web import here, ways
from statuspage.web.showing import front_mark
from statuspage.web.voice import Voice, mine, short, stopwatch
from statuspage.web.waterfall import bars, scale
from statuspage.wording.laid import in_line

pages = Blueprint("drills", __name__)

TITLE_LIMIT = 120
"""Characters of what a drill imagines."""

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


@dataclass(frozen=True, slots=True)
class Seen:
    """One notice as its readers met it: page, feed and posts."""

    time: str
    label: str
    look: str
    words: Words
    posts: list[dict[str, str]]
    link: str


@pages.get("/drills")
def show() -> Response:
    """The drill that runs, or how to begin one, and those before."""
    return _room()


@pages.post("/drills")
def start() -> Response:
    """Begins a drill; its alert fires at once."""
    world, now, title = here.world(), here.now(), request.form.get("title", "").strip()
    wrong = _wrong(title)
    if wrong:
        return _room(title, wrong, 422)
    rule = _rule(request.form.get("kind", ""))
    try:
        begun = drills.start(
            world, title=title, leader=here.who().name, goal=world.catalog.site.goal,
            signals=[_signal(rule, title, now)] if rule else [], now=now,
        )  # fmt: skip
    except LiveIncident:
        return _room(title, "", 409)
    except AlreadyRunning:
        return _room(title, here.voice().t("drills.one_at_a_time"), 409)
    except Denies as error:
        return _room(title, here.voice().label("problem.text.denies", text=error.said), 422)
    flash(here.voice().t("drills.begun_blind" if begun.blind else "drills.begun"))
    return redirect(url_for("home.show"), 303)


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
    """What is really going on, and whether a drill would have to be broken off."""
    found = [one.title(here.voice().language) or one.id for one in drills.real(here.world())]
    return {"real": found, "drill_runs": bool(found) and any(d.ended is None for d in drills.every(here.world()))}


@pages.post("/drills/end")
def end() -> Response:
    """Ends the drill that runs and shows its report."""
    try:
        ended = drills.end(here.world(), now=here.now())
    except NoSuchDrill:
        return redirect(url_for("drills.show"), 303)
    return redirect(url_for("drills.report", drill_id=ended.drill.id), 303)


@pages.get("/drills/wall")
def wall() -> str:
    """What the readers would have seen: page, feed and posts, newest first."""
    world, voice = here.world(), here.voice()
    with world.store.read() as tx:
        told = incidents.notices(tx, 20)
        owed = {(i.id, n.sequence): deliveries.of_notice(tx, i.id, n.sequence) for i, n in told}
    seen = [_seen(i.id, n, owed[i.id, n.sequence], voice) for i, n in told]
    return render_template("wall.html", here="drills", seen=seen, address=world.address)


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


def _room(title: str = "", problem: str = "", status: int = 200) -> Response:
    world, voice, now = here.world(), here.voice(), here.now()
    real = summary.read(world.live_summary) if world.live_summary else None
    rows = [_row(drills.report(world, drill.id, now=now), voice) for drill in drills.every(world)]
    kinds = [(id, voice.book.phrases.get(f"kind.{id}.name", id).replace("|", "")) for id in _rules()]
    page = render_template(
        "drills.html",
        here="drills",
        running=next((row for row in rows if row.running), None),
        past=[row for row in rows if not row.running],
        kinds=kinds,
        picked=request.form.get("kind") or (kinds[0][0] if kinds else ""),
        title=title,
        real_open=bool(real and real.open),
        problems=[{"field": "title", "text": problem}] if problem else [],
    )
    return make_response(page, status)


def _rules() -> dict[str, AlertRule]:
    """One rule for each kind of trouble that a monitor can propose."""
    rules: dict[str, AlertRule] = {}
    for rule in here.world().catalog.rules:
        rules.setdefault(rule.kind, rule)
    return rules


def _rule(kind: str) -> AlertRule | None:
    return _rules().get(kind)


def _signal(rule: AlertRule, title: str, now: datetime) -> Signal:
    """An alert that the rule recognises, as if its monitor had sent it."""
    labels = {name: value.removesuffix("*") for name, value in rule.match.items()}
    return Signal(rule.source, f"drill-{uuid4().hex}", title, title, labels, now)


def _wrong(title: str) -> str:
    if not title:
        return here.voice().t("drills.title_missing")
    if len(title) > TITLE_LIMIT or unreadable(title):
        return here.voice().t("drills.title_wrong", limit=TITLE_LIMIT)
    return ""


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


def _seen(incident: str, notice: RecordedNotice, owed: tuple[Delivery, ...], voice: Voice) -> Seen:
    words = mine(notice.notice.words, voice)
    address = here.world().address
    return Seen(
        time=voice.times.day_clock(notice.recorded),
        label=words.label,
        look=front_mark(notice.notice.facts, notice.notice.notice, here.world().catalog),
        words=words,
        posts=[_posted(d, voice) for d in owed if d.channel != SITE],
        link=f"{address}/{words.language}/incidents/{incident}/" if address else "",
    )


def _posted(delivery: Delivery, voice: Voice) -> dict[str, str]:
    name, account = ways.named(here.world(), delivery.channel, voice)
    state = voice.t(f"receipts.end_{delivery.end}")
    said = {"name": name, "account": account, "language": delivery.language, "state": state}
    return {**said, "text": delivery.payload.get("text", "")}
