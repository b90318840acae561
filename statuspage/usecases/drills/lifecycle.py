"""Drills: begun and ended, one at a time, and never over something real."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from statuspage import serialization
from statuspage.domain import Incident, MonitorAlert, Objective, Scenario, find_forbidden_phrase, unreadable
from statuspage.storage import drill_injects, incidents, staff_notifications
from statuspage.storage import drills as rows
from statuspage.storage.drills import Drill
from statuspage.usecases import instance
from statuspage.usecases.alerts import receive
from statuspage.usecases.drills import cleanup
from statuspage.usecases.drills.cleanup import CleanupCheck
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import NotNow
from statuspage.usecases.publishing import site_updates

LONGEST_DRILL = timedelta(hours=4)
"""After this any drill ends by itself."""


STALE = timedelta(minutes=2)
"""A summary older than this, of a live world that is served, no longer says what goes on there."""


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """What goes on in the live world, as it has written it down: the oldest of the ``untaken`` alerts, which nobody has
    taken, and what is open. ``known`` is False where nobody can tell; ``desk`` is where it is dealt with, "" where
    nobody knows."""

    alerts: tuple[shared_status.Open, ...] = ()
    incidents: tuple[shared_status.Open, ...] = ()
    untaken: int = 0
    known: bool = True
    desk: str = ""

    @property
    def going_on(self) -> tuple[shared_status.Open, ...]:
        """All that is named of it."""
        return (*self.alerts, *self.incidents)


class LiveIncident(Exception):
    """Something real is going on. A drill waits."""

    def __init__(self, live: LiveStatus) -> None:
        super().__init__("an incident is open, or an alert waits")
        self.live = live
        self.open_now = live.going_on


class AlreadyRunning(Exception):
    """One drill at a time."""

    def __init__(self, drill: Drill) -> None:
        super().__init__(drill.id)
        self.drill = drill


class ForbiddenPhraseError(Exception):
    """The title or an alert of the drill says that it is none. In Hawaii, that was believed."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class NoSuchDrill(Exception):
    """There is no drill with this id, or none is running."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How a drill is played, where it follows a script. ``language`` is what its alerts are written in.

    ``announced``: everybody on duty has been told; ``window``: it begins within these times at a minute that only the
    leader knows. ``roles`` maps a role to names, ``kept_out`` names people left out on purpose.
    """

    scenario: Scenario | None = None
    language: str = ""
    announced: bool = True
    window: tuple[datetime, datetime] | None = None
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept_out: tuple[str, ...] = ()

    @property
    def length(self) -> timedelta:
        """After this it ends by itself."""
        return self.scenario.length if self.scenario else LONGEST_DRILL


@dataclass(frozen=True, slots=True)
class Begun:
    """A drill that has begun. ``blind``: nobody could tell whether something real is going on."""

    drill: Drill
    blind: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """A drill that is over, with the ids of the alerts and incidents it left open and that were closed with it.

    ``found`` is what was looked at afterwards: that nothing is left, and that nothing left the building.
    """

    drill: Drill
    alerts: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    found: tuple[CleanupCheck, ...] = ()


def start_drill(
    world: Environment,
    *,
    title: str,
    leader: str,
    goal: timedelta,
    signals: Sequence[MonitorAlert] = (),
    setup: Setup | None = None,
    id: str = "",
    now: datetime,
) -> Begun:
    """Begins a drill and fires its alerts; what its script says for the first minute is fed in by ``go_on``.

    ``id`` is the one it was promised, "" for a new one.

    Raises LiveIncident, AlreadyRunning, Denies, and NotNow for characters that turn text around.
    """
    refuse_turned(title, leader, *(people_named(setup.roles, setup.kept_out) if setup else ()))
    refuse_denials(world, title, *texts_of(signals))
    live = wait_for_live(world, now=now)
    if (already := running(world)) is not None:
        raise AlreadyRunning(already)
    drill_id = id or world.new_id()
    taken = receive(world, [as_of(signal, drill_id, now) for signal in signals], now=now)
    drill = _drill(drill_id, title, leader, goal, setup or Setup(), taken[0].id if taken else "", now)
    with world.store.begin() as tx:
        if (first := rows.running(tx)) is not None:
            raise AlreadyRunning(first)
        rows.insert_drill(tx, drill)
        if (climb := staff_notifications.climbing(tx)) and climb.began < now:
            staff_notifications.end_climb(tx, now)  # What was called about before it began silences nothing in it.
        if setup and setup.scenario:
            drill_injects.insert_script(tx, drill_id, now, setup.scenario.injects)
    _tell_live(world, now)
    return Begun(drill, blind=not live.known)


def _drill(id: str, title: str, leader: str, goal: timedelta, setup: Setup, alert: str, now: datetime) -> Drill:
    scenario = setup.scenario
    return Drill(
        id,
        title,
        leader,
        goal,
        now,
        alert=alert,
        note={"objectives": serialization.to_json_value(scenario.objectives), "alone": scenario.alone}
        if scenario
        else {},
        scenario=scenario.id if scenario else "",
        language=setup.language,
        announced=setup.announced,
        window=setup.window,
        ends=now + setup.length,
        roles=setup.roles,
        kept_out=setup.kept_out,
    )


