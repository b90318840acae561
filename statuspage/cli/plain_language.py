"""Runs the plain-language check on a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import REFUSED, Refusal, content_refusal
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.cli.input_files import read_text
from statuspage.domain import NoticeKind

if TYPE_CHECKING:
    from statuspage.domain import Catalog
    from statuspage.rendering.plain_language import Finding


@cli_command(
    "plain",
    click.Argument(["file"], metavar="FILE|-"),
    Flag(["--lang"], default=""),
    Flag(["--notice"], default="", type=Choice(["", *(kind.value for kind in NoticeKind)]), metavar="first|…"),
)
def check_text(command: CommandContext, file: str, lang: str, notice: str) -> int:
    """Lists what customers may not understand in a text, or should not read. With --notice it is checked as a whole
    notice.

    Exit code 1 if a finding requires a reason before publishing.
    """
    from statuspage.rendering import plain_language

    catalog, text = _load_catalog(command), read_text(file).replace("\r\n", "\n")
    language = lang or (
        command.messages.language if command.messages.language in catalog.languages else catalog.languages[0]
    )
    if language not in catalog.packs:
        raise Refusal(command.messages.label("problem.language.unknown", value=language))
    kind = NoticeKind(notice) if notice else None
    context = plain_language.CheckContext(
        notice=kind, is_whole_notice=bool(kind), now=command.now(), zone=catalog.site.zone
    )
    findings = plain_language.find_unplain(text, language=language, catalog=catalog, context=context)
    lines = [line for finding in findings for line in finding_lines(command, text, finding)] or [
        command.text("plain_fine")
    ]
    if not plain_language.has_glossary(catalog, language):
        lines.append(command.text("plain_bare", language=language))
    command.print_result({"findings": [_finding_json(command, finding) for finding in findings]}, lines)
    return REFUSED if plain_language.blocking_findings(findings) else 0


def _load_catalog(command: CommandContext) -> Catalog:
    """The prepared content. Checking a text needs no database."""
    from statuspage.content.compiled import Reading, load_content
    from statuspage.usecases.content import ContentFolders

    folder = command.settings.content
    if not folder.is_dir():
        raise NotAnInstance(command.settings.home)
    folders = ContentFolders.of_live(command.settings.home, folder)
    catalog, faults = load_content(Reading(folder), folders.cache)
    if catalog is None:
        raise content_refusal(command, faults)
    return catalog


def _finding_json(command: CommandContext, finding: Finding) -> Mapping[str, object]:
    from statuspage.rendering.plain_language import reason_for

    return {
        "start": finding.start,
        "end": finding.end,
        "class": finding.category,
        "level": finding.level.value,
        "reason": reason_for(finding, command.messages.labels),
        "replacement": finding.replacement,
    }


def finding_lines(command: CommandContext, text: str, finding: Finding) -> Iterator[str]:
    """Where it was found, why, and what to write instead."""
    from statuspage.rendering.plain_language import reason_for

    reason = reason_for(finding, command.messages.labels)
    if finding.end <= finding.start:
        yield command.text("finding_whole", why=reason)
        return
    preceding = text[: finding.start]
    yield command.text(
        "finding",
        line=preceding.count("\n") + 1,
        column=finding.start - preceding.rfind("\n"),
        text=text[finding.start : finding.end],
        level=command.messages.label(f"plain.level.{finding.level}"),
        kind=command.messages.label(f"plain.class.{finding.category}"),
        why=reason,
    )
    if finding.replacement:
        yield command.text("finding_instead", instead=finding.replacement)


COMMANDS = {"plain": check_text}
