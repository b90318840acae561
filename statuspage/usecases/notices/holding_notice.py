"""Offers a holding notice if customers have not been told anything for some time after an acknowledgement.

Nothing is published automatically: the desk shows a button that opens the prepared notice, and staff are reminded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import NOW, Alert, AlertState, Catalog, EventKind, Incident, NotificationReason, approval
from statuspage.storage import alerts, incidents, staff_notifications
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.notices.update_deadlines import REMINDER_CUTOFF
from statuspage.usecases.on_call import StaffMessage, current, notify


@dataclass(frozen=True, slots=True)
class _PlaceholderOffer:
    key: str
    title: str
    since: datetime
    alert_id: str = ""
    incident_id: str = ""


def is_due_for_alert(catalog: Catalog, alert: Alert, *, now: datetime) -> bool:
    """Whether to offer one for an alert that is acknowledged but not confirmed."""
    return _acknowledged_since(catalog, alert, now) is not None


def is_due_for_incident(catalog: Catalog, incident: Incident, *, now: datetime) -> bool:
    """Whether to offer one for an unpublished incident without a pending approval."""
    return _incident_since(catalog, incident, now) is not None


def remind_staff(env: Environment, *, now: datetime) -> int:
    """Notifies staff once that a holding notice is ready. Returns how many notifications are new.

    Does nothing if the content offers none, during a send hold, or while a drill is paused.
    """
    if not env.site.catalog.site.placeholder_after or not env.site.catalog.on_call.incident_channels:
        return 0
    with env.databases.environment.read() as tx:
        if notify.is_paused(tx):
            return 0
        new_offers = [
            offer
            for offer in _find_offers(tx, env.site.catalog, now)
            if not staff_notifications.has_notification(tx, f"{offer.key}.")
        ]
    return sum(_notify_staff(env, offer, now) for offer in new_offers)


def _notify_staff(env: Environment, offer: _PlaceholderOffer, now: datetime) -> int:
    """Queues the notification in its own transaction, which checks again that it still applies."""
    responders = current.resolve_recipients(env, (NOW,), now=now)
    minutes = int((now - offer.since).total_seconds()) // 60
    lines = [
        notify.staff_label(env.site.catalog, "placeholder.text", minutes=minutes),
        *filter(None, (notify.desk_link(env),)),
    ]
    title = notify.staff_label(env.site.catalog, "placeholder.title", title=offer.title)
    message = StaffMessage(
        NotificationReason.PLACEHOLDER, title, tuple(lines), alert=offer.alert_id, incident=offer.incident_id
    )
    with env.databases.environment.begin() as tx:
        if offer not in _find_offers(tx, env.site.catalog, now):
            return 0
        return notify.enqueue_staff_notification(
            tx, env, offer.key, message, env.site.catalog.on_call.incident_channels, responders, now=now
        )


def _find_offers(tx: Connection, catalog: Catalog, now: datetime) -> Iterator[_PlaceholderOffer]:
    """The offers that are due, by the first alert if there is one, so that a reminder from before its confirmation is
    not repeated."""
    for alert in alerts.open_alerts(tx):
        if (since := _acknowledged_since(catalog, alert, now)) is not None:
            yield _PlaceholderOffer(f"placeholder.{alert.id}", alert.monitor_alert.title, since, alert_id=alert.id)
    for incident in incidents.open_incidents(tx):
        if (since := _incident_since(catalog, incident, now)) is not None:
            first_alert = next(iter(alerts.alerts_of_incident(tx, incident.id, 1)), None)
            title = first_alert.monitor_alert.title if first_alert else incident.id
            yield _PlaceholderOffer(
                f"placeholder.{first_alert.id if first_alert else incident.id}", title, since, incident_id=incident.id
            )


def _acknowledged_since(catalog: Catalog, alert: Alert, now: datetime) -> datetime | None:
    """When the alert was acknowledged, if a holding notice is offered for it."""
    if alert.state is not AlertState.ACKNOWLEDGED:
        return None
    return _due_at(catalog, (event.at for event in alert.steps if event.state is AlertState.ACKNOWLEDGED), now)


def _incident_since(catalog: Catalog, incident: Incident, now: datetime) -> datetime | None:
    """When the incident was acknowledged or confirmed, if a holding notice is offered for it."""
    if (
        incident.latest is not None
        or incident.is_over
        or incident.is_maintenance
        or approval.open_approval_requests(incident)
    ):
        return None
    event_kinds = (EventKind.ACKNOWLEDGED, EventKind.CONFIRMED, EventKind.FORM_OPENED)
    return _due_at(
        catalog, (at for event_kind in event_kinds if (at := incident.first_time_of(event_kind)) is not None), now
    )


def _due_at(catalog: Catalog, moments: Iterable[datetime], now: datetime) -> datetime | None:
    """The first of these times, if a holding notice is due and still offered for what began then."""
    start, delay = min(moments, default=None), catalog.site.placeholder_after
    return start if delay and start is not None and start + delay <= now < start + delay + REMINDER_CUTOFF else None
