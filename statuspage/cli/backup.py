"""Backs up an instance to one file, and restores one from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.integrations import age
from statuspage.settings import Settings
from statuspage.storage.engine import transfer
from statuspage.usecases import backup
from statuspage.usecases.secret_store import SecretStore

OUT = click.Argument(["file"], type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
EXISTING = click.Path(path_type=Path, exists=True, dir_okay=False)

ERASED = ".erased"
"""What the list of erased people beside a backup is called after it."""


@cli_command(
    "create",
    OUT,
    Flag(["--encrypt-to", "recipients"], multiple=True, metavar="age1…", label="backup-encrypt-to"),
    group="backup",
)
def create_backup(command: CommandContext, file: Path, recipients: tuple[str, ...]) -> None:
    """Writes databases, content and the drills' files to one file, while the instance keeps running."""
    settings = command.settings
    if command.is_drill:
        raise Refusal(command.text("backup_drill"))
    if not settings.content.is_dir() or not (settings.home.is_dir()):
        raise NotAnInstance(settings.home)
    try:
        with _age_errors(command):
            age.check_recipients(recipients)
            erasures = backup.collect_erasures(settings, now=command.now())  # first: makes the key that both need
            manifest = backup.create_backup(settings, file.absolute(), recipients=recipients, now=command.now())
    except backup.BackupInProgress:
        raise Refusal(command.text("backup_in_use", file=file)) from None
    except transfer.OutdatedSchema:
        raise Refusal(command.text("backup_old_tables")) from None
    erased = file.with_name(f"{file.name}{ERASED}")
    if erasures is not None:
        backup.write_erasures(erasures, erased)
    size = file.stat().st_size
    lines = [
        command.text("backed_up", file=file, files=len(manifest.files), size=f"{size / 1e6:.1f}"),
        command.text("backup_encrypted" if recipients else "backup_keep"),
        *([command.text("backup_erased_list", file=erased)] if erasures else []),
    ]
    command.print_result(
        {"file": str(file), "erased": str(erased) if erasures else "", "bytes": size, **_manifest_json(manifest)},
        [*lines, *_missing_settings_lines(command, manifest, set())],
    )


@cli_command(
    "restore",
    click.Argument(["file"], type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE"),
    click.Argument(["folder"], metavar="DIR"),
    Flag(["--identity"], type=EXISTING, metavar="FILE", label="backup-identity"),
    Flag(["--erased"], type=EXISTING, metavar="FILE", label="backup-erased"),
    group="backup",
)
def restore_backup(
    command: CommandContext, file: Path, folder: str, identity: Path | None, erased: Path | None
) -> None:
    """Restores the instance in FILE to DIR; sending is on hold at its first start."""
    if command.is_drill:
        raise Refusal(command.text("backup_drill"))
    settings = replace(command, home=folder).settings
    database_urls = {database_url.name: database_url for database_url in settings.database_urls}
    try:
        with _age_errors(command):
            manifest = backup.restore(
                file,
                settings.home,
                database_urls,
                identity=identity,
                erasures=backup.read_erasures(erased) if erased else None,
                now=command.now(),
            )
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
        command.text("backup_signed_out"),
        *([] if erased else [command.text("backup_no_erased")]),
        *_missing_settings_lines(command, manifest, set(settings.secrets)),
        *([command.text("backup_secrets", names=", ".join(unreadable))] if unreadable else []),
        command.text("backup_hold", home=settings.home),
    ]
    result = {"home": str(settings.home), **_manifest_json(manifest), "secrets_to_enter": unreadable}
    command.print_result(result, lines)


@cli_command("erased", OUT, group="backup")
def write_erased(command: CommandContext, file: Path) -> None:
    """Writes who was erased until now, for the restore of an older backup."""
    if command.is_drill:
        raise Refusal(command.text("backup_drill"))
    if not command.settings.home.is_dir():
        raise NotAnInstance(command.settings.home)
    erasures = backup.collect_erasures(command.settings, now=command.now())
    if erasures is None:
        raise Refusal(command.text("backup_old_tables"))
    backup.write_erasures(erasures, file.absolute())
    counts = {
        "suppressed": len(erasures.suppressed),
        "unsubscribed": len(erasures.unsubscribed),
        "accounts": len(erasures.accounts),
    }
    command.print_result({"file": str(file), **counts}, [command.text("backup_erased_list", file=file)])


@contextmanager
def _age_errors(command: CommandContext) -> Iterator[None]:
    """Says what is wrong with a key or an encrypted file."""
    try:
        yield
    except age.AgeNotInstalled:
        raise Refusal(command.text("backup_no_age")) from None
    except age.InvalidRecipient as error:
        raise Refusal(command.text("backup_recipient", recipient=str(error)), code=WRONG_USE) from None
    except age.InvalidIdentity:
        raise Refusal(command.text("backup_no_key")) from None
    except age.WrongIdentity:
        raise Refusal(command.text("backup_wrong_key")) from None
    except age.DamagedFile:
        raise Refusal(command.text("backup_cut")) from None


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


COMMANDS = {"create": create_backup, "restore": restore_backup, "erased": write_erased}
