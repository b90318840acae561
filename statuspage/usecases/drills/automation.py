"""The automatic part of a drill: it starts, its injects fire, it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from statuspage import serialization
from statuspage.domain import AlertState, ClockStep, response_times
from statuspage.storage import alerts, drills
from statuspage.storage.drill_injects import DrillInject, InjectState
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Database
from statuspage.usecases.drills import scheduling
from statuspage.usecases.drills.injects import InjectSettled, feed_inject, inject_status
from statuspage.usecases.drills.lifecycle import Ended, drill_incidents, end_overdue, running_drill
from statuspage.usecases.drills.live_precedence import known_live, live_status
from statuspage.usecases.environment import Environment

CLOCK_STEP = timedelta(seconds=2)
"""From this on a change of the machine's clock is recorded. Smaller ones are lost in rounding to seconds."""


def _read_uptime() -> float:
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ClockWatch:
    """Compares the machine's clock with one that nobody can set and that runs on while the machine sleeps. ``uptime``
    gives the seconds of the latter."""

    def __init__(self, uptime: Callable[[], float] = _read_uptime) -> None:
        self._uptime = uptime
        self._last: tuple[datetime, float] | None = None

    def change(self, now: datetime) -> ClockStep | None:
        """How the machine's clock was set since the last call; None if it was not."""
        last, self._last = self._last, (now, self._uptime())
        if last is None:
            return None
        should_be = last[0] + timedelta(seconds=self._last[1] - last[1])
        return ClockStep(should_be, now - should_be) if abs(now - should_be) >= CLOCK_STEP else None


def note_clock_step(env: Environment, step: ClockStep) -> None:
    """Records with the running drill that the machine's clock was set. Its figure takes that out, and says so."""
    with env.databases.environment.begin() as tx:
        drill = drills.find_running_drill(tx)
        if drill is not None:
            steps = [*drill.note.get("clock_steps", ()), serialization.to_json_value(step)]
            drills.set_note(tx, drill.id, {**drill.note, "clock_steps": steps})


def advance_drill(env: Environment, *, now: datetime) -> Ended | None:
    """Does what is due: starts a scheduled drill, fires injects, ends a drill whose time is over.

    Nothing starts or fires during a live incident unless the leader knows of it, and nothing fires while the drill
    is paused.
    """
    drill = running_drill(env.databases.environment) or scheduling.begin_due(env, now=now)
    if drill is None:
        return None
    if (ended := end_overdue(env, now=now)) is not None:
        return ended
    if drill.paused_since is None and live_status(env.live_status_path, now=now).allows(known_live(drill)):
        _feed_due(env, drill, now)
    return None


def _feed_due(env: Environment, drill: Drill, now: datetime) -> None:
    if not drill.alert and not drill.is_tabletop:
        _note_first_alert(env.databases.environment, drill)
    pending = [
        record
        for record in inject_status(env.databases.environment, drill.id).script
        if record.state is InjectState.PLANNED
    ]
    for record in _due_injects(pending, now):
        with suppress(InjectSettled):  # Somebody was faster.
            feed_inject(env, drill, record, actor="", now=now)
    stage_bound = [record for record in pending if record.inject.after]
    if stage_bound:
        stages = reached_stages(env.databases.environment, drill, now=now)
        for record in stage_bound:
            if record.inject.after in stages:
                with suppress(InjectSettled):
                    feed_inject(env, drill, record, actor="", now=now)


def _note_first_alert(database: Database, drill: Drill) -> None:
    """Records that the drill started with an alert sent to its intake by the monitor of a test server."""
    with database.read() as tx:
        arrived = [alert for alert in alerts.latest_alerts(tx, 50) if alert.received_at >= drill.started]
    if arrived:
        with database.begin() as tx:
            drills.set_opening_alert(tx, drill.id, min(arrived, key=lambda alert: alert.received_at).id)


def _due_injects(pending: Sequence[DrillInject], now: datetime) -> list[DrillInject]:
    return [record for record in pending if record.planned_at is not None and record.planned_at <= now]


def reached_stages(database: Database, drill: Drill, *, now: datetime) -> frozenset[str]:
    """The stages of the clock that this drill has reached."""
    with database.read() as tx:
        alert = alerts.find_alert(tx, drill.alert) if drill.alert else None
    stages = {
        stamp.stage
        for incident in drill_incidents(database, drill, now=now)
        for stamp in response_times.stamps(incident)
    }
    if alert is not None:
        stages.add("alerted")
        if any(step.state is not AlertState.WAITING for step in alert.steps):
            stages.add("acknowledged")
    return frozenset(stages)
