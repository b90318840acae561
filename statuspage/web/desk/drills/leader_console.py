"""The leader's console: the clock, the next injects, notes, and what only the leader may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as BaseResponse

from statuspage.content import scenario_csv
from statuspage.domain import Scenario, is_named
from statuspage.storage.drill_injects import DrillInject, InjectState
from statuspage.storage.drills import Drill
from statuspage.usecases import account_administration, accounts, drills
from statuspage.usecases.accounts import Role
from statuspage.usecases.drills import InjectStatus, NoSuchDrill
from statuspage.usecases.on_call import absence
from statuspage.web.desk import request_context
from statuspage.web.desk.panels import on_call, response_clock
from statuspage.web.desk.permissions import RoleRequired
from statuspage.web.desk.translations import Translator, stopwatch

pages = Blueprint("leader_console", __name__)

LEADER_ROLES = (Role.ADMINISTRATOR, Role.LEAD)
"""Roles that may lead any drill."""


@dataclass(frozen=True, slots=True)
class InjectRow:
    """An inject as the leader sees it. ``due`` is when it fires automatically, None if it does not."""

    number: int
    kind: str
    style: str
    state: str
    minute: str
    time: str
    due: datetime | None
    time_left: str
    is_late: bool
    sender: str
    to: str
    subject: str
    text: str
    expect: str
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage of the clock: when it was reached, and how long after the alert."""

    name: str
    time: str
    after: str


def may_lead() -> bool:
    """Whether the account may prepare and lead drills, and so read scripts beforehand."""
    account = request_context.current_account()
    return account is not None and account.role in LEADER_ROLES


def leads(drill: Drill) -> bool:
    """Whether the account leads this drill, and may see what only its leader knows."""
    account = request_context.current_account()
    return account is not None and account.name == drill.leader


def _is_administrator() -> bool:
    account = request_context.current_account()
    return account is not None and account.role == Role.ADMINISTRATOR


def may_end(drill: Drill | None) -> bool:
    """Whether the account may end the drill: a scripted one its leader or an administrator, others everybody."""
    return drill is not None and (not drill.scenario or leads(drill) or _is_administrator())


def may_hand_over(drill: Drill) -> bool:
    """Whether the account may make somebody else the leader."""
    return bool(drill.scenario) and (leads(drill) or _is_administrator())


def sees_report(drill: Drill) -> bool:
    """Whether the account may see the drill's report: while a scripted one runs, it says what is still to come."""
    return drill.ended is not None or not drill.scenario or leads(drill)


def may_judge(drill: Drill) -> bool:
    """Whether the account may grade the drill: a scripted one its leader, later also roles that may lead any."""
    return not drill.scenario or leads(drill) or (drill.ended is not None and may_lead())


def record_intervention(action: str, drill: Drill, **detail: str) -> None:
    """Records in the audit log that somebody ended or handed over a drill. Nothing of its script is in it."""
    account_administration.record_intervention(
        request_context.env().databases.accounts,
        action,
        by=request_context.audit_actor(),
        target=drill.id,
        now=request_context.now(),
        leader=drill.leader,
        **detail,
    )


@pages.get("/drills/console")
def show_console() -> BaseResponse:
    """Shows the running drill to its leader."""
    standing = _leader_standing()
    return _console_page(standing) if standing else redirect(url_for("drills.show_drills"), 303)


@pages.post("/drills/console")
def act_on_drill() -> BaseResponse:
    """One action of the leader: fire, skip, pause, resume, or add a note."""
    standing = _leader_standing()
    if standing is None:
        return redirect(url_for("drills.show_drills"), 303)
    verb, _, inject_number = request.form.get("do", "").partition(":")
    actions: dict[str, Callable[[], object]] = {
        "fire": lambda: drills.fire_inject(
            request_context.env(), inject_number, actor=request_context.actor(), now=request_context.now()
        ),
        "skip": lambda: drills.skip_inject(
            request_context.env().databases.environment,
            inject_number,
            actor=request_context.actor(),
            now=request_context.now(),
        ),
        "go_on": lambda: drills.go_on(
            request_context.env(),
            request.form.get("knows_live", "").split(),
            actor=request_context.actor(),
            now=request_context.now(),
        ),
        "broken": lambda: drills.mark_broken(request_context.env().databases.environment, now=request_context.now()),
        "pause": lambda: drills.pause_drill(request_context.env().databases.environment, now=request_context.now()),
        "resume": lambda: drills.resume_drill(request_context.env(), now=request_context.now()),
    }
    if verb == "note":
        return _add_note(standing)
    if verb not in actions or (verb == "go_on" and not request.form.get("knows_live")):
        raise BadRequest
    try:
        actions[verb]()
    except drills.InjectSettled:
        flash(request_context.translator().t("console.already_settled"))
    except drills.LiveIncident:
        flash(request_context.translator().t("console.live_first"))
    return redirect(url_for("leader_console.show_console"), 303)


