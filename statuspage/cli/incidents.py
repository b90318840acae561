"""Incidents between their notices: list, internal notes, reopen, close without a notice."""

from __future__ import annotations

from collections.abc import Iterable

import click

from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.input_files import read_bytes
from statuspage.cli.show import print_open_incidents
from statuspage.domain import StaffNotification, strip_invisible
from statuspage.storage import staff_notifications
from statuspage.storage.engine import Database
from statuspage.usecases import delivery, incidents
from statuspage.usecases.environment import shared_status
from statuspage.usecases.on_call import briefing

ID = click.Argument(["incident"], metavar="ID")


@cli_command("list", group="incident")
def list_incidents(command: CommandContext) -> None:
    """Lists the open incidents."""
    print_open_incidents(command, command.open_env())


@cli_command(
    "note",
    ID,
    click.Argument(["text"], metavar="TEXT|-", required=False),
    Flag(["--tell"], is_flag=True),
    actor_flag(),
    group="incident",
)
def add_note(command: CommandContext, incident: str, text: str | None, tell: bool, by: str) -> None:
    """Records an internal note, which customers never see. With ``--tell`` staff are notified at once."""
    note_text = strip_invisible(read_bytes("-").decode("utf-8", "replace") if text == "-" else text or "")
    if not note_text and not tell:
        raise Refusal(command.text("empty_note"))
    env = command.open_env()
    if tell:
        sequence = briefing.brief_staff(env, incident, note_text, actor=actor_name(by), now=command.now())
        delivery.drain(env, clock=command.now)
    else:
        sequence = incidents.add_note(env, incident, note_text, actor=actor_name(by), now=command.now())
    command.print_result(
        {"incident": incident, "sequence": sequence, **_notification_json(env.databases.environment, incident, tell)},
        [command.text("note_added")],
    )


def _notification_json(database: Database, incident: str, tell: bool) -> dict[str, object]:
    """The result of each channel, if staff were notified."""
    if not tell:
        return {}
    with database.read() as tx:
        notifications = staff_notifications.notifications_of_incident(tx, incident)
    newest = (
        [notification for notification in notifications if notification.queued_at == notifications[-1].queued_at]
        if notifications
        else []
    )
    return {"notifications": notifications_json(newest)}


def notifications_json(notifications: Iterable[StaffNotification]) -> list[dict[str, object]]:
    """The result of each channel as JSON."""
    return [
        {
            "channel": notification.channel,
            "recipients": list(notification.recipients),
            "status": notification.status.value,
            "reason": notification.reason,
        }
        for notification in notifications
    ]


@cli_command("reopen", ID, actor_flag(), group="incident")
def reopen_incident(command: CommandContext, incident: str, by: str) -> None:
    """Reopens an incident; customers are told with the next notice."""
    env = command.open_env()
    sequence = incidents.reopen_incident(env.databases.environment, incident, actor=actor_name(by), now=command.now())
    shared_status.write_status(env, now=command.now())
    command.print_result({"incident": incident, "sequence": sequence}, [command.text("reopened", incident=incident)])


@cli_command("close", ID, actor_flag(), group="incident")
def close_incident(command: CommandContext, incident: str, by: str) -> None:
    """Closes an incident that was never published."""
    env = command.open_env()
    sequence = incidents.close_incident(env.databases.environment, incident, actor=actor_name(by), now=command.now())
    shared_status.write_status(env, now=command.now())
    command.print_result({"incident": incident, "sequence": sequence}, [command.text("closed", incident=incident)])


COMMANDS = {command.name: command for command in (list_incidents, add_note, reopen_incident, close_incident)}
