"""Carries out what is owed: the worker of a world, or a command that works the queue itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from threading import Event

import structlog

from statuspage.storage import stats
from statuspage.storage.engine import Broken, Busy
from statuspage.usecases import drills
from statuspage.usecases.delivery.dispatcher import Lanes, WorkerRun, untried
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.delivery.worker_lock import Duty, holder, worker_lock
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.notices import holding_notice, scheduled, update_deadlines
from statuspage.usecases.on_call import current as duty
from statuspage.usecases.on_call import escalation, fact_requests
from statuspage.usecases.publishing import renew_front
from statuspage.usecases.redaction import cleanup
from statuspage.usecases.subscribers import emails

__all__ = ["drain", "holder", "run"]

Clock = Callable[[], datetime]

LOOK = 0.5
"""Seconds between two looks at the queue."""

RENEW = timedelta(minutes=5)
"""How often the front gets the present time."""

PLANS = timedelta(seconds=5)
"""How often is looked for notices of planned work that go out by themselves, and for promises that are due."""

LETTERS = timedelta(seconds=1)
"""How often is looked for letters that somebody asked for on the public pages."""

SCRIPT = timedelta(seconds=1)
"""How often is looked for what a drill's script feeds in by itself."""

PULSE = timedelta(seconds=15)
"""How often a worker leaves a sign that it is at work."""

CLIMB = timedelta(seconds=1)
"""How often is looked whether somebody is to be called."""

SUMMARY = timedelta(seconds=1)
"""How often is looked whether the other world is told what goes on in this one."""

ROSTERS = timedelta(minutes=10)
"""How often rosters are fetched."""

PATIENT = timedelta(seconds=3)
"""How often the queue is looked at where the database calls when something is owed: a call may be lost."""

_log = structlog.get_logger(__name__)


class PeriodicTimer:
    """What was done when, to be done again after so long; at once where the clock was set back."""

    def __init__(self) -> None:
        self._done: dict[str, datetime] = {}

    def due(self, name: str, every: timedelta, now: datetime) -> bool:
        """Whether it is time for it; then it counts as done."""
        done = self._done.get(name)
        if done is not None and timedelta(0) <= now - done < every:
            return False
        self._done[name] = now
        return True


def run(
    world: Environment,
    *,
    clock: Clock,
    stop: Event,
    chance: Callable[[], float] = random.random,
    wait: bool = True,
    begun: Callable[[], None] = lambda: None,
) -> bool:
    """Works until ``stop`` is set; then finishes what is being sent. ``begun`` is called when its work begins.

    While another process works, it waits; or returns False at once where it is not to ``wait``.
    """
    at_work, beside = False, Lanes.without_claims(world)
    try:
        while not stop.is_set():
            try:
                with worker_lock(world) as duty:
                    if duty:
                        if not at_work:
                            begun()
                        at_work = True
                        _work(DeliverySender(world, clock, chance), duty, stop, beside)
                    elif not wait:
                        return False
            except Exception as error:
                _note(error)
            stop.wait(LOOK)
        return True
    finally:
        beside.end()


def drain(
    world: Environment, *, clock: Clock, patience: float = 20.0, chance: Callable[[], float] = random.random
) -> bool:
    """Works until everything owed has been tried once, or waits for the worker that does; at most ``patience`` seconds.

    True when nothing untried is left. What failed and is to be tried again is left to the next worker or command.
    """
    until = time.monotonic() + patience
    while untried(world):
        with worker_lock(world) as duty:
            if duty:
                _work_off(DeliverySender(world, clock, chance), duty, until)
        if time.monotonic() > until:
            return not untried(world)
        time.sleep(LOOK / 5)
    return True


def _work(attempts: DeliverySender, duty: Duty, stop: Event, beside: Lanes) -> None:
    """Works until ``stop``; or until a database that was away is back: the next shift settles what was cut off."""
    shift, rounds = WorkerRun(attempts, duty.owner, stop, beside), PeriodicTimer()
    look = True
    try:
        while not stop.is_set() and not _unless_troubled(shift.begin):
            stop.wait(LOOK)
        while not stop.is_set():
            now = attempts.clock()
            _go_round(attempts.world, shift, rounds, now)
            if rounds.due("pulse", PULSE, now):
                _unless_troubled(partial(_beat, attempts.world, duty.owner, now))
            _unless_troubled(partial(_keep, attempts.world, duty))
            if shift.cut_off and _unless_troubled(partial(_reach, attempts.world, now)):
                return
            if look or shift.expects(now) or rounds.due("look", PATIENT, now):
                look = not _unless_troubled(shift.start_due)
            _unless_troubled(shift.start_calls)
            _unless_troubled(shift.start_targets)
            look = duty.line.called(LOOK, stop) or look
    finally:
        shift.end()


def _go_round(world: Environment, shift: WorkerRun, rounds: PeriodicTimer, now: datetime) -> None:
    """What time alone makes due."""
    if rounds.due("front", RENEW, now):
        shift.start_beside("front", partial(renew_front, world, now=now))
        shift.start_beside("forget", partial(cleanup.finish, world, now=now))
        shift.start_beside("sweep", partial(emails.sweep, world, now))
    if rounds.due("letters", LETTERS, now):
        _unless_troubled(partial(shift.start_letters, now))
    if rounds.due("plans", PLANS, now):
        _unless_troubled(partial(scheduled.go_out, world, now=now))
        _unless_troubled(partial(update_deadlines.remind, world, now=now))
        _unless_troubled(partial(holding_notice.remind, world, now=now))
    if rounds.due("facts", PLANS, now):
        _unless_troubled(partial(fact_requests.go_round, world, now=now))
    if rounds.due("script", SCRIPT, now):
        _unless_troubled(partial(drills.go_on, world, now=now))
    if rounds.due("summary", SUMMARY, now):
        _unless_troubled(partial(shared_status.renew, world, now=now))
    if rounds.due("climb", CLIMB, now):
        _unless_troubled(partial(escalation.go_on, world, now=now))
    if world.roster_addresses and rounds.due("rosters", ROSTERS, now):
        shift.start_beside("rosters", partial(duty.renew, world, now=now))


def _beat(world: Environment, owner: str, now: datetime) -> None:
    with world.store.begin_beside() as tx:
        stats.beat(tx, owner, now)


def _keep(world: Environment, duty: Duty) -> None:
    with world.store.plainly():
        duty.line.keep()


def _reach(world: Environment, now: datetime) -> None:
    """Raises while one of the databases does not answer."""
    with world.store.read() as tx:
        stats.last_beat(tx)
    emails.is_email_due(world, now)


def _work_off(attempts: DeliverySender, duty: Duty, until: float) -> None:
    world, shift = attempts.world, WorkerRun(attempts, duty.owner, attempts.stop)
    try:
        shift.begin()
        while untried(world) and time.monotonic() < until:
            shift.start_due()
            shift.start_calls()
            shift.start_targets()
            time.sleep(LOOK / 10)
        shift.start_targets()
    except Busy:
        _log.warning("the database is in use; the queue is left to the next worker")
    finally:
        shift.end()


def _unless_troubled(work: Callable[[], object]) -> bool:
    """Whether it worked; a worker outlives a database that is in use or a disk that is full."""
    try:
        work()
    except Exception as error:
        _note(error)
    else:
        return True
    return False


def _note(error: Exception) -> None:
    """Writes down what went wrong, except what the store has said already: that the database does not work."""
    if isinstance(error, Busy):
        _log.warning("the database is in use; looking again")
    elif not isinstance(error, Broken):
        _log.error("the queue could not be read; looking again", exc_info=error)
