"""Parses the webhooks of a Sentry integration: issues, issue alerts and metric alerts.

The fields are those of its documentation ("Integration Platform, Webhooks": Issues, Issue Alerts, Metric Alerts). The
kind of message is in a header that a stored file does not have, so it is recognised by the shape of ``data``. An issue
is one alert, whether reported by its own webhook or by an alert rule, and begins again when it is no longer resolved.
An archived issue needs no attention. A metric alert is an incident with its own id and start. Other messages, such as
comments and installations, are accepted but not stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from statuspage.domain import MonitorAlert
from statuspage.integrations.monitors import authentication
from statuspage.integrations.monitors.monitor import Monitor
from statuspage.integrations.monitors.parsing import (
    TEXT_LIMIT,
    MessagePart,
    browser_link,
    check_time,
    clean,
    clean_labels,
    parse_message,
    require_text,
    start_or_now,
)

SOURCE = "sentry"
ENDING_ACTIONS = frozenset({"resolved", "archived", "ignored"})
FIRING_ACTIONS = frozenset({"created", "unresolved"})


class _Project(MessagePart):
    slug: str = ""


class _Issue(MessagePart):
    id: Annotated[str, Field(min_length=1, max_length=200)]
    title: str = ""
    culprit: str | None = None
    web_url: str | None = None
    permalink: str | None = None
    level: str | None = None
    firstSeen: AwareDatetime | None = None
    lastSeen: AwareDatetime | None = None
    project: _Project | None = None


class _SentryEvent(MessagePart):
    issue_id: Annotated[str, Field(min_length=1, max_length=200)]
    title: str = ""
    culprit: str | None = None
    web_url: str | None = None
    level: str | None = None
    environment: str | None = None
    datetime: AwareDatetime | None = None


class _Rule(MessagePart):
    name: str = ""
    projects: tuple[str, ...] = ()


class _Metric(MessagePart):
    id: Annotated[str, Field(min_length=1, max_length=200)]
    title: str | None = None
    date_started: AwareDatetime | None = None
    date_closed: AwareDatetime | None = None
    alert_rule: _Rule = _Rule()


class _Data(MessagePart):
    issue: _Issue | None = None
    event: _SentryEvent | None = None
    triggered_rule: str | None = None
    metric_alert: _Metric | None = None
    description_title: str | None = None
    description_text: str | None = None
    web_url: str | None = None


class _Hook(MessagePart):
    action: Annotated[str, Field(min_length=1)]
    data: dict[str, Any]


class _Message(MessagePart):
    action: str
    data: _Data


def parse_sentry(body: bytes, now: datetime) -> tuple[MonitorAlert, ...]:
    """The alert in the message; nothing for other messages. Raises Unreadable if it is invalid."""
    if not {"issue", "event", "metric_alert"} & parse_message(_Hook, body).data.keys():
        return ()
    message = parse_message(_Message, body)
    action, data = message.action, message.data
    if data.metric_alert is not None:
        return (_alert_of_metric(action, data, data.metric_alert, now),)
    if data.event is not None:
        return (_alert_of_event(data, data.event, now),)
    if data.issue is None or action not in ENDING_ACTIONS | FIRING_ACTIONS:
        return ()
    return (_alert_of_issue(action, data.issue, now),)


def _alert_of_issue(action: str, issue: _Issue, now: datetime) -> MonitorAlert:
    labels = {"project": issue.project.slug if issue.project else "", "level": issue.level or ""}
    return MonitorAlert(
        source=SOURCE,
        identity=f"issue {require_text(issue.id, 'data.issue.id')}",
        title=clean(issue.title) or "Sentry",
        summary=clean(issue.culprit or "", TEXT_LIMIT),
        labels=clean_labels(labels),
        started_at=start_or_now(issue.firstSeen if action == "created" else issue.lastSeen, now),
        # Sentry does not say when it was resolved, only when it was last seen.
        ended_at=now if action in ENDING_ACTIONS else None,
        url=browser_link(issue.web_url or issue.permalink or ""),
    )


def _alert_of_event(data: _Data, event: _SentryEvent, now: datetime) -> MonitorAlert:
    labels = {"rule": data.triggered_rule or "", "level": event.level or "", "environment": event.environment or ""}
    return MonitorAlert(
        source=SOURCE,
        identity=f"issue {require_text(event.issue_id, 'data.event.issue_id')}",
        title=clean(event.title) or "Sentry",
        summary=clean(event.culprit or "", TEXT_LIMIT),
        labels=clean_labels(labels),
        started_at=start_or_now(event.datetime, now),
        url=browser_link(event.web_url or ""),
    )


def _alert_of_metric(action: str, data: _Data, metric: _Metric, now: datetime) -> MonitorAlert:
    is_over = action == "resolved"
    closed_at = check_time(metric.date_closed or now, "data.metric_alert.date_closed") if is_over else None
    projects = metric.alert_rule.projects
    labels = {"rule": metric.alert_rule.name, "project": projects[0] if projects else "", "level": action}
    return MonitorAlert(
        source=SOURCE,
        identity=f"metric {require_text(metric.id, 'data.metric_alert.id')}",
        title=clean(data.description_title or metric.title or metric.alert_rule.name) or "Sentry",
        summary=clean(data.description_text or "", TEXT_LIMIT),
        labels=clean_labels(labels),
        started_at=start_or_now(metric.date_started, now),
        ended_at=closed_at,
        url=browser_link(data.web_url or ""),
    )


MONITOR = Monitor(parse_sentry, authentication.check_sentry)
