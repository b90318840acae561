"""The result of a drill: its scorecard, the leader's grades, and the trend over all drills."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import TypeVar

import click

from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.cli.show import clock_of
from statuspage.domain import Grade, format_duration
from statuspage.rendering.wording import Clock
from statuspage.serialization import to_json_value
from statuspage.storage.drills import Drill
from statuspage.usecases import drills
from statuspage.usecases.drill_figures import IncidentReport
from statuspage.usecases.drills import (
    Report,
    ScorecardFormatter,
    TrendPoint,
    build_trend,
    caveat_labels,
    explain_slowest,
    headline_caveats,
    mark_sign,
    scorecard,
    scorecard_csv,
    scorecard_json,
    scorecard_markdown,
    scorecard_sections,
)
from statuspage.usecases.environment import ResponseFigure

T = TypeVar("T")

DRILL_ID = click.Argument(["drill_id"], metavar="[ID]", required=False)


@cli_command(
    "report",
    DRILL_ID,
    Flag(["--format", "form"], type=Choice(["text", "markdown", "csv"]), default="text", label="score-format"),
    group="drill",
)
def show_report(command: CommandContext, drill_id: str | None, form: str) -> None:
    """Shows the result of a drill, by default the newest: each stage, where the time went, and which objectives were
    met."""
    env = command.open_env()
    score = require_drill(command, lambda: scorecard.build_scorecard(env, drill_id or "", now=command.now()))
    formatter = formatter_of(command)
    if form != "text" and not command.as_json:
        click.echo(
            scorecard_markdown(score, formatter) if form == "markdown" else scorecard_csv(score, formatter), nl=False
        )
        return
    lines = [*report_lines(command, score.report, formatter.clock), *_scorecard_lines(score, formatter)]
    command.print_result({**report_json(command, score.report), **scorecard_json(score)}, lines)


def formatter_of(command: CommandContext) -> ScorecardFormatter:
    """Formats in the terminal's language, or in the site's first one if the site does not have it."""
    catalog = command.open_env().site.catalog
    language = command.messages.language if command.messages.language in catalog.packs else catalog.languages[0]
    return ScorecardFormatter(command.messages.label, clock_of(command, catalog), catalog, language)


def _scorecard_lines(score: scorecard.Score, formatter: ScorecardFormatter) -> Iterator[str]:
    for sentence in explain_slowest(score, formatter):
        if sentence:
            yield sentence
    for section in scorecard_sections(score, formatter):
        yield from ("", section.title)
        for line in section.lines:
            yield f"  {mark_sign(section, line)}{line.text}  {line.value}".rstrip()
            yield from (f"      {part}" for part in line.detail.splitlines())


@cli_command(
    "grade",
    click.Argument(["objective"], metavar="OBJECTIVE"),
    click.Argument(["grade"], metavar="GRADE", type=Choice([*(item.value for item in Grade), "ours"])),
    Flag(["--reason"], default=""),
    Flag(["--evaluator"], is_flag=True),
    Flag(["--id", "drill_id"], default="", metavar="ID", label="drill-id"),
    Flag(["--by"], default=""),
    group="drill",
)
def set_grade(
    command: CommandContext, objective: str, grade: str, reason: str, evaluator: bool, drill_id: str, by: str
) -> None:
    """Sets the leader's own grade of an objective, with a reason, or an evaluator's, with its evidence; *ours* removes
    it."""
    chosen = None if grade == "ours" else Grade(grade)
    if evaluator:
        _save_change(
            command,
            lambda: scorecard.evaluate_objective(
                command.open_env().databases.environment,
                drill_id,
                objective,
                chosen,
                evidence=reason,
                actor=actor_name(by),
            ),
        )
        return
    _save_change(
        command,
        lambda: scorecard.overrule_grade(
            command.open_env().databases.environment, drill_id, objective, chosen, reason=reason, actor=actor_name(by)
        ),
    )


@cli_command(
    "handled",
    click.Argument(["number"], metavar="NUMBER", type=int),
    click.Argument(["done"], metavar="yes|no", type=Choice(["yes", "no"])),
    Flag(["--text", "remark"], default="", label="remark"),
    Flag(["--id", "drill_id"], default="", metavar="ID", label="drill-id"),
    Flag(["--by"], default=""),
    group="drill",
)
def mark_handled(command: CommandContext, number: int, done: str, remark: str, drill_id: str, by: str) -> None:
    """Records whether an inject was handled."""
    _save_change(
        command,
        lambda: scorecard.mark_handled(
            command.open_env().databases.environment, drill_id, number, done == "yes", actor=actor_name(by), text=remark
        ),
    )


def _save_change(command: CommandContext, change: Callable[[], object]) -> None:
    try:
        require_drill(command, change)
    except scorecard.NoSuchObjective as error:
        raise Refusal(command.text("drill_no_such_item"), code=WRONG_USE) from error
    except scorecard.InvalidText as error:
        raise Refusal(command.text("drill_text_invalid")) from error
    command.print_result({"saved": True}, [command.messages.label("desk.scorecard.saved")])


@cli_command(
    "trend",
    Flag(["--scenario"], default="", metavar="ID", label="of-scenario"),
    Flag(["--all", "every"], is_flag=True, label="every-scenario"),
    group="drill",
)
def show_trend(command: CommandContext, scenario: str, every: bool) -> None:
    """Shows the time to the first notice from drill to drill of one scenario, compared with live incidents."""
    env = command.open_env()
    latest = None if scenario or every else drills.latest_compared(env)
    drill_trend = build_trend(env, scenario=scenario, similar_to=latest, now=command.now())
    clock = clock_of(command, env.site.catalog)
    lines = [_trend_line(command, clock, point) for point in drill_trend.points]
    live_lines = [_live_figure_line(command, clock, figure) for figure in drill_trend.real_figures]
    no_live_sentence = command.messages.label(
        "desk.scorecard.live_unknown" if drill_trend.is_live_unknown else "desk.scorecard.live_events_none"
    )
    lines = lines or [command.text("no_drills")]
    command.print_result(
        {
            "drills": [_trend_json(point) for point in drill_trend.points],
            "live": to_json_value(drill_trend.real_figures),
            "live_known": not drill_trend.is_live_unknown,
        },
        [*lines, "", command.messages.label("desk.scorecard.live_events"), *(live_lines or [no_live_sentence])],
    )


def _trend_json(point: TrendPoint) -> dict[str, object]:
    slowest = {"stage": point.slowest_stage, "seconds": point.slowest_duration.total_seconds()}
    return {
        "id": point.drill.id,
        "number": point.number,
        "scenario": point.drill.scenario,
        "title": point.drill.title,
        "started_at": to_json_value(point.drill.started),
        "seconds_to_notice": to_json_value(point.duration),
        "goal_reached": point.is_goal_met,
        "caveats": [*point.report.caveats],
        "comparable": point.is_comparable,
        "slowest": slowest if point.slowest_stage else None,
    }


def _trend_line(command: CommandContext, clock: Clock, point: TrendPoint) -> str:
    took = "–" if point.duration is None else format_duration(point.duration)
    caveats = _join_with_commas(command, caveat_labels(point.report, command.messages.label))
    day = clock.format_day(point.drill.started)
    return f"{point.number:>4}  {day}  {took:>8}  {point.drill.title}  {caveats}".rstrip()


def _live_figure_line(command: CommandContext, clock: Clock, figure: ResponseFigure) -> str:
    day, took = clock.format_day(figure.at), format_duration(figure.took)
    return f"      {day}  {took:>8}  {_exclusion_reasons(command, figure)}".rstrip()


def _exclusion_reasons(command: CommandContext, figure: ResponseFigure) -> str:
    return _join_with_commas(
        command, (command.messages.label(f"desk.scorecard.caveat.{reason}") for reason in figure.caveats)
    )


def require_drill(command: CommandContext, work: Callable[[], T], *, missing: str = "no_drill") -> T:
    """The result of ``work``; a refusal, with the label ``missing``, if there is no such drill."""
    try:
        return work()
    except drills.NoSuchDrill as error:
        raise Refusal(command.text(missing)) from error


def drill_json(drill: Drill) -> dict[str, object]:
    """A drill as JSON."""
    return {
        "id": drill.id,
        "title": drill.title,
        "leader": drill.leader,
        "goal_seconds": drill.goal.total_seconds(),
        "started_at": to_json_value(drill.started),
        "ended_at": to_json_value(drill.ended),
        "alert": drill.alert or None,
        "scenario": drill.scenario or None,
        "announced": drill.is_announced,
        "secret": drill.is_secret,
        "tutorial": drill.is_solo,
        "suspended": drill.is_suspended,
        "tabletop": drill.is_tabletop,
        "ends_at": to_json_value(drill.ends_at),
        "paused_since": to_json_value(drill.paused_since),
        "roles": to_json_value(drill.roles),
        "excluded": to_json_value(drill.excluded_people),
    }


def report_json(command: CommandContext, report: Report) -> dict[str, object]:
    """A drill's report as JSON."""
    return {
        **drill_json(report.drill),
        "seconds_to_notice": to_json_value(report.duration),
        "goal_reached": report.is_goal_met,
        "t0_source": report.source,
        "paused_seconds": report.pause_time.total_seconds(),
        "first_notice_withdrawn": report.was_withdrawn,
        "earlier_seconds": to_json_value(report.earlier_durations),
        "incidents": [_incident_json(command, incident_report) for incident_report in report.incidents],
    }


