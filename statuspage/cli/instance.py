"""The instance itself: made, checked, built."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import Refusal, of_faults, refuse_unset
from statuspage.cli.framework import Flag, verb


@verb("init", click.Argument(["folder"], metavar="DIR", required=False))
def init(door: CommandContext, folder: str | None) -> None:
    """Makes DIR an instance of the sample company: content, databases, secret, and a first build of the page."""
    from dataclasses import replace

    from statuspage.usecases import instance
    from statuspage.usecases.environment import shared_status
    from statuspage.usecases.publishing import site_updates

    if not (folder or door.home or door.environ.get("STATUSPAGE_HOME")):
        raise click.UsageError("DIR")
    here = replace(door, home=folder or door.home)
    home = here.settings.home
    instance.fill(home)
    world = here.world()
    built = site_updates.build(world, now=here.now())
    shared_status.write_status(world, now=here.now())
    door.put(
        {"home": str(home), "files": built.files},
        [door.say("made", home=home), door.say("made_next", home=home)],
    )


@verb("check", Flag(["--strict"], is_flag=True))
def check_content(door: CommandContext, strict: bool) -> None:
    """Reads all content and tries every sentence; lists what is wrong."""
    from statuspage.content import loading
    from statuspage.domain import ContentError
    from statuspage.usecases.content import active_content, custom_templates, upgrade

    folder = door.settings.content
    if not folder.is_dir():
        raise NotAnInstance(door.settings.home)
    faults = active_content.check_active(folder, now=door.now())
    catalog, _ = loading.read_content(folder)
    if catalog is not None:
        faults += custom_templates.faults(folder, catalog, now=door.now())
    if catalog is not None and strict:
        message = door.say("unreviewed")
        books = (book for book in catalog.books.values() if book.status != "reviewed")
        faults += tuple(ContentError(f"{book.language}/phrases.toml", 1, "status", message) for book in books)
    lacking = upgrade.lacking(folder)
    if faults:
        refusal = of_faults(door, faults)
        mends = (door.say("content_mends"),) if any(new.needed for new in lacking) else ()
        raise Refusal(*refusal.sentences, *mends, reasons=refusal.reasons)
    more = [door.say("content_more", count=len(lacking))] if lacking else []
    door.put([], [door.say("checked"), *more])


@verb("build", Flag(["--out"], type=click.Path(path_type=Path), metavar="DIR"))
def build(door: CommandContext, out: Path | None) -> None:
    """Writes the whole site afresh, into the instance or into another folder."""
    from statuspage.usecases.environment import restore_guard
    from statuspage.usecases.publishing import site_updates

    world = door.world(warn=False)
    if out is None and restore_guard.since(world):
        raise Refusal(door.say("on_hold"))
    refuse_unset(door, world)
    if out is not None:
        _refuse_place(door, world.catalog.leading.marks.machine, out)
    with _progress(door) as tell:
        built = site_updates.build(world, now=door.now(), out=out, tell=tell)
    where = out or world.target.current
    door.put(
        {"out": str(where), "files": built.files, "seconds": round(built.seconds, 3)},
        [door.say("built", files=built.files, seconds=f"{built.seconds:.1f}", where=where)],
    )


def _refuse_place(door: CommandContext, machine: str, out: Path) -> None:
    """Pages of one world are never written over, into or around those of the other, nor over the instance's own."""
    place = out.resolve()
    for ours in (door.settings.home / name for name in ("site", "drill")):
        if place.is_relative_to(ours.resolve()) or ours.resolve().is_relative_to(place):
            raise Refusal(door.say("out_inside", out=out))
    with suppress(OSError, ValueError):
        there = json.loads((place / "history" / "index.json").read_text("utf-8"))
        if there.get("cap_status", machine) != machine:
            raise Refusal(door.say("out_other", out=out))


@contextmanager
def _progress(door: CommandContext) -> Iterator[Callable[[int, int], None]]:
    """A bar for a person who waits, on the stream for messages; none where nobody looks."""
    label = door.say("building")
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def tell(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        yield tell


VERBS = {found.name: found for found in (init, check_content, build)}
