"""Words for colleagues: what is known, what is not, and what customers were told, to copy into a chat."""

from __future__ import annotations

from collections.abc import Sequence

from statuspage.domain import AffectedAudience, FactRow, NoticeKind, Precision, Sentence, Unknown
from statuspage.rendering.wording import estimates, scope
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.email_text import facts_of
from statuspage.rendering.wording.locale_format import listed


def sentences(case: WordingContext, rows: Sequence[FactRow], told: str) -> tuple[Sentence, ...]:
    """The parts of the text for colleagues. ``told`` is what the page says."""
    phrases = case.phrases
    heading = phrases.say("inside.told", label=case.label)
    parts = {
        "inside_head": phrases.say("inside.head", headline=scope.without_breaks(scope.headline(case))),
        "inside_facts": "\n".join(_fact(case, row) for row in rows),
        "inside_unknown": _unknown(case),
        "inside_told": f"{heading}\n{told}",
    }
    return tuple(Sentence(name, text) for name, text in parts.items() if text)


def _fact(case: WordingContext, row: FactRow) -> str:
    lines = facts_of(case, row)
    text = lines[0] if len(lines) == 1 else "".join(f"\n  {line}" for line in lines)
    return case.phrases.say("inside.fact", label=row.label, text=text).replace(" \n", "\n")


def _unknown(case: WordingContext) -> str:
    if case.notice is NoticeKind.WITHDRAWAL:
        return ""
    items = [case.phrases.say(f"unknown.{name}") for name in _gaps(case)]
    return case.phrases.say("inside.unknown", what=listed(items, case.book.writing)) if items else ""


def _gaps(case: WordingContext) -> list[str]:
    facts, gaps = case.facts, []
    if not case.over and facts.who.reach in (AffectedAudience.CHECKING, AffectedAudience.SOME):
        gaps.append("who")
    if facts.started is None or facts.started.precision is Precision.NOTICED:
        gaps.append("started")
    if not case.over and case.notice is not NoticeKind.WATCHING and isinstance(estimates.present(case), Unknown):
        gaps.append("estimate")
    if facts.cause is None:
        gaps.append("cause")
    return gaps
