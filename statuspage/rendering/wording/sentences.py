"""The named sentences of a notice in one language. A medium picks from them by name."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from statuspage.domain import WORST_FIRST, Impact, MissedEstimate, NoticeKind, Precision, Sentence, StartTime
from statuspage.rendering.wording import afterwards, audience_sentences, corrections, head_clause, maintenance, scope
from statuspage.rendering.wording.audience import name_audience
from statuspage.rendering.wording.context import NAMED_IN_POSTS, WordingContext
from statuspage.rendering.wording.opening import bare_opening, opening
from statuspage.rendering.wording.service_lists import without_breaks
from statuspage.rendering.wording.times import estimates
from statuspage.rendering.wording.times.text_zone import zone_name_of_text

AFTER = "after-"
"""Workarounds with this prefix apply once it works again; the others while it does not."""

_MINUTE = timedelta(minutes=1)


def sentences(context: WordingContext, names: Container[str] | None = None) -> tuple[Sentence, ...]:
    """The sentences that these facts give (all, or those with these names), unordered; each complete, none empty."""
    texts = {
        name: build_sentence(context) for name, build_sentence in _BUILDERS.items() if names is None or name in names
    }
    texts |= {f"answer.{question}": text for question, text in answers(context).items()}
    texts |= {f"answer_short.{question}": text for question, text in answers(context, short=True).items()}
    return tuple(Sentence(name, text) for name, text in texts.items() if text)


def _improved(context: WordingContext) -> str:
    better = context.notice is NoticeKind.PARTLY_RESTORED and not head_clause.find_recovered(context)
    return context.phrases.format("improved.text") if better else ""


def _remaining(context: WordingContext) -> str:
    return scope.remaining_sentence(context) if head_clause.find_recovered(context) else ""


def _also(context: WordingContext) -> str:
    if context.notice is NoticeKind.PARTLY_RESTORED and head_clause.find_recovered(context):
        return ""
    return "" if context.is_over else scope.others_sentence(context)


def _also_short(context: WordingContext) -> str:
    if context.is_over or (context.notice is NoticeKind.PARTLY_RESTORED and head_clause.find_recovered(context)):
        return ""
    return scope.others_in_brief(context)


def _also_again(context: WordingContext) -> str:
    is_said = context.is_over or context.notice in (NoticeKind.MONITORING, NoticeKind.PARTLY_RESTORED)
    return scope.others_again_sentence(context) if is_said else ""


def _unchanged(context: WordingContext) -> str:
    previous = context.incident.previous_facts
    is_unchanged = previous and not corrections.changed_facts(previous, context.facts, with_next_update=False)
    return context.phrases.format("no_change.text") if is_unchanged and not context.incident.is_reopened else ""


def answers(context: WordingContext, *, short: bool = False) -> dict[str, str]:
    """The answers to the incident type's own questions, by question. *Checking* is an answer too, unless some services
    work again and nobody has said what applies to the rest.

    ``short``: the form for posts, if an answer has one.
    """
    is_past = context.is_over or (context.notice is NoticeKind.PARTLY_RESTORED and _worst_is_back(context))
    texts_by_question = {}
    for question in context.incident_type.questions:
        part = "resolved" if is_past and not (question.is_required and not context.is_over) else "text"
        answer = question.answer_given(context.facts.answers)
        if answer == "checking" and context.is_partly_restored and not question.is_required:
            continue
        key = f"question.{question.id}.{answer if answer == 'checking' else f'answer.{answer}'}"
        is_short = short and context.phrases.has_phrase(f"{key}.{_IN_BRIEF[part]}")
        texts_by_question[question.id] = context.phrases.format_own(f"{key}.{_IN_BRIEF[part] if is_short else part}")
    return {question: text for question, text in texts_by_question.items() if text}


_IN_BRIEF = {"text": "short", "resolved": "resolved_short"}


def new_answers(context: WordingContext) -> tuple[str, ...]:
    """The answers of a follow-up that customers do not have yet."""
    previous = context.incident.previous_facts
    given = previous.answers if previous else {}
    return tuple(
        text
        for question, text in answers(context).items()
        if question in context.facts.answers and question not in given
    )


def _follow_up_and_answers(context: WordingContext) -> str:
    known = new_answers(context)
    return _joined(context, (corrections.follow_up_sentence(context), *known)) if known else ""


def new_workarounds(context: WordingContext) -> tuple[str, ...]:
    """The sentences of a follow-up about what to do now that customers do not have yet."""
    given = context.incident.previous_facts.workarounds if context.incident.previous_facts else ()
    added = replace(context.facts, workarounds=tuple(id for id in context.facts.workarounds if id not in given))
    return chosen_workarounds(replace(context, facts=added), for_afterwards=True)


def _worst_is_back(context: WordingContext) -> bool:
    """Whether the worst service works again, so that its workarounds no longer apply."""
    recovered_services, previous = head_clause.find_recovered(context), context.incident.previous_facts
    worst_before = (
        min((WORST_FIRST.index(affected.state) for affected in previous.affected), default=0) if previous else 0
    )
    return bool(recovered_services) and WORST_FIRST.index(recovered_services[0].state) == worst_before


def chosen_workarounds(context: WordingContext, *, for_afterwards: bool) -> tuple[str, ...]:
    """The sentences of the chosen workarounds: those for during the incident, or those for afterwards."""
    workarounds = context.pack.lists["workaround"]
    return tuple(
        context.phrases.fill("workaround", workaround)
        for workaround in context.facts.workarounds
        if workaround in workarounds and workaround.startswith(AFTER) is for_afterwards
    )


def current_action(context: WordingContext) -> str:
    """What we are doing about it."""
    if context.is_over:
        return ""
    text = context.phrases.fill("current_action", context.facts.current_action or "")
    if text:
        return text
    has_nothing = context.notice is NoticeKind.UPDATE and not context.facts.cause and not context.facts.current_action
    return context.phrases.format("current_action.none") if has_nothing else ""


def cause(context: WordingContext) -> str:
    """The cause, never in a first report; a resolved notice says so if it is not known yet."""
    if context.notice is NoticeKind.FIRST:
        return ""
    if text := context.phrases.fill("cause", context.facts.cause or ""):
        lasts = not context.is_over and context.notice is not NoticeKind.MONITORING
        return _ongoing(context, text) if lasts else text
    return context.phrases.format("cause.none") if context.notice is NoticeKind.RESOLVED else ""


def _ongoing(context: WordingContext, cause_text: str) -> str:
    """The cause of what still lasts, in the present: *The cause is …*."""
    lead, lead_open = (context.phrases.format(f"cause.{name}").rstrip() for name in ("lead", "lead_open"))
    rest = cause_text.removeprefix(lead)
    return f"{lead_open}{rest}" if rest != cause_text and not rest[:1].isalpha() else cause_text


def period(context: WordingContext) -> str:
    """Start and duration, and the end unless the opening says it; nothing if start or end is not known."""
    start, ended = context.facts.start, context.facts.ended_at
    if not context.is_over or start is None or ended is None:
        return ""
    if not context.incident.is_reopened and ended - start.at < _MINUTE:
        return context.phrases.format("period.brief")
    if context.incident.is_reopened:
        return context.phrases.format(f"period.reopened.{start.precision}", start=context.format_later(start.at))
    is_end_told = context.notice is NoticeKind.RESOLVED
    is_same_day = context.clock.local_date(start.at) == context.clock.local_date(ended)
    return context.phrases.format(
        f"period.{'same' if is_same_day and not is_end_told else 'across'}.{start.precision}",
        start=context.format_later(start.at),
        end=context.format_later(ended, after=start.at),
        length=context.clock.format_duration(ended - start.at),
    )


def period_row(context: WordingContext) -> str:
    """Start, end and duration for a row. A reopened incident has no single duration, and its sentence says so."""
    start, ended = context.facts.start, context.facts.ended_at
    if context.incident.is_reopened or not context.is_over or start is None or ended is None:
        return period(context)
    return _period_in_row(context, start, ended)


def service_period(context: WordingContext, impact: Impact) -> str:
    """Start, end and duration of one service for a row: what customers were told, where it differs from the whole."""
    start, ended = context.facts.start, context.facts.ended_at
    if context.incident.is_reopened or not context.is_over or start is None or ended is None:
        return ""
    own_start = StartTime(Precision.EXACT, impact.started) if impact.started else start
    own_end = min(impact.ended or ended, ended)
    return _period_in_row(context, own_start, own_end) if own_start.at <= own_end else ""


def _period_in_row(context: WordingContext, start: StartTime, ended: datetime) -> str:
    return context.phrases.format(
        f"period_row.{start.precision}",
        start=context.format_later(start.at),
        end=context.format_later(ended, after=start.at),
        length=context.clock.format_duration(_minute(ended) - _minute(start.at)),
    )


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def cause_row(context: WordingContext) -> str:
    """The cause without the words that the row's label already has."""
    rest = cause(context)
    for name in ("lead", "lead_open"):
        rest = rest.removeprefix(context.phrases.format(f"cause.{name}"))
    return rest[:1].upper() + rest[1:]


