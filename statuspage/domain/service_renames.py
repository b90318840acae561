"""Services by the ids they have today, whatever they were called when something was said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from statuspage.domain.facts import Affected, Facts, State, worst


def today(ids: Iterable[str], renamed: Mapping[str, str]) -> tuple[str, ...]:
    """The ids of today, each once. ``renamed`` maps former ids to them."""
    return tuple(dict.fromkeys(renamed.get(id, id) for id in ids))


def ever(ids: Iterable[str], renamed: Mapping[str, str]) -> tuple[str, ...]:
    """These ids of today, then all that those services were called before."""
    now = tuple(dict.fromkeys(ids))
    return (*now, *(old for old, new in renamed.items() if new in now))


def affected_today(affected: Iterable[Affected], renamed: Mapping[str, str]) -> tuple[Affected, ...]:
    """The same services. Those that have become one stand as badly as the worst of them did."""
    states: dict[str, list[State]] = {}
    for one in affected:
        states.setdefault(renamed.get(one.service, one.service), []).append(one.state)
    return tuple(Affected(id, worst(tuple(found))) for id, found in states.items())


def told_today(facts: Facts, renamed: Mapping[str, str]) -> Facts:
    """The same facts, of the services by the ids they have today."""
    affected = affected_today(facts.affected, renamed)
    still = {one.service for one in affected}
    working = tuple(id for id in today(facts.working, renamed) if id not in still)
    return replace(facts, affected=affected, working=working)
