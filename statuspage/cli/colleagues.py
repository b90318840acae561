"""An incident between its notices: words for colleagues, broken again, closed without a word."""

from __future__ import annotations

from collections.abc import Iterable

import click

from statuspage import desk, outbox, summary
from statuspage.calls import Call
from statuspage.cli.alerts import by
from statuspage.cli.door import Door, person
from statuspage.cli.files import read_bytes
from statuspage.cli.program import Flag, verb
from statuspage.cli.refusals import Refusal
from statuspage.desk import telling
from statuspage.store import calls
from statuspage.typed import tidy
from statuspage.world import World

ID = click.Argument(["incident"], metavar="ID")


@verb("note", ID, click.Argument(["text"], metavar="TEXT|-", required=False), Flag(["--tell"], is_flag=True), by())
def note(door: Door, incident: str, text: str | None, tell: bool, by: str) -> None:
    """Puts words for colleagues on record; customers never see them. With ``--tell`` colleagues get them at once."""
    words = tidy(read_bytes("-").decode("utf-8", "replace") if text == "-" else text or "")
    if not words and not tell:
        raise Refusal(door.say("empty_note"))
    world = door.world()
    if tell:
        sequence = telling.of_incident(world, incident, words, by=person(by), now=door.now())
        outbox.drain(world, clock=door.now)
    else:
        sequence = desk.note(world, incident, words, by=person(by), now=door.now())
    door.put({"incident": incident, "sequence": sequence, **_told(world, incident, tell)}, [door.say("noted")])


def _told(world: World, incident: str, tell: bool) -> dict[str, object]:
    """How each way fared, where colleagues were told."""
    if not tell:
        return {}
    with world.store.read() as tx:
        made = calls.of_incident(tx, incident)
    newest = [call for call in made if call.queued == made[-1].queued] if made else []
    return {"calls": fared(newest)}


def fared(made: Iterable[Call]) -> list[dict[str, object]]:
    """How each way fared, as JSON has it."""
    return [{"way": c.way, "who": list(c.who), "end": c.end.value, "reason": c.reason} for c in made]


@verb("reopen", ID, by())
def reopen(door: Door, incident: str, by: str) -> None:
    """It broke again. Customers hear of it with the next notice."""
    world = door.world()
    sequence = desk.reopen(world, incident, by=person(by), now=door.now())
    summary.write(world, now=door.now())
    door.put({"incident": incident, "sequence": sequence}, [door.say("reopened", incident=incident)])


@verb("close", ID, by())
def close(door: Door, incident: str, by: str) -> None:
    """Closes an incident that customers were never told of."""
    world = door.world()
    sequence = desk.close(world, incident, by=person(by), now=door.now())
    summary.write(world, now=door.now())
    door.put({"incident": incident, "sequence": sequence}, [door.say("closed", incident=incident)])


VERBS = {found.name: found for found in (note, reopen, close)}
