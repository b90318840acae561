"""Everything about one alert, as shown on its own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import Alert, AlertState, NotificationReason, StaffNotification
from statuspage.usecases.notices import holding_notice
from statuspage.web.desk import request_context
from statuspage.web.desk.alerts import groups
from statuspage.web.desk.alerts.alert_rows import suggested_words
from statuspage.web.desk.panels import on_call, runbooks
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert with its group, who was called, and its runbook. ``lines`` are sentences about it; ``summary``,
    ``links`` (label, address) and ``annotations`` are what its monitor says."""

    id: str
    words: str
    title: str
    t0: datetime
    since: str
    age: str
    lines: list[str]
    waiting: bool
    watching: bool
    notifications: list[on_call.NotificationLine]
    group: groups.GroupView
    colleagues_told: bool
    offers_placeholder: bool
    runbook: runbooks.RunbookView | None
    summary: str
    links: list[tuple[str, str]]
    annotations: list[tuple[str, str]]


def alert_view(
    alert: Alert,
    group_view: groups.GroupView,
    notifications: tuple[StaffNotification, ...],
    translator: Translator,
    now: datetime,
) -> AlertView:
    """The alert with its group, and with who was notified."""
    env = request_context.env()
    return AlertView(
        id=alert.id,
        words=suggested_words(alert.proposal, translator),
        title=alert.monitor_alert.title,
        t0=alert.t0,
        since=translator.times.format_recent(alert.t0, now=now),
        age=translator.span(now - alert.t0),
        lines=_lines(alert, group_view, translator),
        waiting=alert.state is AlertState.WAITING,
        watching=alert.state is AlertState.WATCHING,
        group=group_view,
        notifications=[
            on_call.notification_line(env.site.catalog, notification, translator) for notification in notifications
        ],
        runbook=runbooks.runbook_of_alert(env, alert, translator),
        colleagues_told=any(notification.trigger is NotificationReason.BRIEFING for notification in notifications),
        offers_placeholder=holding_notice.is_due_for_alert(env.site.catalog, alert, now=now),
        summary=alert.monitor_alert.summary,
        links=_links(alert, translator),
        annotations=list(alert.monitor_alert.annotations.items()),
    )


def _links(alert: Alert, translator: Translator) -> list[tuple[str, str]]:
    """The engineers' runbook, and the alert at its monitor."""
    links = (("runbook", alert.monitor_alert.runbook_url), ("monitor", alert.monitor_alert.url))
    return [(translator.t(f"alert_link.{name}"), address) for name, address in links if address]


def _lines(alert: Alert, group_view: groups.GroupView, translator: Translator) -> list[str]:
    ended_at = alert.monitor_alert.ended_at
    source = translator.t(
        "home.alert_from",
        time=translator.clock_seconds(alert.received_at),
        source=groups.alert_source(alert, translator),
    )
    recovered = (
        translator.t("home.recovered", time=translator.times.format_time(ended_at))
        if ended_at and not group_view.firing_text
        else ""
    )
    group_line = " ".join(part for part in (group_view.count_text, group_view.firing_text) if part)
    parts = (
        source,
        _fired_text(alert, translator),
        _state_text(alert, translator),
        _proposal_text(alert, translator),
        group_line,
        recovered,
    )
    return [part for part in parts if part]


def _state_text(alert: Alert, translator: Translator) -> str:
    """Who acknowledged or watches the alert, and since when; "" if nobody does."""
    names = {AlertState.ACKNOWLEDGED: "home.acknowledged", AlertState.WATCHING: "home.watched"}
    key = names.get(alert.state)
    if key is None or not alert.steps:
        return ""
    step = alert.steps[-1]
    return translator.t(key, name=step.actor, time=translator.times.format_time(step.at))


def _fired_text(alert: Alert, translator: Translator) -> str:
    """When the alert fired, according to its monitor, if that differs from when we received it."""
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
        f"incident_type.{alert.proposal.incident_type}.name", alert.proposal.incident_type
    ).replace("|", "")
    return translator.t("home.proposal", kind=type_name, services=translator.format_list(names) or type_name)
