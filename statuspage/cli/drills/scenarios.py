"""Lists scenarios, and exports and imports their scripts as CSV."""

from __future__ import annotations

from pathlib import Path

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import WRONG_USE, Refusal, with_nearest
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.input_files import read_text
from statuspage.content import scenario_csv
from statuspage.content.scenario_csv import ScenarioCsvError
from statuspage.domain import Catalog, Scenario
from statuspage.usecases import drills


@cli_command("scenarios", group="drill")
def list_scenarios(command: CommandContext) -> None:
    """Lists the scenarios."""
    prepared = command.open_env().site.catalog.scenarios.values()
    command.print_result(
        [_scenario_json(scenario) for scenario in prepared],
        [_scenario_line(command, scenario) for scenario in prepared] or [command.text("no_scenarios")],
    )


@cli_command(
    "script",
    click.Argument(["scenario"], metavar="[SCENARIO]", required=False),
    Flag(["--lang"], default=""),
    Flag(["--out"], default="", metavar="FILE", label="script-out"),
    Flag(["--from", "lists"], multiple=True, metavar="LANG=FILE", label="script-from"),
    group="drill",
)
def export_script(command: CommandContext, scenario: str | None, lang: str, out: str, lists: tuple[str, ...]) -> None:
    """Exports a scenario's script as CSV; with --from, makes the tables of a scenario file from such lists."""
    env = command.open_env()
    if bool(scenario) == bool(lists):
        raise Refusal(command.text("script_or_lists"), code=WRONG_USE)
    text = (
        _scenario_tables(command, env.site.catalog, lists)
        if lists
        else _csv(command, env.site.catalog, scenario or "", lang)
    )
    if out:
        Path(out).write_bytes(text.encode())
    command.print_result({"text": text}, [out] if out else text.removesuffix("\n").splitlines())


def _csv(command: CommandContext, catalog: Catalog, id: str, language: str) -> str:
    scenario = catalog.scenarios.get(id)
    if scenario is None:
        sentence = command.text("no_scenario", scenario=id, known=", ".join(catalog.scenarios))
        raise Refusal(with_nearest(command, sentence, id, catalog.scenarios))
    chosen_language = language or command.messages.language
    if chosen_language not in scenario.title:
        raise Refusal(command.text("script_language", language=chosen_language, known=", ".join(scenario.title)))
    return scenario_csv.write_csv(scenario.injects, chosen_language)


def _scenario_tables(command: CommandContext, catalog: Catalog, lists: tuple[str, ...]) -> str:
    files = dict(pair.partition("=")[::2] for pair in lists)
    texts = {language: read_text(file) for language, file in files.items()}
    marks = {language: pack.marks.start for language, pack in catalog.packs.items()}
    try:
        return scenario_csv.scenario_tables(texts, marks)
    except ScenarioCsvError as error:
        raise Refusal(
            command.text("script_unreadable", row=error.row, column=error.column, value=error.value)
        ) from error


def _scenario_json(scenario: Scenario) -> dict[str, object]:
    return {
        "id": scenario.id,
        "scope": scenario.scope,
        "incident_type": scenario.incident_type,
        "minutes": int(scenario.duration.total_seconds() // 60),
        "goal_seconds": serialization.to_json_value(scenario.notice_goal),
        "tutorial": scenario.is_solo,
        "title": dict(scenario.title),
        "briefing": dict(scenario.briefing),
        "injects": len(scenario.injects),
    }


def _scenario_line(command: CommandContext, scenario: Scenario) -> str:
    minutes = int(scenario.duration.total_seconds() // 60)
    label = command.messages.label
    title = drills.script_text(scenario.title, command.messages.language)
    return (
        f"{scenario.id:<24}{minutes:>4} {label('desk.drills.min')}  {title} ({label(f'desk.scope.{scenario.scope}')})"
    )


COMMANDS = {command.name: command for command in (list_scenarios, export_script)}
