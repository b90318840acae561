"""Services by the ids they have today, whatever they were called when something was said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from statuspage.domain.facts import Affected, Facts, State, worst


def current_service_ids(ids: Iterable[str], renamed: Mapping[str, str]) -> tuple[str, ...]:
    """The ids of today, each once. ``renamed`` maps former ids to them."""
    return tuple(dict.fromkeys(renamed.get(id, id) for id in ids))


def all_service_ids(ids: Iterable[str], renamed: Mapping[str, str]) -> tuple[str, ...]:
    """These ids of today, then all that those services were called before."""
    current_ids = tuple(dict.fromkeys(ids))
    return (*current_ids, *(former_id for former_id, current_id in renamed.items() if current_id in current_ids))


def rename_affected(affected: Iterable[Affected], renamed: Mapping[str, str]) -> tuple[Affected, ...]:
    """The same services. Those that have become one stand as badly as the worst of them did."""
    states: dict[str, list[State]] = {}
    for item in affected:
        states.setdefault(renamed.get(item.service, item.service), []).append(item.state)
    return tuple(Affected(id, worst(tuple(service_states))) for id, service_states in states.items())


def rename_facts(facts: Facts, renamed: Mapping[str, str]) -> Facts:
    """The same facts, of the services by the ids they have today."""
    affected = rename_affected(facts.affected, renamed)
    affected_ids = {item.service for item in affected}
    working = tuple(id for id in current_service_ids(facts.working, renamed) if id not in affected_ids)
    return replace(facts, affected=affected, working=working)
