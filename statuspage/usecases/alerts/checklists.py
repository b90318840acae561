"""The checklist of an alert or an incident: what was ticked off, by whom and when. A tick is a step on the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import Alert, Incident, StepKind, Tick, TimelineEvent
from statuspage.storage import alerts, checklist_ticks, incidents
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import NotNow, there


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to check; ``tick`` says who ticked it off and when, None while nobody did."""

    number: int
    text: str
    tick: Tick | None


def kind_of(world: Environment, incident: Incident) -> str:
    """What customers were told it is; before that, what its alert proposes. "" where neither says."""
    if incident.kind:
        return incident.kind
    with world.store.read() as tx:
        joined = alerts.alerts_of_incident(tx, incident.id)
    return next((one.proposal.kind for one in joined if one.proposal.kind), "")


def items(world: Environment, incident: Incident, kind: str, language: str) -> tuple[Item, ...]:
    """The checklist of this kind in this language, as far as it is done, whoever ticked in whichever language."""
    return _items(world, kind, language, _ticks(incident))


def beside(world: Environment, alert: Alert, language: str) -> tuple[Item, ...]:
    """The checklist of the kind that this alert proposes, as far as it is done beside its line."""
    with world.store.read() as tx:
        done = checklist_ticks.of_line(tx, alert.id)
    return _items(world, alert.proposal.kind, language, done)


def tick(
    world: Environment, incident_id: str, number: int, *, done: bool, language: str, by: str, now: datetime
) -> None:
    """Ticks an item off, or takes that back. Doing so again changes nothing.

    Raises NoSuchIncident, and NotNow for an item that is not on the list.
    """
    with world.store.read() as tx:
        kind = kind_of(world, there(tx, incident_id))
    with world.store.begin() as tx:
        one = _item(items(world, there(tx, incident_id), kind, language), number)
        if (one.tick is not None) != done:
            step = _tick_event(Tick(one.text, done, by, now))
            incidents.append(tx, incident_id, step, happened=now, recorded=now)


def tick_beside(
    world: Environment, tx: Connection, alert: Alert, number: int, *, done: bool, language: str, by: str, now: datetime
) -> None:
    """The same beside an alert that leads its line. Raises NotNow for an item that is not on the list."""
    one = _item(_items(world, alert.proposal.kind, language, checklist_ticks.of_line(tx, alert.id)), number)
    if (one.tick is not None) != done:
        checklist_ticks.insert_tick(tx, alert.id, Tick(one.text, done, by, now))


def ticked_beside(tx: Connection, alert_id: str) -> list[tuple[datetime, TimelineEvent]]:
    """What was ticked off beside an alert and what it leads, as steps of the incident that it becomes.

    Nothing is carried twice: an alert comes into an incident once, and after that it is ticked off there.
    """
    return [(one.at, _tick_event(one)) for one in checklist_ticks.of_line(tx, alert_id)]


def carry(tx: Connection, alert_id: str, incident_id: str, now: datetime) -> None:
    """The same goes onto the timeline of an incident that was there before."""
    for at, step in ticked_beside(tx, alert_id):
        incidents.append(tx, incident_id, step, happened=at, recorded=now)


def _tick_event(one: Tick) -> TimelineEvent:
    return TimelineEvent(StepKind.TICKED if one.done else StepKind.UNTICKED, by=one.by, text=one.text)


def _item(items: tuple[Item, ...], number: int) -> Item:
    found = next((one for one in items if one.number == number), None)
    if found is None:
        raise NotNow("incident.no_item")
    return found


def _items(world: Environment, kind: str, language: str, done: Sequence[Tick]) -> tuple[Item, ...]:
    spoken = world.catalog.runbooks.get(kind, {})
    mine = spoken.get(language)
    if mine is None:
        return ()
    same = [{one.items[n] for one in spoken.values() if n < len(one.items)} for n in range(len(mine.items))]
    return tuple(Item(n, text, _newest(done, same[n])) for n, text in enumerate(mine.items))


def _newest(done: Sequence[Tick], texts: set[str]) -> Tick | None:
    newest = next((one for one in reversed(done) if one.text in texts), None)
    return newest if newest and newest.done else None


def _ticks(incident: Incident) -> tuple[Tick, ...]:
    steps = ((r.entry, r.happened) for r in incident.entries if isinstance(r.entry, TimelineEvent))
    kinds = (StepKind.TICKED, StepKind.UNTICKED)
    return tuple(Tick(s.text, s.step is StepKind.TICKED, s.by, at) for s, at in steps if s.step in kinds)
