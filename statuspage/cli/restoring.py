"""Brings a public history back from a published page."""

from __future__ import annotations

import click

from statuspage import holding, publishing, records, restoring, summary
from statuspage.cli.door import Door
from statuspage.cli.program import Flag, verb
from statuspage.cli.refusals import Refusal, refuse_unset
from statuspage.restoring import Restored


@verb(
    "restore",
    click.Argument(["where"], metavar="URL|DIR"),
    Flag(["--lang", "language"], default="", metavar="LANG", label="restore-lang"),
)
def restore(door: Door, where: str, language: str) -> None:
    """Reads all that a published page says into the books, then writes the page; nobody is told anything."""
    if door.drill:
        raise Refusal(door.say("restore_drill"))
    world = door.world(warn=False)
    if holding.since(world):
        raise Refusal(door.say("on_hold"))
    refuse_unset(door, world)
    if language and language not in world.catalog.languages:
        raise Refusal(door.say("no_language", language=language, known=", ".join(world.catalog.languages)))
    try:
        found = restoring.restore(world, where, now=door.now(), language=language)
    except restoring.Unfit as error:
        raise Refusal(door.say("restore_unfit", reason=error)) from error
    publishing.build(world, now=door.now())
    summary.write(world, now=door.now())
    door.put(records.dump(found), _lines(door, found))


def _lines(door: Door, found: Restored) -> list[str]:
    lines = [door.say("restored", incidents=found.incidents, notices=found.notices, there=found.there)]
    if found.whole:
        return [*lines, door.say("restored_whole")]
    said = [f"  {door.say(f'restore_lacks_{key}')} {examples}".rstrip() for key, examples in found.unknown]
    return [*lines, door.say("restored_part"), *said]


VERBS: dict[str, click.Command] = {"restore": restore}
