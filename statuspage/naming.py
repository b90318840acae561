"""Services by the ids they have today, whatever they were called when something was said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from statuspage.facts import Affected, Facts, worst


def today(ids: Iterable[str], renamed: Mapping[str, str]) -> tuple[str, ...]:
    """The ids of today, each once. ``renamed`` maps former ids to them."""
    return tuple(dict.fromkeys(renamed.get(id, id) for id in ids))


def ever(ids: Iterable[str], renamed: Mapping[str, str]) -> tuple[str, ...]:
    """These ids of today, then all that those services were called before."""
    now = tuple(dict.fromkeys(ids))
    return (*now, *(old for old, new in renamed.items() if new in now))


def told_today(facts: Facts, renamed: Mapping[str, str]) -> Facts:
    """The same facts. Of services that have become one, it stands as badly as the worst of them did."""
    states = {
        id: tuple(a.state for a in facts.affected if renamed.get(a.service, a.service) == id)
        for id in today((a.service for a in facts.affected), renamed)
    }
    working = tuple(id for id in today(facts.working, renamed) if id not in states)
    return replace(facts, affected=tuple(Affected(id, worst(found)) for id, found in states.items()), working=working)
