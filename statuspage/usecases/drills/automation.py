"""What happens in a drill by itself: it begins, its script is fed in, it ends."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from statuspage.domain import AlertState, response_times
from statuspage.storage import alerts
from statuspage.storage import drills as rows
from statuspage.storage.drill_injects import Fed, InjectState
from statuspage.storage.drills import Drill
from statuspage.usecases.drills import scheduling
from statuspage.usecases.drills.injects import Settled, feed, inject_status
from statuspage.usecases.drills.lifecycle import Ended, live_status, opened_in, overdue, running
from statuspage.usecases.environment import Environment


def go_on(world: Environment, *, now: datetime) -> Ended | None:
    """What is due by now happens: a planned drill begins, injects are fed in, and a drill whose time is over ends.

    Nothing begins or is fed in while something real is going on, and nothing is fed in while the drill stands still.
    """
    drill = running(world) or scheduling.begin_due(world, now=now)
    if drill is None:
        return None
    if (ended := overdue(world, now=now)) is not None:
        return ended
    if drill.paused is None and not live_status(world, now=now).going_on:
        _feed_due(world, drill, now)
    return None


def _feed_due(world: Environment, drill: Drill, now: datetime) -> None:
    if not drill.alert:
        _note_first_alert(world, drill)
    waiting = [fed for fed in inject_status(world, drill.id).script if fed.state is InjectState.PLANNED]
    for fed in _due_injects(waiting, now):
        with suppress(Settled):  # Somebody was quicker.
            feed(world, drill, fed, by="", now=now)
    staged = [fed for fed in waiting if fed.inject.after]
    if staged:
        stages = reached(world, drill, now=now)
        for fed in staged:
            if fed.inject.after in stages:
                with suppress(Settled):
                    feed(world, drill, fed, by="", now=now)


def _note_first_alert(world: Environment, drill: Drill) -> None:
    """Where a test server's own monitor has sent one to the drill's intake, that opened the drill."""
    with world.store.read() as tx:
        came = [alert for alert in alerts.latest(tx, 50) if alert.received >= drill.started]
    if came:
        with world.store.begin() as tx:
            rows.take_alert(tx, drill.id, min(came, key=lambda alert: alert.received).id)


def _due_injects(waiting: Sequence[Fed], now: datetime) -> list[Fed]:
    return [fed for fed in waiting if fed.planned is not None and fed.planned <= now]


def reached(world: Environment, drill: Drill, *, now: datetime) -> frozenset[str]:
    """The stages of the clock that this drill has reached."""
    with world.store.read() as tx:
        alert = alerts.find_alert(tx, drill.alert) if drill.alert else None
    stages = {stamp.stage for incident in opened_in(world, drill, now=now) for stamp in response_times.stamps(incident)}
    if alert is not None:
        stages.add("alerted")
        if any(step.state is not AlertState.WAITING for step in alert.steps):
            stages.add("acknowledged")
    return frozenset(stages)
