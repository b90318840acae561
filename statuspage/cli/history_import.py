"""Brings a public history back from a published page."""

from __future__ import annotations

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal, refuse_unset
from statuspage.cli.framework import Flag, verb
from statuspage.usecases import history_import
from statuspage.usecases.environment import restore_guard, shared_status
from statuspage.usecases.history_import import Restored
from statuspage.usecases.publishing import site_updates


@verb(
    "restore",
    click.Argument(["where"], metavar="URL|DIR"),
    Flag(["--lang", "language"], default="", metavar="LANG", label="restore-lang"),
)
def restore(door: CommandContext, where: str, language: str) -> None:
    """Reads all that a published page says into the books, then writes the page; nobody is told anything."""
    if door.drill:
        raise Refusal(door.say("restore_drill"))
    world = door.world(warn=False)
    if restore_guard.since(world):
        raise Refusal(door.say("on_hold"))
    refuse_unset(door, world)
    if language and language not in world.catalog.languages:
        raise Refusal(door.say("no_language", language=language, known=", ".join(world.catalog.languages)))
    try:
        found = history_import.restore(world, where, now=door.now(), language=language)
    except history_import.Unfit as error:
        raise Refusal(door.say("restore_unfit", reason=error)) from error
    site_updates.build(world, now=door.now())
    shared_status.write_status(world, now=door.now())
    door.put(serialization.to_json_value(found), _summary_lines(door, found))


def _summary_lines(door: CommandContext, found: Restored) -> list[str]:
    lines = [door.say("restored", incidents=found.incidents, notices=found.notices, there=found.there)]
    if found.whole:
        return [*lines, door.say("restored_whole")]
    said = [f"  {door.say(f'restore_lacks_{key}')} {examples}".rstrip() for key, examples in found.unknown]
    return [*lines, door.say("restored_part"), *said]


VERBS: dict[str, click.Command] = {"restore": restore}
