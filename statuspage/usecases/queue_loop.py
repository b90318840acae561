"""The loop that works through a queue: claim, attempt, settle. Nothing sent is lost or sent twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from time import sleep
from typing import Generic, TypeVar

from statuspage.domain import DeliveryStatus, Outcome, QueueItem
from statuspage.process_log import Log
from statuspage.storage.engine import DatabaseBroken, DatabaseBusy

PATIENCE, PAUSE = 12, 5.0
"""How often an unsaved outcome is tried again once the program is to stop, and the seconds in between: about a minute
in all. Before that it is tried without limit, because nothing else could be saved either."""

TURN = timedelta(seconds=1)
"""After this long an item whose attempt was interrupted has its next turn."""

Item = TypeVar("Item", bound=QueueItem)

_log = Log(__name__)


class Lost(Exception):
    """The item belongs to another worker now."""


@dataclass(frozen=True, slots=True)
class QueueLoop(Generic[Item]):
    """What the loop does with the items of one queue, named ``queue`` in the log.

    ``claim`` commits the claim before it returns the item. ``attempt`` raises Lost if the item belongs to another
    worker by now; ``handle_unexpected`` returns the outcome of an unexpected error. ``settle`` commits the outcome.
    ``is_stopping``: nothing more is claimed. ``stop`` is set when the whole process is to end: until then saving an
    outcome is tried without limit.
    """

    queue: str
    claim: Callable[[], Item | None]
    attempt: Callable[[Item], Outcome]
    handle_unexpected: Callable[[Item, Exception], Outcome]
    settle: Callable[[Item, Outcome], object]
    clock: Callable[[], datetime]
    is_stopping: Callable[[], bool]
    stop: Event

    def work_through(self) -> None:
        """Works until nothing is due, or it is to stop. Raises the errors of ``claim``."""
        while not self.is_stopping():
            item = self.claim()
            if item is None:
                return
            try:
                outcome = self._attempt(item)
            except Lost:
                continue
            self._record(item, outcome)

    def _attempt(self, item: Item) -> Outcome:
        try:
            return self.attempt(item)
        except Lost:
            raise
        except (DatabaseBusy, DatabaseBroken):
            return self._postpone(item)
        except Exception as error:
            return self.handle_unexpected(item, error)

    def _postpone(self, item: Item) -> Outcome:
        """The outcome if the database did not answer: nothing unknown to it was sent; retried soon."""
        retry_at = self.clock() + TURN
        return Outcome(DeliveryStatus.WAITING, item.reason, item.detail, retry_at, item.receipt, item.maybe_sent)

    def _record(self, item: Item, outcome: Outcome) -> None:
        """Saves the outcome, trying again if the database is busy or its disk full: what was sent must not be lost."""
        tries_left = PATIENCE
        while tries_left:
            try:
                self.settle(item, outcome)
                return
            except DatabaseBusy:
                _log.warning("database busy, retrying", queue=self.queue, id=item.id)
            except DatabaseBroken:  # The database module has logged it.
                sleep(PAUSE)
            except Exception:
                _log.exception("outcome not saved, retrying", queue=self.queue, id=item.id)
                sleep(PAUSE)
            tries_left -= self.stop.is_set()
        _log.error("outcome not saved", queue=self.queue, id=item.id, status=outcome.status)
