"""Deadlines of promised updates: staff are reminded before and after, and when maintenance overruns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.domain import NOTICES_AFTER_END, NOW, Incident, NotificationReason, RecordedNotice
from statuspage.storage import incidents, staff_notifications
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import StaffMessage, current, notify

REMINDER_CUTOFF = timedelta(hours=12)
"""After this long there are no more reminders; the desk shows missed deadlines."""


@dataclass(frozen=True, slots=True)
class _Deadline:
    key: str
    trigger: NotificationReason
    label: str
    incident: Incident
    due_at: datetime


def promised_update(incident: Incident) -> tuple[RecordedNotice, datetime] | None:
    """The notice that promised the next one, and its deadline; None if none is promised."""
    latest = next((n for n in reversed(incident.notices) if n.notice.notice not in NOTICES_AFTER_END), None)
    if latest is None or incident.is_over or latest.notice.facts.next_update is None:
        return None
    return latest, latest.notice.facts.next_update


def remind_staff(env: Environment, *, now: datetime) -> int:
    """Notifies staff once before a promised update is due, once when it is overdue, and once when maintenance overruns.
    Returns how many notifications are new.

    Does nothing during a send hold, or while a drill is paused.
    """
    policy = env.site.catalog.on_call
    if not policy.incident_channels:
        return 0
    with env.databases.environment.read() as tx:
        if notify.is_paused(tx):
            return 0
        deadlines = [
            deadline
            for incident in incidents.open_incidents(tx)
            for deadline in _due_deadlines(incident, policy.reminder_lead, now)
        ]
        new_deadlines = [
            deadline for deadline in deadlines if not staff_notifications.has_notification(tx, f"{deadline.key}.")
        ]
    return sum(_notify_staff(env, deadline, now) for deadline in new_deadlines)


def _notify_staff(env: Environment, deadline: _Deadline, now: datetime) -> int:
    """Queues the notification in its own transaction, which checks again that it still applies."""
    responders = current.resolve_recipients(env, (NOW,), now=now)
    with env.databases.environment.begin() as tx:
        incident = incidents.load_incident(tx, deadline.incident.id)
        if incident is None or deadline.key not in {
            candidate.key for candidate in _due_deadlines(incident, env.site.catalog.on_call.reminder_lead, now)
        }:
            return 0
        notice_texts = incident.latest.notice.texts if incident.latest else {}
        language = notify.staff_pack(env.site.catalog).language
        notice_text = notice_texts.get(language) or next(iter(notice_texts.values()))
        title = notify.staff_label(env.site.catalog, f"{deadline.label}.title", title=notice_text.title)
        lines = [
            notify.staff_label(
                env.site.catalog,
                f"{deadline.label}.text",
                time=notify.staff_clock(env.site.catalog).format_time(deadline.due_at),
            )
        ]
        lines += [link] if (link := notify.desk_link(env)) else []
        message = StaffMessage(deadline.trigger, title, tuple(lines), incident=incident.id)
        return notify.enqueue_staff_notification(
            tx, env, deadline.key, message, env.site.catalog.on_call.incident_channels, responders, now=now
        )


def _due_deadlines(incident: Incident, lead_time: timedelta, now: datetime) -> Iterator[_Deadline]:
    if incident.is_maintenance and incident.maintenance_window is not None:
        if incident.is_overrun(now) and now < incident.maintenance_window.end + REMINDER_CUTOFF:
            key = f"overrun.{incident.id}.{incident.latest_sequence}"
            yield _Deadline(
                key, NotificationReason.MAINTENANCE_OVERRUN, "overrun", incident, incident.maintenance_window.end
            )
        return
    promise = promised_update(incident)
    if promise is None:
        return
    latest, due_at = promise
    key = f"next_update.{incident.id}.{latest.sequence}"
    if due_at <= now < due_at + REMINDER_CUTOFF:
        yield _Deadline(f"{key}.overdue", NotificationReason.UPDATE_DUE, "update_overdue", incident, due_at)
    elif due_at - lead_time <= now < due_at and latest.recorded < due_at - lead_time:
        yield _Deadline(f"{key}.soon", NotificationReason.UPDATE_DUE, "update_due", incident, due_at)
