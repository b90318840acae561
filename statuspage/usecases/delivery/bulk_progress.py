"""Records recipients' outcomes and hands out the next ones, in one transaction for all connections that ask at the
time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from threading import Condition, Lock

from statuspage.domain import (
    BulkSend,
    Recipient,
    RecipientOutcome,
    RecipientStatus,
    Subscriber,
    SubscriberType,
    SubscriptionEmailKind,
)
from statuspage.storage import bulk_sends, subscribers, subscription_emails
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.delivery.recipient_batches import UpcomingRecipients


@dataclass
class _BatchRequest:
    """The outcomes that one connection reports, and the recipients it gets."""

    outcomes: Sequence[RecipientOutcome]
    size: int
    recipients: Sequence[Recipient] = ()
    is_served: bool = False
    error: Exception | None = None


GATHER_SECONDS = 0.003
"""How many seconds a request waits for others: writing them together takes a third of the time."""


@dataclass
class BulkProgress:
    """The progress of one bulk send while ``owner`` holds it. ``wants_notice`` tells whether a subscriber wants the
    notice, ``connections`` how many connections send."""

    subscribers_db: Database
    bulk_send: BulkSend
    owner: str
    wants_notice: InitVar[Callable[[Subscriber], bool]]
    clock: Callable[[], datetime]
    connections: int = 1
    _requests: list[_BatchRequest] = field(default_factory=list)
    _condition: Condition = field(default_factory=Condition)
    _write_lock: Lock = field(default_factory=Lock)
    _is_current: bool = True

    def __post_init__(self, wants_notice: Callable[[Subscriber], bool]) -> None:
        self._upcoming = UpcomingRecipients(wants_notice)

    def record_and_take(self, outcomes: Sequence[RecipientOutcome], size: int) -> Sequence[Recipient]:
        """Stores these outcomes durably and returns at most ``size`` next recipients. Raises OwnershipLost if another
        worker owns the bulk send, or any error of the database.

        Requests that arrive during a write wait and are served together, so that they share one disk sync.
        """
        request = _BatchRequest(outcomes, size)
        with self._condition:
            self._requests.append(request)
            self._condition.notify_all()
        with self._write_lock:
            if not request.is_served:
                self._serve_requests()
        if request.error is not None:
            raise request.error
        return request.recipients

    def disconnect(self) -> None:
        """Unregisters one connection."""
        with self._condition:
            self.connections -= 1
            self._condition.notify_all()

    def _serve_requests(self) -> None:
        with self._condition:
            self._condition.wait_for(lambda: len(self._requests) >= self.connections, GATHER_SECONDS)
            requests, self._requests = self._requests, []
        try:
            outcomes = [outcome for request in requests for outcome in request.outcomes]
            recipients = list(self._write_outcomes(outcomes, sum(request.size for request in requests)))
        except Exception as error:
            for request in requests:
                request.error = error
            recipients = []
        for request in requests:
            request.recipients, recipients = recipients[: request.size], recipients[request.size :]
            request.is_served = True

    def _write_outcomes(self, outcomes: Sequence[RecipientOutcome], size: int) -> Sequence[Recipient]:
        """Writes the outcomes. Nobody else writes this bulk send's row while we own it, so it is only read again after
        an error."""
        is_current, self._is_current = self._is_current, False
        with self.subscribers_db.begin_without_turn() as tx:
            bulk_sends.lock_ownership(tx, self.bulk_send, self.owner)
            now = self.clock()
            bulk_send = self.bulk_send if is_current else self._reload_bulk_send(tx)
            bulk_send = bulk_sends.save_outcomes(tx, bulk_send, outcomes, now)
            deferred = bulk_sends.due_recipients(tx, bulk_send, self.owner, size, now) if size else ()
            bulk_send, new_subscribers = self._upcoming.take(tx, bulk_send, size - len(deferred))
            bulk_sends.save_progress(tx, bulk_send, self.owner)
            for outcome in sorted(
                outcomes, key=lambda item: item.recipient.subscriber.id
            ):  # Locks must be taken in this order.
                if outcome.status is RecipientStatus.BOUNCED:
                    _end_subscription(tx, outcome, now)
        self.bulk_send, self._is_current = bulk_send, True
        return (*deferred, *(Recipient(0, bulk_send.id, subscriber, attempts=1) for subscriber in new_subscribers))

    def _reload_bulk_send(self, tx: Connection) -> BulkSend:
        self._upcoming.reset()
        return bulk_sends.reload_bulk_send(tx, self.bulk_send)


def _end_subscription(tx: Connection, outcome: RecipientOutcome, now: datetime) -> None:
    """Ends the subscription. Whoever registered a webhook is notified, unless they have unsubscribed meanwhile."""
    subscriber = outcome.recipient.subscriber
    subscribers.suppress_address(tx, subscriber.kind, subscriber.address, "bounced", at=now, detail=outcome.detail)
    if subscriber.kind is SubscriberType.WEBHOOK and subscriber.contact and subscribers.find_by_id(tx, subscriber.id):
        subscription_emails.enqueue_email(
            tx, SubscriptionEmailKind.STOPPED, subscriber.id, subscriber.preferences.language, now
        )
