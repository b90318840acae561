"""Live comes first: what is really open, and what a drill may do meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from statuspage import serialization
from statuspage.storage import drills
from statuspage.storage.drills import Drill
from statuspage.usecases import instance
from statuspage.usecases.environment import Environment, shared_status


class NoSuchDrill(Exception):
    """The drill id is unknown, or no drill is running."""


STALE = timedelta(minutes=2)
"""If the live environment is served and its summary is older than this, its state is unknown."""


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """The state of the live environment, from its summary: the oldest of its ``unacknowledged`` alerts, those that
    somebody has ``taken``, and open incidents. ``is_known`` is False if it cannot be determined; ``desk_url`` is the
    address of its desk, "" if unknown."""

    alerts: tuple[shared_status.OpenItem, ...] = ()
    incidents: tuple[shared_status.OpenItem, ...] = ()
    unacknowledged: int = 0
    is_known: bool = True
    desk_url: str = ""
    taken: tuple[shared_status.OpenItem, ...] = ()

    @property
    def open_items(self) -> tuple[shared_status.OpenItem, ...]:
        """Everything listed in it."""
        return (*self.alerts, *self.handled)

    @property
    def handled(self) -> tuple[shared_status.OpenItem, ...]:
        """What is open and in somebody's hands. A leader who knows of it may go on."""
        return (*self.taken, *self.incidents)

    @property
    def handled_ids(self) -> tuple[str, ...]:
        """The ids of what is in somebody's hands."""
        return tuple(item.id for item in self.handled)

    def allows(self, known: Collection[str]) -> bool:
        """Whether a drill may go on: no alert waits, and its leader knows of everything that is open."""
        return not self.alerts and all(item.id in known for item in self.handled)


class LiveIncident(Exception):
    """There is something real. A drill must wait: until every alert is taken and, unless its leader says that he knows
    of it, until it is over."""

    def __init__(self, status: LiveStatus) -> None:
        super().__init__("an incident is open, or an alert waits")
        self.status = status
        self.open_items = status.open_items


def live_status(live_status_path: Path | None, *, now: datetime) -> LiveStatus:
    """The state of the live environment beside this one; empty if there is none.

    It is unknown if its summary cannot be read, or if it is served and has not written one for two minutes.
    """
    if live_status_path is None:
        return LiveStatus()
    summary = shared_status.read_status(live_status_path)
    if summary is None:
        return LiveStatus(is_known=False)
    is_stale = now - summary.written_at > STALE and instance.is_served(live_status_path.parent)
    return LiveStatus(
        summary.oldest_alerts,
        summary.open_incidents,
        summary.unacknowledged,
        not is_stale,
        summary.desk_url,
        summary.taken_alerts,
    )


def wait_for_live(env: Environment, *, now: datetime) -> LiveStatus:
    """Raises LiveIncident if something real is open that the running drill's leader does not know of, or an alert
    waits."""
    live = live_status(env.live_status_path, now=now)
    with env.databases.environment.read() as tx:
        drill = drills.find_running_drill(tx)
    if not live.allows(known_live(drill) if drill else ()):
        raise LiveIncident(live)
    return live


def known_live(drill: Drill) -> frozenset[str]:
    """The ids of the live alerts and incidents that the leader of this drill knows of, and went on nevertheless."""
    return frozenset(id for record in drill.note.get("live_known", ()) for id in record["items"])


def go_on(env: Environment, known: Collection[str], *, actor: str, now: datetime) -> None:
    """The leader knows that these live alerts and incidents are open, and goes on: recorded with the drill.

    Raises NoSuchDrill, or LiveIncident while an alert waits or something else is open: what opened after the leader
    had read it stops the drill again.
    """
    live = live_status(env.live_status_path, now=now)
    with env.databases.environment.begin() as tx:
        drill = drills.find_running_drill(tx)
        if drill is None:
            raise NoSuchDrill
        earlier = known_live(drill)
        if not live.allows({*earlier, *known}):
            raise LiveIncident(live)
        records = [*drill.note.get("live_known", ()), record_known(live, actor, now)]
        if not live.allows(earlier):
            drills.set_note(tx, drill.id, {**drill.note, "live_known": records})


def record_known(live: LiveStatus, actor: str, now: datetime) -> dict[str, object]:
    """What a drill records when somebody goes on although this is open."""
    return {"at": serialization.to_json_value(now), "actor": actor, "items": [*live.handled_ids]}
