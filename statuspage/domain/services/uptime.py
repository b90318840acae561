"""The state of a service day by day, and its uptime."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from statuspage.domain.facts import State, worst
from statuspage.domain.services.outages import StatePeriod

DAYS = 90
"""How many days the history covers, including today."""

WEIGHT: Mapping[State, float] = MappingProxyType({State.MAJOR: 1.0, State.PARTIAL: 0.3})
"""How much of the time in this state counts as downtime. *Degraded* counts nothing; planned maintenance is left out."""


@dataclass(frozen=True, slots=True)
class UptimeRecord:
    """The days of one service, oldest first, and its uptime in them, 0 to 1.

    A day is the worst state on it; None before the records begin. ``uptime`` is None if there is no time to measure.
    """

    first_day: date
    days: tuple[State | None, ...]
    uptime: float | None

    @property
    def counted_days(self) -> int:
        """The number of days that count towards the uptime."""
        return sum(state is not None for state in self.days)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which nothing changes, with all states claimed for it."""

    start: datetime
    end: datetime
    states: tuple[State, ...]


def midnight(day: date, zone: str) -> datetime:
    """The moment a day begins in the zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def recent_days(now: datetime, zone: str, days: int = DAYS) -> tuple[date, ...]:
    """Today and the days before it, oldest first."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return tuple(today - timedelta(days=n) for n in reversed(range(days)))


def uptime_record(
    periods: Sequence[StatePeriod],
    *,
    now: datetime,
    zone: str,
    first_day: date | None = None,
    last_day: date | None = None,
    days: int = DAYS,
) -> UptimeRecord:
    """The record of one service up to ``now``. ``first_day`` is the first day on record, ``last_day`` the last."""
    dates = recent_days(now, zone, days)
    edges = [midnight(day, zone) for day in (*dates, dates[-1] + timedelta(days=1))]
    relevant = [
        period
        for period in periods
        if period.start < now and (period.end is None or period.end > max(edges[0], period.start))
    ]
    days_worst = _worst_by_day(relevant, edges, now)
    outside = {day for day in dates if (first_day and day < first_day) or (last_day and day > last_day)}
    states = tuple(None if day in outside else state for day, state in zip(dates, days_worst, strict=True))
    begin = max(edges[0], midnight(first_day, zone)) if first_day else edges[0]
    end = min(now, midnight(last_day + timedelta(days=1), zone)) if last_day else now
    return UptimeRecord(dates[0], states, uptime_share(relevant, begin, end) if begin < end else None)


def uptime_share(periods: Sequence[StatePeriod], start: datetime, end: datetime) -> float | None:
    """The uptime of this period, 0 to 1; None if nothing but maintenance is left."""
    total = lost = 0.0
    for stretch in constant_stretches(periods, start, end):
        states, seconds = stretch.states, (stretch.end - stretch.start).total_seconds()
        if State.MAINTENANCE in states:
            continue
        total += seconds
        lost += seconds * max((WEIGHT.get(state, 0.0) for state in states), default=0.0)
    return 1 - lost / total if total else None


def constant_stretches(periods: Sequence[StatePeriod], start: datetime, end: datetime) -> Iterator[Stretch]:
    """The time between these moments, cut where anything changes."""
    clipped = [(max(period.start, start), min(period.end or end, end), period.state) for period in periods]
    clipped = [piece for piece in clipped if piece[0] < piece[1]]
    edges = sorted(
        {start, end, *(piece_start for piece_start, _, _ in clipped), *(piece_end for _, piece_end, _ in clipped)}
    )
    active: list[tuple[datetime, State]] = []
    upcoming = sorted(clipped, key=lambda piece: piece[0], reverse=True)
    for edge, next_edge in pairwise(edges):
        if next_edge <= start or edge >= end:
            continue
        while upcoming and upcoming[-1][0] <= edge:
            _, active_until, state = upcoming.pop()
            active.append((active_until, state))
        active = [piece for piece in active if piece[0] > edge]
        yield Stretch(edge, next_edge, tuple(state for _, state in active))


def _worst_by_day(periods: Sequence[StatePeriod], edges: Sequence[datetime], now: datetime) -> list[State]:
    """The worst state on each of the days between these edges."""
    states = [State.OPERATIONAL] * (len(edges) - 1)
    for period in periods:
        first_day = max(bisect_right(edges, period.start) - 1, 0)
        last_day = min(bisect_left(edges, min(period.end or now, now)), len(states))
        for day in range(first_day, last_day):
            states[day] = worst((states[day], period.state))
    return states
