"""The last resort when content is broken and none has passed before: the house's own names, the program's own words.

Nothing is said in it that somebody has not typed; what the program adds are titles, labels and times.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from statuspage import bundled
from statuspage.content import loading
from statuspage.content.loading import Reading
from statuspage.domain import EFFECTS, Catalog, Choice, ImpactClauses, IncidentType, LanguagePack, Service, ServiceWords


def rescued(today: Path, *, marks: bool) -> Catalog | None:
    """What can be made of this content; None where there is no language to speak."""
    ours, _ = loading.read_content(bundled.folder("content"), marks=marks)
    own = Reading(today).catalog(marks=marks)
    languages = tuple(one for one in own.languages if ours is not None and one in ours.books)
    if ours is None or not languages:
        return None
    kinds = {id: _without_own_words(kind, own.services) for id, kind in (own.kinds or ours.kinds).items()}
    name = next((book.site for book in own.books.values() if book.site), "")
    first = tuple(kind for kind in own.site.kinds if kind in kinds)
    return replace(
        own,
        site=replace(own.site, languages=languages, desk=languages, kinds=first, zone=own.site.zone or "UTC"),
        kinds=kinds,
        media=ours.media,
        rules=(),
        channels={id: c for id, c in own.channels.items() if c.medium in ours.media and c.language in languages},
        books={one: _book(ours.books[one], own.books.get(one), name, own.services, own.groups) for one in languages},
    )


def _without_own_words(kind: IncidentType, services: Collection[str]) -> IncidentType:
    """Without questions and clauses of its own, whose words may be what is broken, nor services that are not there."""
    return replace(
        kind, questions=(), own=False, services=tuple(one for one in kind.services if one.service in services)
    )


def _book(
    ours: LanguagePack, own: LanguagePack | None, name: str, services: Mapping[str, Service], groups: tuple[str, ...]
) -> LanguagePack:
    """``name`` is the company's in another language, for want of one in this."""
    named = {group: (own.groups.get(group) if own else "") or group for group in groups}
    places = {f"{form}.{group}": name for group, name in named.items() for form in ("place", "place_cap")}
    nothing = ImpactClauses(*(ours.phrases[f"effect.none.{form}"] for form in ("now", "still", "again")))
    return replace(
        ours,
        site=(own.site if own else "") or name,
        desk=(own.desk if own else "") or ours.desk,
        groups=named,
        services={id: _service(id, own, nothing) for id in services},
        people=_full(own.people) if own else {},
        lists={name: {**found, **_full(own.lists.get(name, {}) if own else {})} for name, found in ours.lists.items()},
        phrases={**ours.phrases, **places},
        labels={**ours.labels, **({key: text for key, text in own.labels.items() if text} if own else {})},
    )


def _service(id: str, own: LanguagePack | None, nothing: ImpactClauses) -> ServiceWords:
    words = own.services.get(id) if own else None
    name = (words.name if words else "") or id
    if words is None or not all(_has_clauses(words.effects.get(state)) for state in EFFECTS):
        return ServiceWords(name, name, name, dict.fromkeys(EFFECTS, nothing))
    return replace(words, name=name, noun=words.noun or name, noun_cap=words.noun_cap or name)


def _has_clauses(effect: ImpactClauses | None) -> bool:
    return effect is not None and bool(effect.now and effect.still and effect.again)


def _full(choices: Mapping[str, Choice]) -> dict[str, Choice]:
    return {id: choice for id, choice in choices.items() if choice.label and choice.text}
