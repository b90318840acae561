"""The first sentence: what customers cannot do and since when, or the present state."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import MAINTENANCE_NOTICES, NoticeKind
from statuspage.rendering.wording import head_clause, maintenance, scope
from statuspage.rendering.wording.audience import name_audience, say_some
from statuspage.rendering.wording.context import NAMED_IN_POSTS, WordingContext
from statuspage.rendering.wording.service_lists import without_breaks


def opening(context: WordingContext, form: str = "opening") -> str:
    """The first sentence of the notice, in this form; with the customers if they are one group, in a post a few."""
    text, works_again = _unlimited(context, form), says_it_works(context, form)
    if scope.works_again_for_others(context) or (form != "opening_short" and head_clause.is_only_for_fewer(context)):
        return without_breaks(text)
    most = (0 if context.has_many_groups else NAMED_IN_POSTS) if form == "opening_short" else 1
    return without_breaks(name_audience(context, text, most=most, works_again=works_again))


def says_it_works(context: WordingContext, form: str = "opening") -> bool:
    """Whether the first sentence is about what works again, or is better."""
    if context.notice is NoticeKind.PARTLY_RESTORED:
        return form == "opening" or bool(head_clause.find_recovered(context))
    return context.is_over or context.notice is NoticeKind.MONITORING


def _unlimited(context: WordingContext, form: str) -> str:
    if context.notice in MAINTENANCE_NOTICES:
        return maintenance.maintenance_opening(context, form)
    match context.notice:
        case NoticeKind.CORRECTION if context.facts.ended_at:
            return _resolved(context, form)
        case NoticeKind.FIRST | NoticeKind.CORRECTION:
            return _first_opening(context, form)
        case NoticeKind.UPDATE:
            return _as_of(context, f"{form}.update.{'reopened' if context.incident.is_reopened else 'plain'}")
        case NoticeKind.PARTLY_RESTORED:
            return _partly(context, form)
        case NoticeKind.MONITORING:
            return _as_of(context, f"{form}.monitoring.plain")
        case NoticeKind.RESOLVED:
            return _resolved(context, form)
        case _:
            return ""


def bare_opening(context: WordingContext) -> str:
    """What does not work, without any time, for a post that must say more important ones. "" if something works again:
    another sentence says what does not. Of many groups it says only that not everybody is affected; of services whose
    names are too long for one clause, only the worst."""
    if context.notice is NoticeKind.PARTLY_RESTORED and head_clause.find_recovered(context):
        return ""
    clauses = head_clause.find_quoted_head(context, context.affected).clauses
    clause = clauses.now if context.notice in (NoticeKind.FIRST, NoticeKind.CORRECTION) else clauses.still
    text = context.phrases.format("opening_short.first.unstated", now=without_breaks(clause))
    if context.is_over:
        return ""
    if context.has_many_groups:
        return without_breaks(say_some(context, text))
    return without_breaks(name_audience(context, text, most=NAMED_IN_POSTS))


def _first_opening(context: WordingContext, form: str) -> str:
    now, start = without_breaks(head_clause.head_clauses(context).now), context.facts.start
    if start is None or _was_worse(context):
        return context.phrases.format(f"{form}.first.unstated", now=now)
    return context.phrases.format(f"{form}.first.{start.precision}", now=now, start=_opens(context, form, start.at))


def _was_worse(context: WordingContext) -> bool:
    """Whether something worse was told before, which began at the start time, while this began later."""
    now, worst = context.affected[:1], context.all_affected[:1]
    return context.notice is NoticeKind.CORRECTION and now != worst


def _resolved(context: WordingContext, form: str) -> str:
    again, ended = without_breaks(head_clause.head_clauses(context).again), context.facts.ended_at
    if ended is None:
        return context.phrases.format(f"{form}.resolved.unstated", again=again)
    name = "in_stages" if scope.head_recovered_early(context) else "plain"
    return context.phrases.format(f"{form}.resolved.{name}", again=again, end=_opens(context, form, ended))


def _opens(context: WordingContext, form: str, at: datetime) -> str:
    """The time in the first sentence: with the day, unless a correction has already named one."""
    if context.notice is NoticeKind.CORRECTION and context.incident.corrected_notice_at:
        return context.format_later(at)
    return context.format_opening(form, at)


def _as_of(context: WordingContext, name: str) -> str:
    clauses, form = head_clause.head_clauses(context), name.partition(".")[0]
    now, still, again = (without_breaks(clause) for clause in (clauses.now, clauses.still, clauses.again))
    as_of = context.format_opening(form, context.now)
    return context.phrases.format(name, now=now, still=still, again=again, as_of=as_of)


def _partly(context: WordingContext, form: str) -> str:
    recovered_services = head_clause.find_recovered(context)
    if not recovered_services:
        return _as_of(context, f"{form}.partly_restored.better")
    again = without_breaks(head_clause.find_head(context, recovered_services).clauses.again)
    return context.phrases.format(
        f"{form}.partly_restored.back", again=again, as_of=context.format_opening(form, context.now)
    )
