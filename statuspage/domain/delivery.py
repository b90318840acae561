"""One delivery of one notice: which channel, how it stands, and the proof that it arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from statuspage.domain.queue_item import DeliveryStatus, QueueItem, Receipt

SITE = "site"
"""The channel that is the status page itself; its deliveries carry all languages at once (language "")."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A channel's messages of an incident so far, oldest first, each with the other side's id; at least one."""

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
    """A row of the queue of deliveries. ``payload`` is frozen when queued, so that a retry is byte-identical."""

    incident: str
    sequence: int
    channel: str
    language: str
    payload: Mapping[str, str]

    @property
    def thread_key(self) -> str:
        """The incident's messages belong together."""
        return self.incident

    @property
    def status_reason(self) -> str:
        """The label's key that explains its status to a person; "" if there is nothing to explain."""
        return "delivery_unknown" if self.maybe_sent and self.status is DeliveryStatus.WAITING else self.reason


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery to be made, before it has a row."""

    channel: str
    language: str
    payload: Mapping[str, str]
