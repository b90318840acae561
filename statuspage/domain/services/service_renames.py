"""Maps former service ids to present ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from statuspage.domain.facts import Affected, Facts, State, worst


def current_service_ids(ids: Iterable[str], renamed: Mapping[str, str]) -> tuple[str, ...]:
    """The present ids, without duplicates. ``renamed`` maps former ids to present ones."""
    return tuple(dict.fromkeys(renamed.get(id, id) for id in ids))


def all_service_ids(ids: Iterable[str], renamed: Mapping[str, str]) -> tuple[str, ...]:
    """The present ids, followed by all former ids of those services."""
    current_ids = tuple(dict.fromkeys(ids))
    return (*current_ids, *(former_id for former_id, current_id in renamed.items() if current_id in current_ids))


def rename_affected(affected: Iterable[Affected], renamed: Mapping[str, str]) -> tuple[Affected, ...]:
    """The same services with present ids. Services that were merged take the worst of their states."""
    states: dict[str, list[State]] = {}
    for item in affected:
        states.setdefault(renamed.get(item.service, item.service), []).append(item.state)
    return tuple(Affected(id, worst(tuple(service_states))) for id, service_states in states.items())


def rename_facts(facts: Facts, renamed: Mapping[str, str]) -> Facts:
    """The same facts, with the present ids of services."""
    affected = rename_affected(facts.affected, renamed)
    affected_ids = {item.service for item in affected}
    working = tuple(id for id in current_service_ids(facts.confirmed_working, renamed) if id not in affected_ids)
    return replace(facts, affected=affected, confirmed_working=working)