def _incident_json(command: CommandContext, incident_report: IncidentReport) -> dict[str, object]:
    slowest = incident_report.slowest
    return {
        "incident": incident_report.incident_id,
        "timestamps": to_json_value(incident_report.stamps),
        "intervals": [
            {"stage": interval.stage, "actor": interval.actor, "seconds": interval.duration.total_seconds()}
            for interval in incident_report.intervals
        ],
        "seconds_to_notice": to_json_value(incident_report.duration),
        "slowest": {"stage": slowest.stage, "seconds": slowest.duration.total_seconds()} if slowest else None,
        "sentence": slowest_sentence(command, incident_report),
    }


def report_lines(command: CommandContext, report: Report, clock: Clock) -> Iterator[str]:
    """The report, stage by stage."""
    drill = report.drill
    yield f"{drill.title}  {clock.format_day(drill.started)} {clock.format_time(drill.started)}  {drill.leader}"
    yield _verdict(command, report, clock)
    if notes := headline_caveats(report, command.messages.label):
        yield command.messages.label("desk.scorecard.how_counted", how=_join_with_commas(command, notes))
    for incident_report in report.incidents:
        yield ""
        yield from _stage_lines(command, incident_report)


def _verdict(command: CommandContext, report: Report, clock: Clock) -> str:
    goal = clock.format_duration(report.drill.goal)
    if report.drill.is_suspended:
        return command.text("drill_suspended")
    if report.drill.is_tabletop:
        return command.messages.label("desk.scorecard.tabletop")
    if report.duration is None:
        return command.text("drill_not_readable", goal=goal)
    suffix = f"_{report.source}" if report.source in ("form", "announced") else ""
    key = f"drill_{'reached' if report.is_goal_met else 'missed'}{suffix}"
    return command.text(key, took=duration_text(command, report.duration), goal=goal)


