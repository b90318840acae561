"""Drills from the command line: ended, and what they showed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

import click

from statuspage import drills, records, summary
from statuspage.cli.door import Door
from statuspage.cli.looking import clock_of
from statuspage.cli.program import Verbs, verb
from statuspage.cli.refusals import Refusal
from statuspage.drills import Ended, Found, Report, Told
from statuspage.store.drills import Drill
from statuspage.store.rehearsals import Rehearsal
from statuspage.wording.times import Clock

T = TypeVar("T")

ID = click.Argument(["drill_id"], metavar="[ID]", required=False)


@verb("end", ID, group="drill")
def end(door: Door, drill_id: str | None) -> None:
    """Ends the drill that runs, and shows what it showed."""
    world = door.world()
    ended = known(door, lambda: drills.end(world, drill_id or "", now=door.now()))
    summary.write(world, now=door.now())
    found = drills.report(world, ended.drill.id, now=door.now())
    lines = [*_read_out(door, found, clock_of(door, world.catalog)), *_left(door, ended), *_looked(door, ended)]
    door.put({**_whole(door, found), **_cleared(ended)}, lines)


def _cleared(ended: Ended) -> dict[str, object]:
    left = {"alerts": [*ended.alerts], "incidents": [*ended.incidents]}
    return {"closed": left, "clean": records.dump(ended.found)}


def _looked(door: Door, ended: Ended) -> list[str]:
    """What was looked at after the end: that nothing is left, and that nothing left the building."""
    said = [door.say(f"clean_{one.what}_{_word(one)}", count=one.count) for one in ended.found]
    return ["", door.say("drill_clean"), *(f"  {line}" for line in said)]


def _word(found: Found) -> str:
    return "unknown" if found.fine is None else "fine" if found.fine else "wrong"


def _left(door: Door, ended: Ended) -> list[str]:
    closed = [door.say("incident", incident=one) for one in ended.incidents]
    closed += [door.say("alert", alert=one) for one in ended.alerts]
    return ["", door.say("drill_left"), *(f"  {one}" for one in closed)] if closed else []


@verb("suspend", group="drill")
def suspend(door: Door) -> None:
    """Breaks the drill off, because something real is going on."""
    world = door.world()
    ended = known(door, lambda: drills.suspend(world, now=door.now()))
    summary.write(world, now=door.now())
    lines = [door.say("drill_suspended"), *_left(door, ended), *_looked(door, ended)]
    door.put({**plain(ended.drill), "suspended": True, **_cleared(ended)}, lines)


@verb("report", ID, group="drill")
def report(door: Door, drill_id: str | None) -> None:
    """What a drill showed, by default the newest: each stage, and where the time went."""
    world = door.world()
    found = known(door, lambda: drills.report(world, drill_id or "", now=door.now()))
    door.put(_whole(door, found), _read_out(door, found, clock_of(door, world.catalog)))


@verb("list", group="drill")
def every(door: Door) -> None:
    """The drills that are to come, then all that were, the newest first."""
    world = door.world()
    clock = clock_of(door, world.catalog)
    coming, found = drills.coming(world), drills.every(world)
    lines = [_coming(door, clock, one) for one in coming]
    lines += [f"{d.id}  {clock.day(d.started)} {clock.clock(d.started)}  {d.title}  {d.leader}" for d in found]
    known = [{**plain(d), "state": "running" if d.ended is None else "over"} for d in found]
    door.put([*map(planned, coming), *known], lines or [door.say("no_drills")])


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
        "window": records.dump(one.window),
        "begins": None if one.secret else records.dump(one.begins),
        "roles": records.dump(one.roles),
        "kept_out": records.dump(one.kept_out),
    }


def _coming(door: Door, clock: Clock, one: Rehearsal) -> str:
    begin, end = one.window
    until = f"–{clock.clock(end)} {door.say('drill_secret')}" if one.secret else ""
    day = f"{clock.day(begin)} {clock.clock(begin)}{until}"
    return f"{one.id}  {day}  {one.title}  {one.leader}  {door.say('drill_planned')}"


def known(door: Door, work: Callable[[], T]) -> T:
    """What the work gives; a refusal where there is no such drill."""
    try:
        return work()
    except drills.NoSuchDrill as error:
        raise Refusal(door.say("no_drill")) from error


def plain(drill: Drill) -> dict[str, object]:
    return {
        "id": drill.id,
        "title": drill.title,
        "leader": drill.leader,
        "goal_seconds": drill.goal.total_seconds(),
        "started": records.dump(drill.started),
        "ended": records.dump(drill.ended),
        "alert": drill.alert or None,
        "scenario": drill.scenario or None,
        "announced": drill.announced,
        "secret": drill.window is not None,
        "ends": records.dump(drill.ends),
        "paused": records.dump(drill.paused),
        "roles": records.dump(drill.roles),
        "kept_out": records.dump(drill.kept_out),
    }


def _whole(door: Door, found: Report) -> dict[str, object]:
    return {
        **plain(found.drill),
        "seconds_to_notice": records.dump(found.took),
        "reached": found.reached,
        "t0_source": "form" if found.from_form else "alert",
        "earlier_seconds": records.dump(found.earlier),
        "incidents": [_incident(door, told) for told in found.incidents],
    }


def _incident(door: Door, told: Told) -> dict[str, object]:
    slowest = told.slowest
    return {
        "incident": told.incident,
        "stamps": records.dump(told.stamps),
        "intervals": [{"stage": i.stage, "by": i.by, "seconds": i.length.total_seconds()} for i in told.intervals],
        "seconds_to_notice": records.dump(told.took),
        "slowest": {"stage": slowest.stage, "seconds": slowest.length.total_seconds()} if slowest else None,
        "sentence": slowest_sentence(door, told),
    }


def _read_out(door: Door, found: Report, clock: Clock) -> Iterator[str]:
    drill = found.drill
    yield f"{drill.title}  {clock.day(drill.started)} {clock.clock(drill.started)}  {drill.leader}"
    yield _verdict(door, found, clock)
    for told in found.incidents:
        yield ""
        yield from _stages(door, told)
        if sentence := slowest_sentence(door, told):
            yield sentence


def _verdict(door: Door, found: Report, clock: Clock) -> str:
    goal = clock.length(found.drill.goal)
    if found.took is None:
        return door.say("drill_not_readable", goal=goal)
    key = f"drill_{'reached' if found.reached else 'missed'}{'_form' if found.from_form else ''}"
    return door.say(key, took=spoken(door, found.took), goal=goal)


def _stages(door: Door, told: Told) -> Iterator[str]:
    for interval in told.intervals:
        mark = "←" if told.slowest == interval else ""
        stage = door.say(f"stage_{interval.stage}")
        yield f"  {_stopwatch(interval.length):>8}  {stage}  {interval.by} {mark}".rstrip()


def slowest_sentence(door: Door, told: Told) -> str:
    """Where the time went, in one sentence; "" while the notice is not readable, or when no stretch took a second."""
    if told.slowest is None or told.slowest.length < timedelta(seconds=1):
        return ""
    stage = door.say(f"slow_{told.slowest.stage}")
    return door.say("drill_slowest", stage=stage, length=_stopwatch(told.slowest.length))


def spoken(door: Door, length: timedelta) -> str:
    """How long, with its seconds: what a drill is about."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    label = "seconds" if not minutes else "minutes_seconds"
    return door.say(label, minutes=minutes, seconds=seconds)


def _stopwatch(length: timedelta) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"


PLACES = {
    "start": "beginning",
    "inject": "feeding",
    "skip": "feeding",
    "pause": "feeding",
    "resume": "feeding",
    "observe": "feeding",
    "suspend": "rehearsing",
    "end": "rehearsing",
    "report": "rehearsing",
    "list": "rehearsing",
    "cancel": "beginning",
    "calendar": "beginning",
    "scenarios": "scripting",
    "script": "scripting",
}
"""Each verb of drills and the module that holds it, in the order that --help shows."""

VERBS: dict[str, click.Command] = {
    "drill": Verbs("drill", PLACES),
    "suspend": suspend,
    "end": end,
    "report": report,
    "list": every,
}
