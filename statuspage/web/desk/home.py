"""The home page: waiting alerts, open incidents, promised updates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from statuspage.domain import Incident
from statuspage.storage import alerts, incidents
from statuspage.storage import staff_notifications as calls
from statuspage.usecases.accounts import Role
from statuspage.usecases.alerts import AlreadySettled, acknowledge, confirm, false_alarm, tick_alert, watch
from statuspage.usecases.delivery import admin
from statuspage.usecases.environment import restore_guard as holding
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.on_call import briefing
from statuspage.web.desk import connections, request_context
from statuspage.web.desk.alerts import groups
from statuspage.web.desk.alerts.alert_rows import AlertRow, alert_row
from statuspage.web.desk.drills import pages as drills
from statuspage.web.desk.fact_requests import panel
from statuspage.web.desk.incidents import approvals
from statuspage.web.desk.incidents.incident_rows import (
    IncidentRow,
    UntoldIncident,
    first_alert_title,
    incident_row,
    mark_most_urgent,
    untold_incident,
)
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.notice_form import pages as report
from statuspage.web.desk.panels import maintenance, on_call, setup_gaps
from statuspage.web.desk.panels.maintenance import MaintenanceRow
from statuspage.web.desk.translations import Translator

pages = Blueprint("home", __name__)

SHOWN_AFTER_END = timedelta(hours=24)
"""How long an incident stays on the home page after its last notice."""


@dataclass(frozen=True, slots=True)
class HomeRows:
    """Everything that waits or is open: alerts, published and unpublished incidents, maintenance."""

    alerts: list[AlertRow]
    told: list[IncidentRow]
    untold: list[UntoldIncident]
    maintenance: list[MaintenanceRow]


@pages.get("/")
def show_home() -> str:
    """Shows what waits and what is open."""
    env, translator, now = request_context.env(), request_context.translator(), request_context.now()
    with env.databases.environment.read() as tx:
        waiting = alerts.open_alerts(tx)
        open_incidents = incidents.open_incidents(tx)
        recent = incidents.changed_since(tx, now - SHOWN_AFTER_END)
        notifications = {alert.id: calls.notifications_of_alert(tx, alert.id) for alert in waiting}
        group_views = groups.group_views(tx, waiting, open_incidents, translator)
        untold = [incident for incident in open_incidents if incident.latest is None]
        titles = {incident.id: first_alert_title(alerts.alerts_of_incident(tx, incident.id, 1)) for incident in untold}
    alert_rows = [
        alert_row(alert, group_views[alert.id], notifications[alert.id], translator, now) for alert in waiting
    ]
    rows = _home_rows(alert_rows, open_incidents, titles, translator, now)
    live_items = request_context.live_status().open_items
    return render_template(
        "home.html",
        section="home",
        headline=translator.t("home.head.live_first") if live_items else _home_headline(rows, translator),
        is_from_drill=drills.is_from_drill(),
        drill_since=request_context.drill_start(),
        today=translator.times.format_day_time(now),
        summary=_summary(rows, translator),
        alerts=rows.alerts,
        pending_topics=groups.pending_topics(translator),
        incidents=rows.told,
        unfinished=rows.untold,
        held_notices=approvals.held_notices(open_incidents),
        fact_requests=panel.unanswered_requests(open_incidents, titles),
        maintenance=rows.maintenance,
        ended_incidents=[
            incident_row(incident, translator, now) for incident in recent if incident.is_over and incident.latest
        ],
        channels=channel_picker.connected_channels(env, translator),
        unconnected_count=connections.count_unconnected(env),
        on_call=on_call.on_call_panel(env, translator, now),
        staff_channels=on_call.staff_channels(env, translator),
        site_address=env.site.address,
        setup_gaps=_setup_gaps(rows, translator),
    )


def _setup_gaps(rows: HomeRows, translator: Translator) -> tuple[setup_gaps.GapRow, ...]:
    """What is still to set up: for administrators, while nothing else asks for their time."""
    is_calm = not (rows.alerts or rows.told or rows.untold)
    is_theirs = request_context.signed_in_account().role == Role.ADMINISTRATOR
    return setup_gaps.gap_rows(request_context.env(), translator) if is_calm and is_theirs else ()


def _home_rows(
    alert_rows: list[AlertRow],
    open_incidents: tuple[Incident, ...],
    titles: Mapping[str, str],
    translator: Translator,
    now: datetime,
) -> HomeRows:
    told = [incident for incident in open_incidents if incident.latest and not incident.is_maintenance]
    untold = [incident for incident in open_incidents if incident.latest is None]
    planned = [incident for incident in open_incidents if incident.is_maintenance]
    maintenance_rows = [maintenance.maintenance_row(incident, translator, now) for incident in planned]
    return HomeRows(
        alert_rows,
        mark_most_urgent([incident_row(incident, translator, now) for incident in told]),
        [untold_incident(incident, titles[incident.id], translator, now) for incident in untold],
        sorted(maintenance_rows, key=lambda row: row.at),
    )


@pages.post("/alerts/<alert_id>")
def act_on_alert(alert_id: str) -> Response:
    """Acknowledges, confirms, watches or dismisses an alert."""
    actor, now, env = request_context.actor(), request_context.now(), request_context.env()
    try:
        match request.form.get("do"):
            case "write" | "placeholder" as action:
                incident = confirm(env, alert_id, actor=actor, now=now)
                return redirect(
                    report.start_first_report(incident.id, now, is_placeholder=action == "placeholder"), 303
                )
            case "acknowledge":
                acknowledge(env, alert_id, actor=actor, now=now)
            case "tell_colleagues":
                briefing.brief_alert(env, alert_id, now=now)
                flash(request_context.translator().t("on_call.telling_colleagues"))
            case "watch":
                watch(env, alert_id, actor=actor, now=now)
            case "false_alarm":
                false_alarm(env, alert_id, actor=actor, now=now)
            case _:
                raise BadRequest
    except AlreadySettled:
        flash(request_context.translator().t("home.already_settled"))
    return redirect(url_for("home.show_home"), 303)


@pages.post("/alerts/<alert_id>/checks/<int:number>")
def tick_check(alert_id: str, number: int) -> Response:
    """Ticks or unticks a checklist item of an alert."""
    env = request_context.env()
    translator = request_context.translator()
    actor = request_context.actor()
    now = request_context.now()
    is_done = request.form.get("done") == "yes"
    try:
        tick_alert(env, alert_id, number, done=is_done, language=translator.language, actor=actor, now=now)
    except ActionRefused:
        raise NotFound from None
    except AlreadySettled:
        flash(translator.t("home.already_settled"))
    return redirect(url_for("home.show_home", _anchor=f"runbook-{alert_id}"), 303)


@pages.post("/channels/<channel>/resume")
def resume_channel(channel: str) -> Response:
    """Resumes a repaired channel, which is tried at once."""
    if channel not in request_context.env().senders.channels:
        raise NotFound
    admin.resume_channel(request_context.env().databases.environment, channel, now=request_context.now())
    flash(request_context.translator().t("channels.resumed"))
    return redirect(url_for("home.show_home"), 303)


@pages.post("/send-hold/release")
def release_send_hold() -> Response:
    """Ends the send hold after a restore."""
    holding.lift_hold(request_context.env(), now=request_context.now())
    flash(request_context.translator().t("send_hold.released"))
    return redirect(url_for("home.show_home"), 303)


def _home_headline(rows: HomeRows, translator: Translator) -> str:
    counts = (
        ("late", sum(1 for row in rows.told if row.promise and row.promise.late)),
        ("not_published", len(rows.untold)),
        ("waiting", sum(1 for row in rows.alerts if row.waiting)),
        ("overrun", sum(1 for row in rows.maintenance if row.late)),
        ("open", len(rows.told)),
    )
    for key, count in counts:
        if count:
            return translator.tn(f"home.head.{key}", count)
    calm = "calm_marked" if translator.pack.marks.word else "calm"
    return translator.t(f"home.head.{'watching' if rows.alerts else calm}")


def _summary(rows: HomeRows, translator: Translator) -> str:
    open_text = translator.tn("home.count_open", len(rows.told) + len(rows.untold))
    counts = translator.format_list([open_text, translator.tn("home.count_alerts", len(rows.alerts))])
    return translator.t("home.counts_marked", counts=counts) if translator.pack.marks.word else counts
