"""An email about a subscription itself: requested on the public pages, sent by the worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from statuspage.domain.queue_item import QueueItem


class SubscriptionEmailKind(StrEnum):
    """CONFIRM: the button that confirms. LINK: the link to one's preferences, for existing subscribers too. STOPPED: a
    webhook that we no longer call, and why."""

    CONFIRM = "confirm"
    LINK = "link"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SubscriptionEmail(QueueItem):
    """A row of the queue of emails about subscriptions; ``subscriber`` is a number, None if nobody is written to."""

    queued_at: datetime = field(kw_only=True)
    kind: SubscriptionEmailKind
    subscriber: int | None
    language: str
