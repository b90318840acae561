"""The first clause of a notice: what customers experience with the services that are worst affected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from statuspage.domain import IMPACT_STATES, WORST_FIRST, Affected, ImpactClauses, NoticeKind, State
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.service_lists import join_in_room, join_names, words_of
from statuspage.rendering.wording.service_names import name_clauses_together, name_services


@dataclass(frozen=True, slots=True)
class Head:
    """The first clause of a notice, and which of the services it is about.

    ``named`` is empty if the clause is about none by name. ``is_by_group``: it names a group of them, not each.
    """

    clauses: ImpactClauses
    named: tuple[Affected, ...] = ()
    is_by_group: bool = False


def find_head(context: WordingContext, services: Sequence[Affected]) -> Head:
    """What customers experience with the worst of these services, all in one clause: the incident type's own, else the
    services'.

    A type that affects a group has one clause for all its services; once some of them work again, each has its own.
    """
    if not services or services[0].state not in IMPACT_STATES:
        return Head(_clauses_without_service(context))
    state = services[0].state
    alike = tuple(affected for affected in services if affected.state is state)
    is_separate = (
        context.notice is NoticeKind.PARTLY_RESTORED
        and context.incident_type.affects_group
        and bool(find_recovered(context))
    )
    if context.incident_type.has_own_sentences and not is_separate:
        return _own_head(context, state, alike)
    words, pack = words_of(context, alike), context.pack
    if len(alike) > 1 and (
        clauses := name_clauses_together(words, state, pack.service_templates, pack.locale_rules, join_in_room(context))
    ):
        return Head(clauses, alike)
    first = words[0].impact_clauses[state]
    return Head(first, tuple(a for a, w in zip(alike, words, strict=True) if w.impact_clauses[state] == first))


def _own_head(context: WordingContext, state: State, alike: tuple[Affected, ...]) -> Head:
    template = context.phrases.own_text(f"{_impact_phrase(context, state, 'now')}.now")
    is_by_group = "{group" in template and any(context.catalog.services[a.service].group for a in alike)
    is_named = "{group" in template or "{noun" in template
    clauses = _own_clauses(context, state, _own_slots(context, alike))
    return Head(clauses, alike if is_named else (), is_by_group)


def _own_slots(context: WordingContext, alike: Sequence[Affected]) -> dict[str, str]:
    """The services, and the groups in which they stand, as one phrase each."""
    pack, join = context.pack, join_in_room(context)
    words = words_of(context, alike)
    groups = dict.fromkeys(context.catalog.services[affected.service].group for affected in alike)
    noun, at_start = name_services(words, pack.service_templates, pack.locale_rules, join)
    group, group_at_start = noun, at_start
    if any(group in pack.groups for group in groups):
        items = dict.fromkeys(_group_or_service(context, affected) for affected in alike)
        nouns = [item[0] for item in items]
        group = join(nouns, pack.locale_rules)
        group_at_start = join([next(iter(items))[1], *nouns[1:]], pack.locale_rules)
    return {"noun": noun, "noun_capitalized": at_start, "group": group, "group_capitalized": group_at_start}


def _group_or_service(context: WordingContext, affected: Affected) -> tuple[str, str]:
    service = context.pack.services[affected.service]
    words = context.pack.groups.get(context.catalog.services[affected.service].group, service)
    return words.noun, words.noun_capitalized


def _clauses_without_service(context: WordingContext) -> ImpactClauses:
    if context.incident_type.has_own_sentences and not context.incident_type.names_services:
        return _own_clauses(context, context.incident_type.state, {})
    return ImpactClauses(*(context.phrases.format(f"impact.none.{form}") for form in _FORMS))


def _own_clauses(context: WordingContext, state: State, slots: Mapping[str, str]) -> ImpactClauses:
    forms = (context.phrases.format_own(f"{_impact_phrase(context, state, form)}.{form}", **slots) for form in _FORMS)
    return ImpactClauses(*forms)


_FORMS = ("now", "still", "again")


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
    """The clause of the worst services, including headline breaks."""
    return find_head(context, context.affected).clauses


def whole_clauses(context: WordingContext, services: Sequence[Affected]) -> ImpactClauses:
    """The clause of the worst of these services, and the names of the others, for headline and title."""
    head = find_head(context, services)
    others = tuple(affected for affected in services if affected not in head.named)
    if not others or len(services) == 1:
        return head.clauses
    names, clauses = join_names(context, others), head.clauses
    forms = ("others", "others", "others_again") if head.named else ("services",) * 3
    return ImpactClauses(
        *(
            context.phrases.format(f"whole.{form}", text=clause, services=names)
            for form, clause in zip(forms, (clauses.now, clauses.still, clauses.again), strict=True)
        )
    )


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
