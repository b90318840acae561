"""Drills from the command line: begun at once, at a time, or at a secret minute."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import click

from statuspage import bundled
from statuspage.cli.alerts import read_signals
from statuspage.cli.context import CommandContext, person
from statuspage.cli.drills.group import planned
from statuspage.cli.drills.scorecard import drill_json
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import Flag, verb
from statuspage.cli.input_files import read_bytes
from statuspage.cli.show import clock_of
from statuspage.domain import ROLES, MonitorAlert, Scenario, TimeParser
from statuspage.storage.drills import Drill
from statuspage.usecases import drills
from statuspage.usecases.drills import Setup, Wanted
from statuspage.usecases.drills import calendar as diary
from statuspage.usecases.environment import Environment, shared_status

SAMPLE = "drill/alertmanager.json"
"""The alert that comes with the content, fired when nobody names another file."""


@verb(
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
    group="drill",
)
def start_drill(
    door: CommandContext, scenario: str | None, source: str | None, file: str, silent: bool, **given: object
) -> None:
    """Begins a drill; without a scenario a sample alert fires at once and starts the clock."""
    if silent and (source or file):
        raise Refusal(door.say("alert_or_none"), code=WRONG_USE)
    world = door.world()
    script = _scenario(door, world, scenario)
    wanted = _wanted(door, script, given)
    if given["at"] or given["between"] or given["every"]:
        _plan(door, world, wanted, given)
        return
    signals = () if silent or (script and not (source or file)) else _signals(door, source, file)
    _begin(door, world, script, wanted, signals)


def _scenario(door: CommandContext, world: Environment, id: str | None) -> Scenario | None:
    if not id:
        return None
    found = world.catalog.scenarios.get(id)
    if found is None:
        raise Refusal(door.say("no_scenario", scenario=id, known=", ".join(world.catalog.scenarios)))
    return found


def _wanted(door: CommandContext, script: Scenario | None, given: dict[str, object]) -> Wanted:
    goal, language = given["goal"], door.speech.language
    named = str(given["title"]) or (
        drills.script_text(script.title, language) if script else door.say("drill_untitled")
    )
    return Wanted(
        scenario=script.id if script else "",
        title=named,
        leader=person(str(given["leader"])),
        language=language,
        goal=timedelta(minutes=goal) if isinstance(goal, int) else None,
        announced=bool(given["announce"]),
        roles=_roles(door, given["roles"]),
        kept_out=tuple(map(str, given["kept_out"] if isinstance(given["kept_out"], tuple) else ())),
    )


def _roles(door: CommandContext, typed: object) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for text in typed if isinstance(typed, tuple) else ():
        role, _, name = text.partition("=")
        if role not in ROLES or not name.strip():
            raise Refusal(door.say("no_drill_role", role=text, known=", ".join(ROLES)), code=WRONG_USE)
        found[role] = (*found.get(role, ()), name.strip())
    return found


def _begin(
    door: CommandContext, world: Environment, script: Scenario | None, wanted: Wanted, signals: Sequence[MonitorAlert]
) -> None:
    goal = drills.goal_of(world, script, wanted.goal)
    setup = Setup(script, wanted.language, wanted.announced, None, wanted.roles, wanted.kept_out)
    try:
        begun = drills.start_drill(
            world, title=wanted.title, leader=wanted.leader, goal=goal, signals=signals, setup=setup, now=door.now()
        )
    except drills.LiveIncident as error:
        raise Refusal(
            door.say("drill_live" if error.live.incidents else "drill_live_alert"),
            *(f"{o.id}  {o.title(door.speech.language)}".rstrip() for o in error.open_now),
        ) from error
    except drills.ForbiddenPhraseError as error:
        raise Refusal(door.speech.say("problem.text.denies", text=error.said)) from error
    except drills.AlreadyRunning as error:
        raise Refusal(door.say("drill_running", drill=error.drill.id)) from error
    drills.go_on(world, now=door.now())
    shared_status.write_status(world, now=door.now())
    drill = drills.running(world) or begun.drill
    word = _announce(door, world, drill.id, wanted, (drill.started, drill.started))
    lines = [door.say("drill_begun", drill=drill.id), *_fired(door, drill), *_blind(door, begun.blind), *word]
    door.put({**drill_json(drill), "live_known": not begun.blind, "word": word[-1] if word else None}, lines)


def _plan(door: CommandContext, world: Environment, wanted: Wanted, given: dict[str, object]) -> None:
    """Puts the drill, or a series of it, on the plan."""
    first = _window(door, world, str(given["at"]), str(given["between"]))
    every, times = given["every"], given["times"]
    rhythm = {"every": every if isinstance(every, int) else 0, "times": times if isinstance(times, int) else 1}
    within = drills.windows(first, world.catalog.site.zone, **rhythm)
    try:
        made = drills.plan(world, wanted, within, chance=random.SystemRandom().random, now=door.now())
    except drills.ForbiddenPhraseError as error:
        raise Refusal(door.speech.say("problem.text.denies", text=error.said)) from error
    except drills.BadWindow as error:
        raise Refusal(door.say("drill_window"), code=WRONG_USE) from error
    word = [line for one in made for line in _announce(door, world, one.id, wanted, one.window)]
    lines = [door.say("drill_on_plan", drill=one.id, when=_when(door, world, one.window)) for one in made]
    door.put(
        [{**planned(one), "word": _announcement(door, world, wanted, one.window)} for one in made], [*lines, *word]
    )


def _window(door: CommandContext, world: Environment, at: str, between: str) -> tuple[datetime, datetime]:
    moments = TimeParser(world.catalog.site.zone, door.now())
    begin, _, end = between.partition("..") if between else (at, "", at)
    first, last = moments.future(begin), moments.future(end)
    if first is None or last is None or (at and between):
        raise Refusal(door.say("drill_window"), code=WRONG_USE)
    return first, last


def _when(door: CommandContext, world: Environment, window: tuple[datetime, datetime]) -> str:
    clock = clock_of(door, world.catalog)
    begin, end = window
    day = f"{clock.day(begin)} {clock.clock(begin)}"
    return day if begin == end else door.say("drill_between", begin=day, end=clock.clock(end))


def _announcement(door: CommandContext, world: Environment, wanted: Wanted, window: tuple[datetime, datetime]) -> str:
    """The word to all on duty: when, that everything is marked, and that the real thing goes first."""
    said = door.speech.say("desk.drills.word", when=_when(door, world, window), leader=wanted.leader)
    return drills.word(said, world.catalog.books.get(door.speech.language, world.catalog.leading))


def _announce(
    door: CommandContext, world: Environment, id: str, wanted: Wanted, window: tuple[datetime, datetime]
) -> list[str]:
    if not wanted.announced:
        return []
    word = _announcement(door, world, wanted, window)
    drills.announce(world, id, word, now=door.now())
    return ["", door.say("drill_word"), word]


def _signals(door: CommandContext, source: str | None, file: str) -> Sequence[MonitorAlert]:
    body = read_bytes(file) if file else _sample(door)
    return read_signals(door, door.world(), source or "alertmanager", body)


def _sample(door: CommandContext) -> bytes:
    """The house's own sample, else the one that comes with the program."""
    places = (door.settings.content, bundled.folder("content"))
    return next((p / SAMPLE for p in places if (p / SAMPLE).is_file()), Path(SAMPLE)).read_bytes()


