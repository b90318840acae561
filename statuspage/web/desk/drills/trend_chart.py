"""The line from drill to drill, drawn beside the goal and what others need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from statuspage.usecases.drills import YARDSTICKS, Point, Trend, otherwise
from statuspage.web.desk.translations import Translator

LEFT, RIGHT, TOP, BOTTOM = 60, 690, 24, 200
"""Units of the drawing: where the first and the last drill stand, and where the longest time and none at all lie."""

STEEP, LOWEST = 0.3, 172
"""From which slope on a line goes through the time over its dot, as large as on a phone; and the lowest dot that has
room for it below."""

SHOWN = 12
"""So many drills fit beside each other; the newest are drawn."""

APART = 15
"""Units between two lines' names; those that lie nearer are named together."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One drill in the drawing. ``y`` is the top for one whose report could not be read; ``label`` is where its time
    is written, out of the line's way."""

    x: int
    y: int
    took: str
    name: str
    look: str
    label: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across: ``name`` says whose, "" where the one above it says so too."""

    y: int
    name: str
    goal: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything drawn; ``text`` says the same in words, ``others`` whose times the thin lines are, ``apart`` which
    drills are not in the line, and why."""

    dots: tuple[Dot, ...]
    rules: tuple[Rule, ...]
    path: str
    text: str
    others: str
    apart: str = ""


def drawn(found: Trend, voice: Translator) -> Drawing | None:
    """The drawing; None with fewer than two drills whose figures may stand together, which make no line."""
    points = [one for one in found.points if one.joined][-SHOWN:]
    if len(points) < 2:
        return None
    longest = max((p.took for p in points if p.took is not None), default=timedelta())
    top = max(longest, max(p.drill.goal for p in points), timedelta(minutes=10)) * 1.05
    step = (RIGHT - LEFT) / (len(points) - 1)
    dots = tuple(_dot(p, round(LEFT + step * n), top, p is points[-1], voice) for n, p in enumerate(points))
    line = [d for d, p in zip(dots, points, strict=True) if p.took is not None]
    text = voice.t("join_sentences").join(
        voice.t("score.trend_point", number=p.number, took=d.took) for d, p in zip(dots, points, strict=True)
    )
    seen = [minutes for minutes in YARDSTICKS if timedelta(minutes=minutes) <= top]
    others = voice.t("join_sentences").join(voice.t(f"score.yardstick_{minutes}") for minutes in seen)
    dots = tuple(replace(dot, label=_label(dots, n)) for n, dot in enumerate(dots))
    return Drawing(
        dots, tuple(_rules(points[-1].drill.goal, top, seen, voice)), _path(line), text, others, _apart(found, voice)
    )


def _apart(found: Trend, voice: Translator) -> str:
    """Which drills are left out of the line, and how each was counted."""
    named = [
        voice.t("score.apart_one", name=voice.t("drills.number", number=one.number), how=voice.listed(how))
        for one in found.points
        if not one.joined and (how := otherwise(one.report, voice.label))
    ]
    return voice.t("score.apart", which=voice.listed(named)) if named else ""


def _dot(point: Point, x: int, top: timedelta, newest: bool, voice: Translator) -> Dot:
    name = voice.t("drills.number", number=point.number)
    if point.took is None:
        return Dot(x, TOP, voice.t("drills.not_yet"), name, "no")
    look = "now" if newest and point.reached else "p"
    return Dot(x, _y(point.took, top), _minutes(point.took, voice), name, look)


def _label(dots: tuple[Dot, ...], n: int) -> int:
    """Over its dot; under it where the line comes down so steeply that it would go through, and there is room."""
    dot, beside = dots[n], dots[max(n - 1, 0) : n] + dots[n + 1 : n + 2]
    steep = all(dot.y - one.y > STEEP * abs(dot.x - one.x) for one in beside)
    return dot.y + 42 if steep and dot.y <= LOWEST else dot.y - 16


def _rules(goal: timedelta, top: timedelta, seen: Sequence[int], voice: Translator) -> Iterator[Rule]:
    """The goal, and the yardsticks; those whose names would touch are named together, over the highest of them."""
    yield Rule(_y(goal, top), voice.t("score.goal_line", minutes=round(goal.total_seconds() / 60)), goal=True)
    for near in _near([(minutes, _y(timedelta(minutes=minutes), top)) for minutes in seen]):
        name = voice.t("score.minutes", minutes=" / ".join(str(minutes) for minutes, _ in near))
        yield from (Rule(y, name if y == near[-1][1] else "") for _, y in near)


def _near(lines: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Lines that lie within ``APART`` of the lowest of them, from below."""
    while lines:
        near = [line for line in lines if lines[0][1] - line[1] < APART]
        yield near
        lines = lines[len(near) :]


def _path(dots: list[Dot]) -> str:
    return "M" + " ".join(f"{dot.x} {dot.y}" for dot in dots) if len(dots) > 1 else ""


def _y(length: timedelta, top: timedelta) -> int:
    return round(BOTTOM - (BOTTOM - TOP) * min(1.0, length / top))


def _minutes(length: timedelta, voice: Translator) -> str:
    if length < timedelta(minutes=1):
        return voice.t("score.seconds", seconds=int(length.total_seconds()))
    return voice.t("score.minutes", minutes=round(length.total_seconds() / 60))
