"""Text for staff to copy into a chat: what is known, what is not, and what customers were told."""

from __future__ import annotations

from collections.abc import Sequence

from statuspage.domain import AffectedAudience, FactRow, NoticeKind, Precision, Sentence, Unknown
from statuspage.rendering.wording import scope, service_lists
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.email_text import row_lines
from statuspage.rendering.wording.locale_format import join_list
from statuspage.rendering.wording.times import estimates


def sentences(context: WordingContext, rows: Sequence[FactRow], customer_text: str) -> tuple[Sentence, ...]:
    """The parts of the text for staff. ``customer_text`` is what the page says."""
    phrases = context.phrases
    heading = phrases.format("staff.customer_text", label=context.label)
    parts = {
        "staff_head": phrases.format("staff.head", headline=service_lists.without_breaks(scope.headline(context))),
        "staff_facts": "\n".join(_fact(context, row) for row in rows),
        "staff_unknown": _unknown(context),
        "staff_customer_text": f"{heading}\n{customer_text}",
    }
    return tuple(Sentence(name, text) for name, text in parts.items() if text)


def _fact(context: WordingContext, row: FactRow) -> str:
    lines = row_lines(context, row)
    text = lines[0] if len(lines) == 1 else "".join(f"\n  {line}" for line in lines)
    return context.phrases.format("staff.fact", label=row.label, text=text).replace(" \n", "\n")


def _unknown(context: WordingContext) -> str:
    if context.notice is NoticeKind.WITHDRAWAL:
        return ""
    items = [context.phrases.format(f"staff_unknown.{name}") for name in _gaps(context)]
    return context.phrases.format("staff.unknown", facts=join_list(items, context.pack.locale_rules)) if items else ""


def _gaps(context: WordingContext) -> list[str]:
    facts, gaps = context.facts, []
    if not context.is_over and facts.audience.extent in (AffectedAudience.CHECKING, AffectedAudience.SOME):
        gaps.append("audience")
    is_found = context.phrases.has_phrase("start_row.label")
    if facts.start is None or (facts.start.precision is Precision.NOTICED and not is_found):
        gaps.append("start")
    if (
        not context.is_over
        and context.notice is not NoticeKind.MONITORING
        and isinstance(estimates.current_estimate(context), Unknown)
    ):
        gaps.append("estimate")
    if facts.cause is None:
        gaps.append("cause")
    return gaps
