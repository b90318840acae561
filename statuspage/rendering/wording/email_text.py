"""Words for a letter: the state as a heading, the facts in sections, and where the newest state is read."""

from __future__ import annotations

from collections.abc import Sequence

from statuspage.domain import FactRow, Sentence
from statuspage.rendering.wording import scope
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.locale_format import in_line


def sentences(case: WordingContext, rows: Sequence[FactRow]) -> tuple[Sentence, ...]:
    """The parts of the letter that no other medium says."""
    latest = case.phrases.say("mail.latest", link=case.link) if case.link else ""
    parts = {
        "headline": scope.without_breaks(scope.headline(case)),
        "sections": "\n\n".join(_section(case, row) for row in rows),
        "zone_note": case.phrases.say("mail.zone", zone=case.clock.zone_always()),
        "latest": latest,
    }
    return tuple(Sentence(name, text) for name, text in parts.items() if text)


def _section(case: WordingContext, row: FactRow) -> str:
    lines = facts_of(case, row)
    if len(lines) > 1:
        lines = [case.phrases.say("mail.line", text=line) for line in lines]
    return "\n".join((case.phrases.say("mail.section", label=row.label), *lines))


def facts_of(case: WordingContext, row: FactRow) -> list[str]:
    """What a row says, as lines of plain text."""
    time = in_line(row.time, case.book.writing) if row.time else ""
    if row.key == "next":
        return [f"{time}{case.joiner.join(row.lines)}".replace(" ,", ",")]
    return [line for line in (time or row.soft, *row.lines) if line]
