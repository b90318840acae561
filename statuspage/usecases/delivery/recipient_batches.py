"""The next recipients of a bulk send: read ahead and handed out in batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic

from statuspage.domain import BulkSend, Subscriber, SubscriberType
from statuspage.storage import subscribers
from statuspage.storage.engine import Connection

PAGE_SIZE = 200
"""The number of subscribers read at a time."""

FRESH_SECONDS = 1.0
"""Seconds after which subscribers that were read ahead are read again, because they may have unsubscribed."""


@dataclass
class UpcomingRecipients:
    """The next recipients of one bulk send, by its progress so far. ``wants_notice`` tells whether a subscriber wants
    the notice."""

    wants_notice: Callable[[Subscriber], bool]
    _queue: deque[Subscriber] = field(default_factory=deque)
    _is_exhausted: bool = False
    _fresh_until: float = 0.0

    def take(self, tx: Connection, bulk_send: BulkSend, size: int) -> tuple[BulkSend, list[Subscriber]]:
        """Up to ``size`` recipients who want the notice, and the bulk send in which they are in progress."""
        batch: list[Subscriber] = []
        if monotonic() > self._fresh_until:
            self.reset()
        while len(batch) < size and not bulk_send.is_complete:
            if not self._queue and not self._is_exhausted:
                self._read_page(tx, bulk_send)
            passed, position = 0, bulk_send.position
            while self._queue and len(batch) < size:
                subscriber = self._queue.popleft()
                passed, position = passed + 1, subscriber.id
                if self.wants_notice(subscriber):
                    batch.append(subscriber)
            bulk_send = replace(bulk_send, processed=bulk_send.processed + passed, position=position)
            if not self._queue and self._is_exhausted:
                bulk_send = self._wrap_around(bulk_send)
        return replace(bulk_send, in_progress=(*bulk_send.in_progress, *(subscriber.id for subscriber in batch))), batch

    def reset(self) -> None:
        """Discards what was read ahead."""
        self._queue.clear()
        self._is_exhausted = False

    def _read_page(self, tx: Connection, bulk_send: BulkSend) -> None:
        last_id = bulk_send.start_after if bulk_send.has_wrapped else bulk_send.last_subscriber
        language = "" if bulk_send.kind is SubscriberType.WEBHOOK else bulk_send.language
        page = subscribers.list_page(
            tx, kind=bulk_send.kind, language=language, after=bulk_send.position, until=last_id, limit=PAGE_SIZE
        )
        self._queue.extend(page)
        self._is_exhausted, self._fresh_until = len(page) < PAGE_SIZE, monotonic() + FRESH_SECONDS

    def _wrap_around(self, bulk_send: BulkSend) -> BulkSend:
        """Starts again at the lowest number, once; after that everybody had a turn."""
        self._is_exhausted = False
        if bulk_send.has_wrapped or not bulk_send.start_after:
            return replace(bulk_send, is_complete=True)
        return replace(bulk_send, position=0, has_wrapped=True)