def estimate(context: WordingContext, length: str = "") -> str:
    """The estimate, while the incident lasts, unless it has been said among what has changed."""
    return "" if context.is_over or estimates.is_news(context) else estimates.estimate_sentence(context, length)


def _missed(context: WordingContext, length: str = "") -> str:
    estimate = estimates.worded_estimate(context)
    if not estimates.is_news(context) or not isinstance(estimate, MissedEstimate):
        return ""
    return estimates.missed_sentence(context, estimate, length)


def next_update(context: WordingContext, form: str = "next_update") -> str:
    """When the next update follows."""
    due_at = context.facts.next_update
    if due_at is None or context.is_over or context.notice is NoticeKind.WITHDRAWAL:
        return ""
    return context.phrases.format(f"{form}.text", next_update=context.format_later(due_at))


def _outlook(context: WordingContext) -> str:
    return "" if context.is_over else estimates.outlook_sentence(context)


def _extra_sentence(context: WordingContext) -> str:
    return context.facts.extra.get(context.pack.language, "").strip()


def _apology(context: WordingContext) -> str:
    """One apology; none if a missed estimate already contains one."""
    if context.notice not in (NoticeKind.FIRST, NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL, NoticeKind.EXTENDED):
        return ""
    is_missed = context.notice is NoticeKind.FIRST and isinstance(estimates.worded_estimate(context), MissedEstimate)
    return "" if is_missed else context.phrases.format(f"apology.{context.notice}")


