"""Sets up a drill on the desk (scenario, participants, time), and cancels a scheduled one."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from statuspage.domain import (
    ROLES,
    SCOPES,
    AlertRule,
    MonitorAlert,
    Scenario,
    TimeParser,
    has_unreadable_characters,
    is_named,
)
from statuspage.storage.scheduled_drills import ScheduledDrill
from statuspage.usecases import drills
from statuspage.usecases.drills import BadWindow, RehearsalRequest, Setup
from statuspage.usecases.drills import calendar as drill_calendar
from statuspage.usecases.on_call import absence
from statuspage.web.desk import request_context
from statuspage.web.desk.drills.leader_console import may_lead
from statuspage.web.desk.permissions import RoleRequired
from statuspage.web.desk.translations import Translator

pages = Blueprint("drill_setup", __name__)

TITLE_LIMIT = 120
"""Maximum characters of a drill's title."""

PROPOSED = "tutorial"
"""The scenario that is chosen when the form opens. A title of one's own that is typed beside it counts instead."""

NAME_SEPARATORS = re.compile(r"[、,，;；\n]+")
"""The separators between names."""

NAME_FIELDS = ("excluded", *(f"role-{role}" for role in ROLES))
"""Fields that contain names."""


@dataclass(frozen=True, slots=True)
class ScenarioChoice:
    """A scenario in the list. ``leader_notes`` and ``gaps`` (what the company has to prepare first) are only for those
    who may lead any drill; empty for others."""

    id: str
    title: str
    briefing: str
    length: str
    is_solo: bool
    leader_notes: str
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedDrill:
    """A scheduled drill. Those who do not lead see neither its title nor its secret ``minute``."""

    id: str
    title: str
    when: str
    leader: str
    minute: str
    may_cancel: bool
    is_tabletop: bool


@dataclass(frozen=True, slots=True)
class SetupForm:
    """The form as typed, with its problems by field."""

    form: Mapping[str, str]
    problems: tuple[tuple[str, str], ...] = ()


def scenario_choices(translator: Translator) -> list[tuple[str, list[ScenarioChoice]]]:
    """The scenarios by audience; those for one person alone come first."""
    scenarios = sorted(
        request_context.env().site.catalog.scenarios.values(),
        key=lambda scenario: (not scenario.is_solo, scenario.duration),
    )
    groups = [
        (
            translator.t(f"scope.{scope}"),
            [_scenario_choice(scenario, translator) for scenario in scenarios if scenario.scope == scope],
        )
        for scope in SCOPES
    ]
    return [(name, choices) for name, choices in groups if choices]


def _scenario_choice(scenario: Scenario, translator: Translator) -> ScenarioChoice:
    script_text, gaps = drills.script_text, request_context.env().site.catalog.scenario_gaps
    return ScenarioChoice(
        scenario.id,
        script_text(scenario.title, translator.language),
        script_text(scenario.briefing, translator.language),
        translator.times.format_duration(scenario.duration),
        scenario.is_solo,
        script_text(scenario.leader_notes, translator.language) if may_lead() else "",
        tuple(translator.t(f"drills.gap_{need}") for need in gaps.get(scenario.id, ())) if may_lead() else (),
    )


def planned_drills(translator: Translator) -> list[PlannedDrill]:
    """The scheduled drills that the user may see: all for leaders, announced ones for others."""
    return [
        _planned_drill(rehearsal, translator)
        for rehearsal in drills.upcoming_rehearsals(request_context.env().databases.environment)
        if rehearsal.is_announced or _may_manage(rehearsal)
    ]


def _planned_drill(rehearsal: ScheduledDrill, translator: Translator) -> PlannedDrill:
    (begin, end), now = rehearsal.window, request_context.now()
    end_text = f"–{translator.times.format_span_end(begin, end, now=now)}" if rehearsal.is_secret else ""
    minute = translator.times.format_time(rehearsal.starts_at) if rehearsal.is_secret and _may_manage(rehearsal) else ""
    title = rehearsal.title if _may_manage(rehearsal) else translator.t("drills.calendar")
    return PlannedDrill(
        rehearsal.id,
        title,
        f"{translator.times.format_day_time(begin, now=now)}{end_text}",
        rehearsal.leader,
        minute,
        _may_manage(rehearsal),
        rehearsal.is_tabletop,
    )


