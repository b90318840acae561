"""Looks without touching: services, kinds, incidents, alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.framework import verb
from statuspage.domain import Incident, InternalNote, Notice, StepKind, TimelineEntry, TimelineEvent
from statuspage.storage import alerts as alert_rows
from statuspage.storage import deliveries, incidents

if TYPE_CHECKING:
    from statuspage.domain import Alert, Catalog, LanguagePack
    from statuspage.rendering.wording import Clock
    from statuspage.usecases.environment import Environment


def book_of(door: CommandContext, catalog: Catalog) -> LanguagePack:
    """The book in the terminal's language, else in the site's first."""
    return catalog.books.get(door.speech.language) or catalog.leading


def clock_of(door: CommandContext, catalog: Catalog) -> Clock:
    """Speaks of times in the terminal's language and the site's zone."""
    from statuspage.rendering.wording import Clock

    return Clock(book_of(door, catalog).writing, catalog.site.zone)


@verb("services")
def services(door: CommandContext) -> None:
    """What customers use, and how it stands."""
    world = door.world()
    book, now = book_of(door, world.catalog), _standing(world)
    rows = [
        {"id": s.id, "group": s.group, "name": book.services[s.id].name, "state": now.get(s.id, "operational")}
        for s in world.catalog.services.values()
        if not s.retired
    ]
    door.put(rows, (f"{r['id']:<14}{r['state']:<13}{r['name']} ({book.groups[r['group']]})" for r in rows))


def _standing(world: Environment) -> Mapping[str, str]:
    from statuspage.domain import worst

    with world.store.read() as tx:
        found = [one for incident in incidents.open_now(tx) for one in incident.affected]
    return {a.service: worst(tuple(b.state for b in found if b.service == a.service)).value for a in found}


@verb("kinds")
def kinds(door: CommandContext) -> None:
    """What customers may notice, with the questions each kind asks."""
    world = door.world()
    book = book_of(door, world.catalog)
    rows = [
        {
            "id": kind.id,
            "name": book.phrases.get(f"kind.{kind.id}.name", kind.id),
            "services": [f"{a.service}:{a.state}" for a in kind.services],
            "questions": [{"id": q.id, "answers": [*q.answers], "required": q.required} for q in kind.questions],
        }
        for kind in world.catalog.troubles.values()
    ]
    door.put(rows, (line for row in rows for line in _kind(row)))


def _kind(row: Mapping[str, object]) -> Iterator[str]:
    yield f"{row['id']:<13}{row['name']}"
    questions = row["questions"]
    for question in questions if isinstance(questions, list) else []:
        yield f"{'':<13}--answer {question['id']}={'|'.join(question['answers'])}"


@verb("alerts")
def alerts(door: CommandContext) -> None:
    """What the monitors sent and nobody has settled yet."""
    world = door.world()
    clock = clock_of(door, world.catalog)
    with world.store.read() as tx:
        waiting = alert_rows.waiting(tx)
        joined = alert_rows.joined(tx, [a.id for a in waiting])
    more = {id: f" {door.say('alert_more', count=line.count)}" for id, line in joined.items()}
    heads = (f"{a.id}  {clock.clock(a.received)}  {door.say('alert_' + a.state)}  {a.signal.title}" for a in waiting)
    lines = [f"{head}{more.get(a.id, '')}" for head, a in zip(heads, waiting, strict=True)]
    plain = [_alert(a) | {"joined": joined[a.id].count if a.id in joined else 0} for a in waiting]
    door.put(plain, lines or [door.say("no_alerts")])


def _alert(alert: Alert) -> dict[str, object]:
    plain: dict[str, object] = serialization.to_json_value(alert)
    return plain | {"began": serialization.to_json_value(alert.began)}


@verb("show", click.Argument(["incident"], metavar="[ID]", required=False))
def show_incidents(door: CommandContext, incident: str | None) -> None:
    """The incidents that are open, or all of one."""
    world = door.world()
    if incident:
        _show_incident(door, world, incident)
        return
    with world.store.read() as tx:
        found = incidents.open_now(tx)
    clock = clock_of(door, world.catalog)
    lines = [f"{i.id}  {clock.clock(i.opened)}  {i.status:<14}{title_of(door, world, i)}" for i in found]
    door.put([_brief(door, world, i) for i in found], lines or [door.say("none_open")])


def _brief(door: CommandContext, world: Environment, incident: Incident) -> dict[str, object]:
    return {
        "id": incident.id,
        "title": title_of(door, world, incident),
        "status": incident.status,
        "state": incident.state.value,
        "opened": serialization.to_json_value(incident.opened),
        "seen": incident.seen,
    }


def title_of(door: CommandContext, world: Environment, incident: Incident) -> str:
    """The incident's title in the terminal's language; a word saying that nothing is public where there is none."""
    if incident.latest is None:
        return door.say("untold")
    words = incident.latest.notice.words
    said = words.get(door.speech.language) or words.get(world.catalog.languages[0]) or next(iter(words.values()))
    return said.title


def _show_incident(door: CommandContext, world: Environment, incident_id: str) -> None:
    from statuspage.usecases.incidents import NoSuchIncident

    with world.store.read() as tx:
        incident = incidents.load(tx, incident_id)
        owed = deliveries.for_incident(tx, incident_id)
    if incident is None:
        raise NoSuchIncident
    clock = clock_of(door, world.catalog)
    received = incident.when(StepKind.RECEIVED) or incident.when(StepKind.ALERTED)
    plain = {
        **serialization.to_json_value(incident),
        "received": serialization.to_json_value(received),
        "deliveries": serialization.to_json_value(owed),
    }
    times = {"at": clock.clock(incident.t0), "received": clock.clock(received or incident.t0)}
    head = f"{incident.id}  {incident.status}  {title_of(door, world, incident)}"
    entries = (f"  {r.sequence:>3}  {clock.clock(r.recorded)}  {_entry(door, r)}" for r in incident.entries)
    sent = (f"       {d.sequence:>3}  {d.channel:<8} {d.end}  {d.receipt.url}" for d in owed)
    started = [] if incident.maintenance else [f"  {door.say(f'clock_{incident.t0_source}', **times)}"]
    door.put(plain, [head, *started, *entries, *sent])


def _entry(door: CommandContext, recorded: TimelineEntry) -> str:
    match recorded.entry:
        case TimelineEvent(step=step, by=by, text=text):
            return f"{door.say('step_' + step)}  {by}  {text}".rstrip()
        case InternalNote(text=text, by=by):
            return f"{door.say('note')}  {by}  {text}"
        case Notice(words=words, by=by):
            said = words.get(door.speech.language) or next(iter(words.values()))
            return f"{said.label}  {by}  {said.headline}"


VERBS = {found.name: found for found in (services, kinds, alerts, show_incidents)}
