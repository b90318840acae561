"""Which monitors are heard: counts of their messages, refusals that last, heartbeats that stay away."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from statuspage.storage import monitor_activity
from statuspage.storage.engine import Connection, Database, DatabaseBroken, DatabaseBusy
from statuspage.storage.monitor_activity import TAKEN as TAKEN
from statuspage.storage.monitor_activity import AlertCount, Heartbeat, IntakeCount

HEARTBEAT_TIMEOUT = timedelta(minutes=5)
"""A monitor whose heartbeat stays away for this long is probably down, or cannot reach us."""

REFUSAL_SHOWN_FOR = timedelta(days=1)
"""How long a monitor that was refused last is reported."""

COUNTED_FOR = timedelta(days=30)
"""Over how many days the alerts of a monitor are counted."""

SAVE_EVERY = timedelta(seconds=1)
"""How often counts are written at most, so that a flood of messages is no flood of writes."""


@dataclass(frozen=True, slots=True)
class MonitorProblems:
    """Monitors that are not heard: those refused since they were last heard, and those whose heartbeat stays away."""

    refused: tuple[IntakeCount, ...] = ()
    silent: tuple[Heartbeat, ...] = ()


@dataclass(frozen=True, slots=True)
class MonitorActivity:
    """What one monitor sent: its newest message that was taken and that was refused, its heartbeats, its alerts."""

    last_taken: IntakeCount | None = None
    last_refused: IntakeCount | None = None
    heartbeats: tuple[Heartbeat, ...] = ()
    alerts: AlertCount | None = None

    @property
    def is_refused(self) -> bool:
        """Whether its newest message was refused."""
        return self.last_refused is not None and (
            self.last_taken is None or self.last_taken.last_at < self.last_refused.last_at
        )


class IntakeCounter:
    """Counts the messages of one process and adds them to those in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._pending: dict[tuple[str, str], IntakeCount] = {}
        self._saved_at: datetime | None = None

    def count_message(self, source: str, outcome: str, *, network: str, now: datetime) -> None:
        """Counts one message; written at once unless something was just written."""
        with self._lock:
            earlier = self._pending.get((source, outcome))
            count = earlier.count + 1 if earlier else 1
            self._pending[source, outcome] = IntakeCount(source, outcome, count, now, network)
            is_due = self._saved_at is None or not timedelta() <= now - self._saved_at < SAVE_EVERY
            if is_due:
                self._saved_at = now
        if is_due:
            self.save()

    def save(self) -> None:
        """Writes what was counted since the last time; if the database does not work, the next time writes it."""
        with self._lock:
            pending, self._pending = self._pending, {}
        if not pending:
            return
        with suppress(DatabaseBusy, DatabaseBroken):
            with self._database.begin() as tx:
                for count in pending.values():
                    monitor_activity.add_messages(
                        tx, count.source, count.outcome, count.count, at=count.last_at, network=count.network
                    )
            return
        self._keep(pending)

    def _keep(self, unsaved: dict[tuple[str, str], IntakeCount]) -> None:
        with self._lock:
            for key, count in unsaved.items():
                newer = self._pending.get(key)
                total = count.count + (newer.count if newer else 0)
                last = newer or count
                self._pending[key] = IntakeCount(count.source, count.outcome, total, last.last_at, last.network)


def record_heartbeat(database: Database, source: str, name: str, *, now: datetime) -> bool:
    """Records that a monitor is alive; from now on its heartbeat is expected. False if there are too many others."""
    with database.begin() as tx:
        return monitor_activity.record_heartbeat(tx, source, name, now)


def forget_heartbeat(database: Database, source: str, name: str) -> None:
    """No longer expects this heartbeat."""
    with database.begin() as tx:
        monitor_activity.forget_heartbeat(tx, source, name)


def list_activity(tx: Connection, *, now: datetime) -> dict[str, MonitorActivity]:
    """What each monitor sent, by source; those that never sent anything are missing."""
    counts, heartbeats = monitor_activity.list_counts(tx), monitor_activity.list_heartbeats(tx)
    alerts = {each.source: each for each in monitor_activity.list_alert_counts(tx, now - COUNTED_FOR)}
    sources = {*alerts, *(each.source for each in counts if each.source), *(each.source for each in heartbeats)}
    return {source: _activity_of(source, counts, heartbeats, alerts.get(source)) for source in sources}


def _activity_of(
    source: str, counts: Iterable[IntakeCount], heartbeats: Iterable[Heartbeat], alerts: AlertCount | None
) -> MonitorActivity:
    own = sorted((each for each in counts if each.source == source), key=lambda each: each.last_at)
    return MonitorActivity(
        last_taken=next((each for each in reversed(own) if each.outcome == TAKEN), None),
        last_refused=next((each for each in reversed(own) if each.outcome != TAKEN), None),
        heartbeats=tuple(each for each in heartbeats if each.source == source),
        alerts=alerts,
    )


def has_heard_any(tx: Connection) -> bool:
    """Whether any monitor's message was ever taken, or any heartbeat came."""
    is_taken = any(count.outcome == TAKEN for count in monitor_activity.list_counts(tx))
    return is_taken or bool(monitor_activity.list_heartbeats(tx))


def find_problems(tx: Connection, *, now: datetime) -> MonitorProblems:
    """The monitors that are not heard now."""
    heartbeats = monitor_activity.list_heartbeats(tx)
    silent = tuple(heartbeat for heartbeat in heartbeats if now - heartbeat.last_at > HEARTBEAT_TIMEOUT)
    return MonitorProblems(tuple(_find_refused(monitor_activity.list_counts(tx), now)), silent)


def _find_refused(counts: tuple[IntakeCount, ...], now: datetime) -> list[IntakeCount]:
    """The newest refusal of each source that has not been heard since."""
    newest: dict[str, IntakeCount] = {}
    for count in counts:
        if count.source not in newest or count.last_at > newest[count.source].last_at:
            newest[count.source] = count
    return [
        count
        for count in newest.values()
        if count.outcome != TAKEN and now - count.last_at <= REFUSAL_SHOWN_FOR and count.source
    ]
