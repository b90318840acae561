"""The bulk send of one notice to its subscribers: progress, and what became of each recipient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from statuspage.domain.queue_item import DeliveryStatus, Outcome, QueueItem
from statuspage.domain.subscription import Subscriber, SubscriberType

BATCH = 10
"""Recipients in progress at a time. For each connection, this many may get a message twice if the program is killed."""


class RecipientStatus(StrEnum):
    """How an attempt at one recipient ended. DELIVERED: accepted by the other side. DEFERRED: to be retried. NOT_TRIED:
    nobody has tried. REFUSED: for good, because of the content. BOUNCED: for good, because of the address, which gets
    no more messages. GAVE_UP: deferred for too long. NEEDS_REVIEW: it may have gone out, and a person has to decide
    what to do."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    NOT_TRIED = "not_tried"
    REFUSED = "refused"
    BOUNCED = "bounced"
    GAVE_UP = "gave_up"
    NEEDS_REVIEW = "needs_review"


@dataclass(frozen=True, slots=True)
class Recipient(QueueItem):
    """One subscriber in progress. Who is sent to for the first time has no row yet; those who were deferred or are in
    doubt have one."""

    bulk_send: int
    subscriber: Subscriber

    @property
    def has_row(self) -> bool:
        """Whether they were deferred or in doubt before."""
        return self.id != 0


@dataclass(frozen=True, slots=True)
class RecipientOutcome:
    """How an attempt at one recipient ended; ``retry_at`` is when it is tried again."""

    recipient: Recipient
    status: RecipientStatus
    retry_at: datetime | None = None
    maybe_sent: bool = False
    reason: str = ""
    detail: str = ""

    @property
    def unfinished(self) -> Outcome | None:
        """What their row says afterwards; None where they are finished, and need none."""
        match self.status:
            case RecipientStatus.DEFERRED | RecipientStatus.NOT_TRIED:
                status = DeliveryStatus.WAITING
            case RecipientStatus.NEEDS_REVIEW:
                status = DeliveryStatus.NEEDS_REVIEW
            case _:
                return None
        return Outcome(status, self.reason, self.detail, self.retry_at, maybe_sent=self.maybe_sent)


@dataclass(frozen=True, slots=True)
class BulkSend:
    """A delivery's way to its recipients: all who asked to be told, up to the number ``last_subscriber``, in the order
    of their numbers, from behind ``start_after`` round to ``start_after`` again; ``position`` is how far that has got,
    ``has_wrapped`` whether it has begun again at the bottom, ``is_complete`` whether everybody had their turn.
    ``in_progress`` are the numbers of those of them whom somebody is telling for the first time just now.

    ``total`` is how many there were to go through, ``processed`` how many that has been, whether they wanted this
    notice or not; then how many ended how. ``maybe_duplicated``: of those told, how many may have been told twice.
    ``is_superseded``: a newer notice of the same incident goes to the rest instead.
    """

    id: int
    incident: str
    sequence: int
    channel: str
    language: str
    kind: SubscriberType
    started_at: datetime
    last_subscriber: int
    start_after: int = 0
    position: int = 0
    has_wrapped: bool = False
    is_complete: bool = False
    total: int = 0
    processed: int = 0
    in_progress: tuple[int, ...] = ()
    delivered: int = 0
    maybe_duplicated: int = 0
    bounced: int = 0
    refused: int = 0
    gave_up: int = 0
    ended_at: datetime | None = None
    is_superseded: bool = False

    @property
    def percent_done(self) -> int:
        """Per cent of the list that had their turn."""
        return 100 if self.is_complete or not self.total else min(99, self.processed * 100 // self.total)


@dataclass(frozen=True, slots=True)
class RemainingRecipients:
    """Who of a mailing has had a turn and is not done with: put off, the first until ``retry_at``; in doubt."""

    deferred: int = 0
    retry_at: datetime | None = None
    needs_review: int = 0
