"""Starts drills: at once, at a set time, or at a secret time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click

from statuspage.cli.alerts import parse_monitor_alerts
from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.drills.listing import scheduled_drill_json
from statuspage.cli.drills.scorecard import drill_json
from statuspage.cli.errors import WRONG_USE, Refusal, with_nearest
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.input_files import read_bytes
from statuspage.cli.show import clock_of
from statuspage.content import loading
from statuspage.domain import ROLES, Catalog, MonitorAlert, Scenario, TimeParser
from statuspage.storage.drills import Drill
from statuspage.usecases import drills
from statuspage.usecases.drills import RehearsalRequest, Setup, calendar
from statuspage.usecases.environment import Environment, shared_status


@cli_command(
    "start",
    click.Argument(["scenario"], metavar="[SCENARIO]", required=False),
    Flag(["--title"], default=""),
    Flag(["--leader"], default=""),
    Flag(["--goal"], type=click.IntRange(1, 600), metavar="MINUTES"),
    Flag(["--role", "roles"], multiple=True, metavar="ROLE=NAME", label="drill-role"),
    Flag(["--without", "kept_out"], multiple=True, metavar="NAME"),
    Flag(["--at"], default="", metavar="TIME"),
    Flag(["--secret-between", "between"], default="", metavar="FROM..TO"),
    Flag(["--every"], type=click.IntRange(1, 366), metavar="DAYS"),
    Flag(["--times"], type=click.IntRange(1, 60), default=1),
    Flag(["--announce"], is_flag=True),
    Flag(["--alert", "source"], metavar="SOURCE", label="drill-alert"),
    Flag(["--file"], default="", metavar="FILE|-"),
    Flag(["--no-alert", "silent"], is_flag=True, label="no-alert"),
    Flag(["--knows-live"], is_flag=True),
    Flag(["--tabletop"], is_flag=True),
    group="drill",
)
def start_drill(
    command: CommandContext, scenario: str | None, source: str | None, file: str, silent: bool, **options: object
) -> None:
    """Starts a drill; without a scenario, a sample alert fires at once and starts the clock."""
    if silent and (source or file):
        raise Refusal(command.text("alert_or_none"), code=WRONG_USE)
    env = command.open_env()
    script = _scenario(command, env.site.catalog, scenario)
    request = _drill_request(command, script, options)
    if options["at"] or options["between"] or options["every"]:
        _schedule(command, env, request, options)
        return
    monitor_alerts = (
        ()
        if silent or request.tabletop or (script and not (source or file))
        else _read_monitor_alerts(command, source, file)
    )
    setup = Setup(
        script,
        request.language,
        request.announced,
        None,
        request.roles,
        request.kept_out,
        request.tabletop,
    )
    _start_now(command, env, setup, request, monitor_alerts, knows_live=bool(options["knows_live"]))


def _scenario(command: CommandContext, catalog: Catalog, id: str | None) -> Scenario | None:
    if not id:
        return None
    scenario = catalog.scenarios.get(id)
    if scenario is None:
        sentence = command.text("no_scenario", scenario=id, known=", ".join(catalog.scenarios))
        raise Refusal(with_nearest(command, sentence, id, catalog.scenarios))
    return scenario


def _drill_request(command: CommandContext, scenario: Scenario | None, options: dict[str, object]) -> RehearsalRequest:
    goal, language = options["goal"], command.messages.language
    title = str(options["title"]) or (
        drills.script_text(scenario.title, language) if scenario else command.text("drill_untitled")
    )
    return RehearsalRequest(
        scenario=scenario.id if scenario else "",
        title=title,
        leader=actor_name(str(options["leader"])),
        language=language,
        goal=timedelta(minutes=goal) if isinstance(goal, int) else None,
        announced=bool(options["announce"]),
        roles=_roles(command, options["roles"]),
        kept_out=tuple(map(str, options["kept_out"] if isinstance(options["kept_out"], tuple) else ())),
        tabletop=bool(options["tabletop"]),
    )


def _roles(command: CommandContext, pairs: object) -> dict[str, tuple[str, ...]]:
    names_by_role: dict[str, tuple[str, ...]] = {}
    for pair in pairs if isinstance(pairs, tuple) else ():
        role, _, name = pair.partition("=")
        if role not in ROLES or not name.strip():
            raise Refusal(command.text("no_drill_role", role=pair, known=", ".join(ROLES)), code=WRONG_USE)
        names_by_role[role] = (*names_by_role.get(role, ()), name.strip())
    return names_by_role


def _start_now(
    command: CommandContext,
    env: Environment,
    setup: Setup,
    request: RehearsalRequest,
    monitor_alerts: Sequence[MonitorAlert],
    *,
    knows_live: bool,
) -> None:
    goal = drills.goal_of(env.site.catalog, setup.scenario, request.goal)
    try:
        started = drills.start_drill(
            env,
            title=request.title,
            leader=request.leader,
            goal=goal,
            signals=monitor_alerts,
            setup=setup,
            known=drills.live_status(env.live_status_path, now=command.now()).handled_ids if knows_live else (),
            now=command.now(),
        )
    except (drills.LiveIncident, drills.ForbiddenPhraseError, drills.AlreadyRunning) as error:
        raise _start_refusal(command, error) from error
    drills.advance_drill(env, now=command.now())
    shared_status.write_status(env, now=command.now())
    drill = drills.running_drill(env.databases.environment) or started.drill
    announcement_lines = _announce(command, env, drill.id, request, (drill.started, drill.started))
    _print_started(command, drill, announcement_lines, is_live_unknown=started.is_live_unknown)


def _print_started(
    command: CommandContext, drill: Drill, announcement_lines: Sequence[str], *, is_live_unknown: bool
) -> None:
    lines = [
        command.text("drill_started", drill=drill.id),
        *_fired_lines(command, drill),
        *_live_unknown_lines(command, is_live_unknown),
        *announcement_lines,
    ]
    command.print_result(
        {
            **drill_json(drill),
            "live_known": not is_live_unknown,
            "announcement": announcement_lines[-1] if announcement_lines else None,
        },
        lines,
    )


def _start_refusal(
    command: CommandContext, error: drills.LiveIncident | drills.ForbiddenPhraseError | drills.AlreadyRunning
) -> Refusal:
    match error:
        case drills.LiveIncident(status=status, open_items=open_items):
            return Refusal(
                command.text("drill_live_alert" if status.alerts else "drill_live"),
                *(f"{item.id}  {item.title_in(command.messages.language)}".rstrip() for item in open_items),
            )
        case drills.ForbiddenPhraseError(phrase=phrase):
            return Refusal(command.messages.label("problem.text.denies", text=phrase))
    return Refusal(command.text("drill_running", drill=error.drill.id))


def _schedule(command: CommandContext, env: Environment, request: RehearsalRequest, options: dict[str, object]) -> None:
    """Schedules the drill, or a series of drills."""
    first_window = _window(command, env.site.catalog, str(options["at"]), str(options["between"]))
    every, times = options["every"], options["times"]
    repetition = {"every": every if isinstance(every, int) else 0, "times": times if isinstance(times, int) else 1}
    windows = drills.series_windows(first_window, env.site.catalog.site.zone, **repetition)
    try:
        scheduled_drills = drills.plan_rehearsals(
            env, request, windows, chance=random.SystemRandom().random, now=command.now()
        )
    except drills.ForbiddenPhraseError as error:
        raise Refusal(command.messages.label("problem.text.denies", text=error.phrase)) from error
    except drills.BadWindow as error:
        raise Refusal(command.text("drill_window"), code=WRONG_USE) from error
    announcement_lines = [
        line
        for scheduled in scheduled_drills
        for line in _announce(command, env, scheduled.id, request, scheduled.window)
    ]
    lines = [
        command.text(
            "drill_scheduled", drill=scheduled.id, when=_window_text(command, env.site.catalog, scheduled.window)
        )
        for scheduled in scheduled_drills
    ]
    command.print_result(
        [
            {
                **scheduled_drill_json(scheduled),
                "announcement": _announcement(command, env.site.catalog, request, scheduled.window),
            }
            for scheduled in scheduled_drills
        ],
        [*lines, *announcement_lines],
    )


def _window(command: CommandContext, catalog: Catalog, at: str, between: str) -> tuple[datetime, datetime]:
    parser = TimeParser(catalog.site.zone, command.now())
    begin, _, end = between.partition("..") if between else (at, "", at)
    first, last = parser.parse_future(begin), parser.parse_future(end)
    if first is None or last is None or (at and between):
        raise Refusal(command.text("drill_window"), code=WRONG_USE)
    return first, last


def _window_text(command: CommandContext, catalog: Catalog, window: tuple[datetime, datetime]) -> str:
    clock = clock_of(command, catalog)
    (begin, end), now = window, command.now()
    day = f"{clock.format_day(begin, now=now)} {clock.format_time(begin)}"
    if begin == end:
        return day
    return command.text("drill_between", begin=day, end=clock.format_span_end(begin, end, now=now))


def _announcement(
    command: CommandContext, catalog: Catalog, request: RehearsalRequest, window: tuple[datetime, datetime]
) -> str:
    """The announcement to everybody on call: the time, that everything is marked, and that live incidents take
    precedence."""
    text = command.messages.label(
        "desk.drills.announcement", when=_window_text(command, catalog, window), leader=request.leader
    )
    return drills.mark_announcement(text, catalog.packs.get(command.messages.language, catalog.leading_pack))


def _announce(
    command: CommandContext, env: Environment, id: str, request: RehearsalRequest, window: tuple[datetime, datetime]
) -> list[str]:
    if not request.announced:
        return []
    announcement = _announcement(command, env.site.catalog, request, window)
    drills.announce(env.home, id, announcement, now=command.now())
    return ["", command.text("drill_announcement"), announcement]


def _read_monitor_alerts(command: CommandContext, source: str | None, file: str) -> Sequence[MonitorAlert]:
    body = read_bytes(file) if file else loading.sample_alert(command.settings.content)
    signals = parse_monitor_alerts(command, command.open_env().site.catalog, source or "alertmanager", body)
    return signals if file else [replace(signal, started_at=command.now()) for signal in signals]


def _fired_lines(command: CommandContext, drill: Drill) -> list[str]:
    return [command.text("drill_fired", alert=drill.alert)] if drill.alert else []


def _live_unknown_lines(command: CommandContext, live_unknown: bool) -> list[str]:
    return [command.text("live_unknown")] if live_unknown else []


@cli_command(
    "cancel",
    click.Argument(["drill_id"], metavar="ID"),
    Flag(["--series"], is_flag=True),
    group="drill",
)
def cancel_drill(command: CommandContext, drill_id: str, series: bool) -> None:
    """Cancels a scheduled drill, or its whole series."""
    env = command.open_env()
    try:
        cancelled = drills.cancel_rehearsal(env.databases.environment, drill_id, whole_series=series)
    except drills.NoSuchRehearsal as error:
        raise Refusal(command.text("no_scheduled_drill")) from error
    command.print_result(
        [scheduled_drill_json(scheduled) for scheduled in cancelled],
        [command.text("drill_cancelled", drill=scheduled.id) for scheduled in cancelled],
    )


@cli_command("calendar", Flag(["--out"], default="", metavar="FILE", label="calendar-out"), group="drill")
def export_calendar(command: CommandContext, out: str) -> None:
    """Writes the announced scheduled drills as a calendar file."""
    env = command.open_env()
    pack = env.site.catalog.packs.get(command.messages.language, env.site.catalog.leading_pack)
    content = calendar.build_calendar(
        drills.upcoming_rehearsals(env.databases.environment), pack, env.site.catalog.site.zone, now=command.now()
    )
    if out:
        Path(out).write_bytes(content)
    lines = [out] if out else content.decode().splitlines()
    command.print_result({"calendar": content.decode()}, lines)


COMMANDS = {"start": start_drill, "cancel": cancel_drill, "calendar": export_calendar}
