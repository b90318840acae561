"""The state of a service day by day, and its uptime."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from statuspage.domain.facts import WORST_FIRST, State
from statuspage.domain.services.outages import StatePeriod

DAYS = 90
"""How many days the history covers, including today."""

WEIGHT: Mapping[State, float] = MappingProxyType({State.MAJOR: 1.0, State.PARTIAL: 0.3})
"""How much of the time in this state counts as downtime, the heaviest first. *Degraded* counts nothing; planned
maintenance is left out."""

_MEASURED = frozenset({*WEIGHT, State.MAINTENANCE})
_RANK = {state: rank for rank, state in enumerate(WORST_FIRST)}


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


class Stretch(NamedTuple):
    """A time in which nothing changes, with each state claimed for it."""

    start: datetime
    end: datetime
    states: tuple[State, ...]


@lru_cache(maxsize=1024)
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
    measured = [period for period in periods if period.state in _MEASURED]
    for stretch in constant_stretches(measured, start, end):
        if State.MAINTENANCE in stretch.states:
            continue
        seconds = (stretch.end - stretch.start).total_seconds()
        total += seconds
        for state, weight in WEIGHT.items():
            if state in stretch.states:
                lost += seconds * weight
                break
    return 1 - lost / total if total else None


def constant_stretches(periods: Sequence[StatePeriod], start: datetime, end: datetime) -> Iterator[Stretch]:
    """The time between these moments, cut where anything changes."""
    changes: list[tuple[datetime, int, State]] = []
    for period in periods:
        begin, until = max(period.start, start), min(period.end or end, end)
        if begin < until:
            changes += ((begin, 1, period.state), (until, -1, period.state))
    changes.sort(key=itemgetter(0))
    claims: dict[State, int] = {}
    since = start
    for at, step, state in changes:
        if at > since:
            yield Stretch(since, at, tuple(claims))
            since = at
        claims[state] = claims.get(state, 0) + step
        if not claims[state]:
            del claims[state]
    if since < end:
        yield Stretch(since, end, tuple(claims))


def _worst_by_day(periods: Sequence[StatePeriod], edges: Sequence[datetime], now: datetime) -> list[State]:
    """The worst state on each of the days between these edges."""
    ranks = [_RANK[State.OPERATIONAL]] * (len(edges) - 1)
    for period in periods:
        rank = _RANK[period.state]
        day = max(bisect_right(edges, period.start) - 1, 0)
        end = now if period.end is None or period.end > now else period.end
        while day < len(ranks) and edges[day] < end:
            if rank < ranks[day]:
                ranks[day] = rank
            day += 1
    return [WORST_FIRST[rank] for rank in ranks]
