"""The title of an incident, and the subjects under which a notice is listed."""

from __future__ import annotations

from statuspage.domain import MAINTENANCE_NOTICES, WORST_FIRST, AffectedAudience, Impact, NoticeKind, impacts
from statuspage.rendering.wording.audience import begin_after_colon, begins_with_some, name_audience, say_some
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.head_clause import (
    find_recovered,
    is_answered_anew,
    whole_clauses,
)
from statuspage.rendering.wording.locale_format import join_plainly
from statuspage.rendering.wording.service_lists import join_nouns, without_breaks

TITLED = (NoticeKind.WITHDRAWAL, NoticeKind.POSTMORTEM)
"""Kinds of notice about the whole incident: their subjects have its title; what was a mistake is quoted."""


def incident_title(context: WordingContext) -> str:
    """The title: the worst effect since the first report, and its date. It widens when something worse is known, and
    never narrows; a correction and a new plan say it anew. Once it is over, it is in the past tense."""
    marks = context.pack.marks
    frozen = context.incident.titles.get(context.pack.language, "").removeprefix(marks.start).removesuffix(marks.end)
    if context.notice in MAINTENANCE_NOTICES:
        return frozen if frozen and context.notice is not NoticeKind.ANNOUNCED else _maintenance_title(context)
    if frozen and not _says_anew(context, frozen):
        return _in_its_tense(context, frozen)
    return _title_anew(context, frozen)


def _title_anew(context: WordingContext, frozen: str) -> str:
    clauses = whole_clauses(context, context.all_affected)
    title = _title(context, clauses.was if context.is_over else clauses.now)
    return without_breaks(_of_audience(context, title, frozen))


def _in_its_tense(context: WordingContext, frozen: str) -> str:
    """The title so far, in the past once it is over, and in the present after it was reopened. Its customers and its
    day stay."""
    if not context.is_over and not context.incident.is_reopened:
        return frozen
    clauses, rules = whole_clauses(context, context.all_affected), context.pack.locale_rules
    now, was = without_breaks(clauses.now), without_breaks(clauses.was)
    in_the_past = {was: now, begin_after_colon(was, rules): begin_after_colon(now, rules)}
    said = next((clause for clause in in_the_past if clause in frozen), "")  # first: “… fail” is in “… failed”
    if said:
        return frozen if context.is_over else frozen.replace(said, in_the_past[said])
    in_the_present = {there: then for then, there in in_the_past.items()}
    if said := next((clause for clause in in_the_present if clause in frozen), ""):
        return frozen.replace(said, in_the_present[said]) if context.is_over else frozen
    return _title_anew(context, frozen)


def _of_audience(context: WordingContext, title: str, frozen: str) -> str:
    """The title with the customers it is about, who are never fewer than those of the title so far, unless they are
    corrected."""
    limited = name_audience(context, title)
    if not frozen or context.notice is NoticeKind.CORRECTION or _is_limited(context, frozen):
        return limited
    is_of_some = begins_with_some(context, frozen) or (context.affects_some and _begins_with_group(context, frozen))
    is_of_all = context.facts.audience.extent is AffectedAudience.ALL
    return say_some(context, title) if is_of_some and not is_of_all else title


def _title(context: WordingContext, clause: str) -> str:
    at = context.facts.start.at if context.facts.start else context.now
    return context.phrases.format(
        "title.text", now=without_breaks(clause), date=context.clock.format_date(at, now=context.now)
    )


def _maintenance_title(context: WordingContext) -> str:
    services = join_nouns(context, context.affected)
    return context.phrases.format("title.maintenance", services=services, date=_format_planned_date(context))


def _format_planned_date(context: WordingContext) -> str:
    window = context.facts.maintenance_window
    return context.clock.format_date(window.start if window else context.now, now=context.now)


def _says_anew(context: WordingContext, frozen: str) -> bool:
    """Whether the title may no longer stand: it was corrected, or something worse or wider is known."""
    before = context.incident.previous_facts
    if context.notice is NoticeKind.CORRECTION or before is None:
        return context.notice is NoticeKind.CORRECTION
    known_impacts = impacts(context.incident.claims) or tuple(
        Impact(item.service, item.state) for item in before.affected
    )
    is_wider = (
        context.facts.audience.extent is not AffectedAudience.CHECKING
        and bool(before.audience.groups)
        and not _is_limited(context, frozen)
        and _begins_with_group(context, frozen)
    ) or (context.facts.audience.extent is AffectedAudience.ALL and begins_with_some(context, frozen))
    has_more = not {impact.service for impact in context.all_impacts} <= {impact.service for impact in known_impacts}
    return is_wider or has_more or _rank(context.all_impacts) < _rank(known_impacts) or is_answered_anew(context)


def _rank(known: tuple[Impact, ...]) -> int:
    return min((WORST_FIRST.index(impact.state) for impact in known), default=len(WORST_FIRST))


def _is_limited(context: WordingContext, title: str) -> bool:
    """Whether the title is about those groups of customers that are affected now, and no others."""
    return bool(context.named_groups) and title.startswith(name_audience(context, "#").partition("#")[0])


def _begins_with_group(context: WordingContext, title: str) -> bool:
    names = (group.label or group.text for group in context.pack.audience_groups.values())
    return any(title.startswith(name) for name in names if name)


def subject(context: WordingContext, name: str) -> str:
    """The subject in a feed or an email (``name``): it never contradicts the state that its label names."""
    if context.notice in MAINTENANCE_NOTICES:
        names = [context.pack.services[affected.service].name for affected in context.affected]
        return context.phrases.format(
            "subject.maintenance",
            label=context.label,
            services=join_plainly(names, context.pack.locale_rules),
            date=_format_planned_date(context),
        )
    form = "quoted" if context.notice is NoticeKind.WITHDRAWAL else name
    return context.phrases.format(f"subject.{form}", label=context.label, title=_present_title(context))


def _present_title(context: WordingContext) -> str:
    """The title in words for the present: what works again, or what still does not after the worst works again."""
    is_unfinished = context.notice is NoticeKind.PARTLY_RESTORED and not context.incident_type.names_services
    if context.notice in TITLED or is_unfinished:
        return incident_title(context)
    if context.is_over or context.notice is NoticeKind.MONITORING:
        clause, works_again = whole_clauses(context, context.affected).again, True
    elif context.notice is NoticeKind.PARTLY_RESTORED and (recovered := find_recovered(context)):
        clause, works_again = whole_clauses(context, recovered).again, True
    elif context.had_partial_recovery and context.notice is not NoticeKind.CORRECTION:
        clause, works_again = whole_clauses(context, context.affected).now, False
    else:
        return incident_title(context)
    title = name_audience(context, _title(context, clause), works_again=works_again)
    return without_breaks(title)
