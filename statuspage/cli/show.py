"""Shows incidents: all open ones, or everything about one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.framework import cli_command
from statuspage.domain import EventKind, Incident, InternalNote, Notice, TimelineEntry, TimelineEvent, open_questions
from statuspage.storage import deliveries, incidents

if TYPE_CHECKING:
    from statuspage.domain import Catalog, LanguagePack
    from statuspage.rendering.wording import Clock
    from statuspage.usecases.environment import Environment


def pack_of(command: CommandContext, catalog: Catalog) -> LanguagePack:
    """The language pack of the terminal's language, else of the site's first."""
    return catalog.packs.get(command.messages.language) or catalog.leading_pack


def clock_of(command: CommandContext, catalog: Catalog) -> Clock:
    """Formats times in the terminal's language and the site's zone."""
    from statuspage.rendering.wording import Clock

    return Clock(pack_of(command, catalog).locale_rules, catalog.site.zone)


@cli_command("show", click.Argument(["incident"], metavar="[ID]", required=False))
def show_incidents(command: CommandContext, incident: str | None) -> None:
    """Shows the open incidents, or everything about one."""
    env = command.open_env()
    if incident:
        _show_incident(command, env, incident)
        return
    print_open_incidents(command, env)


def print_open_incidents(command: CommandContext, env: Environment) -> None:
    """Prints the open incidents, one line each."""
    with env.databases.environment.read() as tx:
        open_incidents = incidents.open_incidents(tx)
    clock = clock_of(command, env.site.catalog)
    lines = [
        f"{item.id}  {clock.format_time(item.opened)}  {item.status:<14}{title_of(command, env.site.catalog, item)}"
        for item in open_incidents
    ]
    with env.databases.environment.read() as tx:
        ended = incidents.with_open_questions(tx)
    open_count = sum(len(open_questions(item, env.site.catalog)) for item in ended)
    hint = [command.text("questions_open", count=open_count)] if open_count else []
    command.print_result(
        [_incident_summary(command, env.site.catalog, item) for item in open_incidents],
        [*(lines or [command.text("none_open")]), *hint],
    )


def _incident_summary(command: CommandContext, catalog: Catalog, incident: Incident) -> dict[str, object]:
    return {
        "id": incident.id,
        "title": title_of(command, catalog, incident),
        "status": incident.status,
        "state": incident.state.value,
        "opened": serialization.to_json_value(incident.opened),
        "latest_sequence": incident.latest_sequence,
    }


def title_of(command: CommandContext, catalog: Catalog, incident: Incident) -> str:
    """The incident's title in the terminal's language; a fixed text if nothing is public."""
    if incident.latest is None:
        return command.text("not_published")
    texts = incident.latest.notice.texts
    text = texts.get(command.messages.language) or texts.get(catalog.languages[0]) or next(iter(texts.values()))
    return text.title


def _show_incident(command: CommandContext, env: Environment, incident_id: str) -> None:
    from statuspage.usecases.incidents import NoSuchIncident

    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, incident_id)
        incident_deliveries = deliveries.deliveries_of_incident(tx, incident_id)
    if incident is None:
        raise NoSuchIncident
    clock = clock_of(command, env.site.catalog)
    received = incident.first_time_of(EventKind.RECEIVED) or incident.first_time_of(EventKind.ALERTED)
    result = {
        **serialization.to_json_value(incident),
        "received": serialization.to_json_value(received),
        "deliveries": serialization.to_json_value(incident_deliveries),
    }
    times = {"at": clock.format_time(incident.t0), "received": clock.format_time(received or incident.t0)}
    heading = f"{incident.id}  {incident.status}  {title_of(command, env.site.catalog, incident)}"
    entry_lines = (
        f"  {recorded.sequence:>3}  {clock.format_time(recorded.recorded)}  {_entry_line(command, recorded)}"
        for recorded in incident.entries
    )
    delivery_lines = (
        f"       {delivery.sequence:>3}  {delivery.channel:<8} {delivery.status}  {delivery.receipt.url}"
        for delivery in incident_deliveries
    )
    clock_lines = [] if incident.is_maintenance else [f"  {command.text(f'clock_{incident.t0_source}', **times)}"]
    command.print_result(result, [heading, *clock_lines, *entry_lines, *delivery_lines])


def _entry_line(command: CommandContext, recorded: TimelineEntry) -> str:
    match recorded.entry:
        case TimelineEvent(event=step, actor=actor, text=text):
            return f"{command.text('step_' + step)}  {actor}  {text}".rstrip()
        case InternalNote(text=text, actor=actor):
            return f"{command.text('internal_note')}  {actor}  {text}"
        case Notice(texts=texts, actor=actor):
            notice_text = texts.get(command.messages.language) or next(iter(texts.values()))
            return f"{notice_text.label}  {actor}  {notice_text.headline}"


COMMANDS = {"show": show_incidents}
