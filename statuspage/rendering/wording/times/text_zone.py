"""Names the time zone of one text by the times that it mentions, whose season need not be the present one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from statuspage.domain import Estimate, Facts, Known, MissedEstimate, NotBefore, Range
from statuspage.rendering.wording.context import WordingContext


def zone_name_of_text(context: WordingContext) -> str:
    """The zone's name at all times of the text (Central European Summer Time); if the clocks change between them, the
    name that is correct at any time (Vienna Time)."""
    names = {context.clock.zone_name_at(at) for at in _mentioned_times(context)}
    return names.pop() if len(names) == 1 else context.clock.zone_name()


def _mentioned_times(context: WordingContext) -> Iterator[datetime]:
    """Every time that the text may mention."""
    yield context.opening_time
    for facts in filter(None, (context.facts, context.incident.previous_facts)):
        yield from _times_of(facts)
    for impact in context.all_impacts if context.is_over else ():
        yield from filter(None, (impact.started, impact.ended))


def _times_of(facts: Facts) -> Iterator[datetime]:
    if facts.maintenance_window:
        yield from (facts.maintenance_window.start, facts.maintenance_window.end)
    yield from filter(None, (facts.start and facts.start.at, facts.ended_at, facts.next_update))
    yield from _estimated_times(facts.estimate)


def _estimated_times(estimate: Estimate) -> Iterator[datetime]:
    match estimate:
        case Known(at=at) | NotBefore(at=at):
            yield at
        case Range(earliest=earliest, latest=latest):
            yield from (earliest, latest)
        case MissedEstimate(previous=previous, current=current):
            yield previous
            yield from _estimated_times(current)
