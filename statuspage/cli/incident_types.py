"""Lists the incident types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from statuspage.cli.context import CommandContext
from statuspage.cli.framework import cli_command
from statuspage.cli.show import pack_of


@cli_command("list", group="incident-type")
def list_incident_types(command: CommandContext) -> None:
    """Lists the incident types, with the questions of each."""
    env = command.open_env()
    pack = pack_of(command, env.site.catalog)
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
        for incident_type in env.site.catalog.unplanned_types.values()
    ]
    width = max((len(str(row["id"])) for row in rows), default=0) + 2
    command.print_result(rows, (line for row in rows for line in _incident_type_lines(row, width)))


def _incident_type_lines(row: Mapping[str, object], width: int) -> Iterator[str]:
    yield f"{row['id']:<{width}}{row['name']}"
    questions = row["questions"]
    for question in questions if isinstance(questions, list) else []:
        yield f"{'':<{width}}--answer {question['id']}={'|'.join(question['answers'])}"


COMMANDS = {"list": list_incident_types}
