"""Monitors that are not heard: on the home page, until they are heard again."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from statuspage.storage.engine import Connection
from statuspage.usecases.alerts import monitor_activity
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts import fresh_authentication
from statuspage.web.desk.alerts import groups
from statuspage.web.desk.translations import Translator

pages = Blueprint("monitors", __name__)


@dataclass(frozen=True, slots=True)
class MonitorProblem:
    """One monitor that is not heard: which, and why. ``heartbeat`` is the name of the one that stays away, None if its
    messages are refused."""

    source: str
    title: str
    text: str
    heartbeat: str | None = None


def problem_rows(tx: Connection, translator: Translator) -> list[MonitorProblem]:
    """The monitors that are not heard now."""
    problems = monitor_activity.find_problems(tx, now=request_context.now())
    rows = []
    for heartbeat in problems.silent:
        name = " ".join(filter(None, (groups.full_monitor_name(heartbeat.source, translator), heartbeat.name)))
        since = translator.times.format_day_time(heartbeat.last_at)
        title = translator.t("monitors.silent", monitor=name, time=since)
        rows.append(MonitorProblem(heartbeat.source, title, translator.t("monitors.silent_text"), heartbeat.name))
    for refused in problems.refused:
        title = translator.t("monitors.refused", monitor=groups.full_monitor_name(refused.source, translator))
        reason, last = (
            translator.t(f"monitors.reason.{refused.outcome}"),
            translator.times.format_day_time(refused.last_at),
        )
        text = translator.t(
            "monitors.refused_text", reason=reason, count=refused.count, time=last, network=refused.network
        )
        rows.append(MonitorProblem(refused.source, title, text))
    return rows


@pages.post("/monitors/heartbeats/end")
@fresh_authentication.required
def end_heartbeat() -> Response:
    """No longer expects a heartbeat, until it comes again."""
    database, form = request_context.env().databases.environment, request.form
    monitor_activity.forget_heartbeat(database, form.get("source", ""), form.get("name", ""))
    flash(request_context.translator().t("monitors.forgotten"))
    return redirect(url_for("home.show_home"), 303)
