"""Drills from the command line: ended, and what they showed."""

from __future__ import annotations

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.drills.scorecard import DRILL_ID, drill_json, known, read_out, whole
from statuspage.cli.framework import Verbs, verb
from statuspage.cli.show import clock_of
from statuspage.rendering.wording import Clock
from statuspage.storage.scheduled_drills import Rehearsal
from statuspage.usecases import drills
from statuspage.usecases.drills import CleanupCheck, Ended
from statuspage.usecases.environment import shared_status


@verb("end", DRILL_ID, group="drill")
def end_drill(door: CommandContext, drill_id: str | None) -> None:
    """Ends the drill that runs, and shows what it showed."""
    world = door.world()
    ended = known(door, lambda: drills.end_drill(world, drill_id or "", now=door.now()))
    shared_status.write_status(world, now=door.now())
    found = drills.report(world, ended.drill.id, now=door.now())
    lines = [*read_out(door, found, clock_of(door, world.catalog)), *_left(door, ended), *_looked(door, ended)]
    door.put({**whole(door, found), **_cleared(ended)}, lines)


def _cleared(ended: Ended) -> dict[str, object]:
    left = {"alerts": [*ended.alerts], "incidents": [*ended.incidents]}
    return {"closed": left, "clean": serialization.to_json_value(ended.found)}


def _looked(door: CommandContext, ended: Ended) -> list[str]:
    """What was looked at after the end: that nothing is left, and that nothing left the building."""
    said = [door.say(f"clean_{one.what}_{_drill_state(one)}", count=one.count) for one in ended.found]
    return ["", door.say("drill_clean"), *(f"  {line}" for line in said)]


def _drill_state(found: CleanupCheck) -> str:
    return "unknown" if found.fine is None else "fine" if found.fine else "wrong"


def _left(door: CommandContext, ended: Ended) -> list[str]:
    closed = [door.say("incident", incident=one) for one in ended.incidents]
    closed += [door.say("alert", alert=one) for one in ended.alerts]
    return ["", door.say("drill_left"), *(f"  {one}" for one in closed)] if closed else []


@verb("suspend", group="drill")
def suspend(door: CommandContext) -> None:
    """Breaks the drill off, because something real is going on."""
    world = door.world()
    ended = known(door, lambda: drills.suspend(world, now=door.now()))
    shared_status.write_status(world, now=door.now())
    lines = [door.say("drill_suspended"), *_left(door, ended), *_looked(door, ended)]
    door.put({**drill_json(ended.drill), "suspended": True, **_cleared(ended)}, lines)


@verb("list", group="drill")
def list_drills(door: CommandContext) -> None:
    """The drills that are to come, then all that were, the newest first."""
    world = door.world()
    clock = clock_of(door, world.catalog)
    coming, found = drills.coming(world), drills.all_drills(world)
    lines = [_coming(door, clock, one) for one in coming]
    broken_off = door.speech.say("desk.score.otherwise.suspended")
    lines += [
        f"{d.id}  {clock.day(d.started)} {clock.clock(d.started)}  {d.title}  {d.leader}"
        f"  {broken_off if d.suspended else ''}".rstrip()
        for d in found
    ]
    told = [{**drill_json(d), "state": "running" if d.ended is None else "over"} for d in found]
    door.put([*map(planned, coming), *told], lines or [door.say("no_drills")])


def planned(one: Rehearsal) -> dict[str, object]:
    """A drill that is to come; of a secret one only the window."""
    return {
        "id": one.id,
        "series": one.series,
        "scenario": one.scenario or None,
        "title": one.title,
        "leader": one.leader,
        "state": one.state.value,
        "announced": one.announced,
        "secret": one.secret,
        "window": serialization.to_json_value(one.window),
        "begins": None if one.secret else serialization.to_json_value(one.begins),
        "roles": serialization.to_json_value(one.roles),
        "kept_out": serialization.to_json_value(one.kept_out),
    }


def _coming(door: CommandContext, clock: Clock, one: Rehearsal) -> str:
    begin, end = one.window
    until = f"–{clock.clock(end)} {door.say('drill_secret')}" if one.secret else ""
    day = f"{clock.day(begin)} {clock.clock(begin)}{until}"
    return f"{one.id}  {day}  {one.title}  {one.leader}  {door.say('drill_planned')}"


PLACES = {
    "start": "drills.start",
    "inject": "drills.control",
    "skip": "drills.control",
    "pause": "drills.control",
    "resume": "drills.control",
    "observe": "drills.control",
    "suspend": "drills.group",
    "end": "drills.group",
    "report": "drills.scorecard",
    "grade": "drills.scorecard",
    "handled": "drills.scorecard",
    "action": "drills.scorecard",
    "trend": "drills.scorecard",
    "list": "drills.group",
    "cancel": "drills.start",
    "calendar": "drills.start",
    "scenarios": "drills.scenarios",
    "script": "drills.scenarios",
}
"""Each verb of drills and the module that holds it, in the order that --help shows."""

VERBS: dict[str, click.Command] = {
    "drill": Verbs("drill", PLACES),
    "suspend": suspend,
    "end": end_drill,
    "list": list_drills,
}
