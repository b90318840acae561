"""Runs the plain-language check on texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import REFUSED, Refusal, content_refusal
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.cli.input_files import read_text
from statuspage.domain import NoticeKind

if TYPE_CHECKING:
    from statuspage.domain import Catalog
    from statuspage.rendering.plain_language import CheckContext, Finding


@dataclass(frozen=True, slots=True)
class CheckedText:
    """A text with its findings. ``is_checked``: there is a word list for its language."""

    file: str
    language: str
    text: str
    is_checked: bool
    findings: tuple[Finding, ...]


@cli_command(
    "plain",
    click.Argument(["files"], metavar="FILE|-…", nargs=-1, required=True),
    Flag(["--lang"], default=""),
    Flag(["--notice"], default="", type=Choice(["", *(kind.value for kind in NoticeKind)]), metavar="first|…"),
)
def check_texts(command: CommandContext, files: tuple[str, ...], lang: str, notice: str) -> int:
    """Lists what customers may not understand in texts, or should not read. With --notice each is checked as a whole
    notice. Without --lang the language is that of the file's name (``notice.ja.txt``), else the terminal's.

    Exit code 1 if a finding requires a reason before publishing.
    """
    from statuspage.rendering import plain_language

    catalog = _load_catalog(command)
    if lang and lang not in catalog.packs:
        raise Refusal(command.messages.label("problem.language.unknown", value=lang))
    kind = NoticeKind(notice) if notice else None
    context = plain_language.CheckContext(
        notice=kind, is_whole_notice=bool(kind), now=command.now(), zone=catalog.site.zone
    )
    texts = [(file, read_text(file).replace("\r\n", "\n")) for file in files]
    checked = [
        _check_text(catalog, file, text, lang or _language_of(command, catalog, file), context) for file, text in texts
    ]
    command.print_result([_text_json(command, each) for each in checked], _result_lines(command, checked))
    return REFUSED if any(plain_language.blocking_findings(each.findings) for each in checked) else 0


def _language_of(command: CommandContext, catalog: Catalog, file: str) -> str:
    """The language in a file's name, else the terminal's if the site speaks it, else the site's first."""
    named = PurePath(file).with_suffix("").suffix.removeprefix(".")
    if named in catalog.packs:
        return named
    return command.messages.language if command.messages.language in catalog.languages else catalog.languages[0]


def _check_text(catalog: Catalog, file: str, text: str, language: str, context: CheckContext) -> CheckedText:
    from statuspage.rendering import plain_language

    findings = plain_language.find_unplain(text, language=language, catalog=catalog, context=context)
    return CheckedText(file, language, text, plain_language.has_glossary(catalog, language), findings)


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


def _text_json(command: CommandContext, checked: CheckedText) -> Mapping[str, object]:
    return {
        "file": checked.file,
        "language": checked.language,
        "checked": checked.is_checked,
        "findings": [_finding_json(command, finding) for finding in checked.findings],
    }


def _finding_json(command: CommandContext, finding: Finding) -> Mapping[str, object]:
    from statuspage.rendering.plain_language import reason_for

    return {
        "start": finding.start,
        "end": finding.end,
        "class": finding.category,
        "level": finding.level.value,
        "reason": reason_for(finding, command.messages.labels),
        "replacement": finding.replacement,
        "suggestion": finding.suggestion,
    }


def _result_lines(command: CommandContext, texts: list[CheckedText]) -> Iterator[str]:
    """The findings of each text, under its name if there are several."""
    for checked in texts:
        if len(texts) > 1:
            yield f"── {checked.file} · {checked.language}"
        for finding in checked.findings:
            yield from finding_lines(command, checked.text, finding)
        if not checked.is_checked:
            yield command.text("plain_not_checked", language=checked.language)
        elif not checked.findings:
            yield command.text("plain_fine")


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
    elif finding.suggestion:
        yield command.text("finding_suggestion", text=finding.suggestion)


COMMANDS = {"plain": check_texts}
