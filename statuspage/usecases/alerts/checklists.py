"""The checklist of an alert or incident: what was ticked, by whom and when. Each tick is a timeline event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import Alert, Catalog, EventKind, Incident, Tick, TimelineEvent
from statuspage.storage import alerts, checklist_ticks, incidents
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import ActionRefused, require_incident


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One checklist item. ``tick`` says who ticked it and when; None if nobody has."""

    number: int
    text: str
    tick: Tick | None


def incident_type_of(database: Database, incident: Incident) -> str:
    """The incident type as published, before that its alert's proposal; "" if there is neither."""
    if incident.incident_type:
        return incident.incident_type
    with database.read() as tx:
        incident_alerts = alerts.alerts_of_incident(tx, incident.id)
    return next((alert.proposal.incident_type for alert in incident_alerts if alert.proposal.incident_type), "")


def incident_checklist(
    catalog: Catalog, incident: Incident, incident_type: str, language: str
) -> tuple[ChecklistItem, ...]:
    """The checklist of this incident type in this language, with all ticks, whatever language they were made in."""
    return _build_items(catalog, incident_type, language, _incident_ticks(incident))


def alert_checklist(env: Environment, alert: Alert, language: str) -> tuple[ChecklistItem, ...]:
    """The checklist of the incident type proposed for this alert, with the ticks of its group."""
    with env.databases.environment.read() as tx:
        ticks = checklist_ticks.ticks_of_group(tx, alert.id)
    return _build_items(env.site.catalog, alert.proposal.incident_type, language, ticks)


def tick_item(
    env: Environment, incident_id: str, number: int, *, done: bool, language: str, actor: str, now: datetime
) -> None:
    """Ticks or unticks an item. Repeating it changes nothing.

    Raises NoSuchIncident, or ActionRefused for an item that is not on the list.
    """
    with env.databases.environment.read() as tx:
        incident_type = incident_type_of(env.databases.environment, require_incident(tx, incident_id))
    with env.databases.environment.begin() as tx:
        item = _find_item(
            incident_checklist(env.site.catalog, require_incident(tx, incident_id), incident_type, language), number
        )
        if (item.tick is not None) != done:
            event = _tick_event(Tick(item.text, done, actor, now))
            incidents.append_entry(tx, incident_id, event, happened=now, recorded=now)


def tick_alert_item(
    catalog: Catalog, tx: Connection, alert: Alert, number: int, *, done: bool, language: str, actor: str, now: datetime
) -> None:
    """Ticks or unticks an item of an alert that leads its group. Raises ActionRefused for an item not on the list."""
    item = _find_item(
        _build_items(catalog, alert.proposal.incident_type, language, checklist_ticks.ticks_of_group(tx, alert.id)),
        number,
    )
    if (item.tick is not None) != done:
        checklist_ticks.insert_tick(tx, alert.id, Tick(item.text, done, actor, now))


def alert_tick_events(tx: Connection, alert_id: str) -> list[tuple[datetime, TimelineEvent]]:
    """The ticks of an alert and the alerts it leads, as events of the incident that it becomes.

    Nothing is copied twice: an alert joins an incident only once, and is ticked there afterwards.
    """
    return [(tick.at, _tick_event(tick)) for tick in checklist_ticks.ticks_of_group(tx, alert_id)]


def copy_ticks(tx: Connection, alert_id: str, incident_id: str, now: datetime) -> None:
    """Copies the ticks to the timeline of an incident that already existed."""
    for at, event in alert_tick_events(tx, alert_id):
        incidents.append_entry(tx, incident_id, event, happened=at, recorded=now)


def _tick_event(tick: Tick) -> TimelineEvent:
    return TimelineEvent(EventKind.TICKED if tick.done else EventKind.UNTICKED, actor=tick.actor, text=tick.text)


def _find_item(items: tuple[ChecklistItem, ...], number: int) -> ChecklistItem:
    item = next((candidate for candidate in items if candidate.number == number), None)
    if item is None:
        raise ActionRefused("incident.no_item")
    return item


def _build_items(
    catalog: Catalog, incident_type: str, language: str, ticks: Sequence[Tick]
) -> tuple[ChecklistItem, ...]:
    by_language = catalog.runbooks.get(incident_type, {})
    runbook = by_language.get(language)
    if runbook is None:
        return ()
    texts = [
        {translation.items[n] for translation in by_language.values() if n < len(translation.items)}
        for n in range(len(runbook.items))
    ]
    return tuple(ChecklistItem(n, text, _newest_tick(ticks, texts[n])) for n, text in enumerate(runbook.items))


def _newest_tick(ticks: Sequence[Tick], texts: set[str]) -> Tick | None:
    newest = next((tick for tick in reversed(ticks) if tick.text in texts), None)
    return newest if newest and newest.done else None


def _incident_ticks(incident: Incident) -> tuple[Tick, ...]:
    events = ((entry.entry, entry.happened) for entry in incident.entries if isinstance(entry.entry, TimelineEvent))
    kinds = (EventKind.TICKED, EventKind.UNTICKED)
    return tuple(
        Tick(event.text, event.event is EventKind.TICKED, event.actor, at)
        for event, at in events
        if event.event in kinds
    )
