"""The chart of times from drill to drill, with the goal and published figures of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from statuspage.usecases.drills import YARDSTICKS, Trend, TrendPoint, caveat_labels
from statuspage.web.desk.translations import Translator

LEFT, RIGHT, TOP, BOTTOM = 120, 690, 24, 200
"""Positions in units of the drawing: the first and the last drill, the longest time, and zero."""

STEEP_SLOPE, LOWEST_LABEL = 0.3, 172
"""From this slope on a line would cross the label above its dot, at the size shown on a phone; and the lowest dot with
room for a label below it."""

MAX_DOTS = 12
"""The maximum number of drills in the drawing; the newest."""

MIN_LABEL_DISTANCE = 15
"""The minimum distance in units between the names of two lines; closer ones share a name."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One drill in the drawing. ``y`` is the top if there was no readable report; ``label_y`` is where its time is
    written, away from the line."""

    x: int
    y: int
    took: str
    name: str
    style: str
    label_y: int = 0


@dataclass(frozen=True, slots=True)
class GuideLine:
    """A horizontal line. ``name`` says whose it is, "" if it shares the name of the line above."""

    y: int
    name: str
    is_goal: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole drawing. ``text`` describes it in words, ``yardsticks`` says whose times the thin lines are,
    ``left_out`` which drills are not in the line, and why."""

    dots: tuple[Dot, ...]
    rules: tuple[GuideLine, ...]
    path: str
    text: str
    yardsticks: str
    left_out: str = ""


def draw_trend(trend: Trend, translator: Translator) -> Drawing | None:
    """The drawing; None if fewer than two drills are comparable."""
    points = [point for point in trend.points if point.is_comparable][-MAX_DOTS:]
    if len(points) < 2:
        return None
    longest = max((point.duration for point in points if point.duration is not None), default=timedelta())
    top = max(longest, max(point.drill.goal for point in points), timedelta(minutes=10)) * 1.05
    step = (RIGHT - LEFT) / (len(points) - 1)
    dots = tuple(
        _dot(point, round(LEFT + step * n), top, point is points[-1], translator) for n, point in enumerate(points)
    )
    plotted = [dot for dot, point in zip(dots, points, strict=True) if point.duration is not None]
    text = translator.t("join_sentences").join(
        translator.t("scorecard.trend_point", number=point.number, took=dot.took)
        for dot, point in zip(dots, points, strict=True)
    )
    yardsticks = [minutes for minutes in YARDSTICKS if timedelta(minutes=minutes) <= top]
    yardstick_text = translator.t("join_sentences").join(
        translator.t(f"scorecard.yardstick_{minutes}") for minutes in yardsticks
    )
    dots = tuple(replace(dot, label_y=_label(dots, n)) for n, dot in enumerate(dots))
    return Drawing(
        dots,
        tuple(_guide_lines(points[-1].drill.goal, top, yardsticks, translator)),
        _path(plotted),
        text,
        yardstick_text,
        _left_out_text(trend, translator),
    )


def _left_out_text(trend: Trend, translator: Translator) -> str:
    """Which drills are left out of the line, and how each was measured."""
    exclusions = [
        translator.t(
            "scorecard.outside_trend_drill",
            name=translator.t("drills.number", number=point.number),
            how=translator.format_list(reasons),
        )
        for point in trend.points
        if not point.is_comparable and (reasons := caveat_labels(point.report, translator.label))
    ]
    return translator.t("scorecard.outside_trend", which=translator.format_list(exclusions)) if exclusions else ""


def _dot(point: TrendPoint, x: int, top: timedelta, newest: bool, translator: Translator) -> Dot:
    name = translator.t("drills.number", number=point.number)
    if point.duration is None:
        return Dot(x, TOP, translator.t("drills.not_yet"), name, "no")
    style = "now" if newest and point.is_goal_met else "p"
    return Dot(x, _y(point.duration, top), _minutes(point.duration, translator), name, style)


def _label(dots: tuple[Dot, ...], n: int) -> int:
    """The position of a dot's label: above it, or below it if a steep line would cross the label and there is room."""
    dot, neighbours = dots[n], dots[max(n - 1, 0) : n] + dots[n + 1 : n + 2]
    steep = all(dot.y - neighbour.y > STEEP_SLOPE * abs(dot.x - neighbour.x) for neighbour in neighbours)
    return dot.y + 42 if steep and dot.y <= LOWEST_LABEL else dot.y - 16


def _guide_lines(
    goal: timedelta, top: timedelta, yardsticks: Sequence[int], translator: Translator
) -> Iterator[GuideLine]:
    """The lines for the goal and others' figures. Lines too close for separate names are named together, above the
    highest of them."""
    yield GuideLine(
        _y(goal, top), translator.t("scorecard.goal_line", minutes=round(goal.total_seconds() / 60)), is_goal=True
    )
    for cluster in _clusters([(minutes, _y(timedelta(minutes=minutes), top)) for minutes in yardsticks]):
        name = translator.t("scorecard.minutes", minutes=" / ".join(str(minutes) for minutes, _ in cluster))
        yield from (GuideLine(y, name if y == cluster[-1][1] else "") for _, y in cluster)


def _clusters(lines: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Groups of lines within ``MIN_LABEL_DISTANCE`` of the lowest one, from the bottom up."""
    while lines:
        cluster = [line for line in lines if lines[0][1] - line[1] < MIN_LABEL_DISTANCE]
        yield cluster
        lines = lines[len(cluster) :]


def _path(dots: list[Dot]) -> str:
    return "M" + " ".join(f"{dot.x} {dot.y}" for dot in dots) if len(dots) > 1 else ""


def _y(length: timedelta, top: timedelta) -> int:
    return round(BOTTOM - (BOTTOM - TOP) * min(1.0, length / top))


def _minutes(length: timedelta, translator: Translator) -> str:
    if length < timedelta(minutes=1):
        return translator.t("scorecard.seconds", seconds=int(length.total_seconds()))
    return translator.t("scorecard.minutes", minutes=round(length.total_seconds() / 60))
