"""The first clause of a notice: what customers experience with the services that are worst affected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace

from statuspage.domain import IMPACT_STATES, WORST_FIRST, Affected, GroupWords, ImpactClauses, NoticeKind, State
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.service_lists import join_in_room, join_names, words_of
from statuspage.rendering.wording.service_names import name_clauses_together, name_services
from statuspage.rendering.wording.text_length import x_length

ROOM_FOR_QUOTE = 80
"""Room for a clause of several services in a sentence that quotes it, in weighted characters of X."""


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
    key = tuple(services)
    if key not in context.heads:
        context.heads[key] = _head_of(context, services)
    return context.heads[key]


def _head_of(context: WordingContext, services: Sequence[Affected]) -> Head:
    if not services or services[0].state not in IMPACT_STATES:
        return Head(_clauses_without_service(context))
    head = _head_of_worst(context, services)
    if _was_said_before(context, head.named or services[:1]):
        return head
    return replace(head, clauses=replace(head.clauses, still=head.clauses.now))


def find_quoted_head(context: WordingContext, services: Sequence[Affected]) -> Head:
    """The same to be quoted in another sentence: of the worst service alone, if that of all is too long there."""
    head = find_head(context, services)
    return find_head(context, services[:1]) if x_length(head.clauses.now) > ROOM_FOR_QUOTE else head


def _was_said_before(context: WordingContext, services: Sequence[Affected]) -> bool:
    """Whether the previous notice said the same of these services, so that they are *still* affected."""
    previous = context.incident.previous_facts
    return previous is None or set(services) <= set(previous.affected)


def _head_of_worst(context: WordingContext, services: Sequence[Affected]) -> Head:
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
    is_by_group = "{group" in template and any(_group_of(context, affected, alike) for affected in alike)
    is_named = "{group" in template or "{noun" in template
    clauses = _own_clauses(context, state, _own_slots(context, alike))
    return Head(clauses, alike if is_named else (), is_by_group)


def _own_slots(context: WordingContext, alike: Sequence[Affected]) -> dict[str, str]:
    """The services, and the groups in which they stand, as one phrase each."""
    pack, join = context.pack, join_in_room(context)
    noun, at_start = name_services(words_of(context, alike), pack.service_templates, pack.locale_rules, join)
    slots = {"noun": noun, "noun_capitalized": at_start, "group": noun, "group_capitalized": at_start}
    if not any(_group_of(context, affected, alike) for affected in alike):
        return slots
    words = dict.fromkeys(_words_as_group(context, affected, alike) for affected in alike)
    nouns = [within for within, _ in words]
    capital = [at_start for _, at_start in words][:1]
    return slots | {
        "group": join(nouns, pack.locale_rules),
        "group_capitalized": join([*capital, *nouns[1:]], pack.locale_rules),
    }


def _words_as_group(context: WordingContext, affected: Affected, alike: Sequence[Affected]) -> tuple[str, str]:
    words = _group_of(context, affected, alike) or context.pack.services[affected.service]
    return words.noun, words.noun_capitalized


def _group_of(context: WordingContext, affected: Affected, alike: Sequence[Affected]) -> GroupWords | None:
    """The group that stands for this service: one that the company gave a noun, of whose services several are affected,
    or the only one it has. A heading stands for nothing, nor does a group for one of its services."""
    services = context.catalog.services
    group = services[affected.service].group
    words = context.pack.groups.get(group)
    if words is None or not words.has_noun:
        return None
    members = [service.id for service in services.values() if service.group == group and not service.retired_on]
    hit = sum(services[item.service].group == group for item in alike)
    return words if hit >= min(len(members), 2) else None


def _clauses_without_service(context: WordingContext) -> ImpactClauses:
    if context.incident_type.has_own_sentences and not context.incident_type.names_services:
        return _own_clauses(context, context.incident_type.state, {})
    return ImpactClauses(*(context.phrases.format(f"impact.none.{form}") for form in _FORMS))


def _own_clauses(context: WordingContext, state: State, slots: Mapping[str, str]) -> ImpactClauses:
    names = (f"{_impact_phrase(context, state, form)}.{form}" for form in _FORMS)
    forms = (context.phrases.format_own(name, **slots) if _is_own(context, name) else "" for name in names)
    now, still, again, was = forms
    return ImpactClauses(now, still, again, was or context.phrases.format("impact.none.was"))


def _is_own(context: WordingContext, name: str) -> bool:
    """Whether the type has these words. A company may leave out those for the past."""
    return not name.endswith(".was") or bool(context.phrases.own_text(name))


_FORMS = ("now", "still", "again", "was")


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
    forms = ("others", "others", "others_again", "others_were") if head.named else ("services",) * 4
    return ImpactClauses(
        *(
            context.phrases.format(f"whole.{form}", text=clause, services=names)
            for form, clause in zip(forms, astuple(clauses), strict=True)
        )
    )


def is_only_for_fewer(context: WordingContext) -> bool:
    """Whether, in a partly restored notice, the same services fail as before, for fewer groups of customers: then it
    got better for the others, and not for those whom the notice names."""
    previous = context.incident.previous_facts
    if context.notice is not NoticeKind.PARTLY_RESTORED or previous is None or not context.named_groups:
        return False
    return set(previous.affected) == set(context.facts.affected)


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
