"""One alert and what people do with alerts, singly and in bulk."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from statuspage.domain import OPEN_ALERTS
from statuspage.storage import alerts, incidents
from statuspage.storage import staff_notifications as calls
from statuspage.usecases.alerts import (
    AlreadySettled,
    NoSuchAlert,
    acknowledge,
    confirm,
    false_alarm,
    group,
    tick_alert,
    watch,
)
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.on_call import briefing
from statuspage.web.desk import request_context
from statuspage.web.desk.alerts import groups
from statuspage.web.desk.alerts.alert_view import alert_view
from statuspage.web.desk.notice_form import pages as report
from statuspage.web.desk.panels import on_call

pages = Blueprint("alerts", __name__)


@pages.get("/alerts/<alert_id>")
def show_alert(alert_id: str) -> Response | str:
    """Shows one alert. One that is settled leads to its incident, else home."""
    env, translator, now = request_context.env(), request_context.translator(), request_context.now()
    with env.databases.environment.read() as tx:
        alert = alerts.find_alert(tx, alert_id) or abort(404)
        if alert.group_lead:
            return redirect(url_for("alerts.show_alert", alert_id=alert.group_lead), 303)
        if alert.state not in OPEN_ALERTS:
            return redirect(_place_of_settled(alert.incident), 303)
        notifications = calls.notifications_of_alert(tx, alert.id)
        view = groups.group_view(tx, alert, alerts.open_alerts(tx), incidents.open_incidents(tx), translator)
    return render_template(
        "alert.html",
        section="home",
        alert=alert_view(alert, view, notifications, translator, now),
        staff_channels=on_call.staff_channels(env, translator),
    )


def _place_of_settled(incident_id: str) -> str:
    if incident_id:
        return url_for("incidents.show_incident", incident_id=incident_id)
    return url_for("home.show_home")


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


@pages.post("/alerts")
def act_on_alerts() -> Response:
    """Merges, acknowledges or dismisses the chosen alerts. Those that are settled already are left as they are."""
    chosen, translator = request.form.getlist("alert"), request_context.translator()
    do = request.form.get("do", "")
    if do not in ("merge", "acknowledge", "false_alarm"):
        raise BadRequest
    if len(chosen) < (2 if do == "merge" else 1):
        flash(translator.t("home.choose_two" if do == "merge" else "home.choose_some"))
        return redirect(url_for("home.show_home"), 303)
    action = _bulk_action(do, chosen[0])
    settled = sum(not _changed(action, alert_id) for alert_id in chosen[do == "merge" :])
    if settled:
        flash(translator.tn("home.some_settled", settled))
    return redirect(url_for("home.show_home"), 303)


def _bulk_action(do: str, lead_id: str) -> Callable[[str], object]:
    actor, now, env = request_context.actor(), request_context.now(), request_context.env()
    match do:
        case "merge":
            return lambda alert_id: group(env, alert_id, lead_id, actor=actor, now=now)
        case "acknowledge":
            return lambda alert_id: acknowledge(env, alert_id, actor=actor, now=now)
        case _:
            return lambda alert_id: false_alarm(env, alert_id, actor=actor, now=now)


def _changed(action: Callable[[str], object], alert_id: str) -> bool:
    """Whether the action was possible; it is not if somebody else has settled the alert meanwhile."""
    try:
        action(alert_id)
    except (AlreadySettled, NoSuchAlert, ActionRefused):
        return False
    return True


@pages.post("/alerts/<alert_id>/checks/<int:number>")
def tick_check(alert_id: str, number: int) -> Response:
    """Ticks or unticks a checklist item of an alert."""
    env, translator = request_context.env(), request_context.translator()
    actor, now = request_context.actor(), request_context.now()
    is_done = request.form.get("done") == "yes"
    try:
        tick_alert(env, alert_id, number, done=is_done, language=translator.language, actor=actor, now=now)
    except ActionRefused:
        raise NotFound from None
    except AlreadySettled:
        flash(translator.t("home.already_settled"))
    return redirect(url_for("alerts.show_alert", alert_id=alert_id, _anchor="runbook"), 303)