def _add_note(standing: InjectStatus) -> BaseResponse:
    """Adds a note. One that cannot be stored stays in its field, with the problem."""
    text = request.form.get("note", "")
    try:
        drills.add_observation(request_context.env(), text, actor=request_context.actor(), now=request_context.now())
    except drills.InvalidNote:
        return _console_page(
            standing, text, request_context.translator().t("console.note_wrong", limit=drills.NOTE_LIMIT), 422
        )
    except drills.ForbiddenPhraseError as error:
        return _console_page(
            standing, text, request_context.translator().label("problem.text.denies", text=error.phrase), 422
        )
    except NoSuchDrill:
        return redirect(url_for("drills.show_drills"), 303)
    return redirect(url_for("leader_console.show_console"), 303)


@pages.get("/drills/scenarios/<scenario_id>.csv")
def download_injects(scenario_id: str) -> Response:
    """Downloads a scenario's script for spreadsheets; it contains what participants must not know."""
    scenario = request_context.env().site.catalog.scenarios.get(scenario_id)
    if scenario is None:
        raise NotFound
    if not may_lead():
        raise RoleRequired
    language = (
        request_context.language() if request_context.language() in scenario.title else next(iter(scenario.title))
    )
    response = make_response(scenario_csv.write_csv(scenario.injects, language))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{scenario.id}.{language}.csv"'
    return response


def _leader_standing() -> InjectStatus | None:
    """The state of the running drill; refused to participants."""
    try:
        standing = drills.inject_status(request_context.env().databases.environment)
    except NoSuchDrill:
        return None
    if not leads(standing.drill):
        raise RoleRequired
    return standing


def _console_page(standing: InjectStatus, note: str = "", problem: str = "", status: int = 200) -> BaseResponse:
    env, translator, now = request_context.env(), request_context.translator(), request_context.now()
    drill, scenario = standing.drill, request_context.env().site.catalog.scenarios.get(standing.drill.scenario)
    time_left = drills.time_left(drill, now)
    settled = sorted(
        (fed for fed in standing.script if fed.settled_at),
        key=lambda fed: (fed.settled_at or now, fed.number),
        reverse=True,
    )
    page = render_template(
        "leader_console.html",
        section="drills",
        drill=drill,
        when=translator.times.format_day_time(drill.started),
        elapsed=stopwatch((drill.paused_since or now) - drill.started),
        left=stopwatch(time_left) if time_left is not None else "",
        stages=_stages(drill, now, translator),
        clock=_stage_line(drill, now, translator),
        upcoming=[_inject_row(fed, drill, translator, now) for fed in standing.upcoming],
        settled=[_inject_row(fed, drill, translator, now) for fed in settled],
        notes=[
            (translator.clock_seconds(observation.at), observation.actor, observation.text)
            for observation in reversed(standing.observations)
        ],
        leader_facts=_leader_facts(scenario, translator),
        roles=[
            (translator.t(f"drill_role.{role}"), translator.format_list(names)) for role, names in drill.roles.items()
        ],
        excluded=[_excluded_text(name, translator) for name in drill.excluded_people],
        attempts=_attempts(drill, translator) if drill.excluded_people else [],
        note=note,
        problems=[{"field": "note", "text": problem}] if problem else [],
        site_address=env.site.address,
        may_break=scenario is not None and scenario.scope != "support" and not drill.is_tabletop,
        broken=translator.clock_seconds(drill.broken_at) if drill.broken_at else "",
    )
    return make_response(page, status)


