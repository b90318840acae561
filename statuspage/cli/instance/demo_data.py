"""Fills an instance with a believable year."""

from __future__ import annotations

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, cli_command


@cli_command(
    "demo-data",
    Flag(["--seed"], type=click.IntRange(min=0), default=1, label="demo-seed"),
    Flag(["--add"], is_flag=True, label="demo-add"),
)
def fill_with_demo_data(command: CommandContext, seed: int, add: bool) -> None:
    """A year of incidents, planned work and drills, and what is open now. Nothing is sent."""
    from statuspage.usecases import demo_data, history_start
    from statuspage.usecases.bootstrap import drill_environment
    from statuspage.usecases.environment import shared_status
    from statuspage.usecases.publishing import site_updates

    if command.is_drill:
        raise Refusal(command.text("restore_drill"))
    env, settings, now = command.open_env(warn=False), command.settings, command.now()
    drill = drill_environment(
        settings.home,
        settings.content,
        now=now,
        address=settings.drill_address,
        database=settings.databases.drill,
        accounts=settings.databases.accounts,
    )
    for database in (drill.databases.environment, drill.databases.accounts):
        click.get_current_context().call_on_close(database.close)
    try:
        filled = demo_data.fill_instance(env, drill, seed=seed, now=now, add=add)
    except demo_data.DemoDataRefused as error:
        raise Refusal(command.text(f"demo_data_{error.reason}", names=error.names)) from None
    if history_start.move_history_start(env, settings.content) is not None:
        history_start.use_history_start(env, now=now)
    site_updates.build_site(env, now=now)
    shared_status.write_status(env, now=now)
    command.print_result(
        serialization.to_json_value(filled),
        [
            command.text(
                "demo_data_filled",
                incidents=filled.incidents,
                open=filled.open,
                maintenances=filled.maintenances,
                drills=filled.drills,
            )
        ],
    )


COMMANDS: dict[str, click.Command] = {"demo-data": fill_with_demo_data}
