"""Alerts from the command line: handed in, acknowledged, confirmed, called false."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from statuspage.cli.context import CommandContext, person
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, verb
from statuspage.cli.input_files import read_bytes
from statuspage.domain import escape_control_characters
from statuspage.usecases import alerts

if TYPE_CHECKING:
    from statuspage.domain import MonitorAlert
    from statuspage.usecases.environment import Environment

ALERT_ID = click.Argument(["alert"], metavar="ID")


def by() -> Flag:
    """Who does it, where it is not the account on this machine."""
    return Flag(["--by"], default="", metavar="NAME")


def read_signals(command: CommandContext, env: Environment, source: str, body: bytes) -> Sequence[MonitorAlert]:
    """The alerts in what this monitor would have sent. Refuses a monitor that is none, and a message that is none."""
    from statuspage.integrations.monitors import Unreadable, monitors

    known_monitors = monitors(env.catalog.json_mappings)
    if source not in known_monitors:
        raise Refusal(command.text("no_source", source=escape_control_characters(source), known=", ".join(known_monitors)))
    try:
        return known_monitors[source].parse(body, command.now())
    except Unreadable as error:
        raise Refusal(command.text("unreadable_alert", reason=error)) from error


@verb("alert", click.Argument(["source"]), click.Argument(["file"], metavar="FILE|-"))
def alert(command: CommandContext, source: str, file: str) -> None:
    """Takes in what a monitor would have sent."""
    env = command.open_env()
    monitor_alerts = read_signals(command, env, source, read_bytes(file))
    if command.is_drill:
        _refuse_denials(command, env, monitor_alerts)
    received = alerts.receive(env, monitor_alerts, now=command.now())
    rows = [{"alert": item.id, "incident": item.incident or None, "state": item.state.value} for item in received]
    command.print_result(rows, (f"{item.id}  {command.text('alert_' + item.state)}  {item.signal.title}" for item in received))


def _refuse_denials(command: CommandContext, env: Environment, monitor_alerts: Sequence[MonitorAlert]) -> None:
    from statuspage.usecases import drills

    try:
        drills.refuse_denials(env, *drills.texts_of(monitor_alerts))
    except drills.ForbiddenPhraseError as error:
        raise Refusal(command.messages.say("problem.text.denies", text=error.phrase)) from error


@verb("ack", ALERT_ID, by())
def ack(command: CommandContext, alert: str, by: str) -> None:
    """Somebody has it."""
    updated_alert = alerts.acknowledge(command.open_env(), alert, actor=person(by), now=command.now())
    command.print_result({"alert": updated_alert.id, "incident": updated_alert.incident or None}, [command.text("acknowledged", alert=updated_alert.id)])


@verb("confirm", ALERT_ID, by())
def confirm_alert(command: CommandContext, alert: str, by: str) -> None:
    """It is real: opens an incident, whose clock began with the alert."""
    from statuspage.usecases.environment import shared_status

    env = command.open_env()
    incident = alerts.confirm(env, alert, actor=person(by), now=command.now())
    shared_status.write_status(env, now=command.now())
    command.print_result({"alert": alert, "incident": incident.id}, [command.text("confirmed", incident=incident.id)])


@verb("false-alarm", ALERT_ID, by())
def false_alarm(command: CommandContext, alert: str, by: str) -> None:
    """Nothing is wrong: closes the alert without an incident."""
    updated_alert = alerts.false_alarm(command.open_env(), alert, actor=person(by), now=command.now())
    command.print_result({"alert": updated_alert.id, "incident": None}, [command.text("false_alarm", alert=updated_alert.id)])


@verb("keep-watch", ALERT_ID, by())
def keep_watch(command: CommandContext, alert: str, by: str) -> None:
    """Not sure yet: somebody keeps an eye on the alert."""
    updated_alert = alerts.watch(command.open_env(), alert, actor=person(by), now=command.now())
    command.print_result({"alert": updated_alert.id, "incident": None}, [command.text("watched", alert=updated_alert.id)])


@verb("join", ALERT_ID, click.Argument(["target"], metavar="ID"), by())
def join(command: CommandContext, alert: str, target: str, by: str) -> None:
    """The alert belongs to another one, or to an incident."""
    updated_alert = alerts.group(command.open_env(), alert, target, actor=person(by), now=command.now())
    result = {"alert": updated_alert.id, "incident": updated_alert.incident or None}
    command.print_result(result, [command.text("joined_to", alert=updated_alert.incident or updated_alert.id)])


@verb("apart", ALERT_ID, by())
def apart(command: CommandContext, alert: str, by: str) -> None:
    """The alert does not belong to its line."""
    updated_alert = alerts.ungroup(command.open_env(), alert, actor=person(by), now=command.now())
    command.print_result({"alert": updated_alert.id, "incident": updated_alert.incident or None}, [command.text("parted", alert=updated_alert.id)])


VERBS = {command.name: command for command in (alert, ack, confirm_alert, false_alarm, keep_watch, join, apart)}
