"""What is affected and what is not: clauses of services and incident types, the worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from statuspage.domain import (
    IMPACT_STATES,
    WORST_FIRST,
    Affected,
    Impact,
    ImpactClauses,
    LocaleRules,
    NoticeKind,
    State,
)
from statuspage.rendering.wording.audience import name_audience, say_some
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.locale_format import join_list, join_negated
from statuspage.rendering.wording.text_length import x_length

NAMED = 3
"""The maximum number of services named in one sentence; one more if only one would be left out."""

BRIEF = 80
"""Room for the names of services in a post, in weighted characters of X."""


def impact_clauses(context: WordingContext, affected: Affected | None) -> ImpactClauses:
    """What customers experience with this service: the incident type's own clause, else the service's.

    A type that affects a group has the same clause for all its services; once some of them work again, each has its
    own.
    """
    if affected is None or affected.state not in IMPACT_STATES:
        return _clauses_without_service(context)
    is_separate = (
        context.notice is NoticeKind.PARTLY_RESTORED
        and context.incident_type.affects_group
        and bool(find_recovered(context))
    )
    if is_separate or not context.incident_type.has_own_sentences:
        return context.pack.services[affected.service].impact_clauses[affected.state]
    service = context.pack.services[affected.service]
    group = context.pack.groups.get(context.catalog.services[affected.service].group, service)
    slots = {
        "noun": service.noun,
        "noun_capitalized": service.noun_capitalized,
        "group": group.noun,
        "group_capitalized": group.noun_capitalized,
    }
    return _own_clauses(context, affected.state, slots)


def _clauses_without_service(context: WordingContext) -> ImpactClauses:
    if context.incident_type.has_own_sentences and not context.incident_type.names_services:
        return _own_clauses(context, context.incident_type.state, {})
    return ImpactClauses(*(context.phrases.format(f"impact.none.{form}") for form in ("now", "still", "again")))


def _own_clauses(context: WordingContext, state: State, slots: Mapping[str, str]) -> ImpactClauses:
    forms = (
        context.phrases.format_own(f"{_impact_phrase(context, state, form)}.{form}", **slots)
        for form in ("now", "still", "again")
    )
    return ImpactClauses(*forms)


def _impact_phrase(context: WordingContext, state: State, form: str) -> str:
    """The phrase of the type's clause; that of an answer which says more exactly what has happened, if there is one."""
    for question, answer in context.facts.answers.items():
        phrase = f"question.{question}.answer.{answer}"
        if context.phrases.has_phrase(f"{phrase}.{form}"):
            return phrase
    return f"impact.{state}"


def is_answered_anew(context: WordingContext) -> bool:
    """Whether an answer that this notice is the first to give says more exactly what has happened."""
    before = context.incident.previous_facts
    return any(
        context.phrases.has_phrase(f"question.{question}.answer.{answer}.now")
        for question, answer in context.facts.answers.items()
        if before is None or before.answers.get(question) != answer
    )


def head_clauses(context: WordingContext) -> ImpactClauses:
    """The clause of the worst service, including headline breaks."""
    services = context.affected
    return impact_clauses(context, services[0] if services else None)


def worst_clauses(context: WordingContext) -> ImpactClauses:
    """The clause of the worst service since the first report, for the title."""
    services = context.all_impacts
    return impact_clauses(context, Affected(services[0].service, services[0].state) if services else None)


def without_breaks(clause: str) -> str:
    """A clause without its headline breaks."""
    return clause.replace("|", "")


def others_sentence(context: WordingContext) -> str:
    """What else does not work besides the worst: in its own words if it is little, else by name and state."""
    first, *rest = context.affected or (None,)
    if first is None or not rest:
        return ""
    if context.phrases.has_phrase(f"also.whole.{first.state}"):
        return _whole_sentence(context, first.state, [first, *rest])
    return context.joiner.join(_others(context, without_breaks(impact_clauses(context, first).now), rest))


def _whole_sentence(context: WordingContext, state: State, services: Sequence[Affected]) -> str:
    slots = {"all": join_nouns(context, services), "all_negated": _join_negated_nouns(context, services)}
    return context.phrases.format(f"also.whole.{state}", **slots)


