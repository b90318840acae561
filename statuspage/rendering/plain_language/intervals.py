"""Places of a text that are taken, in order, so that asking about one costs the same however many there are."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

Span = tuple[int, int]
"""Start and end; it is not empty."""


class SpanSet:
    """Places from left to right; those that overlap are made one."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans: list[Span] = []
        for start, end in sorted(spans):
            if self._spans and start < self._spans[-1][1]:
                previous = self._spans.pop()
                start, end = previous[0], max(end, previous[1])
            self._spans.append((start, end))

    def overlaps(self, start: int, end: int) -> bool:
        """Whether this place overlaps one that is taken."""
        index = bisect_left(self._spans, (end,)) - 1
        return index >= 0 and self._spans[index][1] > start

    def add(self, start: int, end: int) -> None:
        """Takes this place too, which meets none."""
        insort(self._spans, (start, end))
