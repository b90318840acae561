"""The bulk send of one notice to its subscribers: progress, and what became of each recipient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from statuspage.domain.subscription import Subscriber, SubscriberType

BATCH = 10
"""Recipients in progress at a time. For each connection, this many may get a message twice if the program is killed."""


class RecipientStatus(StrEnum):
    """What became of one recipient. DELIVERED: accepted by the other side. DEFERRED: to be retried. NOT_TRIED: nobody
    has tried. REFUSED: for good, because of the content. BOUNCED: for good, because of the address, which gets no more
    messages. GAVE_UP: deferred for too long. NEEDS_REVIEW: it may have gone out, and a person has to decide what to
    do."""

    DELIVERED = "told"
    DEFERRED = "later"
    NOT_TRIED = "back"
    REFUSED = "refused"
    BOUNCED = "bounced"
    GAVE_UP = "gave_up"
    NEEDS_REVIEW = "look"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One subscriber being sent to. ``attempts`` were made before this one; ``unsure``: one of them may have gone out;
    ``has_row``: a row exists for them, because they were deferred or in doubt before."""

    subscriber: Subscriber
    attempts: int = 0
    unsure: bool = False
    has_row: bool = False


@dataclass(frozen=True, slots=True)
class RecipientOutcome:
    """The outcome of one attempt at one recipient; ``due`` is when it is retried."""

    recipient: Recipient
    status: RecipientStatus
    due: datetime | None = None
    unsure: bool = False
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BulkSend:
    """The bulk send of a delivery: all subscribers with a number up to ``until``, in the order of their numbers, from
    behind ``start`` round to ``start`` again; ``place`` is how far it has got, ``wrapped`` whether it has started
    again at the lowest number, ``through`` whether everybody had their turn. ``hands`` are the numbers of those who
    are being sent to for the first time just now.

    ``listed`` is how many there were to go through, ``passed`` how many had their turn, whether they wanted this
    notice or not; then how many ended how. ``twice``: of those delivered, how many may have been sent to twice.
    ``overtaken``: a newer notice of the same incident goes to the rest instead.
    """

    id: int
    incident: str
    sequence: int
    channel: str
    language: str
    kind: SubscriberType
    began: datetime
    until: int
    start: int = 0
    place: int = 0
    wrapped: bool = False
    through: bool = False
    listed: int = 0
    passed: int = 0
    hands: tuple[int, ...] = ()
    told: int = 0
    twice: int = 0
    bounced: int = 0
    refused: int = 0
    gave_up: int = 0
    ended: datetime | None = None
    overtaken: bool = False

    @property
    def percent_done(self) -> int:
        """Per cent of the list that had their turn."""
        return 100 if self.through or not self.listed else min(99, self.passed * 100 // self.listed)


@dataclass(frozen=True, slots=True)
class RemainingRecipients:
    """Recipients of a bulk send who had a turn and are not finished: deferred, the first until ``due``, or in doubt."""

    deferred: int = 0
    due: datetime | None = None
    needs_review: int = 0