def _others(context: WordingContext, head_clause: str, rest: Sequence[Affected]) -> Iterator[str]:
    name = "also.one"
    for state, group in groupby(rest, key=lambda affected: affected.state):
        services = list(group)
        clauses = dict.fromkeys(without_breaks(impact_clauses(context, affected).now) for affected in services)
        if len(services) > 1 and state in IMPACT_STATES:
            yield context.phrases.format(f"also.{state}", **noun_slots(context, services))
        else:
            for clause in clauses:
                if clause != head_clause:
                    yield context.phrases.format(name, now=clause)
        name = "also.more"


def others_again_sentence(context: WordingContext) -> str:
    """What else works again."""
    recovered_services = find_recovered(context) if context.notice is NoticeKind.PARTLY_RESTORED else context.affected
    rest = recovered_services[1:]
    first_clauses = impact_clauses(context, recovered_services[0] if recovered_services else None)
    clauses = list(dict.fromkeys(without_breaks(impact_clauses(context, affected).again) for affected in rest))
    if not rest or clauses == [without_breaks(first_clauses.again)]:
        return ""
    if len(rest) == 1:
        return context.phrases.format("also_again.one", again=clauses[0])
    return context.phrases.format("also_again.many", **noun_slots(context, rest))


def recovered_early(context: WordingContext) -> tuple[Impact, ...]:
    """What worked again before the incident was over, worst first."""
    ended = context.facts.ended_at
    if not context.is_over:
        return ()
    return tuple(
        impact
        for impact in context.impacts
        if impact.ended and (ended is None or _minute(impact.ended) < _minute(ended))
    )


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def head_recovered_early(context: WordingContext) -> bool:
    """Whether the worst service recovered early and its clause applies to no other service."""
    early = recovered_early(context)
    if not early or context.impacts[0] not in early:
        return False
    remaining_services = [Affected(impact.service, impact.state) for impact in context.impacts if impact not in early]
    return head_clauses(context).again not in {
        impact_clauses(context, affected).again for affected in remaining_services
    }


def recovery_times_sentence(context: WordingContext) -> str:
    """When each service that recovered before the others started to work again."""
    recoveries = [
        (_minute(impact.ended), Affected(impact.service, impact.state))
        for impact in recovered_early(context)
        if impact.ended
    ]
    sentences = []
    for end, group in groupby(sorted(recoveries, key=itemgetter(0)), key=itemgetter(0)):
        services = [service for _, service in group]
        slots = noun_slots(context, services, limit=len(services))
        sentences.append(context.phrases.format("recovery_times.text", end=context.format_later(end), **slots))
    return context.joiner.join(sentence for sentence in sentences if sentence)


def later_starts_sentence(context: WordingContext) -> str:
    """Since when customers know of each service that the first report did not name."""
    starts = [
        (_minute(impact.started), Affected(impact.service, impact.state))
        for impact in (context.impacts if context.is_over else ())
        if impact.started
    ]
    sentences = []
    for start, group in groupby(sorted(starts, key=itemgetter(0)), key=itemgetter(0)):
        services = [service for _, service in group]
        slots = noun_slots(context, services, limit=len(services))
        sentences.append(context.phrases.format("later_start.text", start=context.format_later(start), **slots))
    return context.joiner.join(sentence for sentence in sentences if sentence)


def also_affected_sentence(context: WordingContext) -> str:
    """What was affected besides the worst, for the postmortem."""
    rest = context.affected[1:]
    return context.phrases.format("also_affected.text", services=join_nouns(context, rest)) if rest else ""


def find_recovered(context: WordingContext) -> tuple[Affected, ...]:
    """Services that the previous notice called affected and this one does not, worst first."""
    previous = context.incident.previous_facts.affected if context.incident.previous_facts else ()
    still_affected = {affected.service for affected in context.facts.affected}
    order = list(context.catalog.services)
    candidates = (
        affected
        for affected in previous
        if affected.service not in still_affected and affected.service in context.catalog.services
    )
    return tuple(
        sorted(candidates, key=lambda affected: (WORST_FIRST.index(affected.state), order.index(affected.service)))
    )


