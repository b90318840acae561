"""What is affected and what is not: clauses of services and incident types, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from statuspage.domain import (
    IMPACT_STATES,
    Affected,
    Impact,
    NoticeKind,
    State,
)
from statuspage.rendering.wording.audience import name_audience, say_some, with_earlier_audience
from statuspage.rendering.wording.context import NAMED_IN_POSTS, WordingContext
from statuspage.rendering.wording.head_clause import (
    find_head,
    find_quoted_head,
    find_recovered,
    head_clauses,
    whole_clauses,
)
from statuspage.rendering.wording.service_lists import (
    BRIEF,
    join_names,
    join_negated_nouns,
    join_nouns,
    noun_slots,
    without_breaks,
)
from statuspage.rendering.wording.text_length import x_length


def others_sentence(context: WordingContext) -> str:
    """What else does not work besides the worst: in its own words if it is little, else by name and state."""
    services = context.affected
    head = find_head(context, services)
    rest = [affected for affected in services if affected not in head.named]
    sentences = []
    if len(services) > 1 and (head.is_by_group or not head.named):
        name = f"also.whole.{services[0].state}"
        if context.phrases.has_phrase(name):
            sentences.append(_whole_sentence(context, name, head.named or services))
            rest = rest if head.named else []
        else:
            rest = list(services[1:])
    return context.joiner.join((*sentences, *_others(context, without_breaks(head.clauses.now), rest)))


def _whole_sentence(context: WordingContext, name: str, services: Sequence[Affected]) -> str:
    slots = {"all": join_nouns(context, services), "all_negated": join_negated_nouns(context, services)}
    return context.phrases.format(name, **slots)


def _others(context: WordingContext, head_clause: str, rest: Sequence[Affected]) -> Iterator[str]:
    name = "also.one"
    for state, group in groupby(rest, key=lambda affected: affected.state):
        services = list(group)
        clause = without_breaks(find_head(context, services[:1]).clauses.now)
        if len(services) > 1 and state in IMPACT_STATES:
            yield context.phrases.format(f"also.{state}", **noun_slots(context, services))
        elif clause != head_clause:
            yield context.phrases.format(name, now=clause)
        name = "also.more"


def others_in_brief(context: WordingContext) -> str:
    """The names of the services that the first sentence does not name, for a post."""
    services = context.affected
    head = find_head(context, services)
    others = [affected for affected in services if affected not in head.named]
    if not others or len(services) == 1:
        return ""
    form = "others" if head.named else "services"
    return context.phrases.format(f"also_short.{form}", services=join_names(context, others))


def others_again_sentence(context: WordingContext) -> str:
    """What else works again."""
    services = find_recovered(context) if context.notice is NoticeKind.PARTLY_RESTORED else context.affected
    head = find_head(context, services)
    says_none = not head.named and context.incident_type.names_services
    rest = [affected for affected in services[0 if says_none else 1 :] if affected not in head.named]
    clauses = {without_breaks(find_head(context, [affected]).clauses.again) for affected in rest}
    if not rest or len(services) == 1 or (not says_none and clauses == {without_breaks(head.clauses.again)}):
        return ""
    if len(rest) == 1:
        return context.phrases.format("also_again.one", again=clauses.pop())
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
    """Whether the services of the first clause recovered early, and it applies to no other service."""
    early = recovered_early(context)
    head = find_head(context, context.affected)
    named = {affected.service for affected in head.named or context.affected[:1]}
    if not early or not named <= {impact.service for impact in early}:
        return False
    remaining = [Affected(impact.service, impact.state) for impact in context.impacts if impact not in early]
    return head.clauses.again not in {find_head(context, [affected]).clauses.again for affected in remaining}


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
    head = find_quoted_head(context, context.affected)
    rest = [affected for affected in context.affected[1:] if affected not in head.named or head.is_by_group]
    return context.phrases.format("also_affected.text", services=join_nouns(context, rest)) if rest else ""


def works_again_for_others(context: WordingContext) -> bool:
    """Whether, in a partly restored notice, something works again for other customers than those for whom the rest
    still does not: then only what is said of the rest names customers."""
    if context.notice is not NoticeKind.PARTLY_RESTORED or not find_recovered(context):
        return False
    return set(context.named_groups) != set(with_earlier_audience(context).named_groups)


def remaining_sentence(context: WordingContext) -> str:
    """What still does not work, in a notice about what works again; for whom, if the first sentence does not say it."""
    text = _remaining(context)
    return without_breaks(name_audience(context, text)) if works_again_for_others(context) else text


def remaining_to_some(context: WordingContext) -> str:
    """The same to be read aloud, where no other sentence says that it is so for some people only."""
    text = remaining_sentence(context)
    return without_breaks(say_some(context, text)) if context.affects_some else text


def _remaining(context: WordingContext) -> str:
    services = context.affected
    if len(services) > 1:
        return context.phrases.format("remaining.many", **noun_slots(context, services))
    return context.phrases.format("remaining.one", still=without_breaks(head_clauses(context).still))


def remaining_short_sentence(context: WordingContext) -> str:
    """What still does not work, and whether for some people only, for a post; of many services the worst by name."""
    services, text = context.affected, _remaining(context)
    if len(services) > 1 and x_length(join_nouns(context, services)) > BRIEF // 2:
        text = context.phrases.format("remaining.many", **noun_slots(context, services, limit=1))
    if context.affects_some or context.has_many_groups:
        return without_breaks(say_some(context, text))
    if works_again_for_others(context):
        return without_breaks(name_audience(context, text, most=NAMED_IN_POSTS))
    return text


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


def headline(context: WordingContext) -> str:
    """The sentence about the present state, including headline breaks."""
    clauses = whole_clauses(context, context.affected)
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
    """The name of the state; of planned maintenance, the state that is to come."""
    planned = (NoticeKind.ANNOUNCED, NoticeKind.REMINDER, NoticeKind.EXTENDED)
    if context.notice in planned and context.facts.start is None and state in IMPACT_STATES:
        return context.phrases.format_label(f"planned_state.{state}")
    return context.phrases.format_label(f"state.{state}")
