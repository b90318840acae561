"""The figures of a month, a service or a year: how many incidents, how long, how soon customers were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median

from statuspage.domain.facts import State, worst
from statuspage.domain.services.outages import StatePeriod
from statuspage.domain.services.uptime import constant_stretches

FIGURED_STATES = (State.MAJOR, State.PARTIAL, State.DEGRADED, State.MAINTENANCE)
"""The states whose minutes are counted, the worst first. *Checking* is none: the service works again."""

MINUTE = timedelta(minutes=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class PublishedIncident:
    """One incident of which customers were told, as it counts.

    ``services`` are those that were affected. ``time_to_notice`` is None if it is not known; ``is_clocked_by_form``: a
    form started its clock, so that it lacks the time until somebody noticed. ``contributing_causes`` are those of its
    retrospective. ``is_withdrawn``: customers were told that there was no incident.
    """

    id: str
    opened_at: datetime
    services: tuple[str, ...] = ()
    time_to_notice: timedelta | None = None
    is_clocked_by_form: bool = False
    promises_made: int = 0
    promises_kept: int = 0
    corrections: int = 0
    cause: str = ""
    contributing_causes: tuple[str, ...] = ()
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class ReportTimes:
    """Times to the first report that can be compared with each other."""

    times: tuple[timedelta, ...] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.times)

    @property
    def median(self) -> timedelta | None:
        """The median in whole seconds; None if there are no times."""
        return timedelta(seconds=round(median(took.total_seconds() for took in self.times))) if self.times else None

    @property
    def worst(self) -> timedelta | None:
        """The longest; None if there are no times."""
        return max(self.times, default=None)


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted in a month, or in several. Withdrawn incidents count only as ``withdrawn``.

    ``minutes`` has whole minutes by state. ``alerted`` are the times to the first report from an alert on,
    ``clocked_by_form`` those without one. ``causes`` and ``contributing_causes`` count incidents by id.
    """

    incidents: int = 0
    withdrawn: int = 0
    minutes: Mapping[State, int] = field(default_factory=dict)
    alerted: ReportTimes = ReportTimes()
    clocked_by_form: ReportTimes = ReportTimes()
    promises_made: int = 0
    promises_kept: int = 0
    corrections: int = 0
    causes: Mapping[str, int] = field(default_factory=dict)
    contributing_causes: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened."""
        return not (self.incidents or self.withdrawn or any(self.minutes.values()))

    @property
    def promises_kept_percent(self) -> int | None:
        """The share of promises kept, rounded down so that 100 means all; None if none was made."""
        return 100 * self.promises_kept // self.promises_made if self.promises_made else None


def count_figures(
    incidents: Iterable[PublishedIncident], periods: Sequence[StatePeriod], start: datetime, end: datetime
) -> Figures:
    """The figures from ``start`` to before ``end``: incidents by when they were opened, minutes by when they passed."""
    opened = [incident for incident in incidents if start <= incident.opened_at < end]
    valid = [incident for incident in opened if not incident.is_withdrawn]
    return Figures(
        incidents=len(valid),
        withdrawn=len(opened) - len(valid),
        minutes={state: _whole_minutes(length) for state, length in time_by_state(periods, start, end).items()},
        alerted=_known_times(incident for incident in valid if not incident.is_clocked_by_form),
        clocked_by_form=_known_times(incident for incident in valid if incident.is_clocked_by_form),
        promises_made=sum(incident.promises_made for incident in valid),
        promises_kept=sum(incident.promises_kept for incident in valid),
        corrections=sum(incident.corrections for incident in valid),
        causes=Counter(incident.cause for incident in valid if incident.cause),
        contributing_causes=Counter(cause for incident in valid for cause in incident.contributing_causes),
    )


def sum_figures(months: Sequence[Figures]) -> Figures:
    """The figures of several months together. Their minutes are the sum of what each month shows."""
    return Figures(
        incidents=sum(month.incidents for month in months),
        withdrawn=sum(month.withdrawn for month in months),
        minutes={state: sum(month.minutes.get(state, 0) for month in months) for state in FIGURED_STATES},
        alerted=ReportTimes(tuple(took for month in months for took in month.alerted.times)),
        clocked_by_form=ReportTimes(tuple(took for month in months for took in month.clocked_by_form.times)),
        promises_made=sum(month.promises_made for month in months),
        promises_kept=sum(month.promises_kept for month in months),
        corrections=sum(month.corrections for month in months),
        causes=_sum_counts(month.causes for month in months),
        contributing_causes=_sum_counts(month.contributing_causes for month in months),
    )


def time_by_state(periods: Sequence[StatePeriod], start: datetime, end: datetime) -> Mapping[State, timedelta]:
    """How long any of these services was in each state, each moment counted once, in the worst state of any.

    As in the uptime, planned work on a service hides its other states at that time, not those of other services.
    """
    totals = dict.fromkeys(FIGURED_STATES, timedelta())
    if start >= end:
        return totals
    within = [period for period in periods if period.start < end and (period.end is None or period.end > start)]
    spans: dict[State, list[Span]] = {state: [] for state in FIGURED_STATES}
    for period in _hidden_by_maintenance(within, start, end):
        if period.state in spans:
            spans[period.state].append((max(period.start, start), min(period.end or end, end)))
    covered, before = list[Span](), timedelta()
    for state in FIGURED_STATES:  # From the worst on: what a worse state covers already counts for that one.
        if spans[state]:
            covered += spans[state]
            length = _covered_length(covered)
            totals[state], before = length - before, length
    return totals


def months_from(first: date, last: date) -> tuple[date, ...]:
    """The first days of the months from that of ``first`` to that of ``last``."""
    count = 12 * (last.year - first.year) + last.month - first.month + 1
    return tuple(_month(first.year, first.month + number) for number in range(count))


def next_month(month: date) -> date:
    """The first day of the month after this one."""
    return _month(month.year, month.month + 1)


def _month(year: int, month: int) -> date:
    """The first day of a month; ``month`` may be beyond the year on either side."""
    years, rest = divmod(month - 1, 12)
    return date(year + years, rest + 1, 1)


def _hidden_by_maintenance(periods: Sequence[StatePeriod], start: datetime, end: datetime) -> Iterable[StatePeriod]:
    """The periods without the times of a service at which planned work on it hides its other states."""
    maintained = {period.service for period in periods if period.state is State.MAINTENANCE}
    if not maintained:
        return periods
    others = [period for period in periods if period.service not in maintained]
    return [*others, *(piece for service in sorted(maintained) for piece in _states_of(service, periods, start, end))]


def _states_of(service: str, periods: Iterable[StatePeriod], start: datetime, end: datetime) -> Iterator[StatePeriod]:
    own = [period for period in periods if period.service == service]
    for stretch in constant_stretches(own, start, end):
        if stretch.states:
            state = State.MAINTENANCE if State.MAINTENANCE in stretch.states else worst(stretch.states)
            yield StatePeriod(service, state, stretch.start, stretch.end)


def _covered_length(spans: list[Span]) -> timedelta:
    """How long the union of these spans is. Sorts them."""
    spans.sort()
    total, (begin, until) = timedelta(), spans[0]
    for start, end in spans:
        if start > until:
            total += until - begin
            begin, until = start, end
        elif end > until:
            until = end
    return total + (until - begin)


def _known_times(incidents: Iterable[PublishedIncident]) -> ReportTimes:
    return ReportTimes(tuple(incident.time_to_notice for incident in incidents if incident.time_to_notice is not None))


def _sum_counts(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return total


def _whole_minutes(length: timedelta) -> int:
    """Rounded to the nearest minute, half a minute up."""
    return (length + MINUTE / 2) // MINUTE
