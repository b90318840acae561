"""The reminder to hold the retrospective: the day after an incident is over, at ten, by the channels of on call."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from statuspage.domain import NOW, Incident, NotificationReason
from statuspage.storage import incident_records, incidents, staff_notifications
from statuspage.storage.engine import Connection
from statuspage.usecases.action_items import REMINDERS_FROM
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import StaffMessage, current, notify

LOOK_BACK = timedelta(days=3)
"""How long after its day a reminder is still sent, if no worker ran."""


def remind_of_retrospectives(env: Environment, *, now: datetime) -> int:
    """Queues one reminder for each incident that was over before today and has no retrospective beyond a draft.

    Returns how many notifications are new. Does nothing during a send hold.
    """
    zone, policy = ZoneInfo(env.site.catalog.site.zone), env.site.catalog.on_call
    local = now.astimezone(zone)
    if not env.follows_up_actions or local.time() < REMINDERS_FROM or not policy.incident_channels:
        return 0
    today = datetime.combine(local.date(), time(), zone).astimezone(UTC)
    with env.databases.environment.read() as tx:
        if notify.is_paused(tx):
            return 0
        ended = incident_records.awaiting_retrospective(tx, since=today - LOOK_BACK, before=today)
        new = [id for id in ended if not staff_notifications.has_notification(tx, f"retrospective.{id}.")]
    if not new:
        return 0
    with env.databases.environment.begin() as tx:
        return sum(_enqueue(tx, env, incident, now) for incident in incidents.load_incidents(tx, new))


def _enqueue(tx: Connection, env: Environment, incident: Incident, now: datetime) -> int:
    catalog = env.site.catalog
    texts = incident.latest.notice.texts if incident.latest else {}
    text = texts.get(notify.staff_pack(catalog).language) or next(iter(texts.values()))
    title = notify.staff_label(catalog, "retrospective_due.title", title=notify.strip_marks(catalog, text.title))
    link = notify.desk_link(env)
    lines = [notify.staff_label(catalog, "retrospective_due.text")]
    lines += [f"{link.rstrip('/')}/retrospectives/{incident.id}"] if link else []
    message = StaffMessage(NotificationReason.RETROSPECTIVE_DUE, title, tuple(lines), incident=incident.id)
    responders = current.resolve_recipients(env, (NOW,), now=now)
    return notify.enqueue_staff_notification(
        tx, env, f"retrospective.{incident.id}", message, catalog.on_call.incident_channels, responders, now=now
    )
