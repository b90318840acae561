"""The drill pages: start, end and list drills."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import ROLES, is_named
from statuspage.storage.drills import Drill
from statuspage.usecases import accounts, drills
from statuspage.usecases.accounts import Role
from statuspage.usecases.drills import (
    AlreadyRunning,
    ForbiddenPhraseError,
    LiveIncident,
    NoSuchDrill,
    Report,
    caveat_labels,
)
from statuspage.usecases.environment import Environment, shared_status
from statuspage.web.desk import request_context
from statuspage.web.desk.drills import inbox, leader_console, notes, setup
from statuspage.web.desk.drills.setup import SetupForm
from statuspage.web.desk.permissions import RoleRequired
from statuspage.web.desk.translations import Translator

pages = Blueprint("drills", __name__)

FROM_DRILL_QUERY = "from=drill"
"""Tells the live desk that the visitor comes from a suspended drill."""


@dataclass(frozen=True, slots=True)
class DrillRow:
    """A drill in the list. ``uncounted``: why it has no figure ("suspended", "tabletop"), "" if it may have one."""

    id: str
    title: str
    when: str
    leader: str
    took: str
    reached: bool
    running: bool
    from_form: bool
    uncounted: str
    counting_note: str


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """A live alert or incident. ``href`` is its page, "" if unknown; ``elapsed`` is "" in its first minute."""

    title: str
    href: str
    time: str
    elapsed: str


@dataclass(frozen=True, slots=True)
class LiveEvents:
    """Live alerts that wait, those that somebody has ``taken``, and incidents. ``more_alerts`` is the number of waiting
    alerts not listed; ``is_known`` is False if the state is unknown. ``stops_drill``: the running drill does not go on;
    ``may_go_on``: its leader may say that he knows of it, by the ids in ``handled_ids``."""

    alerts: tuple[LiveEvent, ...] = ()
    incidents: tuple[LiveEvent, ...] = ()
    more_alerts: int = 0
    is_known: bool = True
    taken: tuple[LiveEvent, ...] = ()
    stops_drill: bool = False
    handled_ids: tuple[str, ...] = ()

    @property
    def may_go_on(self) -> bool:
        """Whether nothing waits, so that a leader who knows of the rest may go on."""
        return not self.alerts


@pages.get("/drills")
def show_drills() -> Response:
    """Shows the running drill, or how to start one, and past drills."""
    return _drills_page(setup.SetupForm({}))


@pages.post("/drills")
def start_drill() -> Response:
    """Starts a drill, whose alert fires at once, or schedules it."""
    setup_form = setup.read_setup_form()
    if setup_form.problems:
        return _drills_page(setup_form, 422)
    translator = request_context.translator()
    try:
        if setup_form.form.get("when", "now") != "now":
            planned = setup.plan_drills(setup_form.form)
            flash(translator.tn("drills.scheduled", len(planned)))
            return redirect(url_for("drills.show_drills"), 303)
        started = setup.begin_drill(setup_form.form)
    except LiveIncident:
        return _drills_page(setup_form, 409)
    except AlreadyRunning:
        return _drills_page(replace(setup_form, problems=(("title", translator.t("drills.one_at_a_time")),)), 409)
    except ForbiddenPhraseError as error:
        problem_text = translator.label("problem.text.denies", text=error.phrase)
        return _drills_page(replace(setup_form, problems=(("title", problem_text),)), 422)
    flash(translator.t("drills.started_live_unknown" if started.is_live_unknown else "drills.started"))
    has_leader = (
        started.drill.scenario and not request_context.env().site.catalog.scenarios[started.drill.scenario].is_solo
    )
    return redirect(url_for("leader_console.show_console" if has_leader else "home.show_home"), 303)


@pages.post("/drills/suspend")
def suspend_drill() -> Response:
    """Suspends the drill because of a live incident, and goes to the live desk."""
    with suppress(NoSuchDrill):
        drills.suspend_drill(request_context.env(), now=request_context.now())
    live = request_context.siblings()["live"]
    if live:
        return redirect(
            f"{live}/?{FROM_DRILL_QUERY}", 303
        )  # Shown by the live desk, because a message on this desk would be read too late.
    flash(request_context.translator().t("drills.suspended"))
    return redirect(url_for("drills.show_drills"), 303)


@pages.get("/drills/live-banner")
def live_banner() -> str:
    """The banner with live alerts and incidents on every page of a drill."""
    return render_template("live_banner.html")


def drill_running_since() -> str:
    """When the drill running beside this environment started; "" if none is known."""
    summary = _drills_summary()
    if (
        summary is None
        or summary.drill_started_at is None
        or not timedelta() <= request_context.now() - summary.drill_started_at < drills.LONGEST_DRILL
    ):
        return ""
    return request_context.translator().times.format_time(summary.drill_started_at)


def is_from_drill() -> bool:
    """Whether the visitor just came here from a suspended drill, and no drill is running."""
    summary = _drills_summary()
    return (
        request.query_string == FROM_DRILL_QUERY.encode() and summary is not None and summary.drill_started_at is None
    )


def drill_figures() -> tuple[shared_status.ResponseFigure, ...]:
    """How long the first reports of the drills beside this environment took; empty in the drill itself."""
    summary = _drills_summary()
    return summary.figures if summary else ()


def _drills_summary() -> shared_status.StatusSummary | None:
    path = request_context.env().drill_status_path
    return shared_status.read_status(path) if path else None


def live_events() -> LiveEvents:
    """Live alerts and incidents, as shown on every page of a drill."""
    live = request_context.live_status()
    translator = request_context.translator()
    desk = request_context.siblings()["live"]
    home = f"{desk}/" if desk else ""
    alerts = tuple(_live_event(alert, home, translator) for alert in live.alerts)
    taken = tuple(_live_event(alert, home, translator) for alert in live.taken)
    running = drills.running_drill(request_context.env().databases.environment)
    stops = not live.allows(drills.known_live(running) if running else ())
    incidents = tuple(
        _live_event(incident, f"{desk}/incidents/{incident.id}" if desk else "", translator)
        for incident in live.incidents
    )
    return LiveEvents(
        alerts, incidents, live.unacknowledged - len(alerts), live.is_known, taken, stops, live.handled_ids
    )


def _live_event(event: shared_status.OpenItem, href: str, translator: Translator) -> LiveEvent:
    title = event.title_in(translator.language) or translator.t("home.unnamed")
    age = request_context.now() - event.opened
    elapsed = translator.span(age) if age >= timedelta(minutes=1) else ""
    return LiveEvent(title, href, translator.times.format_time(event.opened), elapsed)


def drill_context() -> dict[str, object]:
    """Live events that should suspend a drill, recent messages, and the user's rights."""
    running_drill = drills.running_drill(request_context.env().databases.environment)
    return {
        "live_events": live_events(),
        "is_drill_running": running_drill is not None,
        "is_drill_paused": running_drill is not None and running_drill.paused_since is not None,
        "inbox_messages": inbox.latest_messages() if running_drill else [],
        "is_leader": running_drill is not None and bool(running_drill.scenario) and leader_console.leads(running_drill),
        "may_end": leader_console.may_end(running_drill),
    }


