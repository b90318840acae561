"""The checklist of an incident: what was ticked off, by whom and when; each tick is a step on the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from statuspage.desk.incidents import NotNow, there
from statuspage.runbooks import Runbook
from statuspage.store import alerts, incidents
from statuspage.timeline import Incident, Recorded, Step, StepKind
from statuspage.world import World


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to check; ``tick`` is the step that ticked it off, None while nobody did."""

    number: int
    text: str
    tick: Recorded | None


def kind_of(world: World, incident: Incident) -> str:
    """What customers were told it is; before that, what its alert proposes. "" where neither says."""
    if incident.kind:
        return incident.kind
    with world.store.read() as tx:
        joined = alerts.of_incident(tx, incident.id)
    return next((one.proposal.kind for one in joined if one.proposal.kind), "")


def items(world: World, incident: Incident, kind: str, language: str) -> tuple[Item, ...]:
    """The checklist of this kind in this language, as far as it is done, whoever ticked in whichever language."""
    spoken = world.catalog.runbooks.get(kind, {})
    mine = spoken.get(language)
    if mine is None:
        return ()
    return tuple(Item(n, text, _tick(incident, n, spoken)) for n, text in enumerate(mine.items))


def tick(world: World, incident_id: str, number: int, *, done: bool, language: str, by: str, now: datetime) -> None:
    """Ticks an item off, or takes that back. Doing so again changes nothing.

    Raises NoSuchIncident, and NotNow for an item that is not on the list.
    """
    with world.store.read() as tx:
        kind = kind_of(world, there(tx, incident_id))
    with world.store.begin() as tx:
        incident = there(tx, incident_id)
        one = next((one for one in items(world, incident, kind, language) if one.number == number), None)
        if one is None:
            raise NotNow("incident.no_item")
        if (one.tick is not None) != done:
            step = Step(StepKind.TICKED if done else StepKind.UNTICKED, by=by, text=one.text)
            incidents.append(tx, incident_id, step, happened=now, recorded=now)


def _tick(incident: Incident, number: int, spoken: Mapping[str, Runbook]) -> Recorded | None:
    texts = {one.items[number] for one in spoken.values() if number < len(one.items)}
    for r in reversed(incident.entries):
        if isinstance(r.entry, Step) and r.entry.step in _TICKS and r.entry.text in texts:
            return r if r.entry.step is StepKind.TICKED else None
    return None


_TICKS = (StepKind.TICKED, StepKind.UNTICKED)
