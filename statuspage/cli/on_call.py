"""Who is on duty, from the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.framework import verb
from statuspage.cli.show import clock_of

if TYPE_CHECKING:
    from statuspage.domain import Responder
    from statuspage.usecases.environment import Environment
    from statuspage.usecases.on_call import Standing


@verb("duty")
def duty(door: CommandContext) -> None:
    """Who is on duty now and next, and by which ways nobody can be called."""
    from statuspage.usecases.on_call import rosters_now

    world = door.world()
    found = rosters_now(world, now=door.now())
    lines = [line for one in found for line in _roster_lines(door, world, one)] or [door.say("duty_none")]
    if world.not_callers:
        lines.append(door.say("duty_not_connected", ways=", ".join(world.not_callers)))
    door.put({"rosters": [_roster_json(one) for one in found], "not_connected": dict(world.not_callers)}, lines)


def _roster_json(one: Standing) -> dict[str, object]:
    rota = one.rota
    return {
        "id": one.id,
        "now": _people(rota.now),
        "until": serialization.to_json_value(rota.until),
        "next": _people(rota.next),
        "begins": serialization.to_json_value(rota.begins),
        "fetched": serialization.to_json_value(one.fetched),
        "trouble": one.trouble,
    }


def _people(people: Sequence[Responder]) -> list[dict[str, str]]:
    return [{"id": one.id, "name": one.name, "phone": one.phone, "mail": one.mail} for one in people]


def _roster_lines(door: CommandContext, world: Environment, one: Standing) -> Iterator[str]:
    clock, rota = clock_of(door, world.catalog), one.rota
    names = world.catalog.duty.rosters[one.id].names
    slots = {"roster": names.get(door.speech.language, one.id), "names": _names_of(rota.now)}
    if not rota.now:
        yield door.say("duty_nobody", **slots)
    elif rota.until is None:
        yield door.say("duty_now_open", **slots)
    else:
        yield door.say("duty_now", **slots, until=clock.day_clock(rota.until))
    if rota.begins:
        yield f"  {door.say('duty_next', names=_names_of(rota.next), begins=clock.day_clock(rota.begins))}"
    else:
        yield f"  {door.say('duty_next_nobody')}"
    if one.fetched:
        yield f"  {door.say('duty_fetched', time=clock.day_clock(one.fetched))}"
    if one.trouble:
        yield f"  {door.speech.say(f'desk.duty.trouble.{one.trouble}')}"


def _names_of(people: Sequence[Responder]) -> str:
    return ", ".join(f"{one.name} {one.phone}".strip() for one in people)


VERBS = {duty.name: duty}
