"""Whether customers will understand a text: the check for plain language at the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import REFUSED, Refusal, of_faults
from statuspage.cli.framework import Flag, verb
from statuspage.cli.input_files import read_text
from statuspage.domain import NoticeKind

if TYPE_CHECKING:
    from statuspage.domain import Catalog
    from statuspage.rendering.plain_language import Finding


@verb(
    "plain",
    click.Argument(["file"], metavar="FILE|-"),
    Flag(["--lang"], default=""),
    Flag(["--notice"], default="", type=click.Choice(["", *(kind.value for kind in NoticeKind)]), metavar="first|…"),
)
def check_text(door: CommandContext, file: str, lang: str, notice: str) -> int:
    """What customers may not understand in a text, or should not read. With --notice it is taken for a whole one.

    Exit code 1 when something in it asks for a reason before it may go out.
    """
    from statuspage.rendering import plain_language as checker

    catalog, text = _catalog(door), read_text(file).replace("\r\n", "\n")
    language = lang or (door.speech.language if door.speech.language in catalog.languages else catalog.languages[0])
    if language not in catalog.books:
        raise Refusal(door.speech.say("problem.language.unknown", value=language))
    kind = NoticeKind(notice) if notice else None
    context = checker.Context(notice=kind, whole=bool(kind), now=door.now(), zone=catalog.site.zone)
    found = checker.find_unplain(text, language=language, catalog=catalog, context=context)
    lines = [line for one in found for line in finding_lines(door, text, one)] or [door.say("plain_fine")]
    if not checker.knows(catalog, language):
        lines.append(door.say("plain_bare", language=language))
    door.put({"findings": [_as_json(door, one) for one in found]}, lines)
    return REFUSED if checker.grave(found) else 0


def _catalog(door: CommandContext) -> Catalog:
    """The prepared content. No database is needed to look at a text."""
    from statuspage.content import loading

    folder = door.settings.content
    if not folder.is_dir():
        raise NotAnInstance(door.settings.home)
    catalog, faults = loading.read_content(folder)
    if catalog is None:
        raise of_faults(door, faults)
    return catalog


def _as_json(door: CommandContext, one: Finding) -> Mapping[str, object]:
    from statuspage.rendering.plain_language import why_of

    return {
        "start": one.start,
        "end": one.end,
        "class": one.kind,
        "level": one.level.value,
        "why": why_of(one, door.speech.labels),
        "instead": one.instead,
    }


def finding_lines(door: CommandContext, text: str, one: Finding) -> Iterator[str]:
    """Where it was found, why, and what to write instead."""
    from statuspage.rendering.plain_language import why_of

    why = why_of(one, door.speech.labels)
    if one.end <= one.start:
        yield door.say("finding_whole", why=why)
        return
    before = text[: one.start]
    yield door.say(
        "finding",
        line=before.count("\n") + 1,
        column=one.start - before.rfind("\n"),
        text=text[one.start : one.end],
        level=door.speech.say(f"plain.level.{one.level}"),
        kind=door.speech.say(f"plain.class.{one.kind}"),
        why=why,
    )
    if one.instead:
        yield door.say("finding_instead", instead=one.instead)


VERBS = {"plain": check_text}
