"""Imports a public history from a published page."""

from __future__ import annotations

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.usecases import history_import
from statuspage.usecases.environment import restore_guard, shared_status
from statuspage.usecases.history_import import RestoreResult
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
    site_updates.build_site(env, now=command.now())
    shared_status.write_status(env, now=command.now())
    command.print_result(serialization.to_json_value(restored), import_summary(command, restored))


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
