"""Sets up a drill on the desk: which scenario, who takes part, when; and takes one off the plan."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from statuspage.domain import ROLES, SCOPES, AlertRule, MonitorAlert, Scenario, TimeParser, unreadable
from statuspage.storage.scheduled_drills import Rehearsal
from statuspage.usecases import drills
from statuspage.usecases.drills import BadWindow, NoSuchRehearsal, Setup, Wanted
from statuspage.usecases.drills import calendar as diary
from statuspage.web.desk import request_context
from statuspage.web.desk.drills.leader_console import leads
from statuspage.web.desk.permissions import NotYours
from statuspage.web.desk.translations import Translator

pages = Blueprint("setting_up", __name__)

TITLE_LIMIT = 120
"""Characters of what a drill imagines."""

NAMES = re.compile(r"[、,，;；\n]+")
"""What stands between names."""

NAMED = ("kept_out", *(f"role-{role}" for role in ROLES))
"""Fields for names."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A scenario in the list. ``secret`` is for who leads any drill; "" for others."""

    id: str
    title: str
    story: str
    length: str
    alone: bool
    secret: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A drill that is to come. Who does not lead learns neither what it imagines nor its secret ``minute``."""

    id: str
    title: str
    when: str
    leader: str
    minute: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form says, as it was typed, and what is wrong with it by field."""

    form: Mapping[str, str]
    problems: tuple[tuple[str, str], ...] = ()


def scenario_choices(voice: Translator) -> list[tuple[str, list[Choice]]]:
    """The scenarios by whom they are for; those that one plays alone come first."""
    found = sorted(request_context.world().catalog.scenarios.values(), key=lambda one: (not one.alone, one.length))
    groups = [(voice.t(f"scope.{scope}"), [_choice(s, voice) for s in found if s.scope == scope]) for scope in SCOPES]
    return [(name, some) for name, some in groups if some]


def _choice(scenario: Scenario, voice: Translator) -> Choice:
    said = drills.script_text
    return Choice(
        scenario.id,
        said(scenario.title, voice.language),
        said(scenario.story, voice.language),
        voice.times.length(scenario.length),
        scenario.alone,
        said(scenario.secret, voice.language) if leads(None) else "",
    )


def planned(voice: Translator) -> list[Planned]:
    """The drills to come that this reader may know of: all for who leads, announced ones for others."""
    return [_planned(one, voice) for one in drills.coming(request_context.world()) if one.announced or _mine(one)]


def _planned(one: Rehearsal, voice: Translator) -> Planned:
    begin, end = one.window
    until = f"–{voice.times.clock(end)}" if one.secret else ""
    minute = voice.times.clock(one.begins) if one.secret and _mine(one) else ""
    title = one.title if _mine(one) else voice.t("drills.calendar")
    return Planned(one.id, title, f"{voice.times.day_clock(begin)}{until}", one.leader, minute, _mine(one))


def _mine(one: Rehearsal) -> bool:
    return leads(None) or request_context.who().name == one.leader


def rules() -> dict[str, AlertRule]:
    """One rule for each kind of trouble that a monitor can propose."""
    found: dict[str, AlertRule] = {}
    for rule in request_context.world().catalog.rules:
        found.setdefault(rule.kind, rule)
    return found


def asked() -> Asked:
    """What was typed, with all that is wrong with it."""
    voice, form = request_context.voice(), {name: value.strip() for name, value in request.form.items()}
    problems = []
    if form.get("scenario", "") not in ("", *request_context.world().catalog.scenarios):
        problems.append(("scenario", voice.t("drills.scenario_missing")))
    if not form.get("scenario") and (wrong := _wrong_title(form.get("title", ""), voice)):
        problems.append(("title", wrong))
    turned = [name for name in NAMED if unreadable(form.get(name, ""))]
    problems += [(name, voice.t("drills.title_wrong", limit=TITLE_LIMIT)) for name in turned]
    if form.get("when", "now") != "now" and _window(form) is None:
        problems.append(("when", voice.t("drills.window_wrong")))
    if _goes_unused(form):
        problems.append(("when", voice.t("drills.when_unused")))
    if any(text and not (text.isascii() and text.isdigit()) for text in (form.get("every", ""), form.get("times", ""))):
        problems.append(("when", voice.t("drills.number_wrong")))
    return Asked(form, tuple(problems))


UNUSED: Mapping[str, tuple[str, ...]] = {"now": ("from", "to", "every", "times"), "at": ("to",)}
"""Boxes of a plan that do not fit when the drill is to begin."""


def _goes_unused(form: Mapping[str, str]) -> bool:
    """Whether a box is filled that would count for nothing, so that the drill began at another time than was meant."""
    unused = any(form.get(name) for name in UNUSED.get(form.get("when", "now"), ()))
    return unused or bool(form.get("times") and not form.get("every"))


