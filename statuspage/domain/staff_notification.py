"""One message to staff through one channel: its reason, recipients, status and receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from statuspage.domain.queue_item import DeliveryStatus, QueueItem


class NotificationReason(StrEnum):
    """Why staff are notified."""

    ESCALATION = "escalation"
    BRIEFING = "briefing"
    UPDATE_DUE = "update_due"
    MAINTENANCE_OVERRUN = "maintenance_overrun"
    FACTS_REQUESTED = "facts_requested"
    PLACEHOLDER = "placeholder"
    ACTION_DUE = "action_due"
    RETROSPECTIVE_DUE = "retrospective_due"
    REPORT_DUE = "report_due"
    ACTION_EVENT = "action_event"
    EMERGENCY_SIGN_IN = "emergency_sign_in"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class NewStaffNotification:
    """A staff notification to be queued, before it has a row. ``key`` identifies the message, so that it is sent only
    once."""

    key: str
    trigger: NotificationReason
    channel: str
    language: str
    recipients: tuple[str, ...]
    payload: Mapping[str, str]
    alert: str = ""
    incident: str = ""
    escalation: int = 0


@dataclass(frozen=True, slots=True)
class StaffNotification(QueueItem):
    """A row of the queue of staff notifications. ``recipients`` are the names of those notified."""

    key: str
    trigger: NotificationReason
    channel: str
    language: str
    recipients: tuple[str, ...]
    payload: Mapping[str, str]
    alert: str = ""
    incident: str = ""
    escalation: int = 0

    @property
    def thread_key(self) -> str:
        """A key of its own: staff notifications do not form threads."""
        return notification_thread_key(self.id)

    @property
    def sequence(self) -> int:
        """Its unique number."""
        return self.id

    @property
    def has_failed(self) -> bool:
        """Whether it was not delivered and a person should know."""
        return self.status in (DeliveryStatus.FAILED, DeliveryStatus.NEEDS_REVIEW) or (
            self.status is DeliveryStatus.WAITING and bool(self.reason)
        )


def notification_thread_key(id: int) -> str:
    """The key under which this notification is sent, and appears in a drill's sandbox."""
    return f"call{id}"


@dataclass(frozen=True, slots=True)
class Escalation:
    """One escalation of an unacknowledged alert. ``ended_at`` is when somebody acknowledged it, or nothing was left to
    acknowledge."""

    id: int
    alert: str
    started_at: datetime
    ended_at: datetime | None = None
    actor: str = ""