def _fired(door: CommandContext, drill: Drill) -> list[str]:
    return [door.say("drill_fired", alert=drill.alert)] if drill.alert else []


def _blind(door: CommandContext, blind: bool) -> list[str]:
    return [door.say("drill_blind")] if blind else []


@verb(
    "cancel",
    click.Argument(["rehearsal"], metavar="ID"),
    Flag(["--series"], is_flag=True),
    group="drill",
)
def cancel(door: CommandContext, rehearsal: str, series: bool) -> None:
    """Takes a planned drill off the plan, or its whole series."""
    world = door.world()
    try:
        gone = drills.cancel(world, rehearsal, whole=series)
    except drills.NoSuchRehearsal as error:
        raise Refusal(door.say("no_rehearsal")) from error
    door.put([planned(one) for one in gone], [door.say("drill_cancelled", drill=one.id) for one in gone])


@verb("calendar", Flag(["--out"], default="", metavar="FILE", label="calendar-out"), group="drill")
def calendar(door: CommandContext, out: str) -> None:
    """The announced drills that are to come, as a calendar file."""
    world = door.world()
    book = world.catalog.books.get(door.speech.language, world.catalog.leading)
    content = diary.of_drills(drills.coming(world), book, world.catalog.site.zone, now=door.now())
    if out:
        Path(out).write_bytes(content)
    lines = [out] if out else content.decode().splitlines()
    door.put({"calendar": content.decode()}, lines)


VERBS = {"start": start_drill, "cancel": cancel, "calendar": calendar}
