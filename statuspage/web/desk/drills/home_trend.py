"""The time to the first report in the last drills, as a small line on the home page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from statuspage.usecases.environment import Environment, ResponseFigure
from statuspage.web.desk.drills.pages import drill_figures
from statuspage.web.desk.translations import Translator

WIDTH, HEIGHT, TOP, BOTTOM = 272, 84, 12, 62
"""Units of the drawing: its size, the longest time, and zero."""

POINTS = 5
"""The maximum number of drills in the line, the newest."""


@dataclass(frozen=True, slots=True)
class HomeTrend:
    """The drawing: ``points`` are (x, y), the newest last. ``text`` says it in words."""

    points: tuple[tuple[int, int], ...]
    path: str
    goal_y: int
    goal: str
    first: str
    last: str
    is_goal_met: bool
    span: str
    text: str


def home_trend(env: Environment, translator: Translator) -> HomeTrend | None:
    """The line of the last drills of the scenario that was played last; None before its second one, and where no drills
    are known."""
    figures = _alike(sorted(drill_figures(), key=lambda figure: figure.at))[-POINTS:]
    if len(figures) < 2:
        return None
    goal = env.site.catalog.site.notice_goal
    longest = max(goal, *(figure.took for figure in figures))
    points = tuple((_x(n, len(figures)), _y(figure.took, longest)) for n, figure in enumerate(figures))
    days = translator.times.format_date
    return HomeTrend(
        points=points,
        path="M" + " ".join(f"{x} {y}" for x, y in points),
        goal_y=_y(goal, longest),
        goal=translator.t("home.trend_goal", goal=translator.stopwatch(goal)),
        first=translator.stopwatch(figures[0].took),
        last=translator.stopwatch(figures[-1].took),
        is_goal_met=figures[-1].took <= goal,
        span=translator.t("home.trend_span", first=days(figures[0].at), last=days(figures[-1].at)),
        text=_text(figures, goal, translator),
    )


def _alike(figures: Sequence[ResponseFigure]) -> Sequence[ResponseFigure]:
    """Those of the same scenario as the newest, measured from the same kind of start."""
    newest = figures[-1] if figures else None
    return [
        figure
        for figure in figures
        if newest
        and figure.scenario == newest.scenario
        and (figure.source == "announced") == (newest.source == "announced")
    ]


def _text(figures: Sequence[ResponseFigure], goal: timedelta, translator: Translator) -> str:
    times = translator.format_list(translator.stopwatch(figure.took) for figure in figures)
    return translator.t("home.trend_text", times=times, goal=translator.stopwatch(goal))


def _x(number: int, count: int) -> int:
    return 8 + round((WIDTH - 18) * number / (count - 1))


def _y(took: timedelta, longest: timedelta) -> int:
    return BOTTOM - round((BOTTOM - TOP) * (took / longest)) if longest else BOTTOM
