"""Tells many of one notice: batch after batch over several connections, at the pace that the other side allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest
from threading import Event, Lock
from time import monotonic

from statuspage.domain import (
    BATCH,
    BulkSend,
    Delivery,
    Recipient,
    RecipientOutcome,
    RecipientStatus,
    RemainingRecipients,
    Subscriber,
    Thread,
    retry,
    service_renames,
    wants,
)
from statuspage.integrations.channels import (
    BulkChannel,
    CredentialsInvalid,
    DeliveryUnknown,
    PutOff,
    Reach,
    RecipientGone,
    RecipientSender,
    Refused,
    Unreachable,
    Unsent,
    email,
)
from statuspage.storage import bulk_sends, delivery_lookups, incidents, subscribers
from statuspage.storage.engine import Database
from statuspage.usecases.delivery.bulk_progress import BulkProgress
from statuspage.usecases.environment import Environment

SLICE = 30.0
"""Seconds after which another notice on the same channel may have its turn."""

LOOK = 1.0
"""Seconds between two looks whether something else goes first."""


@dataclass(frozen=True, slots=True)
class BulkSendResult:
    """How a mailing stands after a turn; ``trouble`` is what stopped it, where something did."""

    mailing: BulkSend
    left: RemainingRecipients
    overtaken: bool = False
    trouble: Unsent | None = None

    @property
    def over(self) -> bool:
        """Whether nobody is left to be told."""
        return self.overtaken or (self.mailing.through and not self.left.later)


def note_of(stood: BulkSendResult) -> str:
    """What the receipt has to say (``receipt.note.KEY``)."""
    told = stood.mailing
    if stood.overtaken:
        return "rest_newer"
    if told.twice:
        return "maybe_twice"
    if told.bounced or told.refused or told.gave_up:
        return "some_not_taken"
    return "" if told.told else "nobody"


def id_of(delivery: Delivery) -> str:
    """By which the letters of later notices name those of this one."""
    return email.id_of(delivery) if delivery.payload.get("from") else email.place(delivery)


@dataclass(slots=True)
class Pace:
    """At most so many a second, spread evenly; 0: any."""

    rate: float
    _next: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def wait(self, count: int, stop: Event) -> None:
        """Until so many more may go, or we are to stop."""
        if not self.rate:
            return
        with self._lock:
            begins = max(self._next, monotonic())
            self._next = begins + count / self.rate
        stop.wait(max(0.0, begins - monotonic()))


def turn(
    world: Environment,
    channel: BulkChannel,
    delivery: Delivery,
    thread: Thread | None,
    *,
    readable: bool,
    clock: Callable[[], datetime],
    chance: Callable[[], float],
    stop: Event,
) -> BulkSendResult:
    """One turn at a delivery to many. Raises mailings.Lost when it is no longer ours, AuthBroken where nobody could
    find the way to their own pages."""
    books = world.subscribers
    if books is None or not world.own_pages:
        raise CredentialsInvalid("no_own_pages")
    with world.store.read() as tx:
        story = incidents.load(tx, delivery.incident)
    told = (
        next((one.notice.notice for one in story.notices if one.sequence == delivery.sequence), None) if story else None
    )
    if story is None or told is None:
        raise bulk_sends.Lost
    with books.begin() as tx:
        reach = Reach(world.own_pages, subscribers.marking(tx, clock()))
        mailing = bulk_sends.take_up(tx, delivery, channel.kind, clock(), again=channel.again)
    asked = partial(
        wants, services=service_renames.ever(story.touched, world.catalog.renamed), planned=story.maintenance
    )
    line = partial(channel.line, delivery, thread, reach, readable=readable)
    return Turn(
        world, books, channel, delivery, mailing, lambda one: asked(one.wish, told), line, clock, chance, stop
    ).take()


@dataclass
class Turn:
    """All that is the same for every recipient while a turn lasts."""

    world: Environment
    books: Database
    channel: BulkChannel
    delivery: Delivery
    mailing: BulkSend
    wants: Callable[[Subscriber], bool]
    line: Callable[[], AbstractContextManager[RecipientSender]]
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    stop: Event

    def __post_init__(self) -> None:
        self._until = monotonic() + SLICE
        self._looked = 0.0
        self._elsewhere = False
        self._failing = 0
        self._last: Unsent | None = None
        owner, connections = self.delivery.owner, self.channel.connections
        self._ledger = BulkProgress(self.books, self.mailing, owner, self.wants, self.clock, connections)
        self._pace = Pace(self.channel.rate)
        self._trouble: list[Unsent] = []
        self._lost = False

    def take(self) -> BulkSendResult:
        """Tells as many as it can. Raises mailings.Lost when the delivery is no longer ours."""
        if not self._is_overtaken():
            self._tell_all()
        if self._lost:
            raise bulk_sends.Lost
        return self._stood()

    def _tell_all(self) -> None:
        count = self.channel.connections
        with ThreadPoolExecutor(count, thread_name_prefix="fan") as pool:
            for ended in [pool.submit(self._tell_some) for _ in range(count)]:
                ended.result()

    def _stood(self) -> BulkSendResult:
        over = self._is_overtaken()
        with self.books.begin() as tx:
            found, left = bulk_sends.current(tx, self.mailing), bulk_sends.left(tx, self.mailing)
            stood = BulkSendResult(found, left, over, self._trouble[0] if self._trouble else None)
            if stood.over:
                bulk_sends.close_bulk_send(tx, found, self.delivery.owner, self.clock(), overtaken=over)
        return stood

    def _tell_some(self) -> None:
        """What one connection does. Where it cannot be had, those in hand are given back."""
        batch: Sequence[Recipient] = ()
        try:
            batch = self._next(())
            while batch:
                with self.line() as hand:
                    held, batch = batch, ()
                    batch = self._over_line(hand, held)
        except Unsent as error:
            self._trouble.append(error)
            self._next(self._back(batch), ends=True)
        except bulk_sends.Lost:
            self._lost = True
        finally:
            self._ledger.leave()

    def _over_line(self, hand: RecipientSender, batch: Sequence[Recipient]) -> Sequence[Recipient]:
        """Tells batch after batch; returns one to go on with over another line, where this one was of some use."""
        used = False
        while batch:
            self._pace.wait(len(batch), self.stop)
            told, trouble = self._told(hand, batch)
            used = used or any(one.fate is RecipientStatus.TOLD for one in told)
            batch = self._next(told, ends=trouble is not None and not used)
            if trouble is not None and used and not isinstance(trouble, CredentialsInvalid):
                return batch  # many a server ends a conversation after so many letters
            if trouble is not None:
                self._next(self._back(batch), ends=True)
                raise trouble
        return ()

    def _told(self, hand: RecipientSender, batch: Sequence[Recipient]) -> tuple[list[RecipientOutcome], Unsent | None]:
        """How each of them fared, and what ended the line, if it did; who was not reached is given back."""
        told: list[RecipientOutcome] = []
        goes_on = not self._stops
        for one, following in zip_longest(batch, batch[1:]):
            if not goes_on:
                break
            goes_on = not self._stops
            try:
                hand(one, following if goes_on else None)
                told.append(RecipientOutcome(one, RecipientStatus.TOLD, unsure=one.unsure))
                self._failing = 0
            except (PutOff, Refused) as error:
                if isinstance(error, CredentialsInvalid):
                    return [*told, *self._back(batch[len(told) :])], error
                told.append(self._alone(one, error))
                self._last = error
                self._failing += 1
            except DeliveryUnknown as error:
                told.append(self._doubted(one, error))
                return [*told, *self._back(batch[len(told) :])], error
            except Unsent as error:
                return [*told, *self._back(batch[len(told) :])], error
        trouble = self._given_up() if self._hopeless else None
        return [*told, *self._back(batch[len(told) :])], trouble

    def _given_up(self) -> Unsent:
        last = self._last
        detail = last.detail if last else ""
        return (
            CredentialsInvalid("none_taken", detail)
            if isinstance(last, Refused)
            else Unreachable("channel_down", detail)
        )

    def _alone(self, one: Recipient, error: Unsent) -> RecipientOutcome:
        """What is about this recipient alone."""
        if isinstance(error, RecipientGone):
            return RecipientOutcome(one, RecipientStatus.BOUNCED, reason=error.reason, detail=error.detail)
        if isinstance(error, Refused):
            return RecipientOutcome(one, RecipientStatus.REFUSED, reason=error.reason, detail=error.detail)
        return self._later(one, error, unsure=one.unsure)

    def _doubted(self, one: Recipient, error: DeliveryUnknown) -> RecipientOutcome:
        if self.channel.again:
            return self._later(one, error, unsure=True)
        return RecipientOutcome(one, RecipientStatus.LOOK, unsure=True, reason=error.reason, detail=error.detail)

    def _later(self, one: Recipient, error: Unsent, *, unsure: bool) -> RecipientOutcome:
        now, attempts = self.clock(), one.attempts + 1
        if now - self.mailing.began > self.channel.horizon and attempts >= retry.LEAST:
            return RecipientOutcome(one, RecipientStatus.GAVE_UP, reason=error.reason, detail=error.detail)
        pause = self.channel.pause(attempts, self.chance())
        if isinstance(error, Unreachable) and error.wait.seconds:
            pause = max(pause, retry.within_reason(timedelta(seconds=error.wait.seconds)) or pause)
        return RecipientOutcome(one, RecipientStatus.LATER, now + pause, unsure, error.reason, error.detail)

    def _back(self, batch: Sequence[Recipient]) -> list[RecipientOutcome]:
        now = self.clock()
        return [RecipientOutcome(one, RecipientStatus.BACK, now, one.unsure) for one in batch]

    def _next(self, told: Sequence[RecipientOutcome], *, ends: bool = False) -> Sequence[Recipient]:
        """Keeps what became of them and takes the next, unless it is time to let go."""
        size = 0 if ends or self._stops else BATCH
        return self._ledger.next(told, size) if told or size else ()

    @property
    def _stops(self) -> bool:
        """Whether nobody else is to be told in this turn."""
        return self._hopeless or self._ends()

    @property
    def _hopeless(self) -> bool:
        return 0 < self.channel.hopeless <= self._failing

    def _ends(self) -> bool:
        """Whether it is time to let go: we are to stop, have had our turn, or something else goes first."""
        if self.stop.is_set() or self._lost or monotonic() > self._until:
            return True
        if monotonic() - self._looked > LOOK:
            self._looked = monotonic()
            with self.world.store.read() as tx:
                other = delivery_lookups.others_due(tx, self.delivery, self.clock())
                self._elsewhere = other or delivery_lookups.overtaken(tx, self.delivery)
        return self._elsewhere

    def _is_overtaken(self) -> bool:
        with self.world.store.read() as tx:
            return delivery_lookups.overtaken(tx, self.delivery)
