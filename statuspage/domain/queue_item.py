"""What the rows of all queues have in common: status, claim, retry and receipt; and how an attempt ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from statuspage.domain.retry import ChannelHealth


class DeliveryStatus(StrEnum):
    """How a row of a queue stands. SENDING is a worker's claim; the others are answers to *did it go out?*

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
class QueueItem:
    """A row of a queue; ``id`` is 0 while it has no row.

    ``reason`` is a label's key (``receipt.reason.KEY``); ``detail`` the other side's own words, secrets removed.
    ``attempts`` counts claims, this one included. ``maybe_sent``: an attempt ended without our knowing whether it went
    out.
    """

    id: int
    _: KW_ONLY
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. ``retry_at`` is the time of the next one, if any; ``receipt`` None: the row keeps its own;
    ``maybe_sent`` while nobody knows whether it was sent; ``health`` is the channel's health, None where the attempt
    says nothing about it.
    """

    status: DeliveryStatus
    reason: str = ""
    detail: str = ""
    retry_at: datetime | None = None
    receipt: Receipt | None = None
    maybe_sent: bool = False
    health: ChannelHealth | None = None


class OutgoingMessage(Protocol):
    """What a channel sends: the same in every attempt, and different from any other's.

    ``thread_key`` is common to the messages that belong together on the other side, ``sequence`` the number of this one
    among them. ``payload`` is frozen when queued, so that a retry is byte-identical.
    """

    @property
    def thread_key(self) -> str: ...

    @property
    def sequence(self) -> int: ...

    @property
    def channel(self) -> str: ...

    @property
    def language(self) -> str: ...

    @property
    def payload(self) -> Mapping[str, str]: ...

    @property
    def attempts(self) -> int: ...

    @property
    def queued_at(self) -> datetime | None: ...

    @property
    def started_at(self) -> datetime | None: ...
