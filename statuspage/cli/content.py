"""What of the content counts, and what an instance says otherwise than the program."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import REFUSED, Refusal, with_nearest
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.content import loading
from statuspage.content.loading import LayerValue

LONGEST_LINE = 160
"""The maximum characters of a text shown."""


@cli_command("show", click.Argument(["key"], metavar="[FILE:]KEY"), group="content")
def show_value(command: CommandContext, key: str) -> None:
    """What this key says, and which file it comes from; below it what the layers below say."""
    folder = _require_content_folder(command)
    file, colon, name = key.rpartition(":")
    found = loading.find_values(folder, name if colon else key, file)
    if not found:
        raise Refusal(
            with_nearest(command, command.text("content_unknown", keys=key), name, loading.known_keys(folder))
        )
    command.print_result(
        {"values": [[_as_json(value) for value in values] for values in found]},
        [line for values in found for line in _value_lines(values)],
    )


@cli_command("diff", Flag(["--starter"], type=Choice(loading.starters()), label="diff-starter"), group="content")
def show_own_values(command: CommandContext, starter: str | None) -> int:
    """Every value of the instance that replaces one of the program; or what another starter would change."""
    if starter:
        return _show_starter_change(command, starter)
    own_values = loading.find_own_values(_require_content_folder(command))
    command.print_result(
        {"own": [{**_as_json(own), "instead_of": _as_json(shipped)} for own, shipped in own_values]},
        [line for pair in own_values for line in _difference_lines(*pair)] or [command.text("content_no_own")],
    )
    return 0


def _show_starter_change(command: CommandContext, starter: str) -> int:
    """What the line ``starter =`` would break, and what it would change; exit code 1 if it would break something."""
    from statuspage.usecases.content import starter_change

    change = starter_change.try_starter(_require_content_folder(command), starter)
    lists = {"lost": change.lost, "gained": change.gained, "unproposed": change.unproposed}
    lines = [str(error) for error in change.errors]
    lines += [command.text(f"starter_{name}", ids=", ".join(ids)) for name, ids in lists.items() if ids]
    key = "starter_breaks" if change.errors else "starter_fits"
    command.print_result(
        {"errors": [serialization.to_json_value(error) for error in change.errors], **lists},
        [*lines, command.text(key, starter=starter, count=len(change.errors))],
    )
    return REFUSED if change.errors else 0


def _require_content_folder(command: CommandContext) -> Path:
    settings = command.settings
    if not settings.content.is_dir():
        raise NotAnInstance(settings.home)
    return settings.content


def _as_json(value: LayerValue) -> dict[str, object]:
    return {"file": value.file, "line": value.line, "key": value.key, "value": value.value}


def _value_lines(values: Sequence[LayerValue]) -> Iterator[str]:
    counting, *others = values
    yield f"{counting.file}:{counting.line}: {_excerpt(counting.value)}"
    yield from (f"    {other.file}:{other.line}: {_excerpt(other.value)}" for other in others)


def _difference_lines(own: LayerValue, shipped: LayerValue) -> Iterator[str]:
    yield f"{own.file}:{own.line}: {own.key}"
    yield f"  - {_excerpt(shipped.value)}"
    yield f"  + {_excerpt(own.value)}"


def _excerpt(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"


COMMANDS = {command.name: command for command in (show_value, show_own_values)}
