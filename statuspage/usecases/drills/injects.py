"""A running drill: its injects, fired automatically or by hand, and the leader's observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage.domain import NO_PROPOSAL, Catalog, Inject, MonitorAlert, Proposal, has_unreadable_characters
from statuspage.integrations.monitors import all_monitors
from statuspage.storage import drill_injects, drills
from statuspage.storage.drill_injects import DrillInject, InjectState, Observation
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.alerts import receive_alerts
from statuspage.usecases.drills.lifecycle import fired_now, refuse_forbidden, running_drill
from statuspage.usecases.drills.live_precedence import NoSuchDrill, wait_for_live
from statuspage.usecases.environment import Environment

NEXT = "next"
"""Stands for the next inject, whichever it is."""

NOTE_LIMIT = 2000
"""Maximum characters of an observation."""


class NoSuchInject(Exception):
    """The running drill has no inject with this number or id, or none left to fire."""


class InjectSettled(Exception):
    """This inject was already fired or skipped."""

    def __init__(self, record: DrillInject) -> None:
        super().__init__(record.inject.id)
        self.record = record


class InvalidNote(Exception):
    """The note is empty, too long, or has unreadable characters."""


@dataclass(frozen=True, slots=True)
class InjectStatus:
    """The state of a drill: its script, the leader's observations, and the pauses so far."""

    drill: Drill
    script: tuple[DrillInject, ...]
    observations: tuple[Observation, ...]
    pauses: tuple[drill_injects.Pause, ...]

    @property
    def upcoming(self) -> tuple[DrillInject, ...]:
        """The injects to come: those with a time first, then those triggered by hand or by a stage."""
        pending = [record for record in self.script if record.state is InjectState.PLANNED]
        return tuple(
            sorted(
                pending,
                key=lambda record: (record.planned_at is None, record.planned_at or self.drill.started, record.number),
            )
        )

    @property
    def fired(self) -> tuple[DrillInject, ...]:
        """The fired injects, newest first."""
        settled = [(record.fired_at, record.number, record) for record in self.script if record.fired_at is not None]
        return tuple(record for _, _, record in sorted(settled, key=lambda item: item[:2], reverse=True))


def inject_status(database: Database, drill_id: str = "") -> InjectStatus:
    """The state of this drill, by default the running one. Raises NoSuchDrill."""
    with database.read() as tx:
        drill = drills.find_drill(tx, drill_id) if drill_id else drills.find_running_drill(tx)
        if drill is None:
            raise NoSuchDrill
        return InjectStatus(
            drill,
            drill_injects.list_injects(tx, drill.id),
            drill_injects.list_observations(tx, drill.id),
            drill_injects.list_pauses(tx, drill.id),
        )


def fire_inject(env: Environment, reference: str, *, actor: str, now: datetime) -> DrillInject:
    """Fires an inject at once: by number, by id, or the next one.

    Raises NoSuchDrill, NoSuchInject, InjectSettled, or LiveIncident during a live incident.
    """
    record = _pick_inject(inject_status(env.databases.environment), reference)
    wait_for_live(env, now=now)
    return feed_inject(env, inject_status(env.databases.environment).drill, record, actor=actor, now=now)


def skip_inject(database: Database, reference: str, *, actor: str, now: datetime) -> DrillInject:
    """Skips an inject. Raises NoSuchDrill, NoSuchInject, InjectSettled."""
    record = _pick_inject(inject_status(database), reference)
    with database.begin() as tx:
        return _settle_inject(tx, record, InjectState.SKIPPED, actor, now)


def _pick_inject(status: InjectStatus, reference: str) -> DrillInject:
    if reference == NEXT:
        record = next(iter(status.upcoming), None)
    else:
        record = next(
            (candidate for candidate in status.script if reference in (str(candidate.number), candidate.inject.id)),
            None,
        )
    if record is None:
        raise NoSuchInject(reference)
    if record.state is not InjectState.PLANNED:
        raise InjectSettled(record)
    return record


def feed_inject(env: Environment, drill: Drill, record: DrillInject, *, actor: str, now: datetime) -> DrillInject:
    """Fires one inject. Raises InjectSettled if somebody was faster.

    An alert first goes into the drill's own intake, where a repeated one stays one alert. If no alert rule knows it, it
    proposes what its scenario is about. At a table it is only read out.
    """
    signals = (
        []
        if drill.is_tabletop
        else [
            fired_now(signal, drill.id, now) for signal in _inject_signals(env.site.catalog, drill, record.inject, now)
        ]
    )
    scenario = env.site.catalog.scenarios.get(drill.scenario)
    otherwise = Proposal(scenario.incident_type, scenario.services) if scenario else NO_PROPOSAL
    received = receive_alerts(env, signals, now=now, otherwise=otherwise)
    alert = received[0].id if received else ""
    with env.databases.environment.begin() as tx:
        settled = _settle_inject(tx, record, InjectState.FIRED, actor, now, alert)
        if alert:
            drills.set_opening_alert(tx, drill.id, alert)
    return settled


