"""Subscribers: counts, single subscribers, whole lists."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import click

from statuspage.cli.context import CommandContext, terminal_actor
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.cli.input_files import read_bytes
from statuspage.domain import SubscriptionLevel, SubscriptionTopic
from statuspage.usecases.environment import Environment
from statuspage.usecases.subscribers import (
    IMPORT_COLUMNS,
    Consent,
    ImportResult,
    NoSubscriberDatabase,
    RowError,
    admin,
    import_export,
)

ADDRESS = click.Argument(["address"], metavar="ADDRESS")
FILE = click.Argument(["file"], metavar="FILE|-")
OUT = click.Argument(["file"], metavar="FILE|-", type=click.Path(dir_okay=False, allow_dash=True))
BY = Flag(["--by"], default="")

LARGEST_LIST = 100_000_000
"""Maximum bytes of a list; one subscriber takes about a hundred."""


def _env_with_subscribers(command: CommandContext) -> Environment:
    env = command.open_env()
    try:
        admin.subscribers_database(env.databases.subscribers)
    except NoSubscriberDatabase:
        raise Refusal(command.text("subscribers_none")) from None
    return env


@cli_command("list", click.Argument(["address"], metavar="ADDRESS", default=""), group="subscriber")
def list_subscribers(command: CommandContext, address: str) -> None:
    """Shows how many there are, or what is stored under one address."""
    env = _env_with_subscribers(command)
    if address:
        records = [
            import_export.subscriber_json(subscriber)
            for subscriber in admin.find_by_address(env.databases.subscribers, address)
        ]
        lines = ["  ".join(value for value in record.values() if value) for record in records]
        command.print_result(records, lines or [command.text("subscribers_not_there")])
        return
    counts = admin.subscriber_counts(env)
    rows = [
        {"kind": str(count.kind), "language": count.language, "status": str(count.status), "count": count.count}
        for count in counts
    ]
    count_lines = [f"{row['kind']:<9}{row['language']:<10}{row['status']:<14}{row['count']:>8}" for row in rows]
    command.print_result(rows, [*count_lines, command.text("subscribers_active", count=admin.active_count(counts))])


@cli_command(
    "add",
    ADDRESS,
    Flag(["--lang"], default=""),
    Flag(["--service", "services"], multiple=True, metavar="ID", label="subscribers-service"),
    Flag(
        ["--about"],
        default=SubscriptionTopic.EVERYTHING.value,
        type=Choice([item.value for item in SubscriptionTopic]),
        label="subscribers-about",
    ),
    Flag(
        ["--how-much"],
        default=SubscriptionLevel.ALL.value,
        type=Choice([item.value for item in SubscriptionLevel]),
    ),
    Flag(["--who"], default="", label="consent-who"),
    Flag(["--when"], default="", label="consent-when"),
    Flag(["--how"], default="", label="consent-how"),
    BY,
    group="subscriber",
)
def add_subscriber(
    command: CommandContext,
    address: str,
    lang: str,
    services: tuple[str, ...],
    about: str,
    how_much: str,
    who: str,
    when: str,
    how: str,
    by: str,
) -> None:
    """Adds one subscriber, with proof of consent as in a list."""
    env = _env_with_subscribers(command)
    row = (address, lang or env.site.catalog.leading_pack.language, ";".join(services), about, how_much, who, when, how)
    buffer = io.StringIO()
    csv.writer(buffer).writerows((IMPORT_COLUMNS, row))
    _print_wrong_rows(
        command, admin.import_subscribers(env, buffer.getvalue(), actor=terminal_actor(by), now=command.now())
    )


@cli_command("remove", ADDRESS, BY, group="subscriber")
def erase_subscriber(command: CommandContext, address: str, by: str) -> None:
    """Erases an address permanently."""
    count = admin.erase_address(_env_with_subscribers(command), address, actor=terminal_actor(by), now=command.now())
    command.print_result({"erased": count}, [command.text("subscribers_erased", count=count)])


@cli_command(
    "import",
    FILE,
    Flag(["--dry-run"], is_flag=True, label="import-dry-run"),
    Flag(["--who"], default="", label="import-who"),
    Flag(["--when"], default="", label="import-when"),
    Flag(["--how"], default="", label="import-how"),
    BY,
    group="subscriber",
)
def import_list(command: CommandContext, file: str, dry_run: bool, who: str, when: str, how: str, by: str) -> None:
    """Imports a list with proof of consent, or one that another status page has exported."""
    text = read_bytes(file, LARGEST_LIST).decode("utf-8", "replace")
    imported = admin.import_subscribers(
        _env_with_subscribers(command),
        text,
        actor=terminal_actor(by),
        now=command.now(),
        consent=Consent(who, when, how),
        dry_run=dry_run,
    )
    _print_wrong_rows(command, imported, dry_run=dry_run)


@cli_command("export", OUT, BY, group="subscriber")
def export_list(command: CommandContext, file: str, by: str) -> None:
    """Exports the whole list to a file readable by its owner only."""
    env, now = _env_with_subscribers(command), command.now()
    lines = admin.export_subscribers(env, actor=terminal_actor(by), now=now)
    if file == "-":
        text = "".join(lines)
        command.print_result(list(csv.DictReader(io.StringIO(text))), text.splitlines())
        return
    try:
        count = import_export.write_list(lines, Path(file)) - 1
    except OSError as error:
        raise Refusal(command.text("subscribers_unwritable", file=file, reason=error.strerror)) from None
    command.print_result({"file": file, "rows": count}, [command.text("subscribers_written", count=count, file=file)])


def _print_wrong_rows(command: CommandContext, imported: ImportResult, *, dry_run: bool = False) -> None:
    if imported.errors:
        sentences = [_fault_sentence(command, fault) for fault in imported.errors]
        faults = [
            {"line": fault.line_number, "column": fault.column, "message": sentence}
            for fault, sentence in zip(imported.errors, sentences, strict=True)
        ]
        raise Refusal(*sentences, command.text("subscribers_none_imported"), reasons={"errors": faults})
    refused = [{"line": fault.line_number, "message": _fault_sentence(command, fault)} for fault in imported.refused]
    result = {
        "added": imported.added,
        "already_subscribed": imported.already_active,
        "skipped": imported.skipped,
        "refused": refused,
        "unused_columns": imported.unused,
        "dry_run": dry_run,
    }
    lines = [str(row["message"]) for row in refused]
    if refused:
        lines.append(command.text("subscribers_refused", count=len(refused)))
    if imported.unused:
        lines.append(command.text("subscribers_unused", columns=", ".join(imported.unused)))
    lines.append(
        command.text(
            "subscribers_would_import" if dry_run else "subscribers_imported",
            added=imported.added,
            known=imported.already_active,
            left_out=imported.skipped,
        )
    )
    command.print_result(result, lines)


def _fault_sentence(command: CommandContext, fault: RowError) -> str:
    prefix = command.text("subscribers_line", line=fault.line_number)
    return prefix + command.text(f"list_{fault.key}", column=fault.column, value=fault.value)


COMMANDS = {
    command.name: command for command in (list_subscribers, add_subscriber, erase_subscriber, import_list, export_list)
}