EMPTY_CONTEXT: Mapping[str, object] = {
    "live_events": LiveEvents(),
    "is_drill_running": False,
    "is_drill_paused": False,
    "inbox_messages": [],
    "is_leader": False,
    "may_end": False,
}
"""The same if there are no drills, or nobody is signed in."""


@pages.post("/drills/end")
def end_drill() -> Response:
    """Ends the running drill and shows its report."""
    drill = drills.running_drill(request_context.env().databases.environment)
    if drill is None or not leader_console.may_end(drill):
        return redirect(url_for("drills.show_drills"), 303)
    try:
        report = drills.end_drill(request_context.env(), drill.id, now=request_context.now())
    except NoSuchDrill:
        return redirect(url_for("drills.show_drills"), 303)
    if not leader_console.leads(drill):
        leader_console.record_intervention("drill.ended", drill)
    return redirect(url_for("scorecard.show_scorecard", drill_id=report.drill.id), 303)


@pages.post("/drills/lead")
def hand_over_lead() -> Response:
    """Makes another account the leader of the running drill."""
    drill = drills.running_drill(request_context.env().databases.environment)
    if drill is None or not leader_console.may_hand_over(drill):
        raise RoleRequired
    if name := dict(_possible_leaders(drill)).get(request.form.get("login", "")):
        database = request_context.env().databases.environment
        drills.hand_over(database, name, actor=request_context.actor(), now=request_context.now())
        leader_console.record_intervention("drill.lead_changed", drill, to=name)
        flash(request_context.translator().t("drills.lead_changed", name=name))
    return redirect(url_for("drills.show_drills"), 303)


