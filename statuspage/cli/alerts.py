"""Alerts: receive, acknowledge, confirm, watch, dismiss, group, ungroup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.input_files import read_bytes
from statuspage.domain import escape_control_characters
from statuspage.usecases import alerts

if TYPE_CHECKING:
    from statuspage.domain import MonitorAlert
    from statuspage.usecases.environment import Environment

ALERT_ID = click.Argument(["alert"], metavar="ID")


def actor_flag() -> Flag:
    """The person who acts, where it is not the user of this machine."""
    return Flag(["--by"], default="", metavar="NAME")


def parse_monitor_alerts(command: CommandContext, env: Environment, source: str, body: bytes) -> Sequence[MonitorAlert]:
    """The alerts in a monitor's request body. Refuses an unknown monitor and an unreadable body."""
    from statuspage.integrations.monitors import Unreadable, all_monitors

    known_monitors = all_monitors(env.catalog.json_mappings)
    if source not in known_monitors:
        raise Refusal(
            command.text("no_source", source=escape_control_characters(source), known=", ".join(known_monitors))
        )
    try:
        return known_monitors[source].parse(body, command.now())
    except Unreadable as error:
        raise Refusal(command.text("unreadable_alert", reason=error)) from error


@cli_command("alert", click.Argument(["source"]), click.Argument(["file"], metavar="FILE|-"))
def receive_alert(command: CommandContext, source: str, file: str) -> None:
    """Receives a monitor's request body as an alert."""
    env = command.open_env()
    monitor_alerts = parse_monitor_alerts(command, env, source, read_bytes(file))
    if command.is_drill:
        _refuse_forbidden_phrases(command, env, monitor_alerts)
    received = alerts.receive_alerts(env, monitor_alerts, now=command.now())
    rows = [{"alert": item.id, "incident": item.incident or None, "state": item.state.value} for item in received]
    command.print_result(
        rows, (f"{item.id}  {command.text('alert_' + item.state)}  {item.monitor_alert.title}" for item in received)
    )


def _refuse_forbidden_phrases(
    command: CommandContext, env: Environment, monitor_alerts: Sequence[MonitorAlert]
) -> None:
    from statuspage.usecases import drills

    try:
        drills.refuse_forbidden(env, *drills.alert_texts(monitor_alerts))
    except drills.ForbiddenPhraseError as error:
        raise Refusal(command.messages.label("problem.text.denies", text=error.phrase)) from error


@cli_command("ack", ALERT_ID, actor_flag())
def acknowledge_alert(command: CommandContext, alert: str, by: str) -> None:
    """Acknowledges an alert."""
    updated_alert = alerts.acknowledge(command.open_env(), alert, actor=actor_name(by), now=command.now())
    command.print_result(
        {"alert": updated_alert.id, "incident": updated_alert.incident or None},
        [command.text("acknowledged", alert=updated_alert.id)],
    )


@cli_command("confirm", ALERT_ID, actor_flag())
def confirm_alert(command: CommandContext, alert: str, by: str) -> None:
    """Confirms an alert: opens an incident whose clock started with the alert."""
    from statuspage.usecases.environment import shared_status

    env = command.open_env()
    incident = alerts.confirm(env, alert, actor=actor_name(by), now=command.now())
    shared_status.write_status(env, now=command.now())
    command.print_result({"alert": alert, "incident": incident.id}, [command.text("confirmed", incident=incident.id)])


@cli_command("false-alarm", ALERT_ID, actor_flag())
def dismiss_alert(command: CommandContext, alert: str, by: str) -> None:
    """Dismisses an alert as a false alarm, without an incident."""
    updated_alert = alerts.false_alarm(command.open_env(), alert, actor=actor_name(by), now=command.now())
    command.print_result(
        {"alert": updated_alert.id, "incident": None}, [command.text("false_alarm", alert=updated_alert.id)]
    )


@cli_command("keep-watch", ALERT_ID, actor_flag())
def watch_alert(command: CommandContext, alert: str, by: str) -> None:
    """Watches an alert: nobody is sure yet."""
    updated_alert = alerts.watch(command.open_env(), alert, actor=actor_name(by), now=command.now())
    command.print_result(
        {"alert": updated_alert.id, "incident": None}, [command.text("alert_watched", alert=updated_alert.id)]
    )


@cli_command("join", ALERT_ID, click.Argument(["target"], metavar="ID"), actor_flag())
def group_alert(command: CommandContext, alert: str, target: str, by: str) -> None:
    """Groups an alert with another one, or with an incident."""
    updated_alert = alerts.group(command.open_env(), alert, target, actor=actor_name(by), now=command.now())
    result = {"alert": updated_alert.id, "incident": updated_alert.incident or None}
    command.print_result(result, [command.text("alert_grouped", alert=updated_alert.incident or updated_alert.id)])


@cli_command("apart", ALERT_ID, actor_flag())
def ungroup_alert(command: CommandContext, alert: str, by: str) -> None:
    """Takes an alert out of its group."""
    updated_alert = alerts.ungroup(command.open_env(), alert, actor=actor_name(by), now=command.now())
    command.print_result(
        {"alert": updated_alert.id, "incident": updated_alert.incident or None},
        [command.text("alert_ungrouped", alert=updated_alert.id)],
    )


COMMANDS = {
    command.name: command
    for command in (
        receive_alert,
        acknowledge_alert,
        confirm_alert,
        dismiss_alert,
        watch_alert,
        group_alert,
        ungroup_alert,
    )
}
