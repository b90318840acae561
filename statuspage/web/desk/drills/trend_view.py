"""The time from drill to drill, as shown on its page and on the scorecard."""

from __future__ import annotations

from datetime import timedelta

from statuspage.usecases.drills import YARDSTICKS, Trend, TrendPoint, caveat_labels
from statuspage.usecases.environment import ResponseFigure
from statuspage.web.desk import request_context
from statuspage.web.desk.drills.trend_chart import draw_trend
from statuspage.web.desk.translations import Translator, short_stopwatch


def trend_view(result: Trend) -> dict[str, object]:
    """Each drill's time, in the drawing and as a row; the times of live incidents; and others' published figures."""
    translator = request_context.translator()
    return {
        "drawing": draw_trend(result, translator),
        "rows": [_point_row(point, translator) for point in result.points],
        "real": [_live_figure_row(figure, translator) for figure in result.real_figures],
        "blind": result.is_live_unknown,
        "yardsticks": YARDSTICKS,
    }


def _live_figure_row(figure: ResponseFigure, translator: Translator) -> tuple[str, str, str]:
    """A live incident's figure: when, how long, and notes on how it was measured."""
    counting_note = translator.format_list(translator.t(f"scorecard.caveat.{reason}") for reason in figure.caveats)
    return translator.times.format_day_time(figure.at), short_stopwatch(figure.took), counting_note


def _point_row(point: TrendPoint, translator: Translator) -> dict[str, object]:
    shows_slowest = point.slowest_stage and point.slowest_duration >= timedelta(seconds=1)
    return {
        "number": point.number,
        "id": point.drill.id,
        "title": point.drill.title,
        "when": translator.times.format_day(point.drill.started),
        "took": short_stopwatch(point.duration) if point.duration is not None else "",
        "counted": translator.format_list(caveat_labels(point.report, translator.label)),
        "reached": point.is_goal_met,
        "slowest": translator.t(f"scorecard.slow.{point.slowest_stage}") if shows_slowest else "",
        "length": short_stopwatch(point.slowest_duration) if shows_slowest else "",
    }
