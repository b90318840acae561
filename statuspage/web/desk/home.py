"""The home page: what is due next, open incidents by promise, alerts, and the last incidents while all is well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from statuspage.domain import Alert, Incident
from statuspage.storage import alerts, incidents
from statuspage.storage import staff_notifications as calls
from statuspage.storage.engine import Connection
from statuspage.usecases.accounts import Role
from statuspage.usecases.delivery import admin
from statuspage.usecases.environment import Environment
from statuspage.usecases.environment import restore_guard as holding
from statuspage.usecases.on_call import absence
from statuspage.web.desk import request_context
from statuspage.web.desk.action_items import late_rows
from statuspage.web.desk.alerts import groups
from statuspage.web.desk.alerts.alert_rows import AlertRow, alert_row
from statuspage.web.desk.alerts.test_alerts import test_alert_rows
from statuspage.web.desk.drills import pages as drills
from statuspage.web.desk.drills.home_trend import home_trend
from statuspage.web.desk.fact_requests import open_questions, panel
from statuspage.web.desk.incidents import approvals
from statuspage.web.desk.incidents.ended_rows import ended_row
from statuspage.web.desk.incidents.incident_rows import (
    IncidentRow,
    UnpublishedIncident,
    first_alert_title,
    incident_rows,
    unpublished_incident,
)
from statuspage.web.desk.incidents.promised_reports import promised_reports
from statuspage.web.desk.next_step import next_step
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.panels import maintenance, monitors, on_call, setup_gaps
from statuspage.web.desk.panels.maintenance import MaintenanceRow
from statuspage.web.desk.translations import Translator

pages = Blueprint("home", __name__)

LAST_SHOWN = 8
"""How many ended incidents the home page lists while nothing is open."""

UNFOLDED = 5
"""How many alerts of a group are shown; the others open with one line."""


@dataclass(frozen=True, slots=True)
class HomeRows:
    """Everything that waits or is open: alerts, published and unpublished incidents, maintenance."""

    alerts: list[AlertRow]
    published: list[IncidentRow]
    unpublished: list[UnpublishedIncident]
    maintenance: list[MaintenanceRow]


@pages.post("/calls")
def record_call() -> Response:
    """Records whether a phone call reached somebody. In a drill, those who are left out never answer."""
    person, was_reached = request.form.get("person", ""), request.form.get("do") == "reached"
    translator = request_context.translator()
    try:
        reached = absence.record_call(
            request_context.env(),
            person,
            was_reached=was_reached,
            actor=request_context.actor(),
            now=request_context.now(),
        )
    except absence.NobodyOfThatName as error:
        raise NotFound from error
    is_told = reached or request.form.get("do") == "no_answer"
    flash(translator.t("on_call.call_recorded") if is_told else translator.t("on_call.nobody_answers", name=person))
    return redirect(url_for("home.show_home"), 303)


@pages.get("/")
def show_home() -> str:
    """Shows what waits and what is open."""
    env, translator, now = request_context.env(), request_context.translator(), request_context.now()
    request_context.desk().intake_counter.save()
    with env.databases.environment.read() as tx:
        from_monitors = _from_monitors(tx, translator)
        open_incidents = incidents.open_incidents(tx)
        alert_rows = _alert_rows(tx, alerts.open_alerts(tx), open_incidents, translator, now)
        unpublished = [incident for incident in open_incidents if incident.latest is None]
        titles = _first_alert_titles(tx, unpublished)
        rows = _home_rows(tx, alert_rows, open_incidents, titles, translator, now)
        ended = incidents.ended_incidents(tx, now + timedelta(seconds=1), LAST_SHOWN)
    held, due_work = approvals.held_notices(open_incidents), [row for row in rows.maintenance if row.late]
    waiting = (rows.alerts, rows.published, rows.unpublished, held, due_work, request_context.live_status().open_items)
    is_calm = not any(waiting)
    return render_template(
        "home.html",
        section="home",
        headline=_home_headline(rows, translator),
        is_from_drill=drills.is_from_drill(),
        drill_since=request_context.drill_start(),
        today=translator.times.format_day_time(now),
        next=next_step(rows.published, held, rows.unpublished, rows.alerts, due_work),
        is_calm=is_calm,
        alert_groups=_alert_groups(rows.alerts),
        unfolded=UNFOLDED,
        pending_topics=groups.pending_topics(translator),
        incidents=rows.published,
        unfinished=[incident for incident in rows.unpublished if not incident.awaits_approval],
        held_notices=held,
        fact_requests=panel.unanswered_requests(open_incidents, titles),
        open_questions=open_questions.open_question_rows(env, translator),
        due_work=due_work,
        **_afterwards(translator),
        maintenance=[row for row in rows.maintenance if not row.late],
        **_recipients(env, translator, now),
        **from_monitors,
        **_calm_panels(env, ended if is_calm else None, translator, now),
    )


def _first_alert_titles(tx: Connection, unpublished: Sequence[Incident]) -> dict[str, str]:
    return {incident.id: first_alert_title(alerts.alerts_of_incident(tx, incident.id, 1)) for incident in unpublished}


def _from_monitors(tx: Connection, translator: Translator) -> dict[str, object]:
    """What monitors sent that is no alert: tests, and what keeps them from being heard."""
    return {
        "test_alerts": test_alert_rows(tx, translator),
        "monitor_problems": monitors.problem_rows(tx, translator),
    }


def _recipients(env: Environment, translator: Translator, now: datetime) -> dict[str, object]:
    """The channels of customers, and colleagues with theirs."""
    return {
        "channels": channel_picker.connected_channels(env, translator),
        "unconnected_count": len(env.senders.unready_channels) + len(env.senders.unready_staff_channels),
        "on_call": on_call.on_call_panel(env, translator, now),
        "staff_channels": on_call.staff_channels(env, translator),
    }


def _afterwards(translator: Translator) -> dict[str, object]:
    """What is late or due after an incident."""
    return {"late_actions": late_rows(translator), "promised_reports": promised_reports(translator)}


def _calm_panels(
    env: Environment, ended: Sequence[Incident] | None, translator: Translator, now: datetime
) -> dict[str, object]:
    """What is shown only while nothing is open; None for ``ended`` while something is."""
    if ended is None:
        return {"ended_incidents": [], "last": "", "trend": None, "setup_gaps": ()}
    return {
        "ended_incidents": [ended_row(incident, translator) for incident in ended],
        "last": _last_sentence(ended, translator, now),
        "trend": home_trend(env, translator),
        "setup_gaps": _setup_gaps(translator),
    }


def _alert_rows(
    tx: Connection,
    waiting: Sequence[Alert],
    open_incidents: Sequence[Incident],
    translator: Translator,
    now: datetime,
) -> list[AlertRow]:
    summaries = alerts.summarize_groups(tx, [alert.id for alert in waiting])
    notifications = {alert.id: calls.notifications_of_alert(tx, alert.id) for alert in waiting[: 3 * UNFOLDED]}
    return [
        alert_row(alert, summaries.get(alert.id), notifications.get(alert.id, ()), open_incidents, translator, now)
        for alert in waiting
    ]


def _alert_groups(rows: Sequence[AlertRow]) -> list[tuple[str, list[AlertRow]]]:
    """The alerts that customers do not know about, those that probably belong to an open incident, and those that
    somebody watches; each group with its label, without empty ones."""
    watched = [row for row in rows if row.watching]
    related = [row for row in rows if row.incident and not row.watching]
    unknown = [row for row in rows if not row.incident and not row.watching]
    return [(key, some) for key, some in (("unknown", unknown), ("related", related), ("watched", watched)) if some]


def _setup_gaps(translator: Translator) -> tuple[setup_gaps.GapRow, ...]:
    """What is still to set up: for administrators."""
    is_theirs = request_context.signed_in_account().role == Role.ADMINISTRATOR
    return setup_gaps.gap_rows(request_context.env(), translator) if is_theirs else ()


def _home_rows(
    tx: Connection,
    alert_rows: list[AlertRow],
    open_incidents: tuple[Incident, ...],
    titles: Mapping[str, str],
    translator: Translator,
    now: datetime,
) -> HomeRows:
    published = [incident for incident in open_incidents if incident.latest and not incident.is_maintenance]
    unpublished = [incident for incident in open_incidents if incident.latest is None]
    planned = [incident for incident in open_incidents if incident.is_maintenance]
    maintenance_rows = [maintenance.maintenance_row(incident, translator, now) for incident in planned]
    return HomeRows(
        alert_rows,
        incident_rows(tx, published, translator, now),
        [unpublished_incident(incident, titles[incident.id], translator, now) for incident in unpublished],
        sorted(maintenance_rows, key=lambda row: row.at),
    )


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
    """Both sides: how many alerts wait, and of how many problems customers know."""
    if request_context.live_status().open_items:
        return translator.t("home.head.live_first")
    is_drill = bool(translator.pack.marks.word)
    waiting = [row for row in rows.alerts if not row.watching]
    if not waiting and not rows.published and not rows.unpublished:
        if any(row.late for row in rows.maintenance):
            return translator.tn("home.head.overrun", sum(row.late for row in rows.maintenance))
        calm = "calm_marked" if is_drill else "calm"
        return translator.t(f"home.head.{'watching' if rows.alerts else calm}")
    sentences = [translator.tn("home.head.alerts", len(waiting))] if waiting else []
    sentences += [translator.tn("home.head.missing", len(rows.unpublished))] if rows.unpublished else []
    sentences.append(
        translator.tn("home.head.known", len(rows.published))
        if rows.published
        else translator.t("home.head.known_none")
    )
    text = translator.t("join_sentences").join(sentences)
    return translator.t("home.counts_marked", counts=text) if is_drill else text


def _last_sentence(ended: Sequence[Incident], translator: Translator, now: datetime) -> str:
    """When the last incident was, and how soon customers were told; "" if there was none."""
    if not ended:
        return ""
    row = ended_row(ended[0], translator)
    key = "home.last_told" if row.told_after else "home.last"
    return translator.t(key, day=row.day, took=row.told_after)
