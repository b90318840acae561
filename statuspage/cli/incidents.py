"""An incident between its notices: words for colleagues, broken again, closed without a word."""

from __future__ import annotations

from collections.abc import Iterable

import click

from statuspage.cli.alerts import by
from statuspage.cli.context import CommandContext, person
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, verb
from statuspage.cli.input_files import read_bytes
from statuspage.domain import StaffNotification, strip_invisible
from statuspage.storage import staff_notifications
from statuspage.usecases import delivery, incidents
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.on_call import briefing

ID = click.Argument(["incident"], metavar="ID")


@verb("note", ID, click.Argument(["text"], metavar="TEXT|-", required=False), Flag(["--tell"], is_flag=True), by())
def note(door: CommandContext, incident: str, text: str | None, tell: bool, by: str) -> None:
    """Puts words for colleagues on record; customers never see them. With ``--tell`` colleagues get them at once."""
    words = strip_invisible(read_bytes("-").decode("utf-8", "replace") if text == "-" else text or "")
    if not words and not tell:
        raise Refusal(door.say("empty_note"))
    world = door.world()
    if tell:
        sequence = briefing.tell_colleagues(world, incident, words, by=person(by), now=door.now())
        delivery.drain(world, clock=door.now)
    else:
        sequence = incidents.note(world, incident, words, by=person(by), now=door.now())
    door.put(
        {"incident": incident, "sequence": sequence, **_notification_json(world, incident, tell)}, [door.say("noted")]
    )


def _notification_json(world: Environment, incident: str, tell: bool) -> dict[str, object]:
    """How each way fared, where colleagues were told."""
    if not tell:
        return {}
    with world.store.read() as tx:
        made = staff_notifications.notifications_of_incident(tx, incident)
    newest = [call for call in made if call.queued == made[-1].queued] if made else []
    return {"calls": fared(newest)}


def fared(made: Iterable[StaffNotification]) -> list[dict[str, object]]:
    """How each way fared, as JSON has it."""
    return [{"way": c.way, "who": list(c.who), "end": c.end.value, "reason": c.reason} for c in made]


@verb("reopen", ID, by())
def reopen(door: CommandContext, incident: str, by: str) -> None:
    """It broke again. Customers hear of it with the next notice."""
    world = door.world()
    sequence = incidents.reopen(world, incident, by=person(by), now=door.now())
    shared_status.write_status(world, now=door.now())
    door.put({"incident": incident, "sequence": sequence}, [door.say("reopened", incident=incident)])


@verb("close", ID, by())
def close_incident(door: CommandContext, incident: str, by: str) -> None:
    """Closes an incident that customers were never told of."""
    world = door.world()
    sequence = incidents.close_incident(world, incident, by=person(by), now=door.now())
    shared_status.write_status(world, now=door.now())
    door.put({"incident": incident, "sequence": sequence}, [door.say("closed", incident=incident)])


VERBS = {found.name: found for found in (note, reopen, close_incident)}