def _wrong_title(title: str, voice: Translator) -> str:
    if not title:
        return voice.t("drills.title_missing")
    if len(title) > TITLE_LIMIT or unreadable(title):
        return voice.t("drills.title_wrong", limit=TITLE_LIMIT)
    return ""


def _window(form: Mapping[str, str]) -> tuple[datetime, datetime] | None:
    moments = TimeParser(request_context.world().catalog.site.zone, request_context.now())
    begin = moments.future(form.get("from", ""))
    end = moments.future(form.get("to", "")) if form.get("when") == "secret" else begin
    if begin is None or end is None or end < begin or end <= request_context.now():
        return None
    return begin, end


def wanted(form: Mapping[str, str]) -> Wanted:
    """What is asked of the drill."""
    voice = request_context.voice()
    scenario = request_context.world().catalog.scenarios.get(form.get("scenario", ""))
    return Wanted(
        scenario=scenario.id if scenario else "",
        title=drills.script_text(scenario.title, voice.language) if scenario else form.get("title", ""),
        leader=request_context.who().name,
        language=voice.language,
        announced=bool(form.get("announce")),
        roles={role: names for role in ROLES if (names := _typed_names(form.get(f"role-{role}", "")))},
        kept_out=_typed_names(form.get("kept_out", "")),
    )


def _typed_names(text: str) -> tuple[str, ...]:
    return tuple(name.strip()[:TITLE_LIMIT] for name in NAMES.split(text) if name.strip())


def begin_drill(form: Mapping[str, str]) -> drills.Begun:
    """Begins the drill now, and what its script has for the first minute. Raises as ``drills.start``."""
    world, now, asks = request_context.world(), request_context.now(), wanted(form)
    scenario = world.catalog.scenarios.get(asks.scenario)
    rule = None if scenario else rules().get(form.get("kind", ""))
    begun = drills.start_drill(
        world,
        title=asks.title,
        leader=asks.leader,
        goal=drills.goal_of(world, scenario, None),
        signals=[_sample_alert(rule, asks.title, now)] if rule else [],
        setup=Setup(scenario, asks.language, asks.announced, None, asks.roles, asks.kept_out),
        now=now,
    )
    drills.go_on(world, now=now)
    if asks.announced:
        drills.announce(world, begun.drill.id, _announcement(asks, (now, now)), now=now)
    return begun


def put_on_plan(form: Mapping[str, str]) -> tuple[Rehearsal, ...]:
    """Plans the drill, or a series of it. Raises Denies, BadWindow."""
    world, asks, first = request_context.world(), wanted(form), _window(form)
    if first is None:
        raise BadWindow
    every, times = _typed_number(form.get("every", ""), 366), max(_typed_number(form.get("times", ""), 60), 1)
    within = drills.windows(first, world.catalog.site.zone, every=every, times=times if every else 1)
    made = drills.plan(world, asks, within, chance=random.SystemRandom().random, now=request_context.now())
    for one in made if asks.announced else ():
        drills.announce(world, one.id, _announcement(asks, one.window), now=request_context.now())
    return made


def _typed_number(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() else 0


def _announcement(asks: Wanted, window: tuple[datetime, datetime]) -> str:
    """The word to all on duty, with the marks of the drill."""
    voice, (begin_at, end) = request_context.voice(), window
    when = voice.times.day_clock(begin_at)
    if end != begin_at:
        when = voice.label("cli.drill_between", begin=when, end=voice.times.clock(end))
    return drills.word(voice.t("drills.word", when=when, leader=asks.leader), voice.book)


def _sample_alert(rule: AlertRule, title: str, now: datetime) -> MonitorAlert:
    """An alert that the rule recognises, as if its monitor had sent it."""
    labels = {name: value.removesuffix("*") for name, value in rule.match.items()}
    return MonitorAlert(rule.source, f"drill-{uuid4().hex}", title, title, labels, now)


@pages.post("/drills/planned/<rehearsal_id>")
def cancel(rehearsal_id: str) -> BaseResponse:
    """Takes a planned drill off the plan, or all that is left of its series."""
    found = next((one for one in drills.coming(request_context.world()) if one.id == rehearsal_id), None)
    if found is not None and not _mine(found):
        raise NotYours
    try:
        drills.cancel(request_context.world(), rehearsal_id, whole=bool(request.form.get("series")))
    except NoSuchRehearsal:
        raise NotFound from None
    flash(request_context.voice().t("drills.off_plan"))
    return redirect(url_for("drills.show_drills"), 303)


@pages.get("/drills/calendar.ics")
def calendar() -> Response:
    """The announced drills to come, for everybody's calendar."""
    world = request_context.world()
    content = diary.of_drills(
        drills.coming(world), request_context.voice().book, world.catalog.site.zone, now=request_context.now()
    )
    answer = make_response(content)
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="drills.ics"'
    return answer