def objectives_of(drill: Drill) -> tuple[Objective, ...]:
    """What this drill was to reach, as its script said when it began."""
    return tuple(serialization.load(Objective, plain) for plain in drill.note.get("objectives", ()))


def people_named(roles: Mapping[str, tuple[str, ...]], kept_out: tuple[str, ...]) -> Iterator[str]:
    """Everybody who is named for a drill: those who play, and those left out."""
    for names in roles.values():
        yield from names
    yield from kept_out


def refuse_turned(*texts: str) -> None:
    """No name of a drill or in it can be read as another one. Raises NotNow."""
    if any(unreadable(text) for text in texts):
        raise NotNow("text.characters")


def refuse_denials(world: Environment, *texts: str) -> None:
    """Nothing that is fed into a drill says that it is none. Raises Denies."""
    for text in texts:
        if said := find_forbidden_phrase(text, world.catalog.never):
            raise ForbiddenPhraseError(said)


def texts_of(signals: Iterable[MonitorAlert]) -> Iterator[str]:
    """Everything that somebody may read in these alerts."""
    for one in signals:
        yield from (one.title, one.summary, *one.labels, *one.labels.values(), one.url)


def as_of(signal: MonitorAlert, drill_id: str, now: datetime) -> MonitorAlert:
    """The alert as if it fired now for the first time, whatever day its file was written."""
    return replace(signal, identity=f"{drill_id} {signal.identity}", starts_at=now, ends_at=None)


def end_drill(world: Environment, drill_id: str = "", *, now: datetime) -> Ended:
    """Ends this drill, by default the one that runs, and closes what it left open. Raises NoSuchDrill.

    The front page follows where it can be written; else the next renewal brings it up to date.
    """
    return _end_drill(world, drill_id, now)


def suspend(world: Environment, *, now: datetime) -> Ended:
    """Something real is going on: ends the drill that runs, at once, and keeps it out of the figures.

    Raises NoSuchDrill.
    """
    return _end_drill(world, "", now, suspended=True)


def overdue(world: Environment, *, now: datetime) -> Ended | None:
    """Ends the drill whose time is over, or that everybody has forgotten after four hours; None where there is none.

    One that stands still ends only after the four hours.
    """
    drill = running(world)
    if drill is None:
        return None
    planned = drill.ends is not None and drill.paused is None and now >= drill.ends
    return _end_drill(world, drill.id, now) if planned or now - drill.started >= LONGEST_DRILL else None


def _tell_live(world: Environment, now: datetime) -> None:
    """That a drill runs, or no longer does, is seen on the live desk."""
    with suppress(OSError):
        shared_status.write_status(world, now=now)


def _end_drill(world: Environment, drill_id: str, now: datetime, *, suspended: bool = False) -> Ended:
    with world.store.begin() as tx:
        drill = rows.find_drill(tx, drill_id) if drill_id else rows.running(tx)
        if drill is None or not rows.end_drill(tx, drill.id, now):
            raise NoSuchDrill
        drill_injects.end_pause(tx, drill.id, now)
        if suspended:
            rows.annotate(tx, drill.id, {**drill.note, "suspended": True})
        closed, over = cleanup.close_alerts(tx, now), cleanup.close_incidents(tx, now)
    _tell_live(world, now)
    with suppress(site_updates.Unwritable, site_updates.DrillMarkError):
        site_updates.renew_front(world, now=now)
    found = cleanup.looked(world, drill, now=now)
    with world.store.begin() as tx:
        kept = rows.find_drill(tx, drill.id) or drill
        rows.annotate(tx, drill.id, {**kept.note, "clean": serialization.to_json_value(found)})
    return Ended(replace(drill, ended=now), closed, over, found)


def running(world: Environment) -> Drill | None:
    """The drill that runs; None while none does."""
    with world.store.read() as tx:
        return rows.running(tx)


def all_drills(world: Environment) -> tuple[Drill, ...]:
    """All drills, the newest first."""
    with world.store.read() as tx:
        return rows.all_drills(tx)


def live_status(world: Environment, *, now: datetime) -> LiveStatus:
    """What goes on in the live world beside this one: nothing where there is none.

    Not known is what cannot be read, and what a live world that is served has not written for two minutes.
    """
    if world.live_summary is None:
        return LiveStatus()
    found = shared_status.read_status(world.live_summary)
    if found is None:
        return LiveStatus(known=False)
    stale = now - found.written > STALE and instance.is_served(world.live_summary.parent)
    return LiveStatus(found.alerts, found.open, found.untaken, not stale, found.desk)


def wait_for_live(world: Environment, *, now: datetime) -> LiveStatus:
    """Raises LiveIncident while something real is going on: an alert that nobody has taken, or an open incident."""
    live = live_status(world, now=now)
    if live.going_on:
        raise LiveIncident(live)
    return live


def opened_in(world: Environment, drill: Drill, *, now: datetime) -> tuple[Incident, ...]:
    """The incidents opened between the drill's start and its end, the oldest first."""
    with world.store.read() as tx:
        return incidents.opened_between(tx, drill.started, drill.ended or now)