def _may_manage(rehearsal: ScheduledDrill) -> bool:
    return may_lead() or request_context.signed_in_account().name == rehearsal.leader


def alert_rules() -> dict[str, AlertRule]:
    """One alert rule for each incident type that an alert can propose."""
    first_rules: dict[str, AlertRule] = {}
    for rule in request_context.env().site.catalog.alert_rules:
        first_rules.setdefault(rule.incident_type, rule)
    return first_rules


def read_setup_form() -> SetupForm:
    """The submitted form, with all its problems."""
    translator, form = request_context.translator(), {name: value.strip() for name, value in request.form.items()}
    if form.get("title") and form.get("scenario") == PROPOSED:
        form["scenario"] = ""
    problems = []
    if form.get("scenario", "") not in ("", *request_context.env().site.catalog.scenarios):
        problems.append(("scenario", translator.t("drills.scenario_missing")))
    if not form.get("scenario") and (title_problem := _title_problem(form.get("title", ""), translator)):
        problems.append(("title", title_problem))
    bad_fields = [name for name in NAME_FIELDS if has_unreadable_characters(form.get(name, ""))]
    problems += [(name, translator.t("drills.title_wrong", limit=TITLE_LIMIT)) for name in bad_fields]
    account = request_context.signed_in_account()
    excluded = absence.names_of(request_context.env(), _typed_names(form.get("excluded", "")))
    if is_named(excluded, (account.name, account.login)):
        problems.append(("excluded", translator.label("problem.drill.leader_left_out")))
    if form.get("when", "now") != "now" and _typed_window(form) is None:
        problems.append(("when", translator.t("drills.window_wrong")))
    if _has_unused_fields(form):
        problems.append(("when", translator.t("drills.when_unused")))
    if any(text and not (text.isascii() and text.isdigit()) for text in (form.get("every", ""), form.get("times", ""))):
        problems.append(("when", translator.t("drills.number_wrong")))
    return SetupForm(form, tuple(problems))


UNUSED_FIELDS: Mapping[str, tuple[str, ...]] = {"now": ("from", "to", "every", "times"), "at": ("to",)}
"""Scheduling fields that must be empty if the drill starts now."""


def _has_unused_fields(form: Mapping[str, str]) -> bool:
    """Whether a filled field would be ignored, so that the drill would start at another time than intended."""
    unused = any(form.get(name) for name in UNUSED_FIELDS.get(form.get("when", "now"), ()))
    return unused or bool(form.get("times")) != bool(form.get("every"))


def _title_problem(title: str, translator: Translator) -> str:
    if not title:
        return translator.t("drills.title_missing")
    if len(title) > TITLE_LIMIT or has_unreadable_characters(title):
        return translator.t("drills.title_wrong", limit=TITLE_LIMIT)
    return ""


def _typed_window(form: Mapping[str, str]) -> tuple[datetime, datetime] | None:
    parser = TimeParser(request_context.env().site.catalog.site.zone, request_context.now())
    begin = parser.parse_future(form.get("from", ""))
    end = parser.parse_future(form.get("to", "")) if form.get("when") == "secret" else begin
    if begin is None or end is None or end < begin or end <= request_context.now():
        return None
    return begin, end


def parse_drill_request(form: Mapping[str, str]) -> RehearsalRequest:
    """The request for a drill."""
    translator = request_context.translator()
    scenario = request_context.env().site.catalog.scenarios.get(form.get("scenario", ""))
    return RehearsalRequest(
        scenario=scenario.id if scenario else "",
        title=drills.script_text(scenario.title, translator.language) if scenario else form.get("title", ""),
        leader=request_context.signed_in_account().name,
        language=translator.language,
        announced=bool(form.get("announce")),
        roles={role: names for role in ROLES if (names := _typed_names(form.get(f"role-{role}", "")))},
        kept_out=_typed_names(form.get("excluded", "")),
        tabletop=form.get("how") == "tabletop",
    )


def _typed_names(text: str) -> tuple[str, ...]:
    return tuple(name.strip()[:TITLE_LIMIT] for name in NAME_SEPARATORS.split(text) if name.strip())


