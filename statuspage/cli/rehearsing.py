"""Drills from the command line: begun, ended, and what they showed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import click

from statuspage import drills, records, shipped, summary
from statuspage.cli.alerts import read_bytes
from statuspage.cli.door import Door, person
from statuspage.cli.looking import clock_of
from statuspage.cli.program import Flag, Verbs, verb
from statuspage.cli.refusals import WRONG_USE, Refusal
from statuspage.drills import Ended, Report, Told
from statuspage.incoming import Signal
from statuspage.store.drills import Drill
from statuspage.wording.times import Clock

T = TypeVar("T")

ID = click.Argument(["drill_id"], metavar="[ID]", required=False)

SAMPLE = "drill/alertmanager.json"
"""The alert that comes with the content, fired when nobody names another file."""


@verb(
    "start",
    Flag(["--title"], default=""),
    Flag(["--leader"], default=""),
    Flag(["--goal"], type=click.IntRange(1, 600), metavar="MINUTES"),
    Flag(["--alert", "source"], metavar="SOURCE", label="drill-alert"),
    Flag(["--file"], default="", metavar="FILE|-"),
    Flag(["--no-alert", "silent"], is_flag=True, label="no-alert"),
    group="drill",
)
def start(door: Door, title: str, leader: str, goal: int | None, source: str | None, file: str, silent: bool) -> None:
    """Begins a drill; its alert, by default a sample, fires at once and starts the clock."""
    if silent and (source or file):
        raise Refusal(door.say("alert_or_none"), code=WRONG_USE)
    world = door.world()
    signals = () if silent else _signals(door, source, file)
    length = timedelta(minutes=goal) if goal else world.catalog.site.goal
    named = title or door.say("drill_untitled")
    try:
        begun = drills.start(world, title=named, leader=person(leader), goal=length, signals=signals, now=door.now())
    except drills.LiveIncident as error:
        raise Refusal(
            door.say("drill_live"), *(f"{o.id}  {o.title(door.speech.language)}".rstrip() for o in error.open_now)
        ) from error
    except drills.Denies as error:
        raise Refusal(door.speech.say("problem.text.denies", text=error.said)) from error
    except drills.AlreadyRunning as error:
        raise Refusal(door.say("drill_running", drill=error.drill.id)) from error
    summary.write(world, now=door.now())
    lines = [door.say("drill_begun", drill=begun.drill.id), *_fired(door, begun.drill), *_blind(door, begun.blind)]
    door.put({**_plain(begun.drill), "live_known": not begun.blind}, lines)


def _signals(door: Door, source: str | None, file: str) -> Sequence[Signal]:
    from statuspage.alerts import SOURCES, Unreadable

    named = source or "alertmanager"
    if named not in SOURCES:
        raise Refusal(door.say("no_source", source=named, known=", ".join(SOURCES)))
    try:
        return SOURCES[named](read_bytes(file) if file else _sample(door))
    except Unreadable as error:
        raise Refusal(door.say("unreadable_alert", reason=error)) from error


def _sample(door: Door) -> bytes:
    """The house's own sample, else the one that comes with the program."""
    places = (door.settings.content, shipped.folder("content"))
    return next((p / SAMPLE for p in places if (p / SAMPLE).is_file()), Path(SAMPLE)).read_bytes()


def _fired(door: Door, drill: Drill) -> list[str]:
    return [door.say("drill_fired", alert=drill.alert)] if drill.alert else []


def _blind(door: Door, blind: bool) -> list[str]:
    return [door.say("drill_blind")] if blind else []


@verb("end", ID, group="drill")
def end(door: Door, drill_id: str | None) -> None:
    """Ends the drill that runs, and shows what it showed."""
    world = door.world()
    ended = _known(door, lambda: drills.end(world, drill_id or "", now=door.now()))
    summary.write(world, now=door.now())
    found = drills.report(world, ended.drill.id, now=door.now())
    left = {"closed": {"alerts": [*ended.alerts], "incidents": [*ended.incidents]}}
    lines = [*_read_out(door, found, clock_of(door, world.catalog)), *_left(door, ended)]
    door.put({**_whole(door, found), **left}, lines)


def _left(door: Door, ended: Ended) -> list[str]:
    closed = [door.say("incident", incident=one) for one in ended.incidents]
    closed += [door.say("alert", alert=one) for one in ended.alerts]
    return ["", door.say("drill_left"), *(f"  {one}" for one in closed)] if closed else []


@verb("suspend", group="drill")
def suspend(door: Door) -> None:
    """Breaks the drill off, because something real is going on."""
    world = door.world()
    ended = _known(door, lambda: drills.suspend(world, now=door.now()))
    summary.write(world, now=door.now())
    left = {"closed": {"alerts": [*ended.alerts], "incidents": [*ended.incidents]}}
    lines = [door.say("drill_suspended"), *_left(door, ended)]
    door.put({**_plain(ended.drill), "suspended": True, **left}, lines)


@verb("report", ID, group="drill")
def report(door: Door, drill_id: str | None) -> None:
    """What a drill showed, by default the newest: each stage, and where the time went."""
    world = door.world()
    found = _known(door, lambda: drills.report(world, drill_id or "", now=door.now()))
    door.put(_whole(door, found), _read_out(door, found, clock_of(door, world.catalog)))


@verb("list", group="drill")
def every(door: Door) -> None:
    """All drills, the newest first."""
    world = door.world()
    clock = clock_of(door, world.catalog)
    found = drills.every(world)
    lines = [f"{d.id}  {clock.day(d.started)} {clock.clock(d.started)}  {d.title}  {d.leader}" for d in found]
    door.put([_plain(d) for d in found], lines or [door.say("no_drills")])


def _known(door: Door, work: Callable[[], T]) -> T:
    """What the work gives; a refusal where there is no such drill."""
    try:
        return work()
    except drills.NoSuchDrill as error:
        raise Refusal(door.say("no_drill")) from error


def _plain(drill: Drill) -> dict[str, object]:
    return {
        "id": drill.id,
        "title": drill.title,
        "leader": drill.leader,
        "goal_seconds": drill.goal.total_seconds(),
        "started": records.dump(drill.started),
        "ended": records.dump(drill.ended),
        "alert": drill.alert or None,
    }


def _whole(door: Door, found: Report) -> dict[str, object]:
    return {
        **_plain(found.drill),
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


VERBS: dict[str, click.Command] = {
    "drill": Verbs("drill", dict.fromkeys(["start", "suspend", "end", "report", "list"], "rehearsing")),
    "start": start,
    "suspend": suspend,
    "end": end,
    "report": report,
    "list": every,
}
