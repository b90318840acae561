"""How a service did day by day, and for which share of the time it could be used."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from statuspage.domain.facts import State, worst
from statuspage.domain.outages import StatePeriod

DAYS = 90
"""How many days history looks back, today among them."""

WEIGHT: Mapping[State, float] = MappingProxyType({State.MAJOR: 1.0, State.PARTIAL: 0.3})
"""How much of a moment in this state counts as lost. Slow counts nothing; planned maintenance is left out."""


@dataclass(frozen=True, slots=True)
class Record:
    """The days of one service, oldest first, and the share of their time in which it could be used, 0 to 1.

    A day is the worst state on it; None before the records begin. ``share`` is None where there is no time to judge.
    """

    first: date
    days: tuple[State | None, ...]
    share: float | None

    @property
    def counted(self) -> int:
        """How many days the share speaks of."""
        return sum(state is not None for state in self.days)


def midnight(day: date, zone: str) -> datetime:
    """The moment a day begins on the clocks of the zone. UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def window(now: datetime, zone: str, days: int = DAYS) -> tuple[date, ...]:
    """Today and the days before it, oldest first."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return tuple(today - timedelta(days=n) for n in reversed(range(days)))


def record(
    spans: Sequence[StatePeriod],
    *,
    now: datetime,
    zone: str,
    since: date | None = None,
    until: date | None = None,
    days: int = DAYS,
) -> Record:
    """What one service went through up to ``now``. ``since`` is the first day of the records, ``until`` the last."""
    dates = window(now, zone, days)
    edges = [midnight(day, zone) for day in (*dates, dates[-1] + timedelta(days=1))]
    found = [span for span in spans if span.start < now and (span.end is None or span.end > max(edges[0], span.start))]
    days_worst = _worst_by_day(found, edges, now)
    out = {day for day in dates if (since and day < since) or (until and day > until)}
    states = tuple(None if day in out else state for day, state in zip(dates, days_worst, strict=True))
    begin = max(edges[0], midnight(since, zone)) if since else edges[0]
    end = min(now, midnight(until + timedelta(days=1), zone)) if until else now
    return Record(dates[0], states, share(found, begin, end) if begin < end else None)


def share(spans: Sequence[StatePeriod], start: datetime, end: datetime) -> float | None:
    """The share of the time between in which the service could be used; None when nothing but maintenance is left."""
    total = lost = 0.0
    for states, seconds in _pieces(spans, start, end):
        if State.MAINTENANCE in states:
            continue
        total += seconds
        lost += seconds * max((WEIGHT.get(state, 0.0) for state in states), default=0.0)
    return 1 - lost / total if total else None


def _pieces(spans: Sequence[StatePeriod], start: datetime, end: datetime) -> Iterator[tuple[list[State], float]]:
    """Stretches of time in which nothing changes, in seconds, each with all states that are claimed of it."""
    inside = [(max(s.start, start), min(s.end or end, end), s.state) for s in spans]
    inside = [each for each in inside if each[0] < each[1]]
    edges = sorted({start, end, *(a for a, _, _ in inside), *(b for _, b, _ in inside)})
    going: list[tuple[datetime, State]] = []
    waiting = sorted(inside, key=lambda each: each[0], reverse=True)
    for here, there in pairwise(edges):
        if there <= start or here >= end:
            continue
        while waiting and waiting[-1][0] <= here:
            _, until, state = waiting.pop()
            going.append((until, state))
        going = [each for each in going if each[0] > here]
        yield [state for _, state in going], (there - here).total_seconds()


def _worst_by_day(spans: Sequence[StatePeriod], edges: Sequence[datetime], now: datetime) -> list[State]:
    """The worst state that a span gives each of the days between these edges."""
    found = [State.OPERATIONAL] * (len(edges) - 1)
    for span in spans:
        first = max(bisect_right(edges, span.start) - 1, 0)
        last = min(bisect_left(edges, min(span.end or now, now)), len(found))
        for day in range(first, last):
            found[day] = worst((found[day], span.state))
    return found
