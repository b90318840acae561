"""Lists the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from statuspage.cli.context import CommandContext
from statuspage.cli.framework import cli_command
from statuspage.cli.show import pack_of
from statuspage.storage import incidents
from statuspage.storage.engine import Database

if TYPE_CHECKING:
    pass


@cli_command("list", group="service")
def list_services(command: CommandContext) -> None:
    """Lists the services and their states."""
    env = command.open_env()
    pack, states = pack_of(command, env.site.catalog), _service_states(env.databases.environment)
    rows = [
        {
            "id": service.id,
            "group": service.group,
            "name": pack.services[service.id].name,
            "state": states.get(service.id, "operational"),
        }
        for service in env.site.catalog.services.values()
        if not service.is_retired
    ]
    group_notes = {id: f" ({words.name})" for id, words in pack.groups.items()}
    width = max((len(row["id"]) for row in rows), default=0)
    command.print_result(
        rows,
        (f"{row['id']:<{width}}  {row['state']:<12} {row['name']}{group_notes.get(row['group'], '')}" for row in rows),
    )


def _service_states(database: Database) -> Mapping[str, str]:
    from statuspage.domain import worst

    with database.read() as tx:
        affected = [entry for incident in incidents.open_incidents(tx) for entry in incident.affected]
    return {
        entry.service: worst(tuple(other.state for other in affected if other.service == entry.service)).value
        for entry in affected
    }


COMMANDS = {"list": list_services}
