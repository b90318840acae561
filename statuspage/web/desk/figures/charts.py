"""The three drawings above the figures: time to the first report, minutes by state, updates on time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from statuspage.domain import Figures, State, Targets
from statuspage.usecases.figures import FigureTable
from statuspage.web.desk.translations import Translator

WIDTH, TOP, BASE = 320, 22, 112
"""Units of the drawings: their width, the highest value, and zero."""

LEAST_HEIGHT = 2
"""The least height of a bar that is not zero."""

STATE_STYLES = {State.MAJOR: "state-major", State.PARTIAL: "state-partial", State.DEGRADED: "state-degraded"}
"""The states of the second drawing, from below, with their classes."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. ``style`` is its class."""

    x: int
    y: int
    width: int
    height: int
    style: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A short line at a value, or the name of a month; both centred at ``x``."""

    x: int
    y: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing. ``target_y`` is None without a target; ``text`` says it in words, ``top`` names the highest
    value."""

    id: str
    title: str
    text: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    months: tuple[Tick, ...]
    top: str
    target_y: int | None = None
    target: str = ""
    legend: tuple[tuple[str, str], ...] = ()


def figure_charts(
    table: FigureTable, service: str, goal: timedelta, targets: Targets, translator: Translator
) -> list[Chart]:
    """The drawings of these months for one service, or for all."""
    months = [(month, table.month(month, service)) for month in table.months]
    if not months:
        return []
    return [
        _report_chart(months, goal, translator),
        _minutes_chart(months, targets.major_minutes, translator),
        _promises_chart(months, targets.promises_percent, translator),
    ]


Months = Sequence[tuple[date, Figures]]


def _report_chart(months: Months, goal: timedelta, translator: Translator) -> Chart:
    times = [(figures.alerted.median, figures.alerted.worst) for _, figures in months]
    highest = max([goal, *(worst for _, worst in times if worst is not None)])
    scale, place = _scale(highest.total_seconds()), _Slots(len(months))
    bars = [
        Bar(place.left(n), scale(median.total_seconds()), place.width, BASE - scale(median.total_seconds()), "median")
        for n, (median, _) in enumerate(times)
        if median is not None
    ]
    ticks = [
        Tick(place.middle(n), scale(worst.total_seconds())) for n, (_, worst) in enumerate(times) if worst is not None
    ]
    return Chart(
        id="reports",
        title=translator.t("figures.first_report"),
        text=_in_words(
            months, [translator.stopwatch(median) if median is not None else "" for median, _ in times], translator
        ),
        bars=tuple(bars),
        ticks=tuple(ticks),
        months=_month_ticks(months, place, translator),
        top=translator.stopwatch(highest),
        target_y=scale(goal.total_seconds()),
        target=translator.t("figures.target", value=translator.stopwatch(goal)),
        legend=(("median", translator.t("figures.median")), ("tick", translator.t("figures.worst"))),
    )


def _minutes_chart(months: Months, target: int | None, translator: Translator) -> Chart:
    sums = [sum(figures.minutes[state] for state in STATE_STYLES) for _, figures in months]
    highest = max([*sums, target or 0, 1])
    scale, place = _scale(highest), _Slots(len(months))
    bars = []
    for number, (_, figures) in enumerate(months):
        below = 0
        for state in STATE_STYLES:
            minutes = figures.minutes[state]
            if minutes:
                y = scale(below + minutes)
                height = max(scale(below) - y, LEAST_HEIGHT)
                bars.append(Bar(place.left(number), y, place.width, height, STATE_STYLES[state]))
            below += minutes
    return Chart(
        id="minutes",
        title=translator.t("figures.minutes"),
        text=_in_words(months, [str(minutes) for minutes in sums], translator),
        bars=tuple(bars),
        ticks=(),
        months=_month_ticks(months, place, translator),
        top=translator.t("figures.count_minutes", minutes=highest),
        target_y=None if target is None else scale(target),
        target="" if target is None else translator.t("figures.target_major", minutes=target),
        legend=tuple((STATE_STYLES[state], translator.t(f"state.{state}")) for state in STATE_STYLES),
    )


def _promises_chart(months: Months, target: int | None, translator: Translator) -> Chart:
    shares = [figures.promises_kept_percent for _, figures in months]
    scale, place = _scale(100), _Slots(len(months))
    bars = [
        Bar(
            place.left(n),
            min(scale(share), BASE - LEAST_HEIGHT),
            place.width,
            max(BASE - scale(share), LEAST_HEIGHT),
            "share",
        )
        for n, share in enumerate(shares)
        if share is not None
    ]
    return Chart(
        id="promises",
        title=translator.t("figures.promises"),
        text=_in_words(months, ["" if share is None else f"{share} %" for share in shares], translator),
        bars=tuple(bars),
        ticks=(),
        months=_month_ticks(months, place, translator),
        top="100 %",
        target_y=None if target is None else scale(target),
        target="" if target is None else translator.t("figures.target", value=f"{target} %"),
    )


def _scale(highest: float) -> Callable[[float], int]:
    """From a value to its height in the drawing."""
    return lambda value: BASE - round((BASE - TOP) * value / highest)


class _Slots:
    """Where the months stand beside each other."""

    def __init__(self, count: int) -> None:
        self._step = WIDTH / count
        self.width = min(round(self._step * 0.6), 40)

    def middle(self, number: int) -> int:
        return round(self._step * (number + 0.5))

    def left(self, number: int) -> int:
        return self.middle(number) - self.width // 2


def _month_ticks(months: Months, place: _Slots, translator: Translator) -> tuple[Tick, ...]:
    """The numbers of the months; the words are in the table."""
    return tuple(Tick(place.middle(n), BASE + 14, str(month.month)) for n, (month, _) in enumerate(months))


def _in_words(months: Months, values: Sequence[str], translator: Translator) -> str:
    """Each month with its value; those without one are left out."""
    return translator.format_list(
        f"{translator.times.format_month(month.year, month.month)} {value}"
        for (month, _), value in zip(months, values, strict=True)
        if value
    )
