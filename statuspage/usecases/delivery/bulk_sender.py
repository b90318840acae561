"""Sends one notice to many: batch after batch over several connections, at the rate that the other side allows."""

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
    Incident,
    NoticeKind,
    Recipient,
    RecipientOutcome,
    RecipientStatus,
    RemainingRecipients,
    Subscriber,
    Thread,
    is_wanted,
    retry,
    service_renames,
)
from statuspage.integrations.channels import (
    BulkChannel,
    CredentialsInvalid,
    DeliveryUnknown,
    RecipientDeferred,
    RecipientGone,
    RecipientSender,
    Refused,
    SubscriberLinks,
    Unreachable,
    Unsent,
    email,
)
from statuspage.storage import bulk_sends, delivery_lookups, incidents, subscribers
from statuspage.storage.engine import Database
from statuspage.usecases.delivery.bulk_progress import BulkProgress
from statuspage.usecases.environment import Environment

TURN_SECONDS = 30.0
"""Seconds after which another notice on the same channel may have its turn."""

CHECK_SECONDS = 1.0
"""Seconds between two checks whether something else has priority."""


@dataclass(frozen=True, slots=True)
class BulkSendResult:
    """The state of a bulk send after a turn. ``error`` is what stopped it, if anything."""

    bulk_send: BulkSend
    remaining: RemainingRecipients
    overtaken: bool = False
    error: Unsent | None = None

    @property
    def is_over(self) -> bool:
        """Whether no recipients are left."""
        return self.overtaken or (self.bulk_send.is_complete and not self.remaining.deferred)


def receipt_note(result: BulkSendResult) -> str:
    """The note of the receipt (``receipt.note.KEY``)."""
    bulk_send = result.bulk_send
    if result.overtaken:
        return "superseded_for_rest"
    if bulk_send.maybe_duplicated:
        return "maybe_duplicate"
    if bulk_send.bounced or bulk_send.refused or bulk_send.gave_up:
        return "some_failed"
    return "" if bulk_send.delivered else "nobody"


def thread_id(delivery: Delivery) -> str:
    """The id by which emails of later notices refer to those of this one."""
    return email.message_id(delivery) if delivery.payload.get("from") else email.delivery_slug(delivery)


@dataclass(slots=True)
class RateLimiter:
    """Limits the number per second, spread evenly; 0: no limit."""

    rate: float
    _next_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def wait(self, count: int, stop: Event) -> None:
        """Waits until ``count`` more may be sent, or ``stop`` is set."""
        if not self.rate:
            return
        with self._lock:
            begins_at = max(self._next_at, monotonic())
            self._next_at = begins_at + count / self.rate
        stop.wait(max(0.0, begins_at - monotonic()))


def send_turn(
    env: Environment,
    channel: BulkChannel,
    delivery: Delivery,
    thread: Thread | None,
    *,
    page_readable: bool,
    clock: Callable[[], datetime],
    jitter: Callable[[], float],
    stop: Event,
) -> BulkSendResult:
    """Sends one turn of a delivery to many. Raises OwnershipLost if another worker owns it, CredentialsInvalid if the
    address of the subscriber pages is unknown."""
    subscribers_db = env.databases.subscribers
    if subscribers_db is None or not env.site.signup_url:
        raise CredentialsInvalid("no_signup_pages")
    incident, notice_kind = _load_notice(env.databases.environment, delivery)
    with subscribers_db.begin() as tx:
        subscriber_links = SubscriberLinks(env.site.signup_url, subscribers.signing_key(tx, clock()))
        bulk_send = bulk_sends.claim_bulk_send(
            tx, delivery, channel.subscription_kind, clock(), resend=channel.resends_when_unsure
        )
    wants_kind = partial(
        is_wanted,
        services=service_renames.all_service_ids(incident.ever_affected, env.site.catalog.renamed_services),
        is_maintenance=incident.is_maintenance,
    )
    return BulkSendTurn(
        env,
        subscribers_db,
        channel,
        delivery,
        bulk_send,
        lambda subscriber: wants_kind(subscriber.preferences, notice_kind),
        partial(channel.connect, delivery, thread, subscriber_links, page_readable=page_readable),
        clock,
        jitter,
        stop,
    ).send()