def begin_drill(form: Mapping[str, str]) -> drills.Begun:
    """Starts the drill now, with the injects of the first minute. Raises the errors of ``drills.start_drill``."""
    env, now, drill_request = request_context.env(), request_context.now(), parse_drill_request(form)
    scenario = env.site.catalog.scenarios.get(drill_request.scenario)
    rule = None if scenario else alert_rules().get(form.get("incident_type", ""))
    started = drills.start_drill(
        env,
        title=drill_request.title,
        leader=drill_request.leader,
        goal=drills.goal_of(env.site.catalog, scenario, None),
        signals=[_sample_alert(rule, drill_request.title, now)] if rule else [],
        setup=Setup(
            scenario,
            drill_request.language,
            drill_request.announced,
            None,
            drill_request.roles,
            drill_request.kept_out,
            drill_request.tabletop,
        ),
        known=form.get("knows_live", "").split(),
        now=now,
    )
    drills.advance_drill(env, now=now)
    if drill_request.announced:
        drills.announce(env.home, started.drill.id, _announcement(drill_request, (now, now)), now=now)
    return started


def plan_drills(form: Mapping[str, str]) -> tuple[ScheduledDrill, ...]:
    """Schedules the drill, or a series of drills. Raises ForbiddenPhraseError, BadWindow."""
    env, drill_request, first_window = request_context.env(), parse_drill_request(form), _typed_window(form)
    if first_window is None:
        raise BadWindow
    interval_days, times = _typed_number(form.get("every", ""), 366), max(_typed_number(form.get("times", ""), 60), 1)
    windows = drills.series_windows(
        first_window, env.site.catalog.site.zone, every=interval_days, times=times if interval_days else 1
    )
    rehearsals = drills.plan_rehearsals(
        env, drill_request, windows, chance=random.SystemRandom().random, now=request_context.now()
    )
    for rehearsal in rehearsals if drill_request.announced else ():
        drills.announce(
            env.home, rehearsal.id, _announcement(drill_request, rehearsal.window), now=request_context.now()
        )
    return rehearsals


def _typed_number(text: str, maximum: int) -> int:
    return min(int(text), maximum) if text.isascii() and text.isdigit() else 0


def _announcement(drill_request: RehearsalRequest, window: tuple[datetime, datetime]) -> str:
    """The announcement to everybody on call, with the drill marks."""
    translator, (begin_at, end), now = request_context.translator(), window, request_context.now()
    time_text = translator.times.format_day_time(begin_at, now=now)
    if end != begin_at:
        end_text = translator.times.format_span_end(begin_at, end, now=now)
        time_text = translator.label("cli.drill_between", begin=time_text, end=end_text)
    return drills.mark_announcement(
        translator.t("drills.announcement", when=time_text, leader=drill_request.leader), translator.pack
    )


def _sample_alert(rule: AlertRule, title: str, now: datetime) -> MonitorAlert:
    """An alert that matches the rule, as if its monitor had sent it."""
    labels = {name: value.removesuffix("*") for name, value in rule.match.items()}
    return MonitorAlert(rule.source, f"drill-{uuid4().hex}", title, title, labels, now)


@pages.post("/drills/planned/<rehearsal_id>")
def cancel_drill(rehearsal_id: str) -> BaseResponse:
    """Cancels a scheduled drill, or the rest of its series."""
    rehearsal = next(
        (
            candidate
            for candidate in drills.upcoming_rehearsals(request_context.env().databases.environment)
            if candidate.id == rehearsal_id
        ),
        None,
    )
    if rehearsal is not None and not _may_manage(rehearsal):
        raise RoleRequired
    drills.cancel_rehearsal(
        request_context.env().databases.environment, rehearsal_id, whole_series=bool(request.form.get("series"))
    )
    flash(request_context.translator().t("drills.cancelled"))
    return redirect(url_for("drills.show_drills"), 303)


@pages.get("/drills/calendar.ics")
def calendar() -> Response:
    """The announced drills to come, as a calendar for everybody."""
    env = request_context.env()
    content = drill_calendar.build_calendar(
        drills.upcoming_rehearsals(env.databases.environment),
        request_context.translator().pack,
        env.site.catalog.site.zone,
        now=request_context.now(),
    )
    response = make_response(content)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="drills.ics"'
    return response
