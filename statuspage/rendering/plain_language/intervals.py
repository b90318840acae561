"""An ordered set of spans in a text. The cost of a lookup hardly depends on their number."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

Span = tuple[int, int]
"""Start and end; never empty."""


class SpanSet:
    """Spans from left to right; overlapping spans are merged."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans: list[Span] = []
        for start, end in sorted(spans):
            if self._spans and start < self._spans[-1][1]:
                previous = self._spans.pop()
                start, end = previous[0], max(end, previous[1])
            self._spans.append((start, end))

    def overlaps(self, start: int, end: int) -> bool:
        """Whether this span overlaps one in the set."""
        index = bisect_left(self._spans, (end,)) - 1
        return index >= 0 and self._spans[index][1] > start

    def add(self, start: int, end: int) -> None:
        """Adds a span that overlaps no other."""
        insort(self._spans, (start, end))
