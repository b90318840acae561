"""An email about a subscription itself: requested on the public pages, sent by the worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from statuspage.domain.queue_item import QueueItem


class SubscriptionEmailKind(StrEnum):
    """CONFIRM: asks to confirm. LINK: the link to the preferences, also for existing subscribers. STOPPED: a webhook
    that is no longer called, and why."""

    CONFIRM = "confirm"
    LINK = "link"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SubscriptionEmail(QueueItem):
    """A row of the queue of subscription emails. ``subscriber`` is a number, None if no email is to be sent."""

    queued_at: datetime = field(kw_only=True)
    kind: SubscriptionEmailKind
    subscriber: int | None
    language: str
