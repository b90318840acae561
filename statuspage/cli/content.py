"""Compares an instance's content with the shipped content, and adds what it lacks."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click

from statuspage import bundled, serialization
from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.content.upgrade import ContentKey, MissingContent, OwnContent, select_missing, value_at
from statuspage.usecases.content import upgrade

KEYS = click.Argument(["keys"], metavar="[KEY]...", nargs=-1)
LONGEST_LINE = 160
"""The maximum characters of a text shown."""


@cli_command("diff", KEYS, Flag(["--own"], is_flag=True, label="content-own"), group="content")
def show_diff(command: CommandContext, keys: tuple[str, ...], own: bool) -> None:
    """Lists what can be added; with --own also where the instance's own texts differ."""
    content_folder = _require_content_folder(command)
    missing = _select_missing(command, upgrade.find_missing(content_folder), keys)
    own_wordings = upgrade.own_words(content_folder) if own else ()
    result = {
        "new": [_missing_json(item) for item in missing],
        **({"customised": serialization.to_json_value(_own_wordings_json(own_wordings))} if own else {}),
    }
    command.print_result(
        result,
        [
            *_difference_lines(command, missing),
            *(line for wording in own_wordings for line in _own_wording_lines(wording)),
        ],
    )


@cli_command(
    "take",
    KEYS,
    Flag(["--all", "everything"], is_flag=True, label="content-all"),
    Flag(["--dry-run"], is_flag=True),
    group="content",
)
def upgrade_content(command: CommandContext, keys: tuple[str, ...], everything: bool, dry_run: bool) -> None:
    """Adds these parts; with --all everything the program requires. The instance's own texts stay unchanged."""
    if bool(keys) == everything:
        raise Refusal(command.text("content_which"), code=WRONG_USE)
    content_folder = _require_content_folder(command)
    missing = upgrade.find_missing(content_folder)
    selected = (
        tuple(item for item in missing if item.required) if everything else _select_missing(command, missing, keys)
    )
    try:
        files = () if dry_run else upgrade.take_over(content_folder, selected)
    except upgrade.NotPossible as error:
        raise Refusal(command.text("content_manual", file=error)) from None
    summary = command.text(
        "content_would_add" if dry_run else "content_added", count=len(selected), files=", ".join(files)
    )
    lines = [f"  {item.name}" for item in selected]
    result = {"added": [] if dry_run else [item.name for item in selected], "files": list(files)}
    if dry_run:
        result["would_add"] = [item.name for item in selected]
    command.print_result(result, [*lines, summary] if selected else [command.text("content_up_to_date")])


def _require_content_folder(command: CommandContext) -> Path:
    settings = command.settings
    if not settings.content.is_dir():
        raise NotAnInstance(settings.home)
    return settings.content


def _select_missing(
    command: CommandContext, missing: tuple[MissingContent, ...], keys: tuple[str, ...]
) -> tuple[MissingContent, ...]:
    if not keys:
        return missing
    selected, unknown = select_missing(missing, keys)
    if unknown:
        raise Refusal(command.text("content_unknown", keys=", ".join(unknown)))
    return selected


def _missing_json(item: MissingContent) -> dict[str, object]:
    locations = [
        {"file": content_key.file, "key": ".".join(map(str, content_key.key)), "text": _excerpt(content_key)}
        for content_key in item.locations
    ]
    return {"key": item.name, "required": item.required, "locations": locations}


def _excerpt(content_key: ContentKey) -> str:
    """The text on one line; "" for a whole file."""
    if not content_key.key:
        return ""
    table = tomllib.loads((bundled.folder("content") / content_key.file).read_text("utf-8"))
    value = value_at(table, content_key.key)
    if isinstance(value, dict):
        value = next((value[key] for key in ("text", "label", "name") if isinstance(value.get(key), str)), value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"


def _difference_lines(command: CommandContext, missing: tuple[MissingContent, ...]) -> Iterator[str]:
    if not missing:
        yield command.text("content_up_to_date")
        return
    for is_needed, heading in ((True, "content_needed"), (False, "content_offered")):
        items = [item for item in missing if item.required is is_needed]
        if items:
            yield command.text(heading, count=len(items))
        for entry in items:
            yield f"  {entry.name}"
            yield from (
                f"      {content_key.language or content_key.file}: {_excerpt(content_key)}"
                for content_key in entry.locations
                if content_key.key
            )
    yield command.text("content_upgrade_how")


def _own_wordings_json(own_wordings: tuple[OwnContent, ...]) -> list[dict[str, object]]:
    return [
        {
            "file": wording.location.file,
            "key": ".".join(map(str, wording.location.key)),
            "own_text": _as_text(wording.own_value),
        }
        for wording in own_wordings
    ]


def _own_wording_lines(wording: OwnContent) -> Iterator[str]:
    yield f"{wording.location.file}: {'.'.join(map(str, wording.location.key))}"
    yield f"  - {_as_text(wording.program_value)}"
    yield f"  + {_as_text(wording.own_value)}"


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


COMMANDS = {command.name: command for command in (show_diff, upgrade_content)}
