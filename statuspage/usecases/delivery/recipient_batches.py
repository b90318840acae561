"""Who of a notice's list comes next: read some way ahead, handed out a few at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic

from statuspage.domain import BulkSend, Kind, Subscriber
from statuspage.storage import subscribers
from statuspage.storage.engine import Connection

AT_ONCE = 200
"""Subscribers read at a time."""

FRESH = 1.0
"""Seconds after which those who were read and have not had their turn are read again: they may have left."""


@dataclass
class Ahead:
    """Those who come next of one mailing, as it was handed out so far. ``wants`` says who wants to be told."""

    wants: Callable[[Subscriber], bool]
    _read: deque[Subscriber] = field(default_factory=deque)
    _ends: bool = False
    _until: float = 0.0

    def take(self, tx: Connection, mailing: BulkSend, size: int) -> tuple[BulkSend, list[Subscriber]]:
        """At most so many who want it, and the mailing as it stands when they are in hand."""
        taken: list[Subscriber] = []
        if monotonic() > self._until:
            self.forget()
        while len(taken) < size and not mailing.through:
            if not self._read and not self._ends:
                self._look(tx, mailing)
            passed, place = 0, mailing.place
            while self._read and len(taken) < size:
                one = self._read.popleft()
                passed, place = passed + 1, one.id
                if self.wants(one):
                    taken.append(one)
            mailing = replace(mailing, passed=mailing.passed + passed, place=place)
            if not self._read and self._ends:
                mailing = self._round(mailing)
        return replace(mailing, hands=(*mailing.hands, *(one.id for one in taken))), taken

    def forget(self) -> None:
        """What was read is read again."""
        self._read.clear()
        self._ends = False

    def _look(self, tx: Connection, mailing: BulkSend) -> None:
        end = mailing.start if mailing.wrapped else mailing.until
        language = "" if mailing.kind is Kind.WEBHOOK else mailing.language
        page = subscribers.page(tx, kind=mailing.kind, language=language, after=mailing.place, until=end, limit=AT_ONCE)
        self._read.extend(page)
        self._ends, self._until = len(page) < AT_ONCE, monotonic() + FRESH

    def _round(self, mailing: BulkSend) -> BulkSend:
        """From the top to the bottom, once; then everybody had their turn."""
        self._ends = False
        if mailing.wrapped or not mailing.start:
            return replace(mailing, through=True)
        return replace(mailing, place=0, wrapped=True)
