"""Drills from the command line while they run: what is fed in, left out, seen; standing still and going on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext, person
from statuspage.cli.drills.scorecard import drill_json
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, verb
from statuspage.storage.drill_injects import Fed
from statuspage.usecases import drills

T = TypeVar("T")

WHICH = click.Argument(["which"], metavar="N|next")
BY = Flag(["--by"], default="")


@verb("inject", click.Argument(["which"], metavar="[N|next]", required=False), BY, group="drill")
def inject(door: CommandContext, which: str | None, by: str) -> None:
    """Feeds one in at once; without a number, shows the script."""
    world = door.world()
    if which is None:
        stands = _refused_or(door, lambda: drills.inject_status(world))
        door.put([_fed(fed, door) for fed in stands.script], [_inject_line(fed, door) for fed in stands.script])
        return
    fed = _refused_or(door, lambda: drills.fire(world, which, by=person(by), now=door.now()))
    door.put(_fed(fed, door), [door.say("inject_fired", line=_inject_line(fed, door))])


@verb("skip", WHICH, BY, group="drill")
def skip(door: CommandContext, which: str, by: str) -> None:
    """Leaves an inject out."""
    world = door.world()
    fed = _refused_or(door, lambda: drills.skip(world, which, by=person(by), now=door.now()))
    door.put(_fed(fed, door), [door.say("inject_skipped", line=_inject_line(fed, door))])


@verb("pause", group="drill")
def pause_drill(door: CommandContext) -> None:
    """The drill stands still."""
    world = door.world()
    drill = _refused_or(door, lambda: drills.pause_drill(world, now=door.now()))
    door.put(drill_json(drill), [door.say("drill_paused")])


@verb("resume", group="drill")
def resume_drill(door: CommandContext) -> None:
    """The drill goes on; what is to come comes later by as long as it stood still."""
    world = door.world()
    drill = _refused_or(door, lambda: drills.resume_drill(world, now=door.now()))
    door.put(drill_json(drill), [door.say("drill_resumed")])


@verb("observe", click.Argument(["text"], metavar="TEXT"), BY, group="drill")
def observe(door: CommandContext, text: str, by: str) -> None:
    """Keeps what the leader saw, with the time."""
    world = door.world()
    kept = _refused_or(door, lambda: drills.observe(world, text, by=person(by), now=door.now()))
    door.put(serialization.to_json_value(kept), [door.say("observed")])


def _refused_or(door: CommandContext, work: Callable[[], T]) -> T:
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
        raise Refusal(door.say("inject_settled", line=_inject_line(error.fed, door))) from error
    except drills.NoNote as error:
        raise Refusal(door.say("no_observation")) from error
    except drills.ForbiddenPhraseError as error:
        raise Refusal(door.speech.say("problem.text.denies", text=error.said)) from error


def _fed(fed: Fed, door: CommandContext) -> dict[str, object]:
    language = door.speech.language
    return {
        "number": fed.number,
        "id": fed.inject.id,
        "kind": fed.inject.kind.value,
        "state": fed.state.value,
        "planned": serialization.to_json_value(fed.planned),
        "fired": serialization.to_json_value(fed.fired),
        "by": fed.by,
        "alert": fed.alert or None,
        "subject": drills.script_text(fed.inject.subject, language),
        "text": drills.script_text(fed.inject.text, language),
        "expect": drills.script_text(fed.inject.expect, language),
    }


def _inject_line(fed: Fed, door: CommandContext) -> str:
    """Number, minute, what it is and what became of it."""
    at = fed.inject.at
    minute = f"{int(at.total_seconds() // 60)}:00" if at is not None else door.speech.say("desk.console.by_hand")
    state = door.speech.say(f"desk.console.{fed.state.value}")
    return f"{fed.number:>2}  {minute:>6}  {state}  {drills.script_text(fed.inject.subject, door.speech.language)}"


VERBS = {found.name: found for found in (inject, skip, pause_drill, resume_drill, observe)}
