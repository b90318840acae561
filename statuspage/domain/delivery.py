"""One delivery of one notice: its channel, its status, and the proof that it arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from statuspage.domain.queue_item import DeliveryStatus, QueueItem, Receipt

SITE = "site"
"""The channel that is the status page itself. Its deliveries contain all languages at once (language "")."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A channel's messages about an incident so far, oldest first, with the ids that the other side gave them; at least
    one."""

    receipts: tuple[Receipt, ...]

    @property
    def root(self) -> Receipt:
        """The first message."""
        return self.receipts[0]

    @property
    def parent(self) -> Receipt:
        """The newest message."""
        return self.receipts[-1]


@dataclass(frozen=True, slots=True)
class Delivery(QueueItem):
    """A row of the delivery queue. ``payload`` is frozen when queued, so that a retry is byte-identical."""

    incident: str
    sequence: int
    channel: str
    language: str
    payload: Mapping[str, str]

    @property
    def thread_key(self) -> str:
        """The key shared by all messages of the incident."""
        return self.incident

    @property
    def status_reason(self) -> str:
        """The key of the label that explains its status; "" if there is nothing to explain."""
        return "delivery_unknown" if self.maybe_sent and self.status is DeliveryStatus.WAITING else self.reason


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery to be queued, before it has a row."""

    channel: str
    language: str
    payload: Mapping[str, str]
