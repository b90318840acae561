"""Everything a retrospective shows: what was recorded, where the minutes went, and what people wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from statuspage.domain import (
    FOR_PROGRAMS,
    ActionItem,
    EngineerAnswer,
    EventKind,
    Incident,
    InjectKind,
    InternalNote,
    Interval,
    Notice,
    NoticeText,
    NotificationReason,
    RetrospectiveRecord,
    Section,
    StaffNotification,
    TimelineEntry,
    TimelineEvent,
    response_times,
)
from statuspage.storage import alerts, drill_injects, drills, incidents, staff_notifications
from statuspage.storage.drill_injects import Observation
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection
from statuspage.storage.post_incident import retrospectives
from statuspage.usecases import action_items
from statuspage.usecases.action_items import NoSuchSubject
from statuspage.usecases.drills import report
from statuspage.usecases.environment import Environment

PART_ORDER = tuple(Section)
"""The four questions, then what went well."""


_AFTERWARDS = (
    NotificationReason.ACTION_DUE,
    *FOR_PROGRAMS,
    NotificationReason.RETROSPECTIVE_DUE,
    NotificationReason.REPORT_DUE,
)
"""Reminders of what follows an incident, which are no part of it."""


class TimelineKind(StrEnum):
    """What an item of the timeline is: a recorded event, a note, a notice, a call, an inject, an observation of a
    drill's leader, or an event that somebody added."""

    EVENT = "event"
    NOTE = "note"
    NOTICE = "notice"
    CALL = "call"
    INJECT = "inject"
    OBSERVATION = "observation"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One item of the timeline.

    ``event`` is the kind of a recorded event, ``notice`` what customers read, ``text`` the words of a person, ``texts``
    what an inject said, by language. ``source`` says where an added event is known from, or the channel of a call.
    ``answer`` are the facts that an engineer sent.
    """

    at: datetime
    kind: TimelineKind
    text: str = ""
    actor: str = ""
    source: str = ""
    event: EventKind | None = None
    notice: Notice | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    answer: EngineerAnswer | None = None


@dataclass(frozen=True, slots=True)
class Retrospective:
    """A retrospective. ``incident`` is that of the drill, None if nothing was published in it; ``intervals`` are
    counted as on the scorecard; ``actions`` are its action items."""

    subject: str
    record: RetrospectiveRecord
    incident: Incident | None
    drill: Drill | None
    timeline: tuple[TimelineItem, ...]
    intervals: tuple[Interval, ...]
    actions: tuple[ActionItem, ...]

    @property
    def is_over(self) -> bool:
        """Whether it can be looked back at."""
        return self.drill.ended is not None if self.drill else self.incident is not None and self.incident.is_over

    def title_texts(self) -> dict[str, NoticeText]:
        """What customers read last, by language; empty if nothing was published."""
        return dict(self.incident.latest.notice.texts) if self.incident and self.incident.latest else {}


def find_retrospective(env: Environment, subject: str, *, now: datetime) -> Retrospective:
    """The retrospective of an incident or a drill of this environment. Raises NoSuchSubject."""
    with env.databases.environment.read() as tx:
        drill = drills.find_drill(tx, subject)
        incident = None if drill else incidents.load_incident(tx, subject)
        record = retrospectives.load_retrospective(tx, subject)
    if drill is None and (incident is None or incident.is_maintenance):
        raise NoSuchSubject
    counted = _with_noticing(incident) if incident else ()
    if drill is not None:
        reports = report(env, drill.id, now=now).incidents
        counted = reports[0].intervals if reports else ()
        incident = _incident_of(env, reports[0].incident_id) if reports else None
    with env.databases.environment.read() as tx:
        items = [*_recorded(tx, incident), *_of_drill(tx, drill), *_added(record)]
    return Retrospective(
        subject,
        record,
        incident,
        drill,
        tuple(sorted(items, key=lambda item: item.at)),
        counted,
        action_items.items_of(env, subject),
    )


def _incident_of(env: Environment, id: str) -> Incident | None:
    with env.databases.environment.read() as tx:
        return incidents.load_incident(tx, id)


def _recorded(tx: Connection, incident: Incident | None) -> Iterator[TimelineItem]:
    """What the timeline of the incident has, and who was called."""
    if incident is None:
        return
    yield from (_entry_item(item) for item in incident.entries)
    calls = [*staff_notifications.notifications_of_incident(tx, incident.id)]
    for alert in alerts.alerts_of_incident(tx, incident.id):
        calls += staff_notifications.notifications_of_alert(tx, alert.id)
    yield from (
        _call_item(call, at)
        for call in calls
        if call.trigger not in _AFTERWARDS and (at := call.started_at or call.queued_at)
    )


def _entry_item(item: TimelineEntry) -> TimelineItem:
    match item.entry:
        case TimelineEvent(event=event, actor=actor, text=text, engineer_answer=answer):
            words = "" if event is EventKind.READABLE else text
            return TimelineItem(item.happened, TimelineKind.EVENT, words, actor, event=event, answer=answer)
        case InternalNote(text=text, actor=actor):
            return TimelineItem(item.happened, TimelineKind.NOTE, text, actor)
        case Notice() as notice:
            return TimelineItem(item.happened, TimelineKind.NOTICE, actor=notice.actor, notice=notice)


def _call_item(call: StaffNotification, at: datetime) -> TimelineItem:
    return TimelineItem(at, TimelineKind.CALL, ", ".join(call.recipients), source=call.channel)


def _of_drill(tx: Connection, drill: Drill | None) -> Iterator[TimelineItem]:
    """The injects that were fired, and what the leader observed."""
    if drill is None:
        return
    for record in drill_injects.list_injects(tx, drill.id):
        if record.fired_at is not None and record.inject.kind is not InjectKind.GUIDE:
            yield TimelineItem(record.fired_at, TimelineKind.INJECT, actor=record.actor, texts=record.inject.text)
    for note in drill_injects.list_observations(tx, drill.id):
        yield _observation_item(note)


def _observation_item(note: Observation) -> TimelineItem:
    return TimelineItem(note.at, TimelineKind.OBSERVATION, note.text, note.actor)


def _added(record: RetrospectiveRecord) -> Iterator[TimelineItem]:
    for event in record.events:
        yield TimelineItem(event.happened, TimelineKind.ADDED, event.text, event.author, event.source)


def _with_noticing(incident: Incident) -> tuple[Interval, ...]:
    """The intervals of a live incident, before them how long nobody on duty knew of it: from the start that customers
    were told last."""
    counted, facts = response_times.intervals(incident), incident.public_facts
    if not counted or facts is None or facts.start is None or facts.start.at >= counted[0].start:
        return counted
    return Interval("noticed", facts.start.at, counted[0].start), *counted
