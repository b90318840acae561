"""The scripts of drills from the command line: which there are, and each as an event list, out and in."""

from __future__ import annotations

from pathlib import Path

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import Flag, verb
from statuspage.cli.input_files import read_text
from statuspage.content import scenario_csv
from statuspage.content.scenario_csv import Unlisted
from statuspage.domain import Scenario
from statuspage.usecases import drills
from statuspage.usecases.environment import Environment


@verb("scenarios", group="drill")
def scenarios(door: CommandContext) -> None:
    """The scenarios that are prepared."""
    found = door.world().catalog.scenarios.values()
    door.put(
        [_scenario_json(one) for one in found],
        [_scenario_line(door, one) for one in found] or [door.say("no_scenarios")],
    )


@verb(
    "script",
    click.Argument(["scenario"], metavar="[SCENARIO]", required=False),
    Flag(["--lang"], default=""),
    Flag(["--out"], default="", metavar="FILE", label="script-out"),
    Flag(["--from", "lists"], multiple=True, metavar="LANG=FILE", label="script-from"),
    group="drill",
)
def script(door: CommandContext, scenario: str | None, lang: str, out: str, lists: tuple[str, ...]) -> None:
    """A scenario's event list as CSV; with --from, the tables of a scenario file made from such lists."""
    world = door.world()
    if bool(scenario) == bool(lists):
        raise Refusal(door.say("script_or_lists"), code=WRONG_USE)
    text = _tables(door, world, lists) if lists else _csv(door, world, scenario or "", lang)
    if out:
        Path(out).write_bytes(text.encode())
    door.put({"text": text}, [out] if out else text.removesuffix("\n").splitlines())


def _csv(door: CommandContext, world: Environment, id: str, language: str) -> str:
    found = world.catalog.scenarios.get(id)
    if found is None:
        raise Refusal(door.say("no_scenario", scenario=id, known=", ".join(world.catalog.scenarios)))
    spoken = language or door.speech.language
    if spoken not in found.title:
        raise Refusal(door.say("script_language", language=spoken, known=", ".join(found.title)))
    return scenario_csv.write_csv(found.injects, spoken)


def _tables(door: CommandContext, world: Environment, lists: tuple[str, ...]) -> str:
    named = dict(one.partition("=")[::2] for one in lists)
    texts = {language: read_text(file) for language, file in named.items()}
    marks = {language: book.marks.start for language, book in world.catalog.books.items()}
    try:
        return scenario_csv.scenario_tables(texts, marks)
    except Unlisted as error:
        raise Refusal(door.say("unlisted", row=error.row, column=error.column, value=error.value)) from error


def _scenario_json(one: Scenario) -> dict[str, object]:
    return {
        "id": one.id,
        "scope": one.scope,
        "kind": one.kind,
        "minutes": int(one.length.total_seconds() // 60),
        "goal_seconds": serialization.to_json_value(one.goal),
        "alone": one.alone,
        "title": dict(one.title),
        "story": dict(one.story),
        "injects": len(one.injects),
    }


def _scenario_line(door: CommandContext, one: Scenario) -> str:
    minutes = int(one.length.total_seconds() // 60)
    say = door.speech.say
    title = drills.script_text(one.title, door.speech.language)
    return f"{one.id:<24}{minutes:>4} {say('desk.drills.min')}  {title} ({say(f'desk.scope.{one.scope}')})"


VERBS = {found.name: found for found in (scenarios, script)}
