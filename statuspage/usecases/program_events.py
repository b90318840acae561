"""Queues an event for the programs that are told of events, once each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import NewStaffNotification, NotificationReason
from statuspage.integrations import channels
from statuspage.storage import staff_notifications
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment


@dataclass(frozen=True, slots=True)
class ProgramEvent:
    """An event. ``key`` identifies it, so that it is sent once; ``alert`` and ``incident`` are what it belongs to."""

    key: str
    type: str
    reason: NotificationReason
    data: Mapping[str, object]
    alert: str = ""
    incident: str = ""


def is_queued(tx: Connection, key: str) -> bool:
    """Whether the event with this key has been queued for any program."""
    return staff_notifications.has_notification(tx, f"{key}.")


def enqueue_event(tx: Connection, env: Environment, event: ProgramEvent, now: datetime) -> int:
    """Queues the event for every channel of ``event_channels``; returns how many are new."""
    return sum(_enqueue_for(tx, env, id, event, now) for id in env.site.catalog.on_call.event_channels)


def _enqueue_for(tx: Connection, env: Environment, channel_id: str, event: ProgramEvent, now: datetime) -> int:
    """Queues the event for one channel. A channel that cannot be used is reported on the desk instead."""
    spec = env.site.catalog.notification_channels[channel_id]
    content = {
        "type": event.type,
        "timestamp": now,
        "cap_status": env.site.catalog.leading_pack.marks.machine,
        "data": event.data,
    }
    new = NewStaffNotification(
        f"{event.key}.{channel_id}", event.reason, channel_id, spec.language, (),
        channels.freeze_event(content, spec), alert=event.alert, incident=event.incident,
    )  # fmt: skip
    added = staff_notifications.enqueue_notifications(tx, [new], now)
    if channel_id in env.senders.unready_staff_channels:
        staff_notifications.fail_notification(tx, new.key, env.senders.unready_staff_channels[channel_id], now)
    return added
