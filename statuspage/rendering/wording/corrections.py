"""Sentences about notices themselves: corrected, withdrawn, explained in a postmortem, completed, or unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from statuspage.domain import AffectedAudience, Facts, Known, MissedEstimate, NoticeKind, Unknown, estimate_expires_at
from statuspage.rendering.wording import head_clause, service_lists
from statuspage.rendering.wording.audience import name_audience
from statuspage.rendering.wording.context import REPORTS, WordingContext
from statuspage.rendering.wording.locale_format import join_list
from statuspage.rendering.wording.times.estimates import current_part, estimate_slots

NAMED_CHANGES = 3
"""The maximum number of corrected facts named; more are mentioned together."""


def changed_facts(previous: Facts, facts: Facts, *, with_next_update: bool = True) -> tuple[str, ...]:
    """The facts that differ, by their names in the phrases. ``with_next_update``: whether the next update counts."""
    pairs = {
        "incident_type": (previous.incident_type, facts.incident_type),
        "scope": (set(previous.named_services), set(facts.named_services)),
        "audience": (_audience(previous), _audience(facts)),
        "start": (previous.start, facts.start),
        "end": (previous.ended_at, facts.ended_at),
        "estimate": (current_part(previous.estimate), current_part(facts.estimate)),
        "workaround": (set(previous.workarounds), set(facts.workarounds)),
        "current_action": (previous.current_action, facts.current_action),
        "cause": (previous.cause, facts.cause),
        "answers": (_known_answers(previous), _known_answers(facts)),
        "next_update": (
            previous.next_update if with_next_update else None,
            facts.next_update if with_next_update else None,
        ),
    }
    return tuple(name for name, (old, new) in pairs.items() if old != new)


def _audience(facts: Facts) -> tuple[AffectedAudience, frozenset[str]]:
    return facts.audience.extent, frozenset(facts.audience.groups)


def _known_answers(facts: Facts) -> dict[str, str]:
    return {question: answer for question, answer in facts.answers.items() if answer != "checking"}


def _corrected_facts(context: WordingContext, previous: Facts) -> tuple[str, ...]:
    """The facts that a person has corrected. An estimate or a next update whose time has passed was not wrong: what
    follows it is news."""
    expires_at, due_at = estimate_expires_at(current_part(previous.estimate)), previous.next_update
    passed = {
        "estimate": expires_at is not None and expires_at <= context.now,
        "next_update": due_at is None or due_at <= context.now or context.facts.next_update is None,
        "end": previous.ended_at is None,
    }
    return tuple(name for name in changed_facts(previous, context.facts) if not passed.get(name))


def correction_sentence(context: WordingContext, form: str = "correction") -> str:
    """Says which notice is corrected."""
    if context.notice is not NoticeKind.CORRECTION:
        return ""
    if context.incident.corrected_notice_at is None:
        return context.phrases.format(f"{form}.unstated")
    format_time = context.format_brief if form.endswith("short") else context.format_first
    return context.phrases.format(f"{form}.posted", posted=format_time(context.incident.corrected_notice_at))


def changed_sentence(context: WordingContext) -> str:
    """Says which facts are corrected: times with old and new value, the others by name."""
    previous = context.incident.previous_facts
    if context.notice is not NoticeKind.CORRECTION or previous is None:
        return ""
    corrected = _corrected_facts(context, previous)
    time_sentences = _changed_times(context, previous, corrected)
    names = [name for name in corrected if name not in time_sentences]
    return context.joiner.join(
        (*time_sentences.values(), *_corrected_names(context, names), *_old_estimate(context, previous, names))
    )


def is_audience_corrected(context: WordingContext) -> bool:
    """Whether this notice corrects who is affected."""
    previous = context.incident.previous_facts
    is_correction = context.notice is NoticeKind.CORRECTION and previous is not None
    return is_correction and previous is not None and "audience" in _corrected_facts(context, previous)


def changed_in_brief(context: WordingContext) -> str:
    """The same for a post: one time with old and new value, the others by name."""
    previous = context.incident.previous_facts
    if context.notice is not NoticeKind.CORRECTION or previous is None:
        return ""
    corrected = _corrected_facts(context, previous)
    time_sentences = _changed_times(context, previous, corrected, short=True)
    first_time = next(iter(time_sentences), "")
    names = [name for name in corrected if name != first_time]
    # A post that must also own up to a missed estimate has no room for a list.
    most = 1 if first_time and isinstance(context.facts.estimate, MissedEstimate) else NAMED_CHANGES
    texts = (time_sentences.get(first_time, ""), *_corrected_names(context, names, most))
    return context.joiner.join(text for text in texts if text)


def correction_in_brief(context: WordingContext, *, is_alone: bool) -> str:
    """Says in a post which notice is corrected. ``is_alone``: if no sentence about what is corrected follows."""
    is_wanted = bool(changed_in_brief(context)) is not is_alone
    return correction_sentence(context, "correction_short") if is_wanted else ""


def _old_estimate(context: WordingContext, previous: Facts, names: Sequence[str]) -> tuple[str, ...]:
    """What a corrected estimate was before, if it was more than one time."""
    estimate = current_part(previous.estimate)
    if "estimate" not in names or len(names) > NAMED_CHANGES or isinstance(estimate, Unknown):
        return ()
    return (context.phrases.format(f"said.{estimate.shape}", **estimate_slots(context, estimate)),)


def new_start_sentence(context: WordingContext) -> str:
    """The start time that this notice changes, beside the one that customers were given."""
    previous = context.incident.previous_facts
    if previous is None or context.notice not in REPORTS or context.notice is NoticeKind.FIRST:
        return ""
    return _moved_times(context, previous, "news").get("start", "")


def _corrected_names(context: WordingContext, names: Sequence[str], most: int = NAMED_CHANGES) -> tuple[str, ...]:
    if len(names) > most:
        return (context.phrases.format("changed.many"),)
    labels = [context.phrases.format(f"changed.{name}") for name in names]
    return (
        (context.phrases.format("changed.text", facts=join_list(labels, context.pack.locale_rules)),) if labels else ()
    )


def _changed_times(
    context: WordingContext, previous: Facts, corrected: Sequence[str], *, short: bool = False
) -> dict[str, str]:
    """Sentences about times that had a value and now have another, by the name of the fact. ``short``: for a post."""
    moved = _moved_times(context, previous, "moved", corrected, short=short)
    return {name: moved[name] for name in corrected if name in moved}


def _moved_times(
    context: WordingContext, previous: Facts, phrase: str, names: Sequence[str] = ("start",), *, short: bool = False
) -> dict[str, str]:
    """Old and new value of these times in a sentence each, which names a day that both have once."""
    before, after = _moments(previous), _moments(context.facts)
    sentences = {}
    for name in names:
        if name not in before or name not in after:
            continue
        old, new = (_in_words(context, name, facts, short=short) for facts in (previous, context.facts))
        if old == new:
            continue
        key = f"{phrase}.{name}"
        template = context.pack.phrases[key]
        if template.find("{new}") < template.find("{old}"):
            old = _in_words(context, name, previous, after[name], short=short)
        else:
            new = _in_words(context, name, context.facts, before[name], short=short)
        sentences[name] = context.phrases.format(key, old=old, new=new)
    return sentences


def _in_words(context: WordingContext, name: str, facts: Facts, after: datetime | None = None, *, short: bool) -> str:
    """One of the times of these facts; with its day, if that is neither the day of the text nor of the time said just
    before."""
    text = context.format_later(_moments(facts)[name], after, short=short)
    if name != "start" or facts.start is None:
        return text
    return context.phrases.format(f"moved_start.{facts.start.precision}", start=text)


def _moments(facts: Facts) -> dict[str, datetime]:
    expected = facts.estimate.at if isinstance(facts.estimate, Known) and facts.ended_at is None else None
    start = facts.start.at if facts.start else None
    moments = {"start": start, "end": facts.ended_at, "estimate": expected, "next_update": facts.next_update}
    return {name: at for name, at in moments.items() if at}


def withdrawal_sentence(context: WordingContext, form: str = "withdrawal") -> str:
    """Says which notice was a mistake."""
    if context.notice is not NoticeKind.WITHDRAWAL:
        return ""
    impact = _quoted_impact(context, head_clause.find_quoted_head(context, context.all_affected).clauses.now)
    if context.incident.first_notice_at is None:
        return context.phrases.format(f"{form}.unstated", impact=impact)
    format_time = context.format_brief if form.endswith("short") else context.format_first
    return context.phrases.format(f"{form}.posted", impact=impact, posted=format_time(context.incident.first_notice_at))


def _quoted_impact(context: WordingContext, clause: str) -> str:
    """What a notice said, to be quoted."""
    return service_lists.without_breaks(name_audience(context, clause))


def nothing_happened(context: WordingContext) -> str:
    """Says that there is no such problem."""
    return context.phrases.format("withdrawn.text") if context.notice is NoticeKind.WITHDRAWAL else ""


def works_after_all(context: WordingContext) -> str:
    """Names the services that were wrongly called affected, unless another incident affects them."""
    working = [affected for affected in context.affected if affected.service not in context.incident.affected_elsewhere]
    if context.notice is not NoticeKind.WITHDRAWAL or not working:
        return ""
    return context.phrases.format("withdrawal_working.text", services=service_lists.join_nouns(context, working))


def postmortem_sentence(context: WordingContext) -> str:
    """Says which problem the postmortem is about."""
    if context.notice is not NoticeKind.POSTMORTEM:
        return ""
    return _say_what_was(context, "postmortem.text", name_audience(context, _clause_for_past(context)))


def follow_up_sentence(context: WordingContext) -> str:
    """Says which problem the answers belong to that were still open when it was over."""
    if context.notice is not NoticeKind.FOLLOW_UP:
        return ""
    return _say_what_was(context, "follow_up.text", name_audience(context, _clause_for_past(context)))


def _clause_for_past(context: WordingContext) -> str:
    return head_clause.find_quoted_head(context, context.affected).clauses.was


def _say_what_was(context: WordingContext, name: str, clause: str) -> str:
    """What customers could not do, in the past tense, and on which day."""
    date = context.clock.format_full_day(context.opening_time, now=context.now)
    return context.phrases.format(name, was=service_lists.without_breaks(clause), date=date)
