"""Sentences about what follows an incident: what is done against a recurrence, and the promise of a postmortem."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from statuspage.domain import NOTICES_AFTER_END
from statuspage.rendering.wording.context import WordingContext


def preventions(context: WordingContext) -> tuple[str, ...]:
    """The prepared sentences about what is done against a recurrence."""
    known = context.pack.lists["prevention"]
    return tuple(context.phrases.fill("prevention", id) for id in context.facts.preventions if id in known)


def report_by(context: WordingContext) -> str:
    """Until which day a postmortem follows."""
    day = context.facts.report_by
    if day is None or not context.is_over or context.notice in NOTICES_AFTER_END:
        return ""
    noon = datetime.combine(day, time(12), ZoneInfo(context.clock.zone))
    return context.phrases.format("report_by.text", day=context.clock.format_full_day(noon, now=context.now))
