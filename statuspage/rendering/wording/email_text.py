"""Sentences of an email: the state as a heading, the facts in sections, and where to read the current state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from statuspage.domain import FactRow, NoticeKind, Sentence
from statuspage.rendering.wording import scope, service_lists
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.times.text_zone import zone_name_of_text
from statuspage.rendering.wording.times.time_layout import format_inline


def sentences(context: WordingContext, rows: Sequence[FactRow]) -> tuple[Sentence, ...]:
    """The parts of the email that no other medium has."""
    latest = context.phrases.format("email.latest", link=context.link) if context.link else ""
    parts = {
        "headline": service_lists.without_breaks(scope.headline(context)),
        "sections": "\n\n".join(
            _section(context, _in_email(context, row)) for row in rows if not _is_told_by_service(context, row, rows)
        ),
        "zone_note": context.phrases.format("email.zone", zone=zone_name_of_text(context)),
        "latest": latest,
    }
    return tuple(Sentence(name, text) for name, text in parts.items() if text)


def _is_told_by_service(context: WordingContext, row: FactRow, rows: Sequence[FactRow]) -> bool:
    """Whether the row says from when to when it was, as the line of a service does already."""
    if row.key != "period" or _needs_day(context):
        return False
    return any(line.endswith(row.lines[-1]) for other in rows if other.key == "scope" for line in other.lines)


def _in_email(context: WordingContext, row: FactRow) -> FactRow:
    """The row of an estimate without the apology for the one that was missed, which stands above the sections; the row
    of what is over with its day, if the email is written on another."""
    if row.key == "estimate" and context.notice is not NoticeKind.FIRST:
        return replace(row, lines=())
    if row.key == "period" and _needs_day(context):
        day = context.clock.format_full_day(context.opening_time, now=context.now)
        return replace(row, lines=(f"{day} · {row.lines[0]}", *row.lines[1:]))
    return row


def _needs_day(context: WordingContext) -> bool:
    """Whether nothing in the email says on which day it was over, and that was not the day of the email."""
    start, clock = context.facts.start, context.clock
    is_one_day = start is not None and clock.local_date(start.at) == context.text_day
    is_plain = context.notice in (NoticeKind.RESOLVED, NoticeKind.FINISHED) and not context.incident.is_reopened
    return is_plain and is_one_day and context.text_day != clock.local_date(context.now)


def _section(context: WordingContext, row: FactRow) -> str:
    lines = row_lines(context, row)
    if row.time:
        lines[0] = f"{lines[0][:1].upper()}{lines[0][1:]}"
    if len(lines) > 1:
        lines = [context.phrases.format("email.line", text=line) for line in lines]
    return "\n".join((context.phrases.format("email.section", label=row.label), *lines))


def row_lines(context: WordingContext, row: FactRow) -> list[str]:
    """A row as lines of plain text."""
    time = format_inline(row.time, context.pack.locale_rules) if row.time else ""
    if row.key == "next_update":
        return [f"{time}{context.joiner.join(row.lines)}".replace(" ,", ",")]
    return [line for line in (time or row.placeholder, *row.lines) if line]