def _join_with_commas(command: CommandContext, notes: Iterable[str]) -> str:
    return command.messages.label("desk.list_comma").join(notes)


def _stage_lines(command: CommandContext, incident_report: IncidentReport) -> Iterator[str]:
    for interval in incident_report.intervals:
        mark = "←" if incident_report.slowest == interval else ""
        stage = command.messages.label(f"desk.stage.{interval.stage}")
        yield f"  {format_duration(interval.duration):>8}  {stage}  {mark}".rstrip()


def slowest_sentence(command: CommandContext, incident_report: IncidentReport) -> str:
    """Where the time went, in one sentence; "" if the notice is not readable yet, or no stage took a second."""
    if (
        incident_report.duration is None
        or incident_report.slowest is None
        or incident_report.slowest.duration < timedelta(seconds=1)
    ):
        return ""
    stage = command.messages.label(f"desk.scorecard.slow.{incident_report.slowest.stage}")
    lengths = {
        "length": duration_text(command, incident_report.slowest.duration),
        "whole": duration_text(command, incident_report.duration),
    }
    return command.messages.label("desk.scorecard.slowest", stage=stage, **lengths)


def duration_text(command: CommandContext, length: timedelta) -> str:
    """A duration with its seconds, which matter in a drill."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    label = "seconds" if not minutes else "minutes_seconds"
    return command.text(label, minutes=minutes, seconds=seconds)


COMMANDS: dict[str, click.Command] = {
    "report": show_report,
    "grade": set_grade,
    "handled": mark_handled,
    "trend": show_trend,
}
