"""The time from drill to drill, as shown on its page and on the scorecard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.domain import STAGE_GROUPS, grouped_stages
from statuspage.usecases.drill_figures import IncidentReport
from statuspage.usecases.drills import YARDSTICKS, Trend, TrendPoint, caveat_labels
from statuspage.usecases.environment import ResponseFigure
from statuspage.web.desk import request_context
from statuspage.web.desk.drills.trend_chart import draw_trend
from statuspage.web.desk.translations import Translator

SHOWN = 6
"""The maximum number of drills, and of live incidents, in the table by stage; the newest."""


def trend_view(result: Trend) -> dict[str, object]:
    """Each drill's time, in the drawing and as a row; the times of live incidents; and others' published figures."""
    translator = request_context.translator()
    return {
        "drawing": draw_trend(result, translator),
        "rows": [_point_row(point, translator) for point in result.points],
        "real": [_live_figure_row(figure, translator) for figure in result.real_figures],
        "blind": result.is_live_unknown,
        "yardsticks": YARDSTICKS,
        "stage_names": [*STAGE_GROUPS, "told_over"],
        "by_stage": _stage_rows(result, translator),
    }


@dataclass(frozen=True, slots=True)
class StageRow:
    """How long each stage of one drill or live incident took, and whether it was live."""

    name: str
    when: str
    took: str
    cells: tuple[str, ...]
    is_live: bool


def _stage_rows(result: Trend, translator: Translator) -> list[StageRow]:
    """The newest comparable drills and live incidents that an alert opened, oldest first."""
    rows: list[tuple[datetime, StageRow]] = []
    for point in [point for point in result.points if point.is_comparable and point.duration is not None][-SHOWN:]:
        measured = point.report.incidents[0]
        until = [interval for interval in measured.intervals if interval.end <= _readable_at(measured)]
        stages = {interval.stage: interval.duration for interval in until}
        marks = {mark.name: mark.took for mark in measured.marks}
        name = translator.t("scorecard.by_stage_drill", number=point.number)
        at, took = point.drill.started, point.duration or timedelta()
        rows.append((at, _stage_row(name, at, took, stages, marks, translator, is_live=False)))
    for figure in [figure for figure in result.real_figures if figure.source == "alert"][-SHOWN:]:
        name = translator.t("scorecard.by_stage_live")
        row = _stage_row(name, figure.at, figure.took, figure.stages, figure.marks, translator, is_live=True)
        rows.append((figure.at, row))
    return [row for _, row in sorted(rows, key=lambda item: item[0])]


def _readable_at(report: IncidentReport) -> datetime:
    return next(stamp.at for stamp in report.stamps if stamp.stage == "readable")


def _stage_row(
    name: str,
    at: datetime,
    took: timedelta,
    stages: Mapping[str, timedelta],
    marks: Mapping[str, timedelta],
    translator: Translator,
    *,
    is_live: bool,
) -> StageRow:
    lengths = {**grouped_stages(stages), "told_over": marks.get("told_over")}
    cells = tuple(
        translator.stopwatch(length) if (length := lengths.get(stage)) is not None else "–"
        for stage in (*STAGE_GROUPS, "told_over")
    )
    return StageRow(name, translator.times.format_day(at), translator.stopwatch(took), cells, is_live)


def _live_figure_row(figure: ResponseFigure, translator: Translator) -> tuple[str, str, str]:
    """A live incident's figure: when, how long, and notes on how it was measured."""
    counting_note = translator.format_list(translator.t(f"scorecard.caveat.{reason}") for reason in figure.caveats)
    return translator.times.format_day_time(figure.at), translator.stopwatch(figure.took), counting_note


def _point_row(point: TrendPoint, translator: Translator) -> dict[str, object]:
    shows_slowest = point.slowest_stage and point.slowest_duration >= timedelta(seconds=1)
    return {
        "number": point.number,
        "id": point.drill.id,
        "title": point.drill.title,
        "when": translator.times.format_day(point.drill.started),
        "took": translator.stopwatch(point.duration) if point.duration is not None else "",
        "counted": translator.format_list(caveat_labels(point.report, translator.label)),
        "reached": point.is_goal_met,
        "from_form": point.report.started_from_form,
        "slowest": translator.t(f"scorecard.slow.{point.slowest_stage}") if shows_slowest else "",
        "length": translator.stopwatch(point.slowest_duration) if shows_slowest else "",
    }
