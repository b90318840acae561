"""Alert groups as shown on the home page, and pending Amazon SNS topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import Alert, Incident
from statuspage.integrations.monitors import sns
from statuspage.storage import alerts
from statuspage.storage.engine import Connection
from statuspage.usecases.alerts import AlreadySettled, group, sns_topics, ungroup
from statuspage.usecases.incidents import ActionRefused
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts import fresh_authentication
from statuspage.web.desk.translations import Translator, text_for_reader

pages = Blueprint("alert_groups", __name__)

MAX_LISTED = 6
"""The maximum number of alerts listed for a group; the newest ones."""

MAX_OPTIONS = 21
"""The maximum number of groups offered for grouping."""


@dataclass(frozen=True, slots=True)
class GroupedAlert:
    """An alert of a group other than its lead."""

    id: str
    title: str
    time: str


@dataclass(frozen=True, slots=True)
class GroupView:
    """The members of an alert's group, and what it can be grouped with: ``options`` are pairs of id and title."""

    count_text: str
    firing_text: str
    newest_hint: str
    members: tuple[GroupedAlert, ...]
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PendingTopic:
    """An Amazon SNS topic waiting for approval."""

    arn: str
    text: str


def group_view(
    tx: Connection,
    alert: Alert,
    waiting_alerts: Sequence[Alert],
    open_incidents: Sequence[Incident],
    translator: Translator,
) -> GroupView:
    """The group that this alert leads, and what it can be grouped with."""
    summary = alerts.summarize_groups(tx, [alert.id]).get(alert.id)
    alert_options = [
        (other.id, _alert_label(other, translator)) for other in waiting_alerts[:MAX_OPTIONS] if other.id != alert.id
    ]
    members = alerts.alerts_of_group(tx, alert.id, MAX_LISTED) if summary else ()
    firing = summary.firing if summary and alert.monitor_alert.ended_at else 0
    return GroupView(
        count_text=translator.tn("alert_group.more", summary.count) if summary else "",
        firing_text=translator.tn("alert_group.firing", firing) if firing else "",
        newest_hint=translator.t("alert_group.newest", count=MAX_LISTED)
        if summary and summary.count > MAX_LISTED
        else "",
        members=tuple(
            GroupedAlert(member.id, member.monitor_alert.title, translator.clock_seconds(member.received_at))
            for member in members
        ),
        options=(*alert_options, *_incident_options(open_incidents, translator)),
    )


def _alert_label(alert: Alert, translator: Translator) -> str:
    return f"{translator.times.format_time(alert.received_at)} {alert.monitor_alert.title}"


def _incident_options(open_incidents: Sequence[Incident], translator: Translator) -> tuple[tuple[str, str], ...]:
    published = [incident for incident in open_incidents if incident.latest and not incident.is_maintenance]
    return tuple(
        (incident.id, text_for_reader(incident.notices[-1].notice.texts, translator).title) for incident in published
    )


def alert_source(alert: Alert, translator: Translator) -> str:
    """The name of the alert's monitor."""
    return monitor_name(alert.monitor_alert.source, translator)


def monitor_name(source: str, translator: Translator) -> str:
    """The name of a monitor: a label if the program knows it, else the instance's own name for it."""
    key = f"desk.source.{source}"
    return translator.label(key) if key in translator.pack.labels else source


def full_monitor_name(source: str, translator: Translator) -> str:
    """The monitor's own name, where several are listed; elsewhere the desk calls Alertmanager just "the monitor"."""
    return "Alertmanager" if source == "alertmanager" else monitor_name(source, translator)


def pending_topics(translator: Translator) -> tuple[PendingTopic, ...]:
    """The pending topics, if Amazon SNS can be used here."""
    if request_context.intake().amazon is None:
        return ()
    return tuple(
        PendingTopic(topic.arn, translator.t("topic.text", time=translator.times.format_time(topic.requested_at)))
        for topic in sns_topics.pending_topics(request_context.env().databases.environment)
    )


@pages.post("/alerts/<alert_id>/group")
def group_or_ungroup(alert_id: str) -> Response:
    """Groups an alert with another one or an incident, or removes it from its group."""
    actor = request_context.actor()
    now = request_context.now()
    env = request_context.env()
    translator = request_context.translator()
    try:
        if request.form.get("do") == "ungroup":
            ungroup(env, alert_id, actor=actor, now=now)
            flash(translator.t("alert_group.ungrouped"))
        else:
            group(env, alert_id, request.form.get("to", ""), actor=actor, now=now)
            flash(translator.t("alert_group.grouped"))
    except AlreadySettled:
        flash(translator.t("home.already_settled"))
    except ActionRefused as error:
        flash(translator.label(f"problem.{error.code}"))
    return redirect(url_for("home.show_home"), 303)


@pages.post("/sns-topics")
@fresh_authentication.required
def decide_topic() -> Response:
    """Approves or refuses an Amazon SNS topic."""
    amazon = request_context.intake().amazon
    if amazon is None:
        abort(404)
    flash(request_context.translator().t(f"topic.{_decide_topic(amazon, request.form.get('arn', ''))}"))
    return redirect(url_for("home.show_home"), 303)


def _decide_topic(amazon: sns.SnsVerifier, arn: str) -> str:
    actor, now, env = request_context.actor(), request_context.now(), request_context.env()
    try:
        if request.form.get("do") == "confirm":
            sns_topics.approve_topic(env.databases.environment, amazon, arn, actor=actor, now=now)
            return "confirmed"
        sns_topics.refuse_topic(env.databases.environment, arn, actor=actor, now=now)
    except sns_topics.NoSuchTopic:
        return "gone"
    except (sns.SnsUnavailable, sns.AuthenticationFailed):
        return "failed"
    return "rejected"
