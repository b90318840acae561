"""Sentences for maintenance: the opening, the window, and what customers can use meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from statuspage.domain import IMPACT_STATES, MAINTENANCE, Affected, FactRow, NoticeKind, State, TimeText
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.service_lists import join_nouns, noun_slots, short_nouns

WHILE = (NoticeKind.ANNOUNCED, NoticeKind.REMINDER, NoticeKind.STARTED, NoticeKind.EXTENDED)
"""Kinds of notice about upcoming work or work in progress."""

_FROM_TO = (NoticeKind.ANNOUNCED, NoticeKind.REMINDER, NoticeKind.EXTENDED, NoticeKind.CANCELLED)
"""Kinds of notice whose first sentence may give start and end."""


def maintenance_opening(context: WordingContext, form: str) -> str:
    """The first sentence: which work, and its window where it belongs there."""
    start, end = _times(context, form)
    slots = {
        "services": join_nouns(context, context.affected) if form == "opening" else short_nouns(context),
        "start": start,
        "end": end,
        "as_of": context.format_opening(form, context.now),
    }
    return context.phrases.format(f"{form}.{context.notice}.{_variant(context)}", **slots)


def _variant(context: WordingContext) -> str:
    previous, plan, under_way = (
        context.incident.previous_facts,
        context.facts.maintenance_window,
        context.facts.start is not None,
    )
    match context.notice:
        case NoticeKind.ANNOUNCED if previous and previous.maintenance_window and previous.maintenance_window != plan:
            return "changed"
        case NoticeKind.EXTENDED if not under_way:
            return "ahead"
        case NoticeKind.CANCELLED if under_way:
            return "stopped"
        case _:
            return "plain"


def _start(context: WordingContext) -> datetime:
    if context.facts.start and context.notice not in (NoticeKind.ANNOUNCED, NoticeKind.REMINDER, NoticeKind.CANCELLED):
        return context.facts.start.at
    return context.facts.maintenance_window.start if context.facts.maintenance_window else context.now


def _window_end(context: WordingContext) -> datetime:
    if context.notice is NoticeKind.FINISHED:
        return context.facts.ended_at or context.now
    return context.facts.maintenance_window.end if context.facts.maintenance_window else context.now


def _times(context: WordingContext, form: str) -> tuple[str, str]:
    """Start and end, with day and zone once: at the start, or at the end if the language puts the day after the
    time."""
    start, end = _start(context), _window_end(context)
    if context.notice in _FROM_TO and start == context.opening_time and context.day_follows_clock:
        is_same_day = context.clock.local_date(start) == context.clock.local_date(end)
        if context.clock.zone_name_at(start) != context.clock.zone_name_at(end):
            return context.format_opening(form, start), context.format_opening(form, end)
        return context.clock.format_time(start) if is_same_day else context.format_with_day(
            start
        ), context.format_opening(form, end)
    return _put_time(context, form, start), _put_time(context, form, end, after=start)


def _put_time(context: WordingContext, form: str, at: datetime, after: datetime | None = None) -> str:
    return context.format_opening(form, at) if at == context.opening_time else context.format_later(at, after=after)


def end_sentence(context: WordingContext) -> str:
    """When work in progress should be over."""
    if (
        context.notice not in (NoticeKind.STARTED, NoticeKind.EXTENDED)
        or context.facts.maintenance_window is None
        or not context.facts.start
    ):
        return ""
    return context.phrases.format(
        f"planned_end.{context.notice}", end=context.format_later(context.facts.maintenance_window.end)
    )


def old_plan_sentence(context: WordingContext) -> str:
    """What a changed plan was before: the whole window, or its end while the work is in progress."""
    previous = context.incident.previous_facts.maintenance_window if context.incident.previous_facts else None
    plan = context.facts.maintenance_window
    if previous is None or plan is None or (previous.start, previous.end) == (plan.start, plan.end):
        return ""
    if context.notice is NoticeKind.EXTENDED and context.facts.start:
        return context.phrases.format("old_plan.end", end=context.format_later(previous.end))
    if context.notice not in (NoticeKind.ANNOUNCED, NoticeKind.EXTENDED):
        return ""
    start, end = context.format_later(previous.start), context.format_later(previous.end, after=previous.start)
    return context.phrases.format("old_plan.window", start=start, end=end)


def expired_end_sentence(context: WordingContext) -> str:
    """The replacement once the planned end has passed without news; "" if there is none."""
    if not end_sentence(context) or context.facts.maintenance_window is None:
        return ""
    return context.phrases.format("expired.planned", end=context.format_later(context.facts.maintenance_window.end))


def during_sentence(context: WordingContext) -> str:
    """What customers cannot use meanwhile."""
    if context.notice not in WHILE:
        return ""
    states = groupby(
        (affected for affected in context.affected if affected.state in IMPACT_STATES),
        key=lambda affected: affected.state,
    )
    return context.joiner.join(_during(context, state, list(group)) for state, group in states)


def _during(context: WordingContext, state: State, services: Sequence[Affected]) -> str:
    return context.phrases.format(f"maintenance_impact.{state}", **noun_slots(context, services))


def as_usual_sentence(context: WordingContext) -> str:
    """What customers can use once the work is over or cancelled, unless an incident affects it."""
    unaffected = [
        affected for affected in context.affected if affected.service not in context.incident.affected_elsewhere
    ]
    if context.notice not in (NoticeKind.FINISHED, NoticeKind.CANCELLED) or not unaffected:
        return ""
    return context.phrases.format("as_usual.text", services=join_nouns(context, unaffected))


def window_row(context: WordingContext) -> Iterator[FactRow]:
    """The row of the planned time."""
    plan = context.facts.maintenance_window
    if context.facts.incident_type != MAINTENANCE or plan is None or context.notice is NoticeKind.FINISHED:
        return
    clock = context.clock
    is_same_day = clock.local_date(plan.start) == clock.local_date(plan.end)
    day = clock.format_day(plan.start, now=context.now) if is_same_day else ""
    yield FactRow(
        "planned",
        context.phrases.format_label("row.planned"),
        time=TimeText(clock.format_span(plan.start, plan.end, now=context.now), before=day),
    )


def expired_end_row(context: WordingContext, sentence: str) -> FactRow:
    """The row of the planned time once its end has passed."""
    return FactRow(
        "planned",
        context.phrases.format_label("row.planned"),
        (sentence,),
        placeholder=context.phrases.format_label("row.checking"),
    )
