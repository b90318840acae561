"""Fills the slots of a scenario with the company's own service: its name, and what notices say of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from statuspage.content.loading.table_reader import ServiceIds, Table
from statuspage.domain import LanguagePack, Scenario, Service, Texts
from statuspage.rendering.wording import without_breaks

ANY = "*"
"""In ``services`` of a scenario: the first of ``services.toml`` that is in use."""

SLOTS = ("service", "noun", "now", "still", "again")
"""The name of the scenario's first service, the same inside a sentence, and its clauses."""

_SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def with_any_service(services: ServiceIds, all_services: Collection[Service]) -> ServiceIds:
    """The ids by name, with ANY for the first service in use."""
    first = next((service.id for service in all_services if not service.is_retired), None)
    return services if first is None or ANY in services else {**services, ANY: (first,)}


def find_lacking(table: Table, services: ServiceIds) -> tuple[str, ...]:
    """The names of services in a scenario that comes with the program, if the company has none of them; an own
    scenario has errors instead."""
    texts = table.values.get("services", ())
    names = tuple(str(text).partition(":")[0] for text in texts) if isinstance(texts, list) else ()
    is_playable = not names or not table.is_shipped("services") or any(name in services for name in names)
    return () if is_playable else names


def playable_table(table: Table, services: ServiceIds) -> Table:
    """The scenario as the uppermost layer has it whose services the company has: a starter's, or what every company
    has under the same name; the uppermost if there is none."""
    candidate: Table | None = table
    while candidate is not None:
        if not find_lacking(candidate, services):
            return candidate
        lower = candidate.source.lower
        candidate = Table(lower, table.errors, (), lower.table) if lower else None
    return table


def find_unknown_slots(text: str) -> Iterator[str]:
    """The slots of a text that no scenario has."""
    yield from (slot for slot in _SLOT.findall(text) if slot not in SLOTS)


def fill_slots(scenario: Scenario, packs: Mapping[str, LanguagePack]) -> Scenario:
    """The scenario as the company plays it. A language without a pack takes the names of the first one."""
    if not scenario.services or not packs:
        return scenario

    def filled(texts: Texts) -> Texts:
        return {
            language: _fill(text, scenario, packs.get(language) or next(iter(packs.values())))
            for language, text in texts.items()
        }

    return replace(
        scenario,
        title=filled(scenario.title),
        briefing=filled(scenario.briefing),
        leader_notes=filled(scenario.leader_notes),
        preparation=filled(scenario.preparation),
        excluded_people=filled(scenario.excluded_people),
        objectives=tuple(replace(objective, text=filled(objective.text)) for objective in scenario.objectives),
        injects=tuple(
            replace(
                inject,
                sender=filled(inject.sender),
                subject=filled(inject.subject),
                text=filled(inject.text),
                expected_action=filled(inject.expected_action),
            )
            for inject in scenario.injects
        ),
    )


def _fill(text: str, scenario: Scenario, pack: LanguagePack) -> str:
    affected = scenario.services[0]
    words = pack.services.get(affected.service)
    if words is None:  # The language's own files have errors.
        return text
    clauses = words.impact_clauses[affected.state]
    values = dict(zip(SLOTS, (words.name, words.noun, clauses.now, clauses.still, clauses.again), strict=True))
    return _SLOT.sub(lambda slot: without_breaks(values[slot[1]]) if slot[1] in values else slot[0], text)
