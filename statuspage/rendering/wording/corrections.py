"""Sentences about notices themselves: corrected, withdrawn, explained in a postmortem, completed, or unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from statuspage.domain import Facts, Known, NoticeKind
from statuspage.rendering.wording import scope
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.locale_format import join_list

NAMED_CHANGES = 3
"""The maximum number of corrected facts named; more are mentioned together."""


def changed_facts(previous: Facts, facts: Facts, *, with_next_update: bool = True) -> tuple[str, ...]:
    """The facts that differ, by their names in the phrases. ``with_next_update``: whether the next update counts."""
    pairs = {
        "incident_type": (previous.incident_type, facts.incident_type),
        "scope": (previous.named_services, facts.named_services),
        "audience": (previous.audience, facts.audience),
        "start": (previous.start, facts.start),
        "end": (previous.ended_at, facts.ended_at),
        "estimate": (previous.estimate, facts.estimate),
        "workaround": (previous.workarounds, facts.workarounds),
        "current_action": (previous.current_action, facts.current_action),
        "cause": (previous.cause, facts.cause),
        "answers": (dict(previous.answers), dict(facts.answers)),
        "next_update": (
            previous.next_update if with_next_update else None,
            facts.next_update if with_next_update else None,
        ),
    }
    return tuple(name for name, (old, new) in pairs.items() if old != new)


def correction_sentence(context: WordingContext) -> str:
    """Says which notice is corrected."""
    if context.notice is not NoticeKind.CORRECTION:
        return ""
    if context.incident.corrected_notice_at is None:
        return context.phrases.format("correction.unstated")
    return context.phrases.format(
        "correction.posted", posted=context.format_first(context.incident.corrected_notice_at)
    )


def changed_sentence(context: WordingContext) -> str:
    """Says which facts are corrected: times with old and new value, the others by name."""
    previous = context.incident.previous_facts
    if context.notice is not NoticeKind.CORRECTION or previous is None:
        return ""
    time_sentences = _changed_times(context, previous)
    names = [name for name in changed_facts(previous, context.facts) if name not in time_sentences]
    return context.joiner.join((*time_sentences.values(), *_corrected_names(context, names)))


def _corrected_names(context: WordingContext, names: Sequence[str]) -> tuple[str, ...]:
    if len(names) > NAMED_CHANGES:
        return (context.phrases.format("changed.many"),)
    labels = [context.phrases.format(f"changed.{name}") for name in names]
    return (
        (context.phrases.format("changed.text", facts=join_list(labels, context.pack.locale_rules)),) if labels else ()
    )


def _changed_times(context: WordingContext, previous: Facts) -> dict[str, str]:
    """Sentences about times that had a value and now have another, by the name of the fact."""
    old, new = _times(context, previous), _times(context, context.facts)
    return {
        name: context.phrases.format(f"moved.{name}", old=old[name], new=new[name])
        for name in old
        if name in new and old[name] != new[name]
    }


def _times(context: WordingContext, facts: Facts) -> dict[str, str]:
    """The times of these facts on the day of the text, in words; those of another day are in the rows."""
    moments = _moments(facts)
    texts = {
        name: context.clock.format_time(at)
        for name, at in moments.items()
        if context.clock.local_date(at) == context.text_day
    }
    if facts.start and "start" in texts:
        texts["start"] = context.phrases.format(f"moved_start.{facts.start.precision}", start=texts["start"])
    return texts


def _moments(facts: Facts) -> dict[str, datetime]:
    expected = facts.estimate.at if isinstance(facts.estimate, Known) and facts.ended_at is None else None
    start = facts.start.at if facts.start else None
    moments = {"start": start, "end": facts.ended_at, "estimate": expected, "next_update": facts.next_update}
    return {name: at for name, at in moments.items() if at}


def withdrawal_sentence(context: WordingContext, form: str = "withdrawal") -> str:
    """Says which notice was a mistake."""
    if context.notice is not NoticeKind.WITHDRAWAL:
        return ""
    impact = scope.without_breaks(scope.head_clauses(context).now)
    if context.incident.first_notice_at is None:
        return context.phrases.format(f"{form}.unstated", impact=impact)
    format_time = context.format_brief if form.endswith("short") else context.format_first
    return context.phrases.format(f"{form}.posted", impact=impact, posted=format_time(context.incident.first_notice_at))


def nothing_happened(context: WordingContext) -> str:
    """Says that there is no such problem."""
    return context.phrases.format("withdrawn.text") if context.notice is NoticeKind.WITHDRAWAL else ""


def works_after_all(context: WordingContext) -> str:
    """Names the services that were wrongly called affected, unless another incident affects them."""
    working = [affected for affected in context.affected if affected.service not in context.incident.affected_elsewhere]
    if context.notice is not NoticeKind.WITHDRAWAL or not working:
        return ""
    return context.phrases.format("withdrawal_working.text", services=scope.join_nouns(context, working))


def postmortem_sentence(context: WordingContext) -> str:
    """Says which problem the postmortem is about."""
    if context.notice is not NoticeKind.POSTMORTEM:
        return ""
    impact = scope.without_breaks(scope.head_clauses(context).now)
    return context.phrases.format(
        "postmortem.text", impact=impact, date=context.clock.format_full_day(context.opening_time, now=context.now)
    )


def follow_up_sentence(context: WordingContext) -> str:
    """Says which problem the answers belong to that were still open when it was over."""
    if context.notice is not NoticeKind.FOLLOW_UP:
        return ""
    impact = scope.without_breaks(scope.head_clauses(context).now)
    return context.phrases.format(
        "follow_up.text", impact=impact, date=context.clock.format_full_day(context.opening_time, now=context.now)
    )
