"""One notice on its way to many who asked to be told: how far it has got, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from statuspage.domain.subscription import Subscriber, SubscriberType

BATCH = 10
"""Recipients in one hand at a time: so many, for each connection, may be told twice when a program is killed."""


class RecipientStatus(StrEnum):
    """What became of one recipient. TOLD: taken by the other side. LATER: to be tried again. BACK: nobody has tried.
    REFUSED: for good, because of what was sent. BOUNCED: for good, because of the address, which is not written to any
    more. GAVE_UP: put off for too long. LOOK: it may have gone out, and a person has to say what is to be done."""

    DELIVERED = "told"
    DEFERRED = "later"
    NOT_TRIED = "back"
    REFUSED = "refused"
    BOUNCED = "bounced"
    GAVE_UP = "gave_up"
    NEEDS_REVIEW = "look"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One subscriber in hand. ``attempts`` made before this one; ``unsure``: one of them may have gone out; ``kept``:
    there is a row for them, since they were put off or in doubt before."""

    subscriber: Subscriber
    attempts: int = 0
    unsure: bool = False
    has_row: bool = False


@dataclass(frozen=True, slots=True)
class RecipientOutcome:
    """How an attempt at one recipient ended; ``due`` is when it is tried again."""

    recipient: Recipient
    status: RecipientStatus
    due: datetime | None = None
    unsure: bool = False
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BulkSend:
    """A delivery's way to its recipients: all who asked to be told, up to the number ``until``, in the order of their
    numbers, from behind ``start`` round to ``start`` again; ``place`` is how far that has got, ``wrapped`` whether it
    has begun again at the bottom, ``through`` whether everybody had their turn. ``hands`` are the numbers of those of
    them whom somebody is telling for the first time just now.

    ``listed`` is how many there were to go through, ``passed`` how many that has been, whether they wanted this notice
    or not; then how many ended how. ``twice``: of those told, how many may have been told twice. ``overtaken``: a newer
    notice of the same incident goes to the rest instead.
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
    """Who of a mailing has had a turn and is not done with: put off, the first until ``due``; in doubt."""

    deferred: int = 0
    due: datetime | None = None
    needs_review: int = 0