def _load_notice(database: Database, delivery: Delivery) -> tuple[Incident, NoticeKind]:
    """The incident and the kind of the delivered notice. Raises OwnershipLost if it is not stored."""
    with database.read() as tx:
        incident = incidents.load_incident(tx, delivery.incident)
    for recorded in incident.notices if incident else ():
        if incident and recorded.sequence == delivery.sequence:
            return incident, recorded.notice.notice
    raise bulk_sends.OwnershipLost


@dataclass
class BulkSendTurn:
    """What is the same for every recipient during a turn."""

    env: Environment
    subscribers_db: Database
    channel: BulkChannel
    delivery: Delivery
    bulk_send: BulkSend
    wants_notice: Callable[[Subscriber], bool]
    connect: Callable[[], AbstractContextManager[RecipientSender]]
    clock: Callable[[], datetime]
    jitter: Callable[[], float]
    stop: Event

    def __post_init__(self) -> None:
        self._ends_at = monotonic() + TURN_SECONDS
        self._checked_at = 0.0
        self._must_yield = False
        self._failures = 0
        self._last_error: Unsent | None = None
        owner, connections = self.delivery.owner, self.channel.connections
        self._progress = BulkProgress(
            self.subscribers_db, self.bulk_send, owner, self.wants_notice, self.clock, connections
        )
        self._rate_limiter = RateLimiter(self.channel.rate)
        self._errors: list[Unsent] = []
        self._is_lost = False

    def send(self) -> BulkSendResult:
        """Sends to as many as it can. Raises OwnershipLost if another worker owns the delivery."""
        if not self._is_overtaken():
            self._send_all()
        if self._is_lost:
            raise bulk_sends.OwnershipLost
        return self._finish()

    def _send_all(self) -> None:
        count = self.channel.connections
        with ThreadPoolExecutor(count, thread_name_prefix="fan") as pool:
            for future in [pool.submit(self._send_batches) for _ in range(count)]:
                future.result()

    def _finish(self) -> BulkSendResult:
        overtaken = self._is_overtaken()
        with self.subscribers_db.begin() as tx:
            bulk_send = bulk_sends.reload_bulk_send(tx, self.bulk_send)
            remaining = bulk_sends.count_remaining(tx, self.bulk_send)
            result = BulkSendResult(bulk_send, remaining, overtaken, self._errors[0] if self._errors else None)
            if result.is_over:
                bulk_sends.close_bulk_send(tx, bulk_send, self.delivery.owner, self.clock(), is_superseded=overtaken)
        return result

    def _send_batches(self) -> None:
        """The work of one connection. If it cannot be opened, its recipients are given back."""
        batch: Sequence[Recipient] = ()
        try:
            batch = self._take_next(())
            while batch:
                with self.connect() as send:
                    current_batch, batch = batch, ()
                    batch = self._send_over_connection(send, current_batch)
        except Unsent as error:
            self._errors.append(error)
            self._take_next(self._give_back(batch), is_last=True)
        except bulk_sends.OwnershipLost:
            self._is_lost = True
        finally:
            self._progress.disconnect()

    def _send_over_connection(self, send: RecipientSender, batch: Sequence[Recipient]) -> Sequence[Recipient]:
        """Sends batch after batch; returns a batch to continue with over a new connection, if this one made
        progress."""
        was_useful = False
        while batch:
            self._rate_limiter.wait(len(batch), self.stop)
            outcomes, error = self._send_batch(send, batch)
            was_useful = was_useful or any(outcome.status is RecipientStatus.DELIVERED for outcome in outcomes)
            batch = self._take_next(outcomes, is_last=error is not None and not was_useful)
            if error is not None and was_useful and not isinstance(error, CredentialsInvalid):
                return batch  # Many servers close a connection after a number of emails.
            if error is not None:
                self._take_next(self._give_back(batch), is_last=True)
                raise error
        return ()

    def _send_batch(
        self, send: RecipientSender, batch: Sequence[Recipient]
    ) -> tuple[list[RecipientOutcome], Unsent | None]:
        """The outcome of each recipient, and the error that ended the connection, if any. Recipients who were not
        reached are given back."""
        outcomes: list[RecipientOutcome] = []
        goes_on = not self._must_stop
        for recipient, next_recipient in zip_longest(batch, batch[1:]):
            if not goes_on:
                break
            goes_on = not self._must_stop
            try:
                send(recipient, next_recipient if goes_on else None)
                outcomes.append(RecipientOutcome(recipient, RecipientStatus.DELIVERED, maybe_sent=recipient.maybe_sent))
                self._failures = 0
            except (RecipientDeferred, Refused) as error:
                if isinstance(error, CredentialsInvalid):
                    return [*outcomes, *self._give_back(batch[len(outcomes) :])], error
                outcomes.append(self._failed_outcome(recipient, error))
                self._last_error = error
                self._failures += 1
            except DeliveryUnknown as error:
                outcomes.append(self._doubtful_outcome(recipient, error))
                return [*outcomes, *self._give_back(batch[len(outcomes) :])], error
            except Unsent as error:
                return [*outcomes, *self._give_back(batch[len(outcomes) :])], error
        give_up_error = self._give_up_error() if self._has_too_many_failures else None
        return [*outcomes, *self._give_back(batch[len(outcomes) :])], give_up_error

    def _give_up_error(self) -> Unsent:
        last_error = self._last_error
        detail = last_error.detail if last_error else ""
        return (
            CredentialsInvalid("all_refused", detail)
            if isinstance(last_error, Refused)
            else Unreachable("channel_down", detail)
        )

    def _failed_outcome(self, recipient: Recipient, error: Unsent) -> RecipientOutcome:
        """The outcome for an error that concerns only this recipient."""
        if isinstance(error, RecipientGone):
            return RecipientOutcome(recipient, RecipientStatus.BOUNCED, reason=error.reason, detail=error.detail)
        if isinstance(error, Refused):
            return RecipientOutcome(recipient, RecipientStatus.REFUSED, reason=error.reason, detail=error.detail)
        return self._deferred_outcome(recipient, error, unsure=recipient.maybe_sent)

    def _doubtful_outcome(self, recipient: Recipient, error: DeliveryUnknown) -> RecipientOutcome:
        if self.channel.resends_when_unsure:
            return self._deferred_outcome(recipient, error, unsure=True)
        return RecipientOutcome(
            recipient, RecipientStatus.NEEDS_REVIEW, maybe_sent=True, reason=error.reason, detail=error.detail
        )

    def _deferred_outcome(self, recipient: Recipient, error: Unsent, *, unsure: bool) -> RecipientOutcome:
        now, attempts = self.clock(), recipient.attempts
        if now - self.bulk_send.started_at > self.channel.give_up_after and attempts >= retry.LEAST:
            return RecipientOutcome(recipient, RecipientStatus.GAVE_UP, reason=error.reason, detail=error.detail)
        pause = self.channel.retry_delay(attempts, self.jitter())
        if isinstance(error, Unreachable) and error.wait.seconds:
            pause = max(pause, retry.clamp_retry_after(timedelta(seconds=error.wait.seconds)) or pause)
        return RecipientOutcome(recipient, RecipientStatus.DEFERRED, now + pause, unsure, error.reason, error.detail)

    def _give_back(self, batch: Sequence[Recipient]) -> list[RecipientOutcome]:
        now = self.clock()
        return [
            RecipientOutcome(recipient, RecipientStatus.NOT_TRIED, now, recipient.maybe_sent) for recipient in batch
        ]

    def _take_next(self, outcomes: Sequence[RecipientOutcome], *, is_last: bool = False) -> Sequence[Recipient]:
        """Records the outcomes and takes the next recipients, unless the turn is over."""
        size = 0 if is_last or self._must_stop else BATCH
        return self._progress.record_and_take(outcomes, size) if outcomes or size else ()

    @property
    def _must_stop(self) -> bool:
        """Whether nobody else is to be sent to in this turn."""
        return self._has_too_many_failures or self._is_time_up()

    @property
    def _has_too_many_failures(self) -> bool:
        return 0 < self.channel.failure_limit <= self._failures

    def _is_time_up(self) -> bool:
        """Whether the turn is over: we must stop, its time is up, or something else has priority."""
        if self.stop.is_set() or self._is_lost or monotonic() > self._ends_at:
            return True
        if monotonic() - self._checked_at > CHECK_SECONDS:
            self._checked_at = monotonic()
            with self.env.databases.environment.read() as tx:
                is_other_due = delivery_lookups.has_others_due(tx, self.delivery, self.clock())
                self._must_yield = is_other_due or delivery_lookups.is_superseded(tx, self.delivery)
        return self._must_yield

    def _is_overtaken(self) -> bool:
        with self.env.databases.environment.read() as tx:
            return delivery_lookups.is_superseded(tx, self.delivery)
