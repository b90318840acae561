"""Sentences for every form of estimate, and their replacements once the time has passed."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import (
    Estimate,
    Known,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    Range,
    Unknown,
    estimate_expires_at,
)
from statuspage.rendering.wording.context import WordingContext

Present = Unknown | Known | Range | NotBefore

CHANGING = (NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED)
"""Kinds of notice whose estimate may change the one before. A correction says itself what was wrong."""


def worded_estimate(context: WordingContext) -> Estimate:
    """The estimate to word: a miss is reported only once, and a *not before* time that has passed was no promise."""
    estimate = context.facts.estimate if context.incident_type.gives_estimate else Unknown()
    if not isinstance(estimate, MissedEstimate):
        return estimate
    previous = context.incident.previous_facts.estimate if context.incident.previous_facts else None
    if previous is None:
        return estimate
    was_announced = isinstance(previous, MissedEstimate) and previous.previous == estimate.previous
    return estimate.current if was_announced or isinstance(current_part(previous), NotBefore) else estimate


def current_estimate(context: WordingContext) -> Present:
    """The estimate that holds now."""
    estimate = worded_estimate(context)
    return estimate.current if isinstance(estimate, MissedEstimate) else estimate


def current_part(estimate: Estimate) -> Present:
    """The estimate that holds, without the one that was missed."""
    return estimate.current if isinstance(estimate, MissedEstimate) else estimate


def replaced_estimate(context: WordingContext) -> Present | None:
    """The estimate that customers were given and that this update changes, while it lasts; None if there is none."""
    before = context.incident.previous_facts
    if before is None or context.notice not in CHANGING or context.incident.is_reopened:
        return None
    estimate = current_part(before.estimate)
    is_changed = context.incident_type.gives_estimate and not isinstance(estimate, Unknown)
    return estimate if is_changed and estimate != current_estimate(context) and not is_missed(context) else None


def is_missed(context: WordingContext) -> bool:
    """Whether this notice says that an estimate was missed."""
    return context.notice in (*CHANGING, NoticeKind.CORRECTION) and isinstance(worded_estimate(context), MissedEstimate)


def is_unknown(context: WordingContext) -> bool:
    """Whether nobody knows yet when it will be over, and no earlier time has to be taken back."""
    return isinstance(worded_estimate(context), Unknown) and not is_news(context)


def is_news(context: WordingContext) -> bool:
    """Whether the estimate is said among what has changed, directly after the first sentence."""
    return not context.is_over and (is_missed(context) or replaced_estimate(context) is not None)


def old_estimate_sentence(context: WordingContext) -> str:
    """What the estimate was before this update changed it."""
    estimate = replaced_estimate(context)
    return context.phrases.format(f"said.{estimate.shape}", **estimate_slots(context, estimate)) if estimate else ""


def new_estimate_sentence(context: WordingContext, length: str = "") -> str:
    """The estimate that replaces a changed or missed one, while it lasts; ``length`` is "" or "_short"."""
    if not is_news(context):
        return ""
    estimate = worded_estimate(context)
    after = estimate.previous if isinstance(estimate, MissedEstimate) else None
    slots = estimate_slots(context, current_estimate(context), after=after, short=bool(length))
    return context.phrases.format(f"new_estimate{length}.{current_estimate(context).shape}", **slots)


def new_time_in_brief(context: WordingContext) -> str:
    """The same for a post, if a time is known."""
    return "" if isinstance(current_estimate(context), Unknown) else new_estimate_sentence(context, "_short")


def nothing_known_in_brief(context: WordingContext) -> str:
    """For a post: that no time replaces the changed or missed estimate, because none is known yet."""
    return new_estimate_sentence(context, "_short") if isinstance(current_estimate(context), Unknown) else ""


def end_of_new_range(context: WordingContext) -> str:
    """By when it is over at the latest, for a post that has no room for both ends; any other estimate in full."""
    estimate, current = worded_estimate(context), current_estimate(context)
    if not isinstance(current, Range) or not is_news(context):
        return new_time_in_brief(context)
    after = estimate.previous if isinstance(estimate, MissedEstimate) else None
    latest = context.format_later(current.latest, after=after, short=True)
    return context.phrases.format("new_estimate_short.range_end", latest=latest)


def estimate_sentence(context: WordingContext, length: str = "") -> str:
    """The estimate; ``length`` is "" or "_short". If one was missed, says that first."""
    if not context.incident_type.gives_estimate:
        return ""
    estimate, current = worded_estimate(context), current_estimate(context)
    if not isinstance(estimate, MissedEstimate):
        return context.phrases.format(
            f"estimate{length}.{current.shape}", **estimate_slots(context, current, short=bool(length))
        )
    after = estimate.previous if not length else None
    renewed = context.phrases.format(f"new_estimate.{current.shape}", **estimate_slots(context, current, after=after))
    return f"{missed_sentence(context, estimate, length)}{context.joiner}{renewed}"


def missed_sentence(context: WordingContext, estimate: MissedEstimate, length: str = "") -> str:
    """Says that the estimate was missed; a time that was given as approximate is called approximate again."""
    return context.phrases.format(
        f"missed{length}.{'about' if estimate.is_approximate else 'by'}",
        missed_time=context.format_later(estimate.previous, short=bool(length)),
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


def estimate_slots(
    context: WordingContext, estimate: Present, after: datetime | None = None, *, short: bool = False
) -> dict[str, str]:
    """The times of an estimate; a day that was just named is not repeated. ``short``: for posts."""
    match estimate:
        case Known(at=at) | NotBefore(at=at):
            return {"eta": context.format_later(at, after=after, short=short)}
        case Range(earliest=earliest, latest=latest):
            return _range_slots(context, earliest, latest, after, short=short)
        case Unknown():
            return {}


def _range_slots(
    context: WordingContext, earliest: datetime, latest: datetime, after: datetime | None, *, short: bool
) -> dict[str, str]:
    """Both ends. A day that they share is named once, where the language puts it: before the first or after the last.
    Where it comes last, the first of two days is named too, or it would be read as the second."""
    earliest_text = context.format_later(earliest, after=after, short=short)
    latest_text = context.format_later(latest, after=earliest, short=short)
    if context.day_follows_clock:
        is_same_day = context.clock.local_date(earliest) == context.clock.local_date(latest)
        if not is_same_day:
            earliest_text = context.format_with_day(earliest, short=short)
        elif latest_text == context.clock.format_time(latest):
            earliest_text, latest_text = (
                context.clock.format_time(earliest),
                context.format_later(latest, after=after, short=short),
            )
    return {"earliest": earliest_text, "latest": latest_text}


def expired_sentence(context: WordingContext) -> str:
    """The replacement once the time has passed without news; "" if nothing expires."""
    current = current_estimate(context)
    return (
        ""
        if isinstance(current, Unknown)
        else context.phrases.format(f"expired.{current.shape}", **estimate_slots(context, current))
    )
