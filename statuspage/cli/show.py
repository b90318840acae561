"""Read-only commands: services, incident types, alerts, incidents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.framework import cli_command
from statuspage.domain import EventKind, Incident, InternalNote, Notice, TimelineEntry, TimelineEvent
from statuspage.storage import alerts as alert_rows
from statuspage.storage import deliveries, incidents

if TYPE_CHECKING:
    from statuspage.domain import Alert, Catalog, LanguagePack
    from statuspage.rendering.wording import Clock
    from statuspage.usecases.environment import Environment


def pack_of(command: CommandContext, catalog: Catalog) -> LanguagePack:
    """The language pack of the terminal's language, else the site's first."""
    return catalog.packs.get(command.messages.language) or catalog.leading_pack


def clock_of(command: CommandContext, catalog: Catalog) -> Clock:
    """Formats times in the terminal's language and the site's zone."""
    from statuspage.rendering.wording import Clock

    return Clock(pack_of(command, catalog).locale_rules, catalog.site.zone)


@cli_command("services")
def list_services(command: CommandContext) -> None:
    """Lists the services and their states."""
    env = command.open_env()
    pack, states = pack_of(command, env.catalog), _service_states(env)
    rows = [
        {
            "id": service.id,
            "group": service.group,
            "name": pack.services[service.id].name,
            "state": states.get(service.id, "operational"),
        }
        for service in env.catalog.services.values()
        if not service.is_retired
    ]
    command.print_result(
        rows, (f"{row['id']:<14}{row['state']:<13}{row['name']} ({pack.groups[row['group']]})" for row in rows)
    )


def _service_states(env: Environment) -> Mapping[str, str]:
    from statuspage.domain import worst

    with env.database.read() as tx:
        affected = [entry for incident in incidents.open_incidents(tx) for entry in incident.affected]
    return {
        entry.service: worst(tuple(other.state for other in affected if other.service == entry.service)).value
        for entry in affected
    }


@cli_command("kinds")
def list_incident_types(command: CommandContext) -> None:
    """Lists the incident types, with the questions each asks."""
    env = command.open_env()
    pack = pack_of(command, env.catalog)
    rows = [
        {
            "id": incident_type.id,
            "name": pack.phrases.get(f"incident_type.{incident_type.id}.name", incident_type.id),
            "services": [f"{affected.service}:{affected.state}" for affected in incident_type.services],
            "questions": [
                {"id": question.id, "answers": [*question.answers], "required": question.is_required}
                for question in incident_type.questions
            ],
        }
        for incident_type in env.catalog.unplanned_types.values()
    ]
    command.print_result(rows, (line for row in rows for line in _incident_type_lines(row)))


def _incident_type_lines(row: Mapping[str, object]) -> Iterator[str]:
    yield f"{row['id']:<13}{row['name']}"
    questions = row["questions"]
    for question in questions if isinstance(questions, list) else []:
        yield f"{'':<13}--answer {question['id']}={'|'.join(question['answers'])}"


@cli_command("alerts")
def list_alerts(command: CommandContext) -> None:
    """Lists the unsettled alerts."""
    env = command.open_env()
    clock = clock_of(command, env.catalog)
    with env.database.read() as tx:
        waiting = alert_rows.open_alerts(tx)
        groups = alert_rows.summarize_groups(tx, [alert.id for alert in waiting])
    more_texts = {id: f" {command.text('alert_more', count=group.count)}" for id, group in groups.items()}
    headings = (
        f"{alert.id}  {clock.format_time(alert.received_at)}  {command.text('alert_' + alert.state)}"
        f"  {alert.monitor_alert.title}"
        for alert in waiting
    )
    lines = [f"{heading}{more_texts.get(alert.id, '')}" for heading, alert in zip(headings, waiting, strict=True)]
    rows = [_alert_json(alert) | {"grouped": groups[alert.id].count if alert.id in groups else 0} for alert in waiting]
    command.print_result(rows, lines or [command.text("no_alerts")])


def _alert_json(alert: Alert) -> dict[str, object]:
    result: dict[str, object] = serialization.to_json_value(alert)
    return result | {"started_at": serialization.to_json_value(alert.t0)}


@cli_command("show", click.Argument(["incident"], metavar="[ID]", required=False))
def show_incidents(command: CommandContext, incident: str | None) -> None:
    """The open incidents, or everything about one."""
    env = command.open_env()
    if incident:
        _show_incident(command, env, incident)
        return
    with env.database.read() as tx:
        open_incidents = incidents.open_incidents(tx)
    clock = clock_of(command, env.catalog)
    lines = [
        f"{item.id}  {clock.format_time(item.opened)}  {item.status:<14}{title_of(command, env, item)}"
        for item in open_incidents
    ]
    command.print_result(
        [_incident_summary(command, env, item) for item in open_incidents], lines or [command.text("none_open")]
    )


def _incident_summary(command: CommandContext, env: Environment, incident: Incident) -> dict[str, object]:
    return {
        "id": incident.id,
        "title": title_of(command, env, incident),
        "status": incident.status,
        "state": incident.state.value,
        "opened": serialization.to_json_value(incident.opened),
        "latest_sequence": incident.latest_sequence,
    }


def title_of(command: CommandContext, env: Environment, incident: Incident) -> str:
    """The incident's title in the terminal's language; a fixed text where nothing is public."""
    if incident.latest is None:
        return command.text("not_published")
    texts = incident.latest.notice.texts
    text = texts.get(command.messages.language) or texts.get(env.catalog.languages[0]) or next(iter(texts.values()))
    return text.title


def _show_incident(command: CommandContext, env: Environment, incident_id: str) -> None:
    from statuspage.usecases.incidents import NoSuchIncident

    with env.database.read() as tx:
        incident = incidents.load_incident(tx, incident_id)
        incident_deliveries = deliveries.deliveries_of_incident(tx, incident_id)
    if incident is None:
        raise NoSuchIncident
    clock = clock_of(command, env.catalog)
    received = incident.first_time_of(EventKind.RECEIVED) or incident.first_time_of(EventKind.ALERTED)
    result = {
        **serialization.to_json_value(incident),
        "received": serialization.to_json_value(received),
        "deliveries": serialization.to_json_value(incident_deliveries),
    }
    times = {"at": clock.format_time(incident.t0), "received": clock.format_time(received or incident.t0)}
    heading = f"{incident.id}  {incident.status}  {title_of(command, env, incident)}"
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


COMMANDS = {command.name: command for command in (list_services, list_incident_types, list_alerts, show_incidents)}
