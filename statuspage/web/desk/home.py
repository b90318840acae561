"""The first page: what waits, what is open, what was promised."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from statuspage.domain import Alert, AlertState, Incident, NotificationReason, StaffNotification, open_approval_requests
from statuspage.storage import alerts, incidents
from statuspage.storage import staff_notifications as calls
from statuspage.usecases.alerts import AlreadySettled, NoSuchAlert, acknowledge, confirm, false_alarm, tick_alert, watch
from statuspage.usecases.delivery import admin
from statuspage.usecases.environment import restore_guard as holding
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.notices import holding_notice
from statuspage.usecases.on_call import briefing
from statuspage.web.desk import connections, request_context
from statuspage.web.desk.alerts import groups
from statuspage.web.desk.drills import pages as drills
from statuspage.web.desk.fact_requests import panel
from statuspage.web.desk.incidents import approvals
from statuspage.web.desk.incidents.pages import UPDATE_KEY
from statuspage.web.desk.notice_form import channel_picker, form_state
from statuspage.web.desk.notice_form import pages as report
from statuspage.web.desk.notice_form.preview import STATE_TONES
from statuspage.web.desk.panels import maintenance, on_call, response_clock, runbooks
from statuspage.web.desk.panels.maintenance import MaintenanceRow
from statuspage.web.desk.translations import Translator, stopwatch, text_for_reader

pages = Blueprint("home", __name__)

SHOWN_AFTER_END = timedelta(hours=24)
"""How long an incident stays on the home page after its last notice."""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert that wants somebody."""

    id: str
    title: str
    t0: datetime
    elapsed: str
    time: str
    source: str
    fired_text: str
    state: str
    waiting: bool
    watching: bool
    proposal: str
    recovered: str
    notifications: list[on_call.NotificationLine]
    group: groups.GroupView
    colleagues_told: bool
    offers_placeholder: bool
    runbook: runbooks.RunbookView | None


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident customers know of; ``key`` opens its next update."""

    id: str
    title: str
    tone: str
    state: str
    notice_history: str
    promise: response_clock.PromiseView | None
    key: str = ""


@dataclass(frozen=True, slots=True)
class UntoldIncident:
    """An incident confirmed, with customers not told yet. ``held``: its first report waits for a second person;
    ``holding``: the form of a holding notice, where one is offered."""

    title: str
    text: str
    t0: datetime
    elapsed: str
    label: str
    link: str
    awaits_approval: bool
    placeholder_link: str = ""


@pages.get("/")
def show_home() -> str:
    """What waits and what is open."""
    env, translator, now = request_context.env(), request_context.translator(), request_context.now()
    with env.database.read() as tx:
        waiting = alerts.open_alerts(tx)
        open_incidents = incidents.open_incidents(tx)
        recent = incidents.changed_since(tx, now - SHOWN_AFTER_END)
        notifications = {alert.id: calls.notifications_of_alert(tx, alert.id) for alert in waiting}
        group_views = groups.group_views(tx, waiting, open_incidents, translator)
        titles = {
            incident.id: _alert_title(alerts.alerts_of_incident(tx, incident.id, 1))
            for incident in open_incidents
            if incident.latest is None
        }
    told_incidents = _mark_most_urgent(
        [
            _incident_row(incident, translator, now)
            for incident in open_incidents
            if incident.latest and not incident.is_maintenance
        ]
    )
    maintenance_rows = sorted(
        (
            maintenance.maintenance_row(incident, translator, now)
            for incident in open_incidents
            if incident.is_maintenance
        ),
        key=lambda row: row.at,
    )
    unfinished = [
        _untold_incident(incident, titles[incident.id], translator, now)
        for incident in open_incidents
        if incident.latest is None
    ]
    alert_rows = [
        _alert_row(alert, group_views[alert.id], notifications[alert.id], translator, now) for alert in waiting
    ]
    return render_template(
        "home.html",
        here="home",
        headline=translator.t("home.head.real")
        if request_context.live_status().open_items
        else _home_headline(alert_rows, told_incidents, unfinished, maintenance_rows, translator),
        landed=drills.is_from_drill(),
        drill_since=request_context.drill_start(),
        today=translator.times.format_day_time(now),
        summary=_summary(alert_rows, told_incidents, unfinished, translator),
        alerts=alert_rows,
        asking=groups.pending_topics(translator),
        incidents=told_incidents,
        unfinished=unfinished,
        held_back=approvals.held_notices(open_incidents),
        asked=panel.unanswered_requests(open_incidents, titles),
        planned=maintenance_rows,
        over=[_incident_row(incident, translator, now) for incident in recent if incident.is_over and incident.latest],
        ways=channel_picker.connected_channels(env, translator),
        away=connections.count_unconnected(env),
        duty=on_call.on_call_panel(env, translator, now),
        telling=on_call.staff_channels(env, translator),
        site_address=env.address,
    )


@pages.post("/alerts/<alert_id>")
def alert(alert_id: str) -> Response:
    """What is to become of an alert."""
    actor, now, env = request_context.signed_in_account().name, request_context.now(), request_context.env()
    try:
        match request.form.get("do"):
            case "write" | "holding" as action:
                incident = confirm(env, alert_id, actor=actor, now=now)
                return redirect(report.start_first_report(incident.id, now, is_placeholder=action == "holding"), 303)
            case "acknowledge":
                acknowledge(env, alert_id, actor=actor, now=now)
            case "tell":
                briefing.brief_alert(env, alert_id, now=now)
                flash(request_context.translator().t("duty.telling"))
            case "watch":
                watch(env, alert_id, actor=actor, now=now)
            case "false_alarm":
                false_alarm(env, alert_id, actor=actor, now=now)
            case _:
                raise BadRequest
    except NoSuchAlert:
        raise NotFound from None
    except AlreadySettled:
        flash(request_context.translator().t("home.settled"))
    return redirect(url_for("home.show_home"), 303)


@pages.post("/alerts/<alert_id>/checks/<int:number>")
def check(alert_id: str, number: int) -> Response:
    """Ticks a point of the checklist beside an alert off, or takes that back."""
    env, translator, actor, now = (
        request_context.env(),
        request_context.translator(),
        request_context.signed_in_account().name,
        request_context.now(),
    )
    is_done = request.form.get("done") == "yes"
    try:
        tick_alert(env, alert_id, number, done=is_done, language=translator.language, actor=actor, now=now)
    except (NoSuchAlert, ActionRefused):
        raise NotFound from None
    except AlreadySettled:
        flash(translator.t("home.settled"))
    return redirect(url_for("home.show_home", _anchor=f"book-{alert_id}"), 303)


@pages.post("/channels/<channel>/resume")
def resume(channel: str) -> Response:
    """Somebody has mended a channel: it tries again now."""
    if channel not in request_context.env().channels:
        raise NotFound
    admin.try_channel(request_context.env(), channel, now=request_context.now())
    flash(request_context.translator().t("ways.resumed"))
    return redirect(url_for("home.show_home"), 303)


@pages.post("/hold/go")
def go() -> Response:
    """Somebody has looked after an older state was put back: things go out again."""
    holding.lift_hold(request_context.env(), now=request_context.now())
    flash(request_context.translator().t("hold.gone"))
    return redirect(url_for("home.show_home"), 303)


def _alert_row(
    alert: Alert,
    group_view: groups.GroupView,
    notifications: tuple[StaffNotification, ...],
    translator: Translator,
    now: datetime,
) -> AlertRow:
    last_step = alert.steps[-1] if alert.steps else None
    names = {AlertState.ACKNOWLEDGED: "home.acknowledged", AlertState.WATCHING: "home.watched"}
    key = names.get(alert.state)
    state = (
        translator.t(key, name=last_step.actor, time=translator.times.format_time(last_step.at))
        if key and last_step
        else ""
    )
    ended_at = alert.monitor_alert.ends_at
    return AlertRow(
        id=alert.id,
        title=alert.monitor_alert.title,
        t0=alert.t0,
        elapsed=stopwatch(now - alert.t0),
        time=translator.clock_seconds(alert.received_at),
        source=groups.alert_source(alert, translator),
        fired_text=_fired_text(alert, translator),
        state=state,
        waiting=alert.state is AlertState.WAITING,
        watching=alert.state is AlertState.WATCHING,
        proposal=_proposal_text(alert, translator),
        recovered=translator.t("home.recovered", time=translator.times.format_time(ended_at))
        if ended_at and not group_view.firing_text
        else "",
        group=group_view,
        notifications=[
            on_call.notification_line(request_context.env(), notification, translator) for notification in notifications
        ],
        runbook=runbooks.runbook_of_alert(request_context.env(), alert, translator),
        colleagues_told=any(notification.trigger is NotificationReason.BRIEFING for notification in notifications),
        offers_placeholder=holding_notice.is_due_for_alert(request_context.env(), alert, now=now),
    )


def _fired_text(alert: Alert, translator: Translator) -> str:
    """When its monitor says that it fired, where that was not when we received it."""
    if alert.fired_at is None or (
        translator.clock_seconds(alert.fired_at) == translator.clock_seconds(alert.received_at) and not alert.is_stale
    ):
        return ""
    if alert.is_stale:
        return translator.t("home.fired_long_ago", when=translator.times.format_day_time(alert.fired_at))
    same_day = translator.times.format_day(alert.fired_at) == translator.times.format_day(alert.received_at)
    return translator.t(
        "home.fired",
        when=translator.clock_seconds(alert.fired_at) if same_day else translator.times.format_day_time(alert.fired_at),
    )


def _proposal_text(alert: Alert, translator: Translator) -> str:
    if not alert.proposal.incident_type:
        return ""
    names = [
        translator.pack.services[affected.service].name
        for affected in alert.proposal.services
        if affected.service in translator.pack.services
    ]
    type_name = translator.pack.phrases.get(
        f"kind.{alert.proposal.incident_type}.name", alert.proposal.incident_type
    ).replace("|", "")
    return translator.t("home.proposal", kind=type_name, services=translator.format_list(names) or type_name)


def _incident_row(incident: Incident, translator: Translator, now: datetime) -> IncidentRow:
    notice_text = text_for_reader(incident.notices[-1].notice.words, translator)
    tone = "ok" if incident.is_over else "part" if incident.is_reopened else STATE_TONES[incident.state]
    return IncidentRow(
        id=incident.id,
        title=notice_text.title,
        tone=tone,
        state=notice_text.status,
        notice_history=_notice_history(incident, translator),
        promise=response_clock.promise_view(incident, translator, now),
    )


def _mark_most_urgent(rows: list[IncidentRow]) -> list[IncidentRow]:
    """The one whose promise is due first is opened by the key."""
    due_times = [row.promise.at for row in rows if row.promise]
    first_id = next((row.id for row in rows if row.promise and row.promise.at == min(due_times)), "")
    return [replace(row, key=UPDATE_KEY) if row.id == first_id else row for row in rows]


def _notice_history(incident: Incident, translator: Translator) -> str:
    parts = []
    first, *later = incident.notices
    for notice in (first, *later[-2:]):
        notice_text = text_for_reader(notice.notice.words, translator)
        parts.append(
            translator.t("home.told", label=notice_text.label, time=translator.times.format_time(notice.recorded))
        )
    return translator.format_list(parts)


def _untold_incident(incident: Incident, title: str, translator: Translator, now: datetime) -> UntoldIncident:
    offers_placeholder = holding_notice.is_due_for_incident(request_context.env(), incident, now=now)
    t0, elapsed, label = response_clock.short_clock(incident, translator, now)
    return UntoldIncident(
        title=title or translator.t("home.unnamed"),
        text=translator.t("home.not_told"),
        t0=t0,
        elapsed=stopwatch(elapsed),
        label=label,
        link=url_for("report.on_incident", incident_id=incident.id, notice="first"),
        awaits_approval=bool(open_approval_requests(incident)),
        placeholder_link=form_state.first_report_address(incident.id, is_placeholder=True)
        if offers_placeholder
        else "",
    )


def _alert_title(joined: tuple[Alert, ...]) -> str:
    return joined[0].monitor_alert.title if joined else ""


def _home_headline(
    alert_rows: list[AlertRow],
    told_incidents: list[IncidentRow],
    unfinished: list[UntoldIncident],
    maintenance_rows: list[MaintenanceRow],
    translator: Translator,
) -> str:
    late_count = sum(1 for row in told_incidents if row.promise and row.promise.late)
    waiting, overrun = sum(1 for row in alert_rows if row.waiting), sum(1 for row in maintenance_rows if row.late)
    counts = (("late", late_count), ("not_told", len(unfinished)), ("waiting", waiting), ("overrun", overrun))
    for key, count in (*counts, ("open", len(told_incidents))):
        if count:
            return translator.tn(f"home.head.{key}", count)
    calm = "calm_marked" if translator.pack.marks.word else "calm"
    return translator.t(f"home.head.{'watching' if alert_rows else calm}")


def _summary(
    alert_rows: list[AlertRow],
    told_incidents: list[IncidentRow],
    unfinished: list[UntoldIncident],
    translator: Translator,
) -> str:
    open_text = translator.tn("home.count_open", len(told_incidents) + len(unfinished))
    counts = translator.format_list([open_text, translator.tn("home.count_alerts", len(alert_rows))])
    return translator.t("home.counts_marked", counts=counts) if translator.pack.marks.word else counts