def _possible_leaders(drill: Drill | None) -> list[tuple[str, str]]:
    """Login and name of the accounts that may take over the lead; empty for those who may not hand it over."""
    if drill is None or not leader_console.may_hand_over(drill):
        return []
    everybody = accounts.all_accounts(request_context.env().databases.accounts)
    return [
        (account.login, account.name)
        for account in everybody
        if account.role != Role.VIEWER
        and account.name != drill.leader
        and not is_named(drill.absent_names, (account.name, account.login))
    ]


def _drills_page(setup_form: SetupForm, status: int = 200) -> Response:
    env, translator, now = request_context.env(), request_context.translator(), request_context.now()
    rows = [
        drill_row(drills.report(env, drill.id, now=now), translator)
        for drill in drills.all_drills(env.databases.environment)
    ]
    incident_types = [
        (id, translator.pack.phrases.get(f"incident_type.{id}.name", id).replace("|", "")) for id in setup.alert_rules()
    ]
    running_drill = drills.running_drill(env.databases.environment)
    page = render_template(
        "drills.html",
        section="drills",
        running=next((row for row in rows if row.running), None),
        is_leader=running_drill is not None and bool(running_drill.scenario) and leader_console.leads(running_drill),
        may_end=leader_console.may_end(running_drill),
        may_see_report=running_drill is not None and leader_console.sees_report(running_drill),
        possible_leaders=_possible_leaders(running_drill),
        past=[row for row in rows if not row.running],
        kinds=incident_types,
        picked=setup_form.form.get("incident_type", incident_types[0][0] if incident_types else ""),
        typed=defaultdict(str, setup_form.form),
        chosen=setup_form.form.get("scenario", "") if setup_form.form else _proposed_scenario(env),
        fresh=not setup_form.form,
        scenarios=setup.scenario_choices(translator),
        scheduled=setup.planned_drills(translator),
        roles=[(role, translator.t(f"drill_role.{role}")) for role in ROLES if role != "leader"],
        announcement=drills.next_announcement(env),
        observes=running_drill is not None and notes.observes(running_drill),
        problems=[{"field": field, "text": text} for field, text in setup_form.problems],
    )
    return make_response(page, status)


def _proposed_scenario(env: Environment) -> str:
    """The scenario that is chosen when the form opens; "" if the company has taken it away."""
    return setup.PROPOSED if setup.PROPOSED in env.site.catalog.scenarios else ""


def uncounted_label(drill: Drill, translator: Translator) -> str:
    """Why this drill has no figure: it was suspended, or a tabletop; "" for others."""
    if drill.is_suspended:
        return translator.t("scorecard.caveat.suspended")
    return translator.t("scorecard.caveat.tabletop") if drill.is_tabletop else ""


def drill_row(report: Report, translator: Translator) -> DrillRow:
    """One drill as shown in lists."""
    drill, times = report.drill, translator.times
    end_text = f"–{times.format_time(drill.ended)}" if drill.ended else ""
    return DrillRow(
        id=drill.id,
        title=drill.title,
        when=f"{times.format_day_time(drill.started)}{end_text}",
        leader=drill.leader,
        took=translator.stopwatch(report.duration) if report.duration is not None else "",
        reached=report.is_goal_met,
        running=drill.ended is None,
        from_form=report.started_from_form,
        uncounted=uncounted_label(drill, translator),
        counting_note=translator.format_list(caveat_labels(report, translator.label)),
    )
