"""After a drill: closes what is still open, and checks that nothing is left and nothing was sent outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from statuspage.domain import DRILL, SITE, AlertState, DeliveryStatus, EventKind, TimelineEvent
from statuspage.integrations.channels import Sandbox
from statuspage.storage import alerts, deliveries, drafts, incidents
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment, shared_status


@dataclass(frozen=True, slots=True)
class CleanupCheck:
    """One check after a drill: its subject (a label), whether it passed, and a count.

    *alerts*, *incidents* and *drafts* still open; *channels* that could reach somebody; *messages* written to files
    instead of being sent; *live*: traces of a drill in the live environment's output (None: unknown).
    """

    subject: str
    is_ok: bool | None
    count: int = 0


def close_alerts(tx: Connection, now: datetime) -> tuple[str, ...]:
    """Closes every unsettled alert; returns their ids."""
    waiting = alerts.open_alerts(tx)
    return tuple(alerts.change_state(tx, alert.id, AlertState.CLOSED, at=now, actor="").id for alert in waiting)


def close_incidents(tx: Connection, now: datetime) -> tuple[str, ...]:
    """Closes every open incident and deletes drafts; returns the incidents' ids."""
    open_incidents = incidents.open_incidents(tx)
    for incident in open_incidents:
        incidents.append_entry(tx, incident.id, TimelineEvent(EventKind.CLOSED), happened=now, recorded=now)
    drafts.delete_all_drafts(tx)
    return tuple(incident.id for incident in open_incidents)


def check_cleanup(env: Environment, drill: Drill, *, now: datetime) -> tuple[CleanupCheck, ...]:
    """The checks after the drill's end, of its database, channels and files, and of the live environment."""
    with env.databases.environment.read() as tx:
        waiting = alerts.open_alerts(tx)
        open_incidents = incidents.open_incidents(tx)
        draft_count = drafts.count_drafts(tx)
        drill_incidents = incidents.opened_between(tx, drill.started, now)
        drill_deliveries = [
            delivery
            for incident in drill_incidents
            for delivery in deliveries.deliveries_of_incident(tx, incident.id)
            if delivery.channel != SITE
        ]
    real_channels = [id for id, channel in env.senders.channels.items() if not isinstance(channel, Sandbox)]
    return (
        CleanupCheck("alerts", not waiting, len(waiting)),
        CleanupCheck("incidents", not open_incidents, len(open_incidents)),
        CleanupCheck("drafts", not draft_count, draft_count),
        CleanupCheck("channels", not real_channels, len(real_channels)),
        CleanupCheck(
            "messages",
            is_ok=True,
            count=sum(delivery.status is DeliveryStatus.DELIVERED for delivery in drill_deliveries),
        ),
        _check_live(env.live_status_path),
    )


def _check_live(live_status_path: Path | None) -> CleanupCheck:
    live = shared_status.read_status(live_status_path) if live_status_path is not None else None
    if live is None:
        return CleanupCheck("live", None)
    live_ids = [*(item.id for item in (*live.open_incidents, *live.oldest_alerts)), *(item.id for item in live.figures)]
    drill_ids = [id for id in live_ids if id.startswith(DRILL)]
    return CleanupCheck("live", not drill_ids, len(drill_ids))