def remaining_sentence(context: WordingContext) -> str:
    """What still does not work, in a notice about what works again."""
    services = context.affected
    if len(services) > 1:
        return context.phrases.format("remaining.many", **noun_slots(context, services))
    return context.phrases.format("remaining.one", still=without_breaks(head_clauses(context).still))


def remaining_short_sentence(context: WordingContext) -> str:
    """What still does not work, and whether for some people only, for a post; of many services the worst by name."""
    services, text = context.affected, remaining_sentence(context)
    if len(services) > 1 and x_length(join_nouns(context, services)) > BRIEF // 2:
        text = context.phrases.format("remaining.many", **noun_slots(context, services, limit=1))
    is_limited = context.affects_some or context.has_many_groups
    return without_breaks(say_some(context, text)) if is_limited else text


def working_sentence(context: WordingContext) -> str:
    """The services that are confirmed to work normally; "" if none is."""
    affected_services = {
        *context.incident.affected_elsewhere,
        *(affected.service for affected in context.facts.affected),
    }
    confirmed = [
        service
        for service in context.facts.confirmed_working
        if service in context.catalog.services and service not in affected_services
    ]
    if not confirmed:
        return ""
    return context.phrases.format(
        "working.text", services=join_nouns(context, [Affected(service, State.OPERATIONAL) for service in confirmed])
    )


def join_nouns(context: WordingContext, services: Sequence[Affected], *, limit: int = NAMED) -> str:
    """Services as one phrase; of many, only ``limit`` by name."""
    return _phrase(context, _nouns(context, services), limit)


def _join_negated_nouns(context: WordingContext, services: Sequence[Affected], *, limit: int = NAMED) -> str:
    """The same where a sentence says that none of them works."""
    return _phrase(context, _nouns(context, services), limit, join_negated)


def _nouns(context: WordingContext, services: Sequence[Affected]) -> list[str]:
    return [without_breaks(context.pack.services[affected.service].noun) for affected in services]


def short_nouns(context: WordingContext) -> str:
    """The services as one phrase; only the first by name if all would be too long for a post."""
    all_names = join_nouns(context, context.affected)
    return all_names if x_length(all_names) <= BRIEF else join_nouns(context, context.affected, limit=1)


def noun_slots(context: WordingContext, services: Sequence[Affected], *, limit: int = NAMED) -> dict[str, str]:
    """The services as one phrase: within a sentence, at its start, and in a negation."""
    capital = [context.pack.services[services[0].service].noun_capitalized, *_nouns(context, services[1:])]
    return {
        "services": join_nouns(context, services, limit=limit),
        "services_capitalized": _phrase(context, capital, limit),
        "services_negated": _join_negated_nouns(context, services, limit=limit),
    }


def _phrase(
    context: WordingContext,
    names: Sequence[str],
    limit: int,
    join: Callable[[Sequence[str], LocaleRules], str] = join_list,
) -> str:
    """Names in one phrase; of many, only the first few, because the page lists them all."""
    if len(names) <= (limit + 1 if limit > 1 else 1):
        return join(names, context.pack.locale_rules)
    rest = context.phrases.format("list.others")
    listed_names = join([*names[:limit], *([rest] if rest else [])], context.pack.locale_rules)
    return context.phrases.format("list.open", services=listed_names)


def headline(context: WordingContext) -> str:
    """The sentence about the present state, including headline breaks."""
    clauses = head_clauses(context)
    name: str = context.notice.value
    if context.notice is NoticeKind.UPDATE and context.incident.is_reopened:
        name = "reopened"
    if context.notice is NoticeKind.FOLLOW_UP or (context.notice is NoticeKind.CORRECTION and context.is_over):
        name = NoticeKind.RESOLVED.value
    services = join_nouns(context, context.affected)
    sentence = context.phrases.format(f"headline.{name}", now=clauses.now, again=clauses.again, services=services)
    if context.notice is NoticeKind.WITHDRAWAL:
        return sentence
    works_again = context.is_over or context.notice is NoticeKind.MONITORING
    return name_audience(context, sentence, works_again=works_again)


def state_name(context: WordingContext, state: State) -> str:
    """The name of the state."""
    return context.phrases.format_label(f"state.{state}")
