"""One notice on one channel in one language: its status and its receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

SITE = "site"
"""The channel that is the status page itself; its deliveries carry all languages at once (language "")."""


class DeliveryStatus(StrEnum):
    """How a delivery stands. SENDING is a worker's claim; the others are answers to *did it go out?*

    WAITING: nothing went out yet (``reason`` says why, ``retry_at`` when it is tried). DELIVERED: with a receipt.
    FAILED: for good. NEEDS_REVIEW: it may have gone out; a person has to look. SUPERSEDED: a newer one went instead.
    """

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    NEEDS_REVIEW = "needs_review"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof: the other side's id and address of the message, and when each thing was checked.

    ``checked_at`` maps what was checked to when: for the site *written*, then ``page.LANG`` and ``feed.LANG`` once read
    back over HTTP; for a post *posted*. ``note_key`` is a label's key for something a person should know
    (already_there, posted_by_other_notice, no_link, standalone, on_disk); *no_link* is stored before it is sent so, for
    the next attempt. ``extra`` is what else the other side needs to find the message again (Bluesky: its *cid*).
    """

    remote_id: str = ""
    url: str = ""
    checked_at: Mapping[str, datetime] = field(default_factory=dict)
    note_key: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


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
class Delivery:
    """A row of the queue. ``payload`` is frozen when queued, so that a retry is byte-identical.

    ``reason`` is a label's key (``receipt.reason.KEY``); ``detail`` the other side's own words, secrets removed.
    ``maybe_sent``: an attempt ended without our knowing whether it went out.
    """

    id: int
    incident: str
    sequence: int
    channel: str
    language: str
    payload: Mapping[str, str]
    status: DeliveryStatus = DeliveryStatus.WAITING
    reason: str = ""
    detail: str = ""
    attempts: int = 0
    queued_at: datetime | None = None
    retry_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    owner: str = ""
    maybe_sent: bool = False
    receipt: Receipt = Receipt()

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
