"""Incidents between their notices: list, internal notes, reopen, close without a notice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click

from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.errors import WRONG_USE, Refusal, unknown_value
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.cli.input_files import read_bytes
from statuspage.cli.show import clock_of
from statuspage.domain import LanguagePack, StaffNotification, format_duration, strip_invisible
from statuspage.storage import incident_records, staff_notifications
from statuspage.storage.engine import Database
from statuspage.storage.incident_records import IncidentGroup, IncidentOrder, IncidentRecord
from statuspage.usecases import delivery, incident_list, incidents
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incident_list import IncidentQuery
from statuspage.usecases.on_call import briefing

ID = click.Argument(["incident"], metavar="ID")


GROUPS, ORDERS = [group.value for group in IncidentGroup], [order.value for order in IncidentOrder]

LISTED_AT_ONCE = 50
"""How many incidents are listed unless ``--limit`` says otherwise."""


@cli_command(
    "list",
    click.Argument(["text"], metavar="[TEXT]", required=False),
    Flag(["--group"], type=Choice(GROUPS), default=None, label="list-group"),
    Flag(["--type", "incident_type"], default="", metavar="ID", label="list-type"),
    Flag(["--service"], default="", metavar="ID", label="list-service"),
    Flag(["--cause"], default="", metavar="ID", label="list-cause"),
    Flag(["--since"], type=click.DateTime(["%Y-%m-%d"]), metavar="2026-01-31", label="list-since"),
    Flag(["--until"], type=click.DateTime(["%Y-%m-%d"]), metavar="2026-12-31", label="list-until"),
    Flag(["--sort", "order"], type=Choice(ORDERS), default="newest", label="list-sort"),
    Flag(["--limit"], type=click.IntRange(1), default=LISTED_AT_ONCE, metavar="NUMBER", label="list-limit"),
    Flag(["--csv", "as_csv"], is_flag=True, label="list-csv"),
    group="incident",
)
def list_incidents(
    command: CommandContext, text: str | None, group: str | None, order: str, limit: int, as_csv: bool, **asked: Any
) -> None:
    """Lists incidents, the newest first, with their figures; ``--csv`` writes all that match."""
    query = IncidentQuery(text=text or "", group=group or "", order=IncidentOrder(order), **_with_days(asked))
    env = command.open_env()
    _require_known_ids(command, env, query)
    zone, database = env.site.catalog.site.zone, env.databases.environment
    packs = incident_list.packs_for(env.site.catalog, command.messages.language)
    if as_csv:
        click.echo(incident_list.write_csv(incident_list.incidents_csv(database, query, zone, packs)), nl=False)
        return
    with database.read() as tx:
        records = incident_records.list_records(tx, query.as_filter(zone), query.order, limit=limit)
        services = incident_records.services_of(tx, [record.id for record in records])
    command.print_result(
        [incident_list.record_json(record, services.get(record.id, ()), packs) for record in records],
        [_record_line(command, env, record, packs) for record in records] or [command.text("no_incident_found")],
    )


def _with_days(asked: dict[str, Any]) -> dict[str, Any]:
    """The flags, with days instead of midnights."""
    return {name: value.date() if isinstance(value, datetime) else value for name, value in asked.items()}


def _require_known_ids(command: CommandContext, env: Environment, query: IncidentQuery) -> None:
    catalog = env.site.catalog
    pairs = (
        (query.incident_type, catalog.incident_types),
        (query.service, catalog.leading_pack.services),
        (query.cause, catalog.leading_pack.lists["cause"]),
    )
    for value, known in pairs:
        if value and value not in known:
            raise Refusal(unknown_value(command.messages, "no_choice", value, [*known]), code=WRONG_USE)


def _record_line(
    command: CommandContext, env: Environment, record: IncidentRecord, packs: Sequence[LanguagePack]
) -> str:
    figures, clock = record.figures, clock_of(command, env.site.catalog)
    lengths = (
        command.text("list_duration", time=format_duration(figures.duration)) if figures.duration else "",
        command.text("list_told", time=format_duration(figures.time_to_notice)) if figures.time_to_notice else "",
        command.text("list_promises", kept=figures.promises_kept, made=figures.promises_made)
        if figures.promises_made
        else "",
        command.text("list_corrections", count=figures.corrections) if figures.corrections else "",
    )
    title = incident_list.title_in(figures, packs) or command.text("not_published")
    state = command.text("list_over" if record.is_over else "list_open")
    return "  ".join(
        (
            record.id,
            clock.format_day_time(record.opened_at, now=command.now()),
            state,
            title,
            *(part for part in lengths if part),
        )
    )


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
