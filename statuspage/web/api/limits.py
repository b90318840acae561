"""How many requests a token may send: a few at once, and so many a minute."""

from __future__ import annotations

from collections import OrderedDict
from math import ceil
from threading import Lock
from time import monotonic

REQUESTS_PER_MINUTE = 120
"""How many requests a token may send in a minute, and at once."""

MAX_KEYS = 10_000
"""How many tokens or networks are remembered; those that sent nothing for longest are forgotten."""


class RateLimits:
    """Counts requests by key. Each key has a number of requests to spend, which fills up again evenly."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str) -> int:
        """Counts a request; 0 if it is allowed, else after how many whole seconds the next one is."""
        now, rate = monotonic(), self.per_minute / 60
        with self._lock:
            spent, since = self._spent.pop(key, (0.0, now))
            spent = max(0.0, spent - (now - since) * rate)
            is_allowed = spent + 1 <= self.per_minute
            self._spent[key] = (spent + 1 if is_allowed else spent, now)
            if len(self._spent) > MAX_KEYS:
                self._spent.popitem(last=False)
        return 0 if is_allowed else max(1, ceil((spent + 1 - self.per_minute) / rate))
