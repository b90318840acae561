"""The bulk send of one notice to its subscribers: its progress, and the result for each recipient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from statuspage.domain.queue_item import DeliveryStatus, Outcome, QueueItem
from statuspage.domain.subscription import Subscriber, SubscriberType

BATCH = 10
"""Recipients in progress at a time on each connection. If the program is killed, up to this many may get a message
twice."""


class RecipientStatus(StrEnum):
    """How an attempt at one recipient ended.

    DELIVERED: accepted by the other side. DEFERRED: will be retried. NOT_TRIED: not attempted. REFUSED: permanently,
    because of the content. BOUNCED: permanently, because of the address, which gets no more messages. GAVE_UP: deferred
    for too long. NEEDS_REVIEW: it may have been sent; a person must decide.
    """

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    NOT_TRIED = "not_tried"
    REFUSED = "refused"
    BOUNCED = "bounced"
    GAVE_UP = "gave_up"
    NEEDS_REVIEW = "needs_review"


@dataclass(frozen=True, slots=True)
class Recipient(QueueItem):
    """One subscriber in progress. There is a row only for recipients who were deferred or whose delivery is
    uncertain."""

    bulk_send: int
    subscriber: Subscriber

    @property
    def has_row(self) -> bool:
        """Whether an earlier attempt was deferred or uncertain."""
        return self.id != 0


@dataclass(frozen=True, slots=True)
class RecipientOutcome:
    """How an attempt at one recipient ended. ``retry_at`` is the time of the next attempt."""

    recipient: Recipient
    status: RecipientStatus
    retry_at: datetime | None = None
    maybe_sent: bool = False
    reason: str = ""
    detail: str = ""

    @property
    def unfinished(self) -> Outcome | None:
        """What to store in the recipient's row; None if the recipient is finished and needs no row."""
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
    """The progress of one delivery through its recipients.

    The recipients are all subscribers up to the number ``last_subscriber``. They are taken by number, from
    ``start_after`` to the end, then from the beginning up to ``start_after``. ``position`` is the last number taken,
    ``has_wrapped`` whether the second part has begun, ``is_complete`` whether everybody had a turn. ``in_progress`` are
    the numbers of first-time recipients being sent to right now.

    ``total`` is the number of subscribers to go through, ``processed`` how many were, whether they wanted this notice
    or not; the other counts say how they ended. ``maybe_duplicated`` counts delivered messages that may have arrived
    twice. ``is_superseded``: a newer notice of the same incident goes to the remaining recipients instead.
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
        """How much of the list has been processed, in per cent."""
        return 100 if self.is_complete or not self.total else min(99, self.processed * 100 // self.total)


@dataclass(frozen=True, slots=True)
class RemainingRecipients:
    """Unfinished recipients of a bulk send: deferred, with the earliest ``retry_at``, and in need of review."""

    deferred: int = 0
    retry_at: datetime | None = None
    needs_review: int = 0
