"""Drills from the command line while they run: what is fed in, left out, seen; standing still and going on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from statuspage import serialization
from statuspage.cli.context import Door, person
from statuspage.cli.drills.scorecard import plain
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, verb
from statuspage.storage.drill_injects import Fed
from statuspage.usecases import drills

T = TypeVar("T")

WHICH = click.Argument(["which"], metavar="N|next")
BY = Flag(["--by"], default="")


@verb("inject", click.Argument(["which"], metavar="[N|next]", required=False), BY, group="drill")
def inject(door: Door, which: str | None, by: str) -> None:
    """Feeds one in at once; without a number, shows the script."""
    world = door.world()
    if which is None:
        stands = _known(door, lambda: drills.standing(world))
        door.put([_fed(fed, door) for fed in stands.script], [_line(fed, door) for fed in stands.script])
        return
    fed = _known(door, lambda: drills.fire(world, which, by=person(by), now=door.now()))
    door.put(_fed(fed, door), [door.say("inject_fired", line=_line(fed, door))])


@verb("skip", WHICH, BY, group="drill")
def skip(door: Door, which: str, by: str) -> None:
    """Leaves an inject out."""
    world = door.world()
    fed = _known(door, lambda: drills.skip(world, which, by=person(by), now=door.now()))
    door.put(_fed(fed, door), [door.say("inject_skipped", line=_line(fed, door))])


@verb("pause", group="drill")
def pause(door: Door) -> None:
    """The drill stands still."""
    world = door.world()
    drill = _known(door, lambda: drills.pause(world, now=door.now()))
    door.put(plain(drill), [door.say("drill_paused")])


@verb("resume", group="drill")
def resume(door: Door) -> None:
    """The drill goes on; what is to come comes later by as long as it stood still."""
    world = door.world()
    drill = _known(door, lambda: drills.resume(world, now=door.now()))
    door.put(plain(drill), [door.say("drill_resumed")])


@verb("observe", click.Argument(["text"], metavar="TEXT"), BY, group="drill")
def observe(door: Door, text: str, by: str) -> None:
    """Keeps what the leader saw, with the time."""
    world = door.world()
    kept = _known(door, lambda: drills.observe(world, text, by=person(by), now=door.now()))
    door.put(serialization.dump(kept), [door.say("observed")])


def _known(door: Door, work: Callable[[], T]) -> T:
    """What the work gives; a refusal in a sentence where it cannot be done."""
    try:
        return work()
    except drills.NoSuchDrill as error:
        raise Refusal(door.say("no_drill")) from error
    except drills.NoSuchInject as error:
        raise Refusal(door.say("no_inject")) from error
    except drills.LiveIncident as error:
        raise Refusal(door.say("drill_real_first")) from error
    except drills.Settled as error:
        raise Refusal(door.say("inject_settled", line=_line(error.fed, door))) from error
    except drills.NoNote as error:
        raise Refusal(door.say("no_observation")) from error
    except drills.Denies as error:
        raise Refusal(door.speech.say("problem.text.denies", text=error.said)) from error


def _fed(fed: Fed, door: Door) -> dict[str, object]:
    language = door.speech.language
    return {
        "number": fed.number,
        "id": fed.inject.id,
        "kind": fed.inject.kind.value,
        "state": fed.state.value,
        "planned": serialization.dump(fed.planned),
        "fired": serialization.dump(fed.fired),
        "by": fed.by,
        "alert": fed.alert or None,
        "subject": drills.said(fed.inject.subject, language),
        "text": drills.said(fed.inject.text, language),
        "expect": drills.said(fed.inject.expect, language),
    }


def _line(fed: Fed, door: Door) -> str:
    """Number, minute, what it is and what became of it."""
    at = fed.inject.at
    minute = f"{int(at.total_seconds() // 60)}:00" if at is not None else door.speech.say("desk.console.by_hand")
    state = door.speech.say(f"desk.console.{fed.state.value}")
    return f"{fed.number:>2}  {minute:>6}  {state}  {drills.said(fed.inject.subject, door.speech.language)}"


VERBS = {found.name: found for found in (inject, skip, pause, resume, observe)}
