"""Starts and ends drills: one at a time, and never during a live incident."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from statuspage import serialization
from statuspage.domain import (
    Catalog,
    Incident,
    MonitorAlert,
    Objective,
    Scenario,
    find_forbidden_phrase,
    has_unreadable_characters,
    is_named,
)
from statuspage.integrations.hosting import Unwritable
from statuspage.storage import drill_injects, drills, incidents, staff_notifications
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.alerts import receive_alerts
from statuspage.usecases.drills import cleanup
from statuspage.usecases.drills.cleanup import CleanupCheck
from statuspage.usecases.drills.live_precedence import LiveIncident, NoSuchDrill, live_status, record_known
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.on_call import absence
from statuspage.usecases.publishing import DrillMarkError, site_updates

LONGEST_DRILL = timedelta(hours=4)
"""After this time any drill ends automatically."""


class AlreadyRunning(Exception):
    """A drill is already running; only one may run at a time."""

    def __init__(self, drill: Drill) -> None:
        super().__init__(drill.id)
        self.drill = drill


class ForbiddenPhraseError(Exception):
    """The title or an alert of the drill claims that this is not a drill. In Hawaii in 2018, people believed it."""

    def __init__(self, phrase: str) -> None:
        super().__init__(phrase)
        self.phrase = phrase


@dataclass(frozen=True, slots=True)
class Setup:
    """How a scripted drill is run. ``language`` is that of its alerts.

    ``announced``: everybody on call has been told; ``window``: it starts in this period at a time known only to the
    leader. ``roles`` maps a role to names, ``kept_out`` names people left out on purpose. ``tabletop``: it is talked
    through, so no alert arrives, nothing comes by itself and no time is measured.
    """

    scenario: Scenario | None = None
    language: str = ""
    announced: bool = True
    window: tuple[datetime, datetime] | None = None
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept_out: tuple[str, ...] = ()
    tabletop: bool = False

    @property
    def length(self) -> timedelta:
        """After this time it ends automatically."""
        return self.scenario.duration if self.scenario and not self.tabletop else LONGEST_DRILL


@dataclass(frozen=True, slots=True)
class Begun:
    """A drill that has started, and whether the state of the live environment is unknown."""

    drill: Drill
    is_live_unknown: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """A finished drill, with the ids of the alerts and incidents that were still open and were closed with it.

    It includes the checks that nothing is left open and nothing was sent outside.
    """

    drill: Drill
    alert_ids: tuple[str, ...] = ()
    incident_ids: tuple[str, ...] = ()
    checks: tuple[CleanupCheck, ...] = ()


def start_drill(
    env: Environment,
    *,
    title: str,
    leader: str,
    goal: timedelta,
    signals: Sequence[MonitorAlert] = (),
    setup: Setup | None = None,
    id: str = "",
    known: Collection[str] = (),
    now: datetime,
) -> Begun:
    """Starts a drill and fires its alerts; ``advance_drill`` fires the injects of the first minute.

    ``id`` is the id reserved when it was scheduled, "" for a new one. ``known`` are the live alerts and incidents that
    the leader knows of, beginning nevertheless; this is recorded.

    Raises LiveIncident, AlreadyRunning, ForbiddenPhraseError, or ActionRefused for characters that reverse text and for
    a leader who is left out.
    """
    setup = setup or Setup()
    absent_names = absence.names_of(env, setup.kept_out) if setup.kept_out else ()
    _refuse_texts(env.site.catalog, title, leader, setup, signals)
    refuse_leader_left_out(leader, absent_names)
    live = live_status(env.live_status_path, now=now)
    if not live.allows(known):
        raise LiveIncident(live)
    if (other_drill := running_drill(env.databases.environment)) is not None:
        raise AlreadyRunning(other_drill)
    drill_id = id or env.new_id()
    fired = [] if setup.tabletop else [fired_now(signal, drill_id, now) for signal in signals]
    received = receive_alerts(env, fired, now=now)
    note: dict[str, object] = {"also_known_as": list(absent_names)} if absent_names else {}
    if live.handled:
        note["live_known"] = [record_known(live, leader, now)]
    drill = _drill(drill_id, title, leader, goal, setup, received[0].id if received else "", note, now)
    with env.databases.environment.begin() as tx:
        _insert_drill(tx, drill, setup)
    _write_status(env, now)
    return Begun(drill, is_live_unknown=not live.is_known)


def _refuse_texts(catalog: Catalog, title: str, leader: str, setup: Setup, signals: Sequence[MonitorAlert]) -> None:
    refuse_unreadable(title, leader, *people_named(setup.roles, setup.kept_out))
    refuse_forbidden(catalog, title, *alert_texts(signals))


def _insert_drill(tx: Connection, drill: Drill, setup: Setup) -> None:
    """Stores the drill with its script, if no other runs. Notifications from before it suppress none in it."""
    if (concurrent_drill := drills.find_running_drill(tx)) is not None:
        raise AlreadyRunning(concurrent_drill)
    drills.insert_drill(tx, drill)
    escalation = staff_notifications.find_running_escalation(tx)
    if escalation is not None and escalation.started_at < drill.started:
        staff_notifications.end_escalation(tx, drill.started)
    if setup.scenario:
        drill_injects.insert_script(tx, drill.id, drill.started, setup.scenario.injects, is_tabletop=setup.tabletop)


def _drill(
    id: str,
    title: str,
    leader: str,
    goal: timedelta,
    setup: Setup,
    alert_id: str,
    note: Mapping[str, object],
    now: datetime,
) -> Drill:
    scenario = setup.scenario
    return Drill(
        id,
        title,
        leader,
        goal,
        now,
        alert=alert_id,
        note={**_note(setup), **note},
        scenario=scenario.id if scenario else "",
        language=setup.language,
        is_announced=setup.announced,
        window=setup.window,
        ends_at=now + setup.length,
        roles=setup.roles,
        excluded_people=setup.kept_out,
    )


def _note(setup: Setup) -> dict[str, object]:
    tabletop: dict[str, object] = {"tabletop": True} if setup.tabletop else {}
    if setup.scenario is None:
        return tabletop
    return {
        "objectives": serialization.to_json_value(setup.scenario.objectives),
        "tutorial": setup.scenario.is_solo,
        **tabletop,
    }


def objectives_of(drill: Drill) -> tuple[Objective, ...]:
    """The objectives of this drill, as its script had them at the start."""
    return tuple(serialization.from_json_value(Objective, item) for item in drill.note.get("objectives", ()))


def people_named(roles: Mapping[str, tuple[str, ...]], kept_out: tuple[str, ...]) -> Iterator[str]:
    """Everybody named for a drill: those who take part, and those left out."""
    for names in roles.values():
        yield from names
    yield from kept_out


def refuse_unreadable(*texts: str) -> None:
    """Refuses texts with characters that would make them read differently. Raises ActionRefused."""
    if any(has_unreadable_characters(text) for text in texts):
        raise ActionRefused("text.characters")


def refuse_leader_left_out(leader: str, absent: Collection[str]) -> None:
    """Refuses a drill whose leader is left out of it, by any of their names. Raises ActionRefused."""
    if is_named(absent, (leader,)):
        raise ActionRefused("drill.leader_left_out")


def refuse_forbidden(catalog: Catalog, *texts: str) -> None:
    """Refuses texts that claim that this is not a drill. Raises ForbiddenPhraseError."""
    for text in texts:
        if phrase := find_forbidden_phrase(text, catalog.forbidden_phrases):
            raise ForbiddenPhraseError(phrase)


def alert_texts(signals: Iterable[MonitorAlert]) -> Iterator[str]:
    """Every text in these alerts that somebody may read."""
    for signal in signals:
        yield from (signal.title, signal.summary, *signal.labels, *signal.labels.values(), signal.url)


def fired_now(signal: MonitorAlert, drill_id: str, now: datetime) -> MonitorAlert:
    """The alert as if it fired now for the first time, whatever the date in its file."""
    return replace(signal, identity=f"{drill_id} {signal.identity}", started_at=now, ended_at=None)


def end_drill(env: Environment, drill_id: str = "", *, now: datetime) -> Ended:
    """Ends this drill, by default the running one, and closes what is still open. Raises NoSuchDrill.

    The front page is updated if it can be written, otherwise by its next refresh.
    """
    return _end_drill(env, drill_id, now)


def suspend_drill(env: Environment, *, now: datetime) -> Ended:
    """Ends the running drill at once because of a live incident, and excludes it from the figures.

    Raises NoSuchDrill.
    """
    return _end_drill(env, "", now, suspended=True)


def end_overdue(env: Environment, *, now: datetime) -> Ended | None:
    """Ends a drill whose time is over, or that was forgotten for four hours; None if there is none.

    A paused drill ends only after the four hours.
    """
    drill = running_drill(env.databases.environment)
    if drill is None:
        return None
    planned = drill.ends_at is not None and drill.paused_since is None and now >= drill.ends_at
    return _end_drill(env, drill.id, now) if planned or now - drill.started >= LONGEST_DRILL else None


def _write_status(env: Environment, now: datetime) -> None:
    """Updates what the live desk shows about a running drill."""
    with suppress(OSError):
        shared_status.write_status(env, now=now)


def _end_drill(env: Environment, drill_id: str, now: datetime, *, suspended: bool = False) -> Ended:
    with env.databases.environment.begin() as tx:
        drill = drills.find_drill(tx, drill_id) if drill_id else drills.find_running_drill(tx)
        if drill is None or not drills.end_drill(tx, drill.id, now):
            raise NoSuchDrill
        drill_injects.end_pause(tx, drill.id, now)
        if suspended:
            drills.set_note(tx, drill.id, {**drill.note, "suspended": True})
        closed_alerts, closed_incidents = cleanup.close_alerts(tx, now), cleanup.close_incidents(tx, now)
    _write_status(env, now)
    with suppress(Unwritable, DrillMarkError):
        site_updates.refresh_front(env, now=now)
    checks = cleanup.check_cleanup(env, drill, now=now)
    with env.databases.environment.begin() as tx:
        current = drills.find_drill(tx, drill.id) or drill
        drills.set_note(tx, drill.id, {**current.note, "cleanup": serialization.to_json_value(checks)})
    return Ended(replace(drill, ended=now), closed_alerts, closed_incidents, checks)


def running_drill(database: Database) -> Drill | None:
    """The running drill, if any."""
    with database.read() as tx:
        return drills.find_running_drill(tx)


def drill_without(database: Database, names: tuple[str, ...], leader: str) -> Drill | None:
    """The running drill from which the person with one of these names is left out, unless it is led by ``leader``."""
    drill = running_drill(database)
    if drill is None or leader == drill.leader:
        return None
    return drill if is_named(drill.absent_names, names) else None


def all_drills(database: Database) -> tuple[Drill, ...]:
    """All drills, newest first."""
    with database.read() as tx:
        return drills.list_drills(tx)


def hand_over(database: Database, leader: str, *, actor: str, now: datetime) -> Drill:
    """Makes somebody else the leader of the running drill; recorded with it. Raises NoSuchDrill."""
    with database.begin() as tx:
        drill = drills.find_running_drill(tx)
        if drill is None:
            raise NoSuchDrill
        change = {"at": serialization.to_json_value(now), "actor": actor, "from": drill.leader, "to": leader}
        drills.set_leader(tx, drill.id, leader)
        drills.set_note(tx, drill.id, {**drill.note, "lead_changes": [*drill.note.get("lead_changes", ()), change]})
        return replace(drill, leader=leader)


def drill_incidents(database: Database, drill: Drill, *, now: datetime) -> tuple[Incident, ...]:
    """The incidents opened between the drill's start and its end, oldest first."""
    with database.read() as tx:
        return incidents.opened_between(tx, drill.started, drill.ended or now)
