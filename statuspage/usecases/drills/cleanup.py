"""After a drill: what it left open is closed, and it is looked whether anything is left, or left the building."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import DRILL, SITE, AlertState, DeliveryStatus, StepKind, TimelineEvent
from statuspage.integrations.channels import Sandbox
from statuspage.storage import alerts, deliveries, drafts, incidents
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment, shared_status


@dataclass(frozen=True, slots=True)
class CleanupCheck:
    """One thing looked at after a drill: ``what`` (a label), whether it is as it should be, and how many.

    *alerts*, *incidents* and *drafts* that are left open; *channels* that could reach somebody; *messages* written to
    files instead of sent; *live*: traces of a drill in what the live world says (``fine`` None: nobody can tell).
    """

    what: str
    fine: bool | None
    count: int = 0


def close_alerts(tx: Connection, now: datetime) -> tuple[str, ...]:
    """Closes every alert that still waits; gives their ids."""
    left = alerts.waiting(tx)
    return tuple(alerts.step(tx, alert.id, AlertState.CLOSED, at=now, by="").id for alert in left)


def close_incidents(tx: Connection, now: datetime) -> tuple[str, ...]:
    """Closes every incident that is open, and forgets what was typed and not published; gives their ids."""
    left = incidents.open_now(tx)
    for incident in left:
        incidents.append(tx, incident.id, TimelineEvent(StepKind.CLOSED), happened=now, recorded=now)
    drafts.clear(tx)
    return tuple(incident.id for incident in left)


def looked(world: Environment, drill: Drill, *, now: datetime) -> tuple[CleanupCheck, ...]:
    """What there is to see after the drill's end: in its books, its channels, its files, and in the live world."""
    with world.store.read() as tx:
        waiting, opened, typed = alerts.waiting(tx), incidents.open_now(tx), drafts.count(tx)
        mine = incidents.opened_between(tx, drill.started, now)
        owed = [d for one in mine for d in deliveries.for_incident(tx, one.id) if d.channel != SITE]
    outside = [id for id, channel in world.channels.items() if not isinstance(channel, Sandbox)]
    return (
        CleanupCheck("alerts", not waiting, len(waiting)),
        CleanupCheck("incidents", not opened, len(opened)),
        CleanupCheck("drafts", not typed, typed),
        CleanupCheck("channels", not outside, len(outside)),
        CleanupCheck("messages", fine=True, count=sum(d.end is DeliveryStatus.SENT for d in owed)),
        _in_live(world),
    )


def _in_live(world: Environment) -> CleanupCheck:
    live = shared_status.read_status(world.live_summary) if world.live_summary is not None else None
    if live is None:
        return CleanupCheck("live", None)
    known = [*(one.id for one in (*live.open, *live.alerts)), *(one.id for one in live.figures)]
    strayed = [id for id in known if id.startswith(DRILL)]
    return CleanupCheck("live", not strayed, len(strayed))