def _joined(context: WordingContext, texts: tuple[str, ...]) -> str:
    return context.joiner.join(texts)


_BUILDERS: Mapping[str, Callable[[WordingContext], str]] = MappingProxyType(
    {
        "opening": opening,
        "opening_short": lambda context: opening(context, "opening_short"),
        "opening_bare": bare_opening,
        "spoken": lambda context: opening(context, "spoken"),
        "planned_end": maintenance.end_sentence,
        "maintenance_impact": maintenance.during_sentence,
        "as_usual": maintenance.as_usual_sentence,
        "correction": corrections.correction_sentence,
        "changed": corrections.changed_sentence,
        "changed_short": corrections.changed_in_brief,
        "withdrawal": corrections.withdrawal_sentence,
        "withdrawal_working": corrections.works_after_all,
        "withdrawn": corrections.nothing_happened,
        "withdrawal_short": lambda context: corrections.withdrawal_sentence(context, "withdrawal_short"),
        "postmortem": corrections.postmortem_sentence,
        "follow_up": corrections.follow_up_sentence,
        "follow_up_bare": corrections.follow_up_sentence,
        "follow_up_and_answers": _follow_up_and_answers,
        "new_answers": lambda context: _joined(context, new_answers(context)),
        "new_answers_named": lambda context: without_breaks(
            name_audience(context, _joined(context, new_answers(context)), most=NAMED_IN_POSTS)
        ),
        "new_after": lambda context: _joined(context, new_workarounds(context)),
        "also": _also,
        "also_short": _also_short,
        "also_again": _also_again,
        "also_affected": lambda context: (
            scope.also_affected_sentence(context) if context.notice is NoticeKind.POSTMORTEM else ""
        ),
        "recovery_times": scope.recovery_times_sentence,
        "later_starts": scope.later_starts_sentence,
        "remaining": _remaining,
        "remaining_spoken": lambda context: (
            scope.remaining_to_some(context) if head_clause.find_recovered(context) else ""
        ),
        "remaining_short": lambda context: (
            scope.remaining_short_sentence(context) if head_clause.find_recovered(context) else ""
        ),
        "improved": _improved,
        "no_change": _unchanged,
        "monitoring": lambda context: context.phrases.format("monitoring.text"),
        "audience": audience_sentences.who_is_affected,
        "audience_groups": audience_sentences.affected_groups,
        "audience_many": audience_sentences.many_groups,
        "audience_some": audience_sentences.unsaid_some,
        "audience_new": audience_sentences.corrected_audience,
        "audience_bare": audience_sentences.bare_audience,
        "answers": lambda context: _joined(context, tuple(answers(context).values())),
        "workaround": lambda context: (
            "" if context.is_over else _joined(context, chosen_workarounds(context, for_afterwards=False))
        ),
        "after": lambda context: _joined(context, chosen_workarounds(context, for_afterwards=True)),
        "working": scope.working_sentence,
        "current_action": current_action,
        "cause": cause,
        "prevention": lambda context: _joined(context, afterwards.preventions(context)),
        "report_by": afterwards.report_by,
        "period": period,
        "missed": _missed,
        "missed_short": lambda context: _missed(context, "_short"),
        "start_new": corrections.new_start_sentence,
        "old_estimate": estimates.old_estimate_sentence,
        "estimate_new": estimates.new_estimate_sentence,
        "estimate_new_short": estimates.new_time_in_brief,
        "unknown_new_short": estimates.nothing_known_in_brief,
        "estimate_new_bare": estimates.end_of_new_range,
        "old_plan": maintenance.old_plan_sentence,
        "correction_short": lambda context: corrections.correction_in_brief(context, is_alone=False),
        "correction_alone": lambda context: corrections.correction_in_brief(context, is_alone=True),
        "estimate": estimate,
        "estimate_short": lambda context: "" if estimates.is_unknown(context) else estimate(context, "_short"),
        "unknown_short": lambda context: estimate(context, "_short") if estimates.is_unknown(context) else "",
        "outlook": _outlook,
        "next_update": next_update,
        "next_update_short": lambda context: next_update(context, "next_update_short"),
        "extra": _extra_sentence,
        "zone": lambda context: context.phrases.format("zone.text", zone=zone_name_of_text(context)),
        "link": lambda context: context.link,
        "apology": _apology,
    }
)

SENTENCE_NAMES = frozenset(_BUILDERS)
"""All sentences by name, except the answers to an incident type's questions."""
