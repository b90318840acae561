"""Drills: begun, ended, and measured over the incidents that were opened in them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage import measures, publishing, summary
from statuspage.desk import take
from statuspage.incoming import AlertState, Signal
from statuspage.measures import Interval, Stamp
from statuspage.store import Connection, alerts, incidents
from statuspage.store import drills as rows
from statuspage.store.drills import Drill
from statuspage.timeline import Incident, Step, StepKind
from statuspage.unsayable import unsayable
from statuspage.world import World

LONGEST = timedelta(hours=4)
"""After this a drill ends by itself."""


class LiveIncident(Exception):
    """Something real is going on. A drill waits."""

    def __init__(self, open_now: tuple[summary.Open, ...]) -> None:
        super().__init__("an incident is open")
        self.open_now = open_now


class AlreadyRunning(Exception):
    """One drill at a time."""

    def __init__(self, drill: Drill) -> None:
        super().__init__(drill.id)
        self.drill = drill


class Denies(Exception):
    """The title or an alert of the drill says that it is none. In Hawaii, that was believed."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class NoSuchDrill(Exception):
    """There is no drill with this id, or none is running."""


@dataclass(frozen=True, slots=True)
class Told:
    """One incident of a drill: its marks on the clock, the stretches between them, and the longest before the notice.

    ``took`` is the clock's start to the readable first notice, None while it is not readable. ``from_form``: no alert
    started that clock but the form, so the time until somebody noticed is not in it.
    """

    incident: str
    stamps: tuple[Stamp, ...]
    intervals: tuple[Interval, ...]
    slowest: Interval | None
    took: timedelta | None
    from_form: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a drill showed. ``earlier`` are the times to first notice of the drills before it, the newest first."""

    drill: Drill
    incidents: tuple[Told, ...]
    earlier: tuple[timedelta, ...]

    @property
    def took(self) -> timedelta | None:
        """Alert to readable first notice of the drill's first incident."""
        return self.incidents[0].took if self.incidents else None

    @property
    def from_form(self) -> bool:
        """Whether that clock started with the form, without an alert."""
        return bool(self.incidents) and self.incidents[0].from_form

    @property
    def reached(self) -> bool:
        """Whether the goal was met."""
        return self.took is not None and self.took <= self.drill.goal


@dataclass(frozen=True, slots=True)
class Begun:
    """A drill that has begun. ``blind``: nobody could tell whether something real is going on."""

    drill: Drill
    blind: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """A drill that is over, with the ids of the alerts and incidents it left open and that were closed with it."""

    drill: Drill
    alerts: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()


def start(
    world: World, *, title: str, leader: str, goal: timedelta, signals: Sequence[Signal] = (), now: datetime
) -> Begun:
    """Begins a drill and fires its alerts. Raises LiveIncident, AlreadyRunning, Denies."""
    refuse_denials(world, title, *(text for one in signals for text in (one.title, one.summary)))
    live = _live(world)
    if live is not None and live.open:
        raise LiveIncident(live.open)
    with world.store.read() as tx:
        running = rows.running(tx)
    if running is not None:
        raise AlreadyRunning(running)
    drill_id = world.new_id()
    taken = take(world, [_as_of(signal, drill_id, now) for signal in signals], now=now)
    drill = Drill(drill_id, title, leader, goal, now, alert=taken[0].id if taken else "")
    with world.store.begin() as tx:
        rows.start(tx, drill)
    return Begun(drill, blind=world.live_summary is not None and live is None)


def refuse_denials(world: World, *texts: str) -> None:
    """Nothing that is fed into a drill says that it is none. Raises Denies."""
    for text in texts:
        if said := unsayable(text, world.catalog.never):
            raise Denies(said)


def _as_of(signal: Signal, drill_id: str, now: datetime) -> Signal:
    """The alert as if it fired now for the first time, whatever day its file was written."""
    return replace(signal, identity=f"{drill_id} {signal.identity}", starts_at=now, ends_at=None)


def end(world: World, drill_id: str = "", *, now: datetime) -> Ended:
    """Ends this drill, by default the one that runs, and closes what it left open. Raises NoSuchDrill.

    The front page follows where it can be written; else the next renewal brings it up to date.
    """
    return _end(world, drill_id, now)


def suspend(world: World, *, now: datetime) -> Ended:
    """Something real is going on: ends the drill that runs, at once, and keeps it out of the figures.

    Raises NoSuchDrill.
    """
    return _end(world, "", now, suspended=True)


def overdue(world: World, *, now: datetime) -> Ended | None:
    """Ends the drill that everybody has forgotten, after four hours; None where there is none."""
    with world.store.read() as tx:
        running = rows.running(tx)
    return _end(world, running.id, now) if running and now - running.started >= LONGEST else None


def _end(world: World, drill_id: str, now: datetime, *, suspended: bool = False) -> Ended:
    with world.store.begin() as tx:
        drill = rows.get(tx, drill_id) if drill_id else rows.running(tx)
        if drill is None or not rows.end(tx, drill.id, now):
            raise NoSuchDrill
        if suspended:
            rows.annotate(tx, drill.id, {**drill.note, "suspended": True})
        ended = Ended(replace(drill, ended=now), _close_alerts(tx, now), _close_incidents(tx, now))
    with suppress(publishing.Unwritable, publishing.Unfit):
        publishing.renew_front(world, now=now)
    return ended


def _close_alerts(tx: Connection, now: datetime) -> tuple[str, ...]:
    left = alerts.waiting(tx)
    return tuple(alerts.step(tx, alert.id, AlertState.CLOSED, at=now, by="").id for alert in left)


def _close_incidents(tx: Connection, now: datetime) -> tuple[str, ...]:
    left = incidents.open_now(tx)
    for incident in left:
        incidents.append(tx, incident.id, Step(StepKind.CLOSED), happened=now, recorded=now)
    return tuple(incident.id for incident in left)


def every(world: World) -> tuple[Drill, ...]:
    """All drills, the newest first."""
    with world.store.read() as tx:
        return rows.every(tx)


def report(world: World, drill_id: str = "", *, now: datetime) -> Report:
    """What this drill showed, by default the newest. Raises NoSuchDrill."""
    known = every(world)
    drill = next((one for one in known if one.id == drill_id or not drill_id), None)
    if drill is None:
        raise NoSuchDrill
    before = [_took(world, one, now) for one in known if one.started < drill.started and not one.suspended]
    told = tuple(_told(incident) for incident in _of(world, drill, now))
    return Report(drill, told, tuple(took for took in before if took is not None))


def real(world: World) -> tuple[summary.Open, ...]:
    """What is really going on while a drill runs; nothing where nobody can tell."""
    live = _live(world)
    return live.open if live else ()


def _live(world: World) -> summary.Summary | None:
    return summary.read(world.live_summary) if world.live_summary is not None else None


def _took(world: World, drill: Drill, now: datetime) -> timedelta | None:
    found = _of(world, drill, now)
    return measures.time_to_notice(found[0]) if found else None


def _told(incident: Incident) -> Told:
    return Told(
        incident.id,
        measures.stamps(incident),
        measures.intervals(incident),
        measures.slowest(incident),
        measures.time_to_notice(incident),
        incident.t0_source == "form",
    )


def _of(world: World, drill: Drill, now: datetime) -> tuple[Incident, ...]:
    """The incidents opened between the drill's start and its end, the oldest first."""
    with world.store.read() as tx:
        return incidents.opened_between(tx, drill.started, drill.ended or now)
