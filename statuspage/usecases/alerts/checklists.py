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


def kind_of(env: Environment, incident: Incident) -> str:
    """What customers were told it is; before that, what its alert proposes. "" where neither says."""
    if incident.incident_type:
        return incident.incident_type
    with env.database.read() as tx:
        incident_alerts = alerts.alerts_of_incident(tx, incident.id)
    return next((alert.proposal.incident_type for alert in incident_alerts if alert.proposal.incident_type), "")


def items(env: Environment, incident: Incident, incident_type: str, language: str) -> tuple[Item, ...]:
    """The checklist of this kind in this language, as far as it is done, whoever ticked in whichever language."""
    return _items(env, incident_type, language, _ticks(incident))


def beside(env: Environment, alert: Alert, language: str) -> tuple[Item, ...]:
    """The checklist of the kind that this alert proposes, as far as it is done beside its line."""
    with env.database.read() as tx:
        ticks = checklist_ticks.of_line(tx, alert.id)
    return _items(env, alert.proposal.incident_type, language, ticks)


def tick(
    env: Environment, incident_id: str, number: int, *, done: bool, language: str, actor: str, now: datetime
) -> None:
    """Ticks an item off, or takes that back. Doing so again changes nothing.

    Raises NoSuchIncident, and NotNow for an item that is not on the list.
    """
    with env.database.read() as tx:
        incident_type = kind_of(env, there(tx, incident_id))
    with env.database.begin() as tx:
        item = _item(items(env, there(tx, incident_id), incident_type, language), number)
        if (item.tick is not None) != done:
            event = _tick_event(Tick(item.text, done, actor, now))
            incidents.append(tx, incident_id, event, happened=now, recorded=now)


def tick_beside(
    env: Environment, tx: Connection, alert: Alert, number: int, *, done: bool, language: str, actor: str, now: datetime
) -> None:
    """The same beside an alert that leads its line. Raises NotNow for an item that is not on the list."""
    item = _item(_items(env, alert.proposal.incident_type, language, checklist_ticks.of_line(tx, alert.id)), number)
    if (item.tick is not None) != done:
        checklist_ticks.insert_tick(tx, alert.id, Tick(item.text, done, actor, now))


def ticked_beside(tx: Connection, alert_id: str) -> list[tuple[datetime, TimelineEvent]]:
    """What was ticked off beside an alert and what it leads, as steps of the incident that it becomes.

    Nothing is carried twice: an alert comes into an incident once, and after that it is ticked off there.
    """
    return [(tick.at, _tick_event(tick)) for tick in checklist_ticks.of_line(tx, alert_id)]


def carry(tx: Connection, alert_id: str, incident_id: str, now: datetime) -> None:
    """The same goes onto the timeline of an incident that was there before."""
    for at, event in ticked_beside(tx, alert_id):
        incidents.append(tx, incident_id, event, happened=at, recorded=now)


def _tick_event(tick: Tick) -> TimelineEvent:
    return TimelineEvent(StepKind.TICKED if tick.done else StepKind.UNTICKED, actor=tick.actor, text=tick.text)


def _item(items: tuple[Item, ...], number: int) -> Item:
    item = next((candidate for candidate in items if candidate.number == number), None)
    if item is None:
        raise NotNow("incident.no_item")
    return item


def _items(env: Environment, incident_type: str, language: str, ticks: Sequence[Tick]) -> tuple[Item, ...]:
    by_language = env.catalog.runbooks.get(incident_type, {})
    runbook = by_language.get(language)
    if runbook is None:
        return ()
    texts = [{translation.items[n] for translation in by_language.values() if n < len(translation.items)} for n in range(len(runbook.items))]
    return tuple(Item(n, text, _newest(ticks, texts[n])) for n, text in enumerate(runbook.items))


def _newest(ticks: Sequence[Tick], texts: set[str]) -> Tick | None:
    newest = next((tick for tick in reversed(ticks) if tick.text in texts), None)
    return newest if newest and newest.done else None


def _ticks(incident: Incident) -> tuple[Tick, ...]:
    events = ((entry.entry, entry.happened) for entry in incident.entries if isinstance(entry.entry, TimelineEvent))
    kinds = (StepKind.TICKED, StepKind.UNTICKED)
    return tuple(Tick(event.text, event.step is StepKind.TICKED, event.actor, at) for event, at in events if event.step in kinds)
