"""Imports a public history from a published page."""

from __future__ import annotations

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.usecases import history_import, history_start
from statuspage.usecases.environment import restore_guard, shared_status
from statuspage.usecases.history_import import RestoreResult
from statuspage.usecases.history_start import EarlierStart
from statuspage.usecases.publishing import site_updates


@cli_command(
    "import",
    click.Argument(["source"], metavar="URL|DIR"),
    Flag(["--lang", "language"], default="", metavar="LANG", label="restore-lang"),
    group="history",
)
def import_history(command: CommandContext, source: str, language: str) -> None:
    """Stores everything that a published page contains, then builds the page. Nobody is notified."""
    if command.is_drill:
        raise Refusal(command.text("restore_drill"))
    env = command.open_env(warn=False)
    if restore_guard.held_since(env.databases.environment):
        raise Refusal(command.text("send_hold"))
    if language and language not in env.site.catalog.languages:
        raise Refusal(command.text("no_language", language=language, known=", ".join(env.site.catalog.languages)))
    try:
        restored = history_import.restore_history(env, source, now=command.now(), language=language)
    except history_import.UnreadablePage as error:
        raise Refusal(command.text("restore_impossible", reason=page_problem(command, error))) from error
    moved = history_start.move_history_start(env, command.settings.content)
    if moved is not None:
        history_start.use_history_start(env, now=command.now())
    site_updates.build_site(env, now=command.now())
    shared_status.write_status(env, now=command.now())
    lines = [*import_summary(command, restored), *history_start_lines(command, moved), command.text("restored_page")]
    command.print_result(serialization.to_json_value(restored), lines)


def history_start_lines(command: CommandContext, moved: EarlierStart | None) -> list[str]:
    """That the record begins earlier now, or how to make it do so."""
    if moved is None:
        return []
    return [command.text(f"history_start_{'moved' if moved.is_written else 'move'}", day=moved.day.isoformat())]


def page_problem(command: CommandContext, error: history_import.UnreadablePage) -> str:
    """Why a page cannot be read."""
    return command.text(f"restore_page_{error.reason}", file=error.file, value=error.value)


def import_summary(command: CommandContext, restored: RestoreResult) -> list[str]:
    """What was imported, and what could not be known."""
    lines = [command.text("restored", incidents=restored.incidents, notices=restored.notices, there=restored.there)]
    if restored.whole:
        return [*lines, command.text("restored_all")]
    missing_lines = [
        f"  {command.text(f'restore_lacks_{key}')} {examples}".rstrip() for key, examples in restored.unknown
    ]
    return [*lines, command.text("restored_part"), *missing_lines]


COMMANDS: dict[str, click.Command] = {"import": import_history}
