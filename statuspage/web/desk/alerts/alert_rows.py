"""An alert that needs attention as a row of the home page, in the words that customers would read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.domain import (
    Alert,
    AlertState,
    DeliveryStatus,
    Incident,
    NotificationReason,
    Proposal,
    StaffNotification,
)
from statuspage.storage.alerts import AlertGroupSummary
from statuspage.usecases.notices import holding_notice
from statuspage.web.desk import request_context
from statuspage.web.desk.panels import on_call
from statuspage.web.desk.translations import Translator, short_title, text_for_reader

SAME_TYPE_WITHIN = timedelta(minutes=30)
"""An alert of the same incident type probably belongs to an incident that began at most this long before."""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert in a list. ``words`` are the suggested words for customers, ``title`` is the monitor's own text.
    ``incident`` and ``incident_title`` are the open incident to which it probably belongs, "" if there is none."""

    id: str
    words: str
    title: str
    t0: datetime
    time: str
    age: str
    notes: str
    waiting: bool
    watching: bool
    incident: str
    incident_title: str
    offers_placeholder: bool
    colleagues_told: bool
    is_call_failed: bool


def alert_row(
    alert: Alert,
    summary: AlertGroupSummary | None,
    notifications: Sequence[StaffNotification],
    open_incidents: Sequence[Incident],
    translator: Translator,
    now: datetime,
) -> AlertRow:
    """The alert with the size of its group, and with the open incident to which it probably belongs."""
    related = _related_incident(alert, open_incidents)
    more = translator.t("alert_group.count", count=summary.count) if summary else ""
    return AlertRow(
        id=alert.id,
        words=suggested_words(alert.proposal, translator),
        title=alert.monitor_alert.title,
        t0=alert.t0,
        time=translator.times.format_recent(alert.t0, now=now),
        age=translator.span(now - alert.t0),
        notes=translator.format_list(note for note in (more, short_state(alert, translator)) if note),
        waiting=alert.state is AlertState.WAITING,
        watching=alert.state is AlertState.WATCHING,
        incident=related.id if related else "",
        incident_title=short_title(text_for_reader(related.notices[-1].notice.texts, translator)) if related else "",
        offers_placeholder=holding_notice.is_due_for_alert(request_context.env().site.catalog, alert, now=now),
        colleagues_told=any(notification.trigger is NotificationReason.BRIEFING for notification in notifications),
        is_call_failed=_is_call_failed(notifications),
    )


def _is_call_failed(notifications: Sequence[StaffNotification]) -> bool:
    """Whether nobody could be notified although a channel is connected."""
    tried = [notification for notification in notifications if notification.reason != on_call.CHANNEL_UNREADY]
    return bool(tried) and all(notification.status is DeliveryStatus.FAILED for notification in tried)


def suggested_words(proposal: Proposal, translator: Translator) -> str:
    """The incident type that the alert rules propose, as a question because nobody has confirmed it; "" if none."""
    proposed = proposal.incident_type
    if not proposed:
        return ""
    name = translator.pack.phrases.get(f"incident_type.{proposed}.name", proposed).replace("|", "")
    return translator.t("home.words", kind=name)


def short_state(alert: Alert, translator: Translator) -> str:
    """Whether the monitor has reported recovery, and who acknowledged or watches the alert; "" if nobody does."""
    ended_at, parts = alert.monitor_alert.ended_at, []
    if ended_at:
        parts.append(translator.t("home.recovered_short", time=translator.times.format_time(ended_at)))
    names: Mapping[AlertState, str] = {
        AlertState.ACKNOWLEDGED: "home.acknowledged_short",
        AlertState.WATCHING: "home.watched_short",
    }
    if alert.state in names and alert.steps:
        parts.append(translator.t(names[alert.state], name=alert.steps[-1].actor))
    return translator.format_list(parts)


def _related_incident(alert: Alert, open_incidents: Sequence[Incident]) -> Incident | None:
    """The published open incident that has one of the alert's services, else one of its type that began shortly
    before."""
    published = [incident for incident in open_incidents if incident.latest and not incident.is_maintenance]
    services = {affected.service for affected in alert.proposal.services}
    for incident in published:
        if services & {affected.service for affected in incident.affected}:
            return incident
    return next(
        (
            incident
            for incident in published
            if alert.proposal.incident_type
            and incident.incident_type == alert.proposal.incident_type
            and abs(alert.t0 - incident.t0) <= SAME_TYPE_WITHIN
        ),
        None,
    )
