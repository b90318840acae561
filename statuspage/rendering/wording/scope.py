"""What is affected, and what is not: clauses of services and kinds, the worst one first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from statuspage.domain import EFFECTS, WORST_FIRST, Affected, AffectedAudience, Impact, ImpactClauses, NoticeKind, State
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.locale_format import listed
from statuspage.rendering.wording.text_length import x_length

NAMED = 3
"""Services named in one sentence, at most, or one more where that would leave only one out."""

BRIEF = 80
"""Room for the names of services in a post, in the weighted characters of X."""


def effect(case: WordingContext, affected: Affected | None) -> ImpactClauses:
    """What people meet with this service: the kind's own clause, else the service's.

    A kind that spreads says the same of all its services, so that once some of them work each speaks for itself.
    """
    if affected is None or affected.state not in EFFECTS:
        return ImpactClauses(*(case.phrases.say(f"effect.none.{form}") for form in ("now", "still", "again")))
    apart = case.notice is NoticeKind.PARTLY_RESTORED and case.kind.spreads and bool(recovered(case))
    if apart or not case.kind.own:
        return case.book.services[affected.service].effects[affected.state]
    words, group = case.book.services[affected.service], case.catalog.services[affected.service].group
    slots = {
        "noun": words.noun,
        "noun_cap": words.noun_cap,
        "place": case.phrases.say(f"place.{group}"),
        "place_cap": case.phrases.say(f"place_cap.{group}"),
    }
    forms = (case.phrases.own(f"effect.{affected.state}.{form}", **slots) for form in ("now", "still", "again"))
    return ImpactClauses(*forms)


def head(case: WordingContext) -> ImpactClauses:
    """The clause of the worst service, breaks of the headline included."""
    services = case.ordered
    return effect(case, services[0] if services else None)


def without_breaks(clause: str) -> str:
    """A clause without the places where a headline may break."""
    return clause.replace("|", "")


def others(case: WordingContext) -> str:
    """What else does not work, after the worst: in its own words when little, else by name and state."""
    first, *rest = case.ordered or (None,)
    if first is None or not rest:
        return ""
    if case.phrases.has(f"also.whole.{first.state}"):
        return case.phrases.say(f"also.whole.{first.state}", all=nouns(case, [first, *rest]))
    return case.joiner.join(_others(case, without_breaks(effect(case, first).now), rest))


def _others(case: WordingContext, said: str, rest: Sequence[Affected]) -> Iterator[str]:
    name = "also.one"
    for state, same in groupby(rest, key=lambda a: a.state):
        services = list(same)
        clauses = dict.fromkeys(without_breaks(effect(case, a).now) for a in services)
        if len(services) > 1 and state in EFFECTS:
            yield case.phrases.say(f"also.{state}", **both(case, services))
        else:
            for clause in clauses:
                if clause != said:
                    yield case.phrases.say(name, now=clause)
        name = "also.more"


def others_again(case: WordingContext) -> str:
    """What else works again."""
    back = recovered(case) if case.notice is NoticeKind.PARTLY_RESTORED else case.ordered
    rest, first = back[1:], effect(case, back[0] if back else None)
    clauses = list(dict.fromkeys(without_breaks(effect(case, a).again) for a in rest))
    if not rest or clauses == [without_breaks(first.again)]:
        return ""
    if len(rest) == 1:
        return case.phrases.say("also_again.one", again=clauses[0])
    return case.phrases.say("also_again.many", **both(case, rest))


def earlier(case: WordingContext) -> tuple[Impact, ...]:
    """What worked again before all of it did, worst first."""
    ended = case.facts.ended
    if not case.over:
        return ()
    return tuple(one for one in case.impacts if one.ended and (ended is None or _minute(one.ended) < _minute(ended)))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def head_apart(case: WordingContext) -> bool:
    """Whether the clause of the worst service was true before everything was over, and is said of no other."""
    early = earlier(case)
    if not early or case.impacts[0] not in early:
        return False
    last = [Affected(one.service, one.state) for one in case.impacts if one not in early]
    return head(case).again not in {effect(case, one).again for one in last}


def apart(case: WordingContext) -> str:
    """Since when each service worked that came back before the others."""
    back = [(_minute(one.ended), Affected(one.service, one.state)) for one in earlier(case) if one.ended]
    said = []
    for end, same in groupby(sorted(back, key=itemgetter(0)), key=itemgetter(0)):
        services = [service for _, service in same]
        slots = both(case, services, named=len(services))
        said.append(case.phrases.say("apart.text", end=case.later(end), **slots))
    return case.joiner.join(one for one in said if one)


def also_affected(case: WordingContext) -> str:
    """What was affected besides the worst, in the report on it."""
    rest = case.ordered[1:]
    return case.phrases.say("also_affected.text", services=nouns(case, rest)) if rest else ""


def recovered(case: WordingContext) -> tuple[Affected, ...]:
    """Services that the notice before called affected and this one does not, worst first."""
    before = case.story.previous.affected if case.story.previous else ()
    still = {a.service for a in case.facts.affected}
    order = list(case.catalog.services)
    back = (a for a in before if a.service not in still and a.service in case.catalog.services)
    return tuple(sorted(back, key=lambda a: (WORST_FIRST.index(a.state), order.index(a.service))))


def remaining(case: WordingContext) -> str:
    """What still does not work, in a notice that says what does."""
    services = case.ordered
    if len(services) > 1:
        return case.phrases.say("remaining.many", **both(case, services))
    return case.phrases.say("remaining.one", still=without_breaks(head(case).still))


def remaining_short(case: WordingContext) -> str:
    """The same with room for a post: of many services only the worst by name."""
    services = case.ordered
    if len(services) < 2 or x_length(nouns(case, services)) <= BRIEF // 2:
        return remaining(case)
    return case.phrases.say("remaining.many", **both(case, services, named=1))


def working(case: WordingContext) -> str:
    """The services of which somebody has made sure that they work as usual; "" when nobody has."""
    busy = {*case.story.busy, *(a.service for a in case.facts.affected)}
    sure = [s for s in case.facts.working if s in case.catalog.services and s not in busy]
    if not sure:
        return ""
    return case.phrases.say("working.text", services=nouns(case, [Affected(s, State.OPERATIONAL) for s in sure]))


def who(case: WordingContext) -> str:
    """Who meets it; nothing while nobody has said whom what is left of it still hits."""
    reach = case.facts.who.reach
    groups = [case.book.people[g].text for g in case.facts.who.groups if g in case.book.people]
    if reach is AffectedAudience.CHECKING or (reach is AffectedAudience.GROUPS and not groups):
        return "" if case.partly else case.phrases.say(f"who.{AffectedAudience.CHECKING}")
    if reach is not AffectedAudience.GROUPS:
        return case.phrases.say(f"who.{reach}")
    return case.phrases.say("who.groups", who=listed(groups, case.book.writing))


def nouns(case: WordingContext, services: Sequence[Affected], *, named: int = NAMED) -> str:
    """Services as one phrase, of many only ``named`` by name."""
    return _phrase(case, [without_breaks(case.book.services[a.service].noun) for a in services], named)


def briefly(case: WordingContext) -> str:
    """The services as one phrase; only the first of them by name where all would be too long for a post."""
    every = nouns(case, case.ordered)
    return every if x_length(every) <= BRIEF else nouns(case, case.ordered, named=1)


def both(case: WordingContext, services: Sequence[Affected], *, named: int = NAMED) -> dict[str, str]:
    """The services as one phrase, within a sentence and at its start."""
    words = [case.book.services[a.service] for a in services]
    capital = [words[0].noun_cap, *(without_breaks(w.noun) for w in words[1:])]
    return {"services": nouns(case, services, named=named), "services_cap": _phrase(case, capital, named)}


def _phrase(case: WordingContext, names: Sequence[str], most: int = NAMED) -> str:
    """Names in one phrase; of many only the first few, since the page lists them all."""
    if len(names) <= (most + 1 if most > 1 else 1):
        return listed(names, case.book.writing)
    rest = case.phrases.say("list.others")
    named = listed([*names[:most], *([rest] if rest else [])], case.book.writing)
    return case.phrases.say("list.open", services=named)


def headline(case: WordingContext) -> str:
    """The sentence of the present state, breaks included."""
    clauses = head(case)
    name: str = case.notice.value
    if case.notice is NoticeKind.UPDATE and case.story.reopened:
        name = "reopened"
    if case.notice is NoticeKind.CORRECTION and case.over:
        name = NoticeKind.RESOLVED.value
    services = nouns(case, case.ordered)
    return case.phrases.say(f"headline.{name}", now=clauses.now, again=clauses.again, services=services)


def state_name(case: WordingContext, state: State) -> str:
    """The state's word."""
    return case.phrases.label(f"state.{state}")