def _leader_facts(scenario: Scenario | None, translator: Translator) -> list[tuple[str, str]]:
    """What the leader knows and participants do not."""
    if scenario is None:
        return []
    parts = (
        ("secret", scenario.leader_notes),
        ("preparation", scenario.preparation),
        ("to_exclude", scenario.excluded_people),
    )
    return [
        (translator.t(f"console.{key}"), drills.script_text(texts, translator.language))
        for key, texts in parts
        if texts
    ]


def _excluded_text(name: str, translator: Translator) -> str:
    """What being left out means for this person; or that the program knows nobody of this name."""
    env = request_context.env()
    everybody = accounts.all_accounts(env.databases.accounts)
    is_known = any(is_named((name,), (account.name, account.login)) for account in everybody) or any(
        responder.is_one_of((name,)) for responder in env.site.catalog.on_call.responders.values()
    )
    return translator.t("console.is_out" if is_known else "console.is_out_unknown", name=name)


def _attempts(drill: Drill, translator: Translator) -> list[tuple[str, str, str]]:
    """What was tried to reach those who are left out, newest first: time, person, and by whom and how."""
    env = request_context.env()
    attempts = absence.attempts_to(env.databases.environment, drill.absent_names, since=drill.started)
    return [
        (
            translator.clock_seconds(attempt.at),
            attempt.person,
            translator.t("join").join(filter(None, (on_call.call_way(env, attempt, translator), attempt.actor))),
        )
        for attempt in reversed(attempts)
    ]


def _stages(drill: Drill, now: datetime, translator: Translator) -> list[StageRow]:
    return [
        StageRow(
            translator.t(f"stage.{stamp.stage}"),
            translator.clock_seconds(stamp.at),
            stopwatch(incident_report.clock.elapsed_until(stamp.at)),
        )
        for incident_report in drills.report(request_context.env(), drill.id, now=now).incidents[:1]
        for stamp in incident_report.stamps
    ]


def _stage_line(drill: Drill, now: datetime, translator: Translator) -> response_clock.ClockBar | None:
    """The line from the alert to the notice with the stages that the players have reached; None before the alert."""
    reports = drills.report(request_context.env(), drill.id, now=now).incidents
    if not reports:
        return None
    incident = request_context.incident_or_404(reports[0].incident_id)
    return response_clock.clock_bar(incident, drill.goal, translator, now, reports[0].clock)


def _inject_row(fed: DrillInject, drill: Drill, translator: Translator, now: datetime) -> InjectRow:
    inject, standing_at = fed.inject, drill.paused_since or now
    is_late = fed.planned_at is not None and fed.planned_at < standing_at
    return InjectRow(
        number=fed.number,
        kind=translator.t(f"inject.{inject.kind.value}"),
        style=inject.kind.value,
        state=translator.t(f"console.{fed.state.value}"),
        minute=_minute_text(inject.at, inject.after, translator),
        time=translator.clock_seconds(fed.settled_at) if fed.settled_at else "",
        due=fed.planned_at if drill.paused_since is None and fed.state is InjectState.PLANNED else None,
        time_left=stopwatch(fed.planned_at - standing_at) if fed.planned_at else "",
        is_late=is_late,
        sender=drills.script_text(inject.sender, translator.language),
        to=translator.t(f"drill_role.{inject.recipient_role}"),
        subject=without_drill_mark(drills.script_text(inject.subject, translator.language), translator),
        text=without_drill_mark(drills.script_text(inject.text, translator.language), translator),
        expect=drills.script_text(inject.expected_action, translator.language),
        is_waiting=fed.state is InjectState.PLANNED,
    )


def _minute_text(offset: timedelta | None, after_stage: str, translator: Translator) -> str:
    if offset is not None:
        return translator.t("console.minute", minute=int(offset.total_seconds() // 60))
    return (
        translator.t("console.after", stage=translator.t(f"stage.{after_stage}"))
        if after_stage
        else translator.t("console.manual")
    )


def without_drill_mark(text: str, translator: Translator) -> str:
    """The text without its leading mark, for pages that show the mark as a badge."""
    return text.removeprefix(translator.pack.marks.start.strip()).lstrip()
