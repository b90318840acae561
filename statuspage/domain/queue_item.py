"""What the rows of all queues have in common: status, claim, retry and receipt, and how an attempt ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from statuspage.domain.retry import ChannelHealth


class DeliveryStatus(StrEnum):
    """The status of a row. SENDING is a worker's claim; the others answer the question whether it was sent.

    WAITING: not sent yet (``reason`` says why, ``retry_at`` when to try). DELIVERED: sent, with a receipt. FAILED:
    permanently. NEEDS_REVIEW: it may have been sent; a person must check. SUPERSEDED: a newer one was sent instead.
    """

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    NEEDS_REVIEW = "needs_review"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of delivery: the other side's id and address of the message, and when each part was checked.

    ``checked_at`` maps what was checked to when: for the site *written*, then ``page.LANG`` and ``feed.LANG`` once read
    back over HTTP; for a post *posted*. ``note_key`` is the key of a label that a person should read (already_there,
    posted_by_other_notice, no_link, standalone, on_disk). *no_link* is stored before such an attempt, for the next one.
    ``extra`` is what else is needed to find the message again (Bluesky: its *cid*).
    """

    remote_id: str = ""
    url: str = ""
    checked_at: Mapping[str, datetime] = field(default_factory=dict)
    note_key: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A row of a queue; ``id`` is 0 before it is stored.

    ``reason`` is a label's key (``receipt.reason.KEY``); ``detail`` is the other side's own message, without secrets.
    ``attempts`` counts claims, including the current one. ``maybe_sent``: an attempt ended without a known result.
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
    """How an attempt ended. ``retry_at`` is the time of the next one, if any. ``receipt`` None: the row keeps its own.
    ``maybe_sent``: it is unknown whether it was sent. ``health`` is the channel's new health, None if the attempt says
    nothing about it."""

    status: DeliveryStatus
    reason: str = ""
    detail: str = ""
    retry_at: datetime | None = None
    receipt: Receipt | None = None
    maybe_sent: bool = False
    health: ChannelHealth | None = None


class OutgoingMessage(Protocol):
    """What a channel sends: identical in every attempt, and different from every other message.

    ``thread_key`` is shared by messages that form a thread on the other side, ``sequence`` is the number of this one
    within it. ``payload`` is frozen when queued, so that a retry is byte-identical.
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
