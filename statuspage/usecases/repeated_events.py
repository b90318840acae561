"""A lasting fault is logged at its beginning, once a minute with the number of times it happened, and at its end."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

REPEAT_EVERY = timedelta(minutes=1)
"""The time between two lines about one fault that lasts."""

OVER_AFTER = timedelta(minutes=5)
"""A fault that did not happen for this long is over, even if nothing else said so."""

MAX_FAULTS = 1000
"""The maximum number of faults that are followed; of more, every line would be one more flood."""


class RepeatedEvents:
    """Follows faults of one kind by key, so that a thousand of them are not a thousand lines."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: dict[Hashable, tuple[datetime, datetime, int]] = {}

    def count_if_due(self, key: Hashable, now: datetime) -> int | None:
        """How many times it happened since the last line, this time included; None while no line is due."""
        with self._lock:
            logged_at, last_at, count = self._faults.get(key, (None, now, 0))
            is_new = logged_at is None or abs(now - last_at) > OVER_AFTER
            if is_new and key not in self._faults and len(self._faults) >= MAX_FAULTS:
                self._faults = {other: fault for other, fault in self._faults.items() if now - fault[1] <= OVER_AFTER}
                if len(self._faults) >= MAX_FAULTS:
                    return None
            if logged_at is None or is_new or abs(now - logged_at) >= REPEAT_EVERY:
                self._faults[key] = (now, now, 0)
                return count + 1
            self._faults[key] = (logged_at, now, count + 1)
            return None

    def take_ended(self, now: datetime) -> list[tuple[Any, int]]:
        """The faults that are over and happened since their last line, with how many times."""
        with self._lock:
            ended = [key for key, (_, last_at, _) in self._faults.items() if abs(now - last_at) > REPEAT_EVERY]
            taken = [(key, self._faults.pop(key)[2]) for key in ended]
        return [(key, count) for key, count in taken if count]

    def end(self, key: Hashable) -> int | None:
        """The fault is over: how many times it happened since the last line; None if there was none."""
        with self._lock:
            fault = self._faults.pop(key, None)
        return None if fault is None else fault[2]