def _settle_inject(
    tx: Connection, record: DrillInject, state: InjectState, actor: str, now: datetime, alert: str = ""
) -> DrillInject:
    if not drill_injects.settle_inject(tx, record.drill, record.number, state, at=now, actor=actor, alert=alert):
        raise InjectSettled(record)
    return replace(record, state=state, settled_at=now, actor=actor, alert=alert)


def _inject_signals(catalog: Catalog, drill: Drill, inject: Inject, now: datetime) -> Sequence[MonitorAlert]:
    """The alerts of the inject's monitor. Their titles have the drill mark, whoever wrote them."""
    if inject.payload:
        signals = all_monitors(catalog.json_mappings)[inject.source].parse(inject.payload.encode(), now)
        return [
            replace(signal, identity=f"{inject.id} {signal.identity}", title=_mark_title(catalog, drill, signal.title))
            for signal in signals
        ]
    if not inject.labels:
        return []
    title, summary = (script_text(texts, drill.language) for texts in (inject.subject, inject.text))
    return [
        MonitorAlert(
            inject.source, inject.id, _mark_title(catalog, drill, title), summary, inject.labels, drill.started
        )
    ]


def _mark_title(catalog: Catalog, drill: Drill, title: str) -> str:
    pack = catalog.packs.get(drill.language, catalog.leading_pack)
    mark = pack.marks.start
    return title if title.startswith(mark.strip()) else f"{mark}{title}"


def script_text(texts: Mapping[str, str], language: str) -> str:
    """A text of the script in this language, else in the first available one."""
    return texts.get(language) or next(iter(texts.values()), "")


def pause_drill(database: Database, *, now: datetime) -> Drill:
    """Pauses the drill: nothing fires automatically. Repeating it changes nothing. Raises NoSuchDrill."""
    with database.begin() as tx:
        drill = _running(tx)
        if drill.paused_since is not None:
            return drill
        drills.set_pause(tx, drill.id, now, drill.ends_at)
        drill_injects.insert_pause(tx, drill.id, now)
        return replace(drill, paused_since=now)


def resume_drill(env: Environment, *, now: datetime) -> Drill:
    """Resumes the drill. Remaining injects, and its end, are delayed by the length of the pause.

    Raises NoSuchDrill, or LiveIncident during a live incident.
    """
    if (paused := running_drill(env.databases.environment)) is not None and paused.paused_since is not None:
        wait_for_live(env, now=now)
    with env.databases.environment.begin() as tx:
        drill = _running(tx)
        if drill.paused_since is None:
            return drill
        pause_length = now - drill.paused_since
        ends = drill.ends_at + pause_length if drill.ends_at else None
        drills.set_pause(tx, drill.id, None, ends)
        drill_injects.delay_injects(tx, drill.id, pause_length)
        drill_injects.end_pause(tx, drill.id, now)
        return replace(drill, paused_since=None, ends_at=ends)


def mark_broken(database: Database, *, now: datetime) -> None:
    """Records that its leader has just broken something on purpose; only the first time counts. Raises NoSuchDrill."""
    with database.begin() as tx:
        drill = _running(tx)
        if drill.broken_at is None:
            drills.set_note(tx, drill.id, {**drill.note, "broken_at": now.isoformat()})


def add_observation(env: Environment, text: str, *, drill_id: str = "", actor: str, now: datetime) -> Observation:
    """Records what somebody observed in this drill, or said after its end; by default in the running one.

    Raises NoSuchDrill, InvalidNote, ForbiddenPhraseError.
    """
    note = text.strip()
    if not note or len(note) > NOTE_LIMIT or has_unreadable_characters(note.replace("\n", "").replace("\r", "")):
        raise InvalidNote
    refuse_forbidden(env.site.catalog, note)
    with env.databases.environment.begin() as tx:
        drill = drills.find_drill(tx, drill_id) if drill_id else _running(tx)
        if drill is None:
            raise NoSuchDrill
        return drill_injects.insert_observation(tx, drill.id, note, actor=actor, at=now)


def _running(tx: Connection) -> Drill:
    drill = drills.find_running_drill(tx)
    if drill is None:
        raise NoSuchDrill
    return drill


def time_left(drill: Drill, now: datetime) -> timedelta | None:
    """The remaining time of the drill; None if it has no planned end."""
    return drill.ends_at - (drill.paused_since or now) if drill.ends_at else None
