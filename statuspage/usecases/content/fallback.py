"""The last resort when content is broken and none has passed before: the company's own names, the shipped words.

It contains no sentence that nobody has typed; the program adds only titles, labels and times.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from statuspage import bundled
from statuspage.content import loading
from statuspage.content.loading import ContentReader
from statuspage.domain import (
    IMPACT_STATES,
    Catalog,
    Choice,
    ImpactClauses,
    IncidentType,
    LanguagePack,
    Service,
    ServiceWords,
    Site,
)


def rescue_catalog(content_folder: Path, *, marks: bool) -> Catalog | None:
    """What can be rescued of this content; None where it has no language."""
    bundled_catalog, _ = loading.read_content(bundled.folder("content"), with_marks=marks)
    if bundled_catalog is None:
        return None
    own_catalog = ContentReader(content_folder).read_catalog(with_marks=marks)
    languages = tuple(language for language in own_catalog.languages if language in bundled_catalog.packs)
    if not languages:
        return None
    incident_types = {
        id: _without_own_words(incident_type, own_catalog.services)
        for id, incident_type in (own_catalog.incident_types or bundled_catalog.incident_types).items()
    }
    return replace(
        own_catalog,
        site=_rescue_site(own_catalog.site, languages, incident_types),
        incident_types=incident_types,
        media=bundled_catalog.media,
        alert_rules=(),
        channels={
            id: channel
            for id, channel in own_catalog.channels.items()
            if channel.medium in bundled_catalog.media and channel.language in languages
        },
        packs=_rescue_packs(own_catalog, bundled_catalog, languages),
    )


def _rescue_site(site: Site, languages: tuple[str, ...], incident_types: Collection[str]) -> Site:
    return replace(
        site,
        languages=languages,
        desk_languages=languages,
        incident_types=tuple(incident_type for incident_type in site.incident_types if incident_type in incident_types),
        zone=site.zone or "UTC",
    )


def _without_own_words(incident_type: IncidentType, services: Collection[str]) -> IncidentType:
    """Without its own questions and clauses, whose words may be what is broken, and without unknown services."""
    return replace(
        incident_type,
        questions=(),
        has_own_sentences=False,
        services=tuple(entry for entry in incident_type.services if entry.service in services),
    )


def _rescue_packs(
    own_catalog: Catalog, bundled_catalog: Catalog, languages: tuple[str, ...]
) -> dict[str, LanguagePack]:
    name = next((pack.site for pack in own_catalog.packs.values() if pack.site), "")
    return {
        language: _rescue_pack(
            bundled_catalog.packs[language],
            own_catalog.packs.get(language),
            name,
            own_catalog.services,
            own_catalog.groups,
        )
        for language in languages
    }


def _rescue_pack(
    bundled_pack: LanguagePack,
    own_pack: LanguagePack | None,
    name: str,
    services: Mapping[str, Service],
    groups: tuple[str, ...],
) -> LanguagePack:
    """``name`` is the company's name in another language, for lack of one in this."""
    group_names = {group: (own_pack.groups.get(group) if own_pack else "") or group for group in groups}
    place_phrases = {
        f"{form}.{group}": name for group, name in group_names.items() for form in ("group", "group_capitalized")
    }
    nothing = ImpactClauses(*(bundled_pack.phrases[f"impact.none.{form}"] for form in ("now", "still", "again")))
    return replace(
        bundled_pack,
        site=(own_pack.site if own_pack else "") or name,
        desk=(own_pack.desk if own_pack else "") or bundled_pack.desk,
        groups=group_names,
        services={id: _rescue_service(id, own_pack, nothing) for id in services},
        audience_groups=_named_choices(own_pack.audience_groups) if own_pack else {},
        lists={
            name: {**choices, **_complete_choices(own_pack.lists.get(name, {}) if own_pack else {})}
            for name, choices in bundled_pack.lists.items()
        },
        phrases={**bundled_pack.phrases, **place_phrases},
        labels={
            **bundled_pack.labels,
            **({key: text for key, text in own_pack.labels.items() if text} if own_pack else {}),
        },
    )


def _rescue_service(id: str, own_pack: LanguagePack | None, nothing: ImpactClauses) -> ServiceWords:
    words = own_pack.services.get(id) if own_pack else None
    name = (words.name if words else "") or id
    if words is None or not all(_has_clauses(words.impact_clauses.get(state)) for state in IMPACT_STATES):
        return ServiceWords(name, name, name, dict.fromkeys(IMPACT_STATES, nothing))
    return replace(words, name=name, noun=words.noun or name, noun_capitalized=words.noun_capitalized or name)


def _has_clauses(effect: ImpactClauses | None) -> bool:
    return effect is not None and bool(effect.now and effect.still and effect.again)


def _named_choices(choices: Mapping[str, Choice]) -> dict[str, Choice]:
    return {id: choice for id, choice in choices.items() if choice.label}


def _complete_choices(choices: Mapping[str, Choice]) -> dict[str, Choice]:
    return {id: choice for id, choice in choices.items() if choice.label and choice.text}
