"""Events of incidents for other programs: an alert waits, a notice is readable, a promised update is late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from statuspage.domain import Alert, AlertState, Incident, NotificationReason, RecordedNotice, response_times
from statuspage.storage import alerts, incidents
from statuspage.storage.engine import Connection
from statuspage.usecases import program_events
from statuspage.usecases.environment import Environment
from statuspage.usecases.notices import promised_update
from statuspage.usecases.on_call import notify
from statuspage.usecases.program_events import ProgramEvent

ALERT_WAITING, NOTICE_READABLE, PROMISE_LATE = "alert.waiting", "notice.readable", "promise.late"
"""The types of the events."""

STILL_NEWS = timedelta(hours=1)
"""What happened longer ago is not told any more: no channel was named then."""

PUBLISHED_WITHIN = timedelta(days=1)
"""Of notices that are older, it is not asked whether they have become readable."""


def announce_incidents(env: Environment, *, now: datetime) -> int:
    """Queues the events that are due, for every channel of ``event_channels``. Returns how many are new.

    Only those of live, and none during a send hold.
    """
    if not (env.site.catalog.on_call.event_channels and env.follows_up_actions):
        return 0
    with env.databases.environment.read() as tx:
        if notify.is_paused(tx) or not any(_new_events(env, tx, now)):
            return 0
    with env.databases.environment.begin() as tx:
        return sum(program_events.enqueue_event(tx, env, event, now) for event in [*_new_events(env, tx, now)])


def _new_events(env: Environment, tx: Connection, now: datetime) -> Iterator[ProgramEvent]:
    """The events that are not queued yet."""
    for event in _events(env, tx, now):
        if not program_events.is_queued(tx, event.key):
            yield event


def _events(env: Environment, tx: Connection, now: datetime) -> Iterator[ProgramEvent]:
    desk = notify.desk_link(env).rstrip("/")
    for alert in alerts.open_alerts(tx):
        if alert.state is AlertState.WAITING and now - alert.received_at < STILL_NEWS:
            yield _alert_event(alert, desk)
    for incident in incidents.changed_since(tx, now - PUBLISHED_WITHIN):
        for item in incident.notices:
            at = response_times.readable_at(incident, item.sequence)
            if at is not None and now - at < STILL_NEWS:
                yield _notice_event(NOTICE_READABLE, incident, item, {"readable": at}, desk)
    for incident in incidents.open_incidents(tx):
        promise = promised_update(incident)
        if promise is not None and timedelta() <= now - promise[1] < STILL_NEWS:
            yield _notice_event(PROMISE_LATE, incident, promise[0], {"due": promise[1]}, desk)


def _alert_event(alert: Alert, desk: str) -> ProgramEvent:
    data = {
        "id": alert.id,
        "source": alert.monitor_alert.source,
        "title": alert.monitor_alert.title,
        "received": alert.received_at,
        "started": alert.t0,
        "incident_type": alert.proposal.incident_type,
        "services": [each.service for each in alert.proposal.services],
        "desk": f"{desk}/alerts/{alert.id}" if desk else "",
    }
    key = f"event.{ALERT_WAITING}.{alert.id}"
    return ProgramEvent(key, ALERT_WAITING, NotificationReason.INCIDENT_EVENT, data, alert=alert.id)


def _notice_event(
    type: str, incident: Incident, item: RecordedNotice, times: dict[str, datetime], desk: str
) -> ProgramEvent:
    data = {
        "incident": incident.id,
        "sequence": item.sequence,
        "notice": item.notice.notice.value,
        "published": item.recorded,
        **times,
        "headlines": {language: text.headline for language, text in item.notice.texts.items()},
        "desk": f"{desk}/incidents/{incident.id}" if desk else "",
    }
    key = f"event.{type}.{incident.id}.{item.sequence}"
    return ProgramEvent(key, type, NotificationReason.INCIDENT_EVENT, data, incident=incident.id)
