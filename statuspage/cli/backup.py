"""An instance in one file, and an instance made of one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import verb
from statuspage.storage.engine import transfer
from statuspage.usecases import backup


@verb("backup", click.Argument(["file"], type=click.Path(path_type=Path, dir_okay=False), metavar="FILE"))
def create_backup(door: CommandContext, file: Path) -> None:
    """Writes books, content and what drills left into one file, while the instance goes on."""
    here = door.settings
    if door.drill:
        raise Refusal(door.say("backup_drill"))
    if not here.content.is_dir() or not (here.home.is_dir()):
        raise NotAnInstance(here.home)
    try:
        made = backup.create_backup(here, file.absolute(), now=door.now())
    except backup.InUse:
        raise Refusal(door.say("backup_in_use", file=file)) from None
    except transfer.Old:
        raise Refusal(door.say("backup_old_tables")) from None
    size = file.stat().st_size
    lines = [door.say("backed_up", file=file, files=len(made.files), size=f"{size / 1e6:.1f}"), door.say("backup_keep")]
    door.put({"file": str(file), "bytes": size, **_manifest_json(made)}, [*lines, *_settings(door, made, set())])


@verb(
    "restore-backup",
    click.Argument(["file"], type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE"),
    click.Argument(["folder"], metavar="DIR"),
)
def restore_backup(door: CommandContext, file: Path, folder: str) -> None:
    """Makes DIR the instance that FILE was made of; on its first start nothing goes out."""
    if door.drill:
        raise Refusal(door.say("backup_drill"))
    here = replace(door, home=folder).settings
    places = {one.name: one for one in here.books}
    try:
        made = backup.restore(file, here.home, places, now=door.now())
    except backup.Unfit as error:
        raise Refusal(door.say(f"backup_{error.code}", what=error.what)) from None
    except transfer.Filled:
        raise Refusal(door.say("backup_filled")) from None
    lines = [
        door.say("backup_restored", home=here.home, made=serialization.to_json_value(made.made), program=made.program),
        *_settings(door, made, set(here.secrets)),
        door.say("backup_hold", home=here.home),
    ]
    door.put({"home": str(here.home), **_manifest_json(made)}, lines)


def _manifest_json(made: backup.Manifest) -> dict[str, object]:
    plain: dict[str, object] = serialization.to_json_value(made)
    return {**plain, "files": len(made.files)}


def _settings(door: CommandContext, made: backup.Manifest, there: set[str]) -> list[str]:
    """The settings that go with it, whose values are kept elsewhere."""
    lacking = [name for name in made.settings if name not in there]
    return [door.say("backup_settings", names=", ".join(lacking))] if lacking else []


VERBS = {"backup": create_backup, "restore-backup": restore_backup}
