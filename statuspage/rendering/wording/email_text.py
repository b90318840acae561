"""Sentences of an email: the state as a heading, the facts in sections, and where to read the current state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from statuspage.domain import FactRow, NoticeKind, Sentence
from statuspage.rendering.wording import scope
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.locale_format import format_inline
from statuspage.rendering.wording.text_zone import zone_name_of_text


def sentences(context: WordingContext, rows: Sequence[FactRow]) -> tuple[Sentence, ...]:
    """The parts of the email that no other medium has."""
    latest = context.phrases.format("email.latest", link=context.link) if context.link else ""
    parts = {
        "headline": scope.without_breaks(scope.headline(context)),
        "sections": "\n\n".join(_section(context, _without_news(context, row)) for row in rows),
        "zone_note": context.phrases.format("email.zone", zone=zone_name_of_text(context)),
        "latest": latest,
    }
    return tuple(Sentence(name, text) for name, text in parts.items() if text)


def _without_news(context: WordingContext, row: FactRow) -> FactRow:
    """The row of an estimate without the apology for the one that was missed, which stands above the sections."""
    is_said = row.key == "estimate" and context.notice is not NoticeKind.FIRST
    return replace(row, lines=()) if is_said else row


def _section(context: WordingContext, row: FactRow) -> str:
    lines = row_lines(context, row)
    if len(lines) > 1:
        lines = [context.phrases.format("email.line", text=line) for line in lines]
    return "\n".join((context.phrases.format("email.section", label=row.label), *lines))


def row_lines(context: WordingContext, row: FactRow) -> list[str]:
    """A row as lines of plain text."""
    time = format_inline(row.time, context.pack.locale_rules) if row.time else ""
    if row.key == "next_update":
        return [f"{time}{context.joiner.join(row.lines)}".replace(" ,", ",")]
    return [line for line in (time or row.placeholder, *row.lines) if line]
