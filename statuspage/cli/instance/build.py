"""Checks and builds an instance."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import Refusal, content_refusal
from statuspage.cli.framework import Flag, cli_command

if TYPE_CHECKING:
    from statuspage.domain import Catalog


@cli_command("check", Flag(["--strict"], is_flag=True))
def check_content(command: CommandContext, strict: bool) -> None:
    """Reads all content and tries every sentence; lists the errors."""
    from statuspage.content.compiled import Reading, load_content
    from statuspage.domain import ContentError
    from statuspage.usecases.content import ContentFolders, active_content, custom_templates

    folder = command.settings.content
    if not folder.is_dir():
        raise NotAnInstance(command.settings.home)
    folders = ContentFolders.of_live(command.settings.home, folder)
    faults = active_content.check_active(folders, now=command.now())
    catalog, _ = load_content(Reading(folder), folders.cache)
    if catalog is not None:
        faults += custom_templates.custom_template_errors(folder, catalog, now=command.now())
    if strict and catalog is not None:
        message, packs = command.text("unreviewed"), catalog.packs.values()
        unreviewed = (f"{pack.language}/phrases.toml" for pack in packs if not pack.is_reviewed)
        faults += tuple(ContentError(file, 1, "status", message) for file in unreviewed)
    if faults:
        raise content_refusal(command, faults)
    notes = _content_notes(command, folder, catalog) if catalog is not None else ()
    command.print_result([], [command.text("checked"), *notes])


def _content_notes(command: CommandContext, folder: Path, catalog: Catalog) -> Iterator[str]:
    """What passes, but not everybody expects: unreviewed languages, and what this company cannot use."""
    from statuspage.usecases.content import unavailable_choices

    names = [f"{pack.name} ({pack.language})" for pack in catalog.packs.values() if not pack.is_reviewed]
    if names:
        yield command.text("unreviewed_languages", languages=", ".join(names))
    yield from _scenario_notes(command, catalog)
    for need, choices in unavailable_choices(folder, catalog).items():
        yield command.text(f"contact_needs_{need}", choices=", ".join(choices))


def _scenario_notes(command: CommandContext, catalog: Catalog) -> Iterator[str]:
    """Which scenarios are left out and why, and what has to be prepared for others."""
    from statuspage.domain import NEEDS

    for id, services in catalog.scenario_needs.items():
        yield command.text("scenario_needs", scenario=id, services=", ".join(services))
    for need in NEEDS:
        if scenarios := [id for id, lacking in catalog.scenario_gaps.items() if need in lacking]:
            yield command.text(f"scenario_gap_{need}", scenarios=", ".join(scenarios))


@cli_command("build", Flag(["--out"], type=click.Path(path_type=Path), metavar="DIR"))
def build_site(command: CommandContext, out: Path | None) -> None:
    """Builds the whole site, in the instance or in another folder."""
    from statuspage.usecases.environment import restore_guard
    from statuspage.usecases.publishing import site_updates

    env = command.open_env(warn=False)
    if out is None and restore_guard.held_since(env.databases.environment):
        raise Refusal(command.text("send_hold"))
    if out is not None:
        _refuse_unsafe_folder(command, env.site.catalog.leading_pack.marks.machine, out)
    with _progress_bar(command) as report_progress:
        built = site_updates.build_site(env, now=command.now(), output_folder=out, report_progress=report_progress)
    folder = out or env.site_folder.current
    command.print_result(
        {"out": str(folder), "files": built.files, "seconds": round(built.seconds, 3)},
        [command.text("built", files=built.files, seconds=f"{built.seconds:.1f}", where=folder)],
    )


def _refuse_unsafe_folder(command: CommandContext, machine: str, out: Path) -> None:
    """Refuses to write one environment's pages over, into or around those of the other, or over the instance's own
    files."""
    resolved = out.resolve()
    for own_folder in (command.settings.home / name for name in ("site", "drill")):
        if resolved.is_relative_to(own_folder.resolve()) or own_folder.resolve().is_relative_to(resolved):
            raise Refusal(command.text("out_inside", out=out))
    with suppress(OSError, ValueError):
        index = json.loads((resolved / "history" / "index.json").read_text("utf-8"))
        if index.get("cap_status", machine) != machine:
            raise Refusal(command.text("out_other", out=out))


@contextmanager
def _progress_bar(command: CommandContext) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr; none if it is not a terminal."""
    label = command.text("building")
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def report_progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield report_progress


COMMANDS = {command.name: command for command in (check_content, build_site)}
