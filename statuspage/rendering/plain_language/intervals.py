"""Places of a text that are taken, in order, so that asking about one costs the same however many there are."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

Place = tuple[int, int]
"""Start and end; it is not empty."""


class Taken:
    """Places from left to right; those that overlap are made one."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._places: list[Place] = []
        for start, end in sorted(places):
            if self._places and start < self._places[-1][1]:
                before = self._places.pop()
                start, end = before[0], max(end, before[1])
            self._places.append((start, end))

    def meets(self, start: int, end: int) -> bool:
        """Whether this place overlaps one that is taken."""
        before = bisect_left(self._places, (end,)) - 1
        return before >= 0 and self._places[before][1] > start

    def add(self, start: int, end: int) -> None:
        """Takes this place too, which meets none."""
        insort(self._places, (start, end))
