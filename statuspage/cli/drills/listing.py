"""Ends, suspends and lists drills."""

from __future__ import annotations

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.drills.scorecard import DRILL_ID, drill_json, report_json, report_lines, require_drill
from statuspage.cli.framework import cli_command
from statuspage.cli.show import clock_of
from statuspage.rendering.wording import Clock
from statuspage.storage.drills import Drill
from statuspage.storage.scheduled_drills import ScheduledDrill
from statuspage.usecases import drills
from statuspage.usecases.drills import CleanupCheck, Ended
from statuspage.usecases.environment import shared_status


@cli_command("end", DRILL_ID, group="drill")
def end_drill(command: CommandContext, drill_id: str | None) -> None:
    """Ends the running drill and shows its scorecard."""
    env = command.open_env()
    outcome = require_drill(
        command,
        lambda: drills.end_drill(env, drill_id or "", now=command.now()),
        missing="no_drill" if drill_id else "no_running_drill",
    )
    shared_status.write_status(env, now=command.now())
    report = drills.report(env, outcome.drill.id, now=command.now())
    lines = [
        *report_lines(command, report, clock_of(command, env.site.catalog)),
        *_closed_lines(command, outcome),
        *_cleanup_lines(command, outcome),
    ]
    command.print_result({**report_json(command, report), **_closed_json(outcome)}, lines)


def _closed_json(outcome: Ended) -> dict[str, object]:
    closed = {"alerts": [*outcome.alert_ids], "incidents": [*outcome.incident_ids]}
    return {"closed": closed, "cleanup": serialization.to_json_value(outcome.checks)}


def _cleanup_lines(command: CommandContext, outcome: Ended) -> list[str]:
    """The checks after the end: nothing is left open, and nothing was sent outside."""
    sentences = [
        command.text(f"clean_{check.subject}_{_check_state(check)}", count=check.count) for check in outcome.checks
    ]
    return ["", command.text("drill_clean"), *(f"  {line}" for line in sentences)]


def _check_state(check: CleanupCheck) -> str:
    return "unknown" if check.is_ok is None else "fine" if check.is_ok else "wrong"


def _closed_lines(command: CommandContext, outcome: Ended) -> list[str]:
    closed = [command.text("incident", incident=incident) for incident in outcome.incident_ids]
    closed += [command.text("alert", alert=alert) for alert in outcome.alert_ids]
    return ["", command.text("drill_closed"), *(f"  {line}" for line in closed)] if closed else []


@cli_command("suspend", group="drill")
def suspend_drill(command: CommandContext) -> None:
    """Suspends the drill because of a live incident."""
    env = command.open_env()
    outcome = require_drill(command, lambda: drills.suspend_drill(env, now=command.now()), missing="no_running_drill")
    shared_status.write_status(env, now=command.now())
    lines = [command.text("drill_suspended"), *_closed_lines(command, outcome), *_cleanup_lines(command, outcome)]
    command.print_result({**drill_json(outcome.drill), "suspended": True, **_closed_json(outcome)}, lines)


@cli_command("list", group="drill")
def list_drills(command: CommandContext) -> None:
    """Lists the scheduled drills, then all past ones, newest first."""
    env = command.open_env()
    clock = clock_of(command, env.site.catalog)
    coming, started_drills = (
        drills.upcoming_rehearsals(env.databases.environment),
        drills.all_drills(env.databases.environment),
    )
    lines = [_scheduled_drill_line(command, clock, scheduled) for scheduled in coming]
    lines += [_started_drill_line(command, clock, drill) for drill in started_drills]
    rows = [{**drill_json(drill), "state": "running" if drill.ended is None else "ended"} for drill in started_drills]
    command.print_result([*map(scheduled_drill_json, coming), *rows], lines or [command.text("no_drills")])


def _started_drill_line(command: CommandContext, clock: Clock, drill: Drill) -> str:
    started = f"{clock.format_day(drill.started)} {clock.format_time(drill.started)}"
    uncounted = "suspended" if drill.is_suspended else "tabletop" if drill.is_tabletop else ""
    note = command.messages.label(f"desk.scorecard.caveat.{uncounted}") if uncounted else ""
    return f"{drill.id}  {started}  {drill.title}  {drill.leader}  {note}".rstrip()


def scheduled_drill_json(scheduled: ScheduledDrill) -> dict[str, object]:
    """A scheduled drill; if its time is secret, only the window."""
    return {
        "id": scheduled.id,
        "series": scheduled.series_id,
        "scenario": scheduled.scenario or None,
        "title": scheduled.title,
        "leader": scheduled.leader,
        "state": scheduled.state.value,
        "announced": scheduled.is_announced,
        "secret": scheduled.is_secret,
        "window": serialization.to_json_value(scheduled.window),
        "starts_at": None if scheduled.is_secret else serialization.to_json_value(scheduled.starts_at),
        "roles": serialization.to_json_value(scheduled.roles),
        "excluded": serialization.to_json_value(scheduled.excluded_people),
        "tabletop": scheduled.is_tabletop,
    }


def _scheduled_drill_line(command: CommandContext, clock: Clock, scheduled: ScheduledDrill) -> str:
    (begin, end), now = scheduled.window, command.now()
    end_text = clock.format_span_end(begin, end, now=now)
    window_end = f"–{end_text} {command.text('drill_secret')}" if scheduled.is_secret else ""
    day = f"{clock.format_day(begin, now=now)} {clock.format_time(begin)}{window_end}"
    how = command.messages.label("desk.scorecard.caveat.tabletop") if scheduled.is_tabletop else ""
    return (
        f"{scheduled.id}  {day}  {scheduled.title}  {scheduled.leader}  {command.text('drill_planned')}  {how}".rstrip()
    )


COMMANDS = {command.name: command for command in (end_drill, suspend_drill, list_drills)}
