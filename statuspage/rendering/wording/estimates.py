"""Sentences for every form of estimate, and their replacements once the time has passed."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import Estimate, Known, MissedEstimate, NotBefore, Range, Unknown, estimate_expires_at
from statuspage.rendering.wording.context import WordingContext

Present = Unknown | Known | Range | NotBefore


def worded_estimate(context: WordingContext) -> Estimate:
    """The estimate to word: a miss is reported only once, and a *not before* time that has passed was no promise."""
    estimate = context.facts.estimate if context.incident_type.gives_estimate else Unknown()
    if not isinstance(estimate, MissedEstimate):
        return estimate
    previous = context.incident.previous_facts.estimate if context.incident.previous_facts else None
    was_announced = isinstance(previous, MissedEstimate) and previous.previous == estimate.previous
    return estimate.current if was_announced or isinstance(_current_part(previous), NotBefore) else estimate


def current_estimate(context: WordingContext) -> Present:
    """The estimate that holds now."""
    estimate = worded_estimate(context)
    return estimate.current if isinstance(estimate, MissedEstimate) else estimate


def _current_part(estimate: Estimate | None) -> Present | None:
    return estimate.current if isinstance(estimate, MissedEstimate) else estimate


def estimate_sentence(context: WordingContext, length: str = "") -> str:
    """The estimate; ``length`` is "" or "_short". If one was missed, says that first."""
    if not context.incident_type.gives_estimate:
        return ""
    estimate, current = worded_estimate(context), current_estimate(context)
    if not isinstance(estimate, MissedEstimate):
        return context.phrases.format(f"estimate{length}.{current.shape}", **estimate_slots(context, current))
    after = estimate.previous if not length else None
    renewed = context.phrases.format(f"new_estimate.{current.shape}", **estimate_slots(context, current, after=after))
    return f"{missed_sentence(context, estimate, length)}{context.joiner}{renewed}"


def missed_sentence(context: WordingContext, estimate: MissedEstimate, length: str = "") -> str:
    """Says that the estimate was missed; a time that was given as approximate is called approximate again."""
    return context.phrases.format(
        f"missed{length}.{'about' if estimate.is_approximate else 'by'}",
        missed_time=context.format_later(estimate.previous),
    )


def outlook_sentence(context: WordingContext) -> str:
    """Estimate and next update in one sentence, to read aloud."""
    current, due_at = current_estimate(context), context.facts.next_update
    if not context.incident_type.gives_estimate:
        return context.phrases.format("outlook.none", next_update=context.format_later(due_at)) if due_at else ""
    if due_at is None:
        return context.phrases.format(f"outlook.{current.shape}_alone", **estimate_slots(context, current))
    return context.phrases.format(
        f"outlook.{current.shape}",
        **estimate_slots(context, current),
        next_update=_next_update_time(context, due_at, estimate_expires_at(current)),
    )


def _next_update_time(context: WordingContext, due_at: datetime, after: datetime | None) -> str:
    """The time of the next update; with its day again if another day was named just before it."""
    is_other_day = after is not None and context.clock.local_date(after) != context.text_day
    return (
        context.format_with_day(due_at)
        if is_other_day and context.clock.local_date(due_at) == context.text_day
        else context.format_later(due_at, after)
    )


def estimate_slots(context: WordingContext, estimate: Present, after: datetime | None = None) -> dict[str, str]:
    """The times of an estimate; a day that was just named is not repeated."""
    match estimate:
        case Known(at=at) | NotBefore(at=at):
            return {"eta": context.format_later(at, after=after)}
        case Range(earliest=earliest, latest=latest):
            return _range_slots(context, earliest, latest, after)
        case Unknown():
            return {}


def _range_slots(
    context: WordingContext, earliest: datetime, latest: datetime, after: datetime | None
) -> dict[str, str]:
    """Both ends. A day that they share is named once, where the language puts it: before the first or after the last.
    Where it comes last, the first of two days is named too, or it would be read as the second."""
    earliest_text = context.format_later(earliest, after=after)
    latest_text = context.format_later(latest, after=earliest)
    if context.day_follows_clock:
        is_same_day = context.clock.local_date(earliest) == context.clock.local_date(latest)
        if not is_same_day:
            earliest_text = context.format_with_day(earliest)
        elif latest_text == context.clock.format_time(latest):
            earliest_text, latest_text = context.clock.format_time(earliest), context.format_later(latest, after=after)
    return {"earliest": earliest_text, "latest": latest_text}


def expired_sentence(context: WordingContext) -> str:
    """The replacement once the time has passed without news; "" if nothing expires."""
    current = current_estimate(context)
    return (
        ""
        if isinstance(current, Unknown)
        else context.phrases.format(f"expired.{current.shape}", **estimate_slots(context, current))
    )
