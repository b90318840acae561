"""Services as one phrase of a sentence; of many, only the first few by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from statuspage.domain import Affected, LocaleRules, ServiceWords
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.locale_format import join_list, join_negated, join_plainly
from statuspage.rendering.wording.service_names import name_services
from statuspage.rendering.wording.text_length import x_length

NAMED = 3
"""The maximum number of services named in one sentence; one more if only one would be left out."""

BRIEF = 80
"""Room for the names of services in a post, in weighted characters of X."""

ROOM = 60
"""Room for the names of three services in a title or first sentence, in weighted characters of X."""

ROOM_BESIDE_SOME = 44
"""The same in a sentence that begins with *For some people:*."""

ROOM_FOR_SOME = 32
"""The same for the first few of more than that, after which the others are counted."""

ROOM_FOR_TWO = 120
"""The same for two, of which none is left out."""

Join = Callable[[Sequence[str], LocaleRules], str]


def without_breaks(clause: str) -> str:
    """A clause without its headline breaks."""
    return clause.replace("|", "")


def join_nouns(context: WordingContext, services: Sequence[Affected], *, limit: int = NAMED) -> str:
    """Services as one phrase; of many, only ``limit`` by name."""
    return _phrase(context, services, limit)[0]


def short_nouns(context: WordingContext) -> str:
    """The services as one phrase; only the first by name if all would be too long for a post."""
    all_names = join_nouns(context, context.affected)
    return all_names if x_length(all_names) <= BRIEF else join_nouns(context, context.affected, limit=1)


def noun_slots(context: WordingContext, services: Sequence[Affected], *, limit: int = NAMED) -> dict[str, str]:
    """The services as one phrase: within a sentence, at its start, and in a negation."""
    within, at_start = _phrase(context, services, limit)
    return {
        "services": within,
        "services_capitalized": at_start,
        "services_negated": join_negated_nouns(context, services, limit=limit),
    }


def join_negated_nouns(context: WordingContext, services: Sequence[Affected], *, limit: int = NAMED) -> str:
    """The same where a sentence says that none of them works."""
    return _phrase(context, services, limit, join_negated)[0]


def words_of(context: WordingContext, services: Sequence[Affected]) -> list[ServiceWords]:
    """What the language calls these services."""
    return [context.pack.services[affected.service] for affected in services]


def join_names(context: WordingContext, services: Sequence[Affected]) -> str:
    """The names of services after a colon, as many as have room, and how many more there are."""
    return join_in_room(context)([words.name for words in words_of(context, services)], context.pack.locale_rules)


def join_in_room(context: WordingContext) -> Join:
    """Makes a list of as many names as have room: *A and B*, *A, B and C*, *A and 2 more services*."""

    def join(names: Sequence[str], rules: LocaleRules) -> str:
        named = _count_in_room(names, ROOM_BESIDE_SOME if context.affects_some else ROOM)
        if named == len(names):
            return join_list(names, rules)
        if len(names) - named < 2:
            return _open_list(context, names, named, join_list)
        listed, count = join_plainly(names[:named], rules), str(len(names) - named)
        return context.phrases.format("list.more", services=listed, number=count)

    return join


def _count_in_room(names: Sequence[str], room: int) -> int:
    """How many of these names are said: all that have room, or fewer than all but one."""
    lengths = [x_length(name) for name in names]
    if len(names) <= NAMED and sum(lengths) <= (ROOM_FOR_TWO if len(names) < 3 else room):
        return len(names)
    most = max(min(NAMED, len(names) - 2), 1)
    return max(1, *(count for count in range(most + 1) if sum(lengths[:count]) <= ROOM_FOR_SOME))


def _phrase(
    context: WordingContext, services: Sequence[Affected], limit: int, join: Join = join_list
) -> tuple[str, str]:
    """Services in one phrase, within a sentence and at its start; of many, only the first few, because the page lists
    them all."""

    def join_some(names: Sequence[str], rules: LocaleRules) -> str:
        is_whole = len(names) <= (limit + 1 if limit > 1 else 1)
        return join(names, rules) if is_whole else _open_list(context, names, limit, join)

    pack = context.pack
    phrases = name_services(words_of(context, services), pack.service_templates, pack.locale_rules, join_some)
    return without_breaks(phrases[0]), without_breaks(phrases[1])


def _open_list(context: WordingContext, names: Sequence[str], limit: int, join: Join) -> str:
    """The first names of a list, and that there are others."""
    rest = context.phrases.format("list.others")
    listed_names = join([*names[:limit], *([rest] if rest else [])], context.pack.locale_rules)
    return context.phrases.format("list.open", services=listed_names)
