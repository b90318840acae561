"""Monitors in the settings: address, secret and configuration to copy, what each sent last, and a test alert."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import AlertRule
from statuspage.integrations.monitors import SOURCES, all_monitors
from statuspage.usecases.alerts import monitor_activity, test_alerts
from statuspage.usecases.settings import monitor_snippets
from statuspage.web.desk import request_context
from statuspage.web.desk.alerts import groups
from statuspage.web.desk.alerts.test_alerts import test_alert_rows
from statuspage.web.desk.settings import monitor_rules, monitor_secrets
from statuspage.web.desk.settings.outcomes import Failure, FieldProblem

pages = Blueprint("monitor_settings", __name__)

MOST_LABELS, MOST_LABEL_TEXT = 20, 200
"""The maximum number of labels of a test alert, and of characters of each."""


@dataclass(frozen=True, slots=True)
class MonitorRow:
    """A monitor as it is listed. ``state``: receiving, refused or nothing."""

    source: str
    name: str
    path: str
    state: str
    tone: str
    last: str
    counts: str


@pages.get("/settings/monitors")
def show_monitors() -> str:
    """Lists the monitors that send to this desk, and those that could."""
    activity = _activity()
    custom = request_context.env().site.catalog.json_mappings
    known = {*activity, *custom, *request_context.intake().secrets}
    rows = [
        _monitor_row(source, activity.get(source, monitor_activity.MonitorActivity()))
        for source in all_monitors(custom)
        if source in known
    ]
    others = [(source, _name(source)) for source in SOURCES if source not in known]
    return render_template(
        "settings/monitors.html", section="settings", rows=sorted(rows, key=lambda row: row.name), others=others
    )


@pages.get("/settings/monitors/<source>")
def show_monitor(source: str) -> str:
    """Shows one monitor: what to paste where, and what it sent."""
    return _render_monitor(_known(source))


@pages.post("/settings/monitors/<source>/secret")
def show_secret(source: str) -> Response:
    """Shows the secret of a monitor once, within what is to be copied. It is in no page that is opened otherwise."""
    secret = request_context.intake().secret_for(_known(source))
    if not secret or not monitor_secrets.describe(source).can_be_shown:
        abort(404)
    test_alerts.record_secret_shown(
        request_context.env(), source, by=request_context.audit_actor(), now=request_context.now()
    )
    return make_response(_render_monitor(source, secret=secret))


@pages.post("/settings/monitors/<source>/own-secret")
def change_secret(source: str) -> Response:
    """Keeps, makes or deletes a secret of this monitor alone. One that is made is shown once."""
    made, problem = "", None
    match request.form.get("do"):
        case "keep":
            problem = monitor_secrets.keep_own(_known(source), request.form.get("value", "").strip())
        case "make":
            made, problem = monitor_secrets.make_own(_known(source))
        case "forget":
            monitor_secrets.forget_own(_known(source))
        case _:
            abort(400)
    if problem:
        return make_response(_render_monitor(source, failure=Failure((problem,))), 422)
    if made:
        return make_response(_render_monitor(source, secret=made))
    flash(request_context.translator().t("channel_settings.saved"))
    return redirect(url_for("monitor_settings.show_monitor", source=source), 303)


@pages.post("/settings/monitors/<source>")
def act_on_monitor(source: str) -> Response:
    """Sends a test alert."""
    typed = request.form.get("labels", "")
    labels = _labels(typed)
    if labels is None:
        problem = FieldProblem("labels", request_context.translator().t("monitor_settings.wrong_labels"))
        return make_response(_render_monitor(_known(source), typed=typed, failure=Failure((problem,))), 422)
    translator = request_context.translator()
    title = translator.label("desk.test_alerts.title")
    test_alerts.send_test(
        *(request_context.env(), _known(source), title, labels),
        by=request_context.audit_actor(),
        now=request_context.now(),
    )
    flash(translator.t("monitor_settings.sent"))
    return redirect(url_for("monitor_settings.show_monitor", source=source, _anchor="test"), 303)


def _known(source: str) -> str:
    known = all_monitors(request_context.env().site.catalog.json_mappings)
    return source if source in known else abort(404)


def _name(source: str) -> str:
    return groups.full_monitor_name(source, request_context.translator())


def _activity() -> dict[str, monitor_activity.MonitorActivity]:
    request_context.desk().intake_counter.save()
    with request_context.env().databases.environment.read() as tx:
        return monitor_activity.list_activity(tx, now=request_context.now())


def _labels(typed: str) -> dict[str, str] | None:
    """The labels of a test alert, one ``NAME = VALUE`` a line; None if a line is none."""
    lines = [line for line in typed.splitlines() if line.strip()]
    pairs = [tuple(part.strip() for part in line.partition("=")) for line in lines]
    are_fine = len(pairs) <= MOST_LABELS and all(
        name and sign and value and max(len(name), len(value)) <= MOST_LABEL_TEXT for name, sign, value in pairs
    )
    return {name: value for name, _, value in pairs} if are_fine else None


def _monitor_row(source: str, activity: monitor_activity.MonitorActivity) -> MonitorRow:
    translator = request_context.translator()
    alerts = activity.alerts
    state = "refused" if activity.is_refused else "receiving" if activity.last_taken or alerts else "nothing"
    last = translator.times.format_day_time(alerts.last_at) if alerts else ""
    counts = translator.tn("monitor_settings.alerts", alerts.count) if alerts and alerts.count else ""
    if alerts and alerts.false_alarms:
        counts += translator.t("join") + translator.tn("monitor_settings.false_alarms", alerts.false_alarms)
    return MonitorRow(
        *(source, _name(source), f"/intake/{source}", state),
        tone={"refused": "part", "receiving": "ok", "nothing": "unk"}[state],
        last=translator.t("monitor_settings.last_alert", time=last) if last else "",
        counts=counts,
    )


def _events(activity: monitor_activity.MonitorActivity) -> list[tuple[str, str, str]]:
    """What the monitor sent last: tone, what, and when or why."""
    translator = request_context.translator()
    events = []
    if alerts := activity.alerts:
        when = translator.times.format_day_time(alerts.last_at)
        events.append(("ok", translator.t("monitor_settings.alert"), when))
    if refused := activity.last_refused:
        reason = translator.t(f"monitors.reason.{refused.outcome}")
        when = translator.times.format_day_time(refused.last_at)
        text = translator.t(
            "monitors.refused_text", reason=reason, count=refused.count, time=when, network=refused.network
        )
        events.append(("part" if activity.is_refused else "unk", translator.t("monitor_settings.refused"), text))
    for each in activity.heartbeats:
        name = translator.t("monitor_settings.heartbeat", name=each.name)
        is_silent = request_context.now() - each.last_at > monitor_activity.HEARTBEAT_TIMEOUT
        events.append(("part" if is_silent else "ok", name, translator.times.format_day_time(each.last_at)))
    return events


def _render_monitor(source: str, *, secret: str = "", typed: str | None = None, failure: Failure | None = None) -> str:
    translator, catalog = request_context.translator(), request_context.env().site.catalog
    monitor = all_monitors(catalog.json_mappings)[source]
    activity = _activity().get(source, monitor_activity.MonitorActivity())
    address = request_context.desk_address() or monitor_snippets.SAMPLE_DESK  # never the host name of a request
    rules = [rule for rule in catalog.alert_rules if rule.source == source]
    with request_context.env().databases.environment.read() as tx:
        tests = test_alert_rows(tx, translator, source)
    return render_template(
        "settings/monitor.html",
        section="settings",
        row=_monitor_row(source, activity),
        is_custom=source in catalog.json_mappings,
        events=_events(activity),
        address=f"{address}/intake/{source}",
        has_address=bool(request_context.desk_address()),
        secret=secret,
        kept=monitor_secrets.describe(source),
        is_signed=monitor.is_signed_by_sns and request_context.intake().amazon is not None,
        snippets=monitor_snippets.snippets(source, address, secret),
        command=monitor_snippets.test_command(source, address, secret),
        rules=[monitor_rules.rule_row(rule, catalog, translator) for rule in rules],
        labels=_labels_of(rules) if typed is None else typed,
        tests=tests,
        failure=failure,
    )


def _labels_of(rules: list[AlertRule]) -> str:
    """Labels that the first rule of the monitor fits."""
    match = rules[0].match if rules else {}
    return "\n".join(f"{name} = {value.removesuffix('*')}" for name, value in match.items())
