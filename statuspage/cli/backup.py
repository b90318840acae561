"""Backs up an instance to one file, and restores one from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import cli_command
from statuspage.settings import Settings
from statuspage.storage.engine import transfer
from statuspage.usecases import backup
from statuspage.usecases.secret_store import SecretStore


@cli_command(
    "create",
    click.Argument(["file"], type=click.Path(path_type=Path, dir_okay=False), metavar="FILE"),
    group="backup",
)
def create_backup(command: CommandContext, file: Path) -> None:
    """Writes databases, content and the drills' files to one file, while the instance keeps running."""
    settings = command.settings
    if command.is_drill:
        raise Refusal(command.text("backup_drill"))
    if not settings.content.is_dir() or not (settings.home.is_dir()):
        raise NotAnInstance(settings.home)
    try:
        manifest = backup.create_backup(settings, file.absolute(), now=command.now())
    except backup.BackupInProgress:
        raise Refusal(command.text("backup_in_use", file=file)) from None
    except transfer.OutdatedSchema:
        raise Refusal(command.text("backup_old_tables")) from None
    size = file.stat().st_size
    lines = [
        command.text("backed_up", file=file, files=len(manifest.files), size=f"{size / 1e6:.1f}"),
        command.text("backup_keep"),
    ]
    command.print_result(
        {"file": str(file), "bytes": size, **_manifest_json(manifest)},
        [*lines, *_missing_settings_lines(command, manifest, set())],
    )


@cli_command(
    "restore",
    click.Argument(["file"], type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE"),
    click.Argument(["folder"], metavar="DIR"),
    group="backup",
)
def restore_backup(command: CommandContext, file: Path, folder: str) -> None:
    """Restores the instance in FILE to DIR; sending is on hold at its first start."""
    if command.is_drill:
        raise Refusal(command.text("backup_drill"))
    settings = replace(command, home=folder).settings
    database_urls = {database_url.name: database_url for database_url in settings.database_urls}
    try:
        manifest = backup.restore(file, settings.home, database_urls, now=command.now())
    except backup.InvalidBackup as error:
        raise Refusal(command.text(f"backup_{error.code}", what=error.subject)) from None
    except transfer.TargetNotEmpty:
        raise Refusal(command.text("backup_filled")) from None
    unreadable = _unreadable_secrets(settings)
    lines = [
        command.text(
            "backup_restored",
            home=settings.home,
            made=serialization.to_json_value(manifest.created_at),
            program=manifest.program_version,
        ),
        *_missing_settings_lines(command, manifest, set(settings.secrets)),
        *([command.text("backup_secrets", names=", ".join(unreadable))] if unreadable else []),
        command.text("backup_hold", home=settings.home),
    ]
    result = {"home": str(settings.home), **_manifest_json(manifest), "secrets_to_enter": unreadable}
    command.print_result(result, lines)


def _unreadable_secrets(settings: Settings) -> list[str]:
    """The secrets that must be entered again, because no backup contains the key that encrypted them."""
    store = SecretStore(settings)
    try:
        return [name for name, secret in store.list_kept().items() if not secret.is_readable]
    finally:
        store.close()


def _manifest_json(manifest: backup.Manifest) -> dict[str, object]:
    result: dict[str, object] = serialization.to_json_value(manifest)
    return {**result, "files": len(manifest.files)}


def _missing_settings_lines(command: CommandContext, manifest: backup.Manifest, present: set[str]) -> list[str]:
    """The settings that belong to the instance, whose values are stored elsewhere."""
    missing = [name for name in manifest.settings if name not in present]
    return [command.text("backup_settings", names=", ".join(missing))] if missing else []


COMMANDS = {"create": create_backup, "restore": restore_backup}
