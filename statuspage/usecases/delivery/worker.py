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
        self._last_done: dict[str, datetime] = {}

    def is_due(self, name: str, interval: timedelta, now: datetime) -> bool:
        """Whether it is time for it; then it counts as done."""
        last_done = self._last_done.get(name)
        if last_done is not None and timedelta(0) <= now - last_done < interval:
            return False
        self._last_done[name] = now
        return True


def run(
    env: Environment,
    *,
    clock: Clock,
    stop: Event,
    jitter: Callable[[], float] = random.random,
    wait: bool = True,
    on_start: Callable[[], None] = lambda: None,
) -> bool:
    """Works until ``stop`` is set; then finishes what is being sent. ``begun`` is called when its work begins.

    While another process works, it waits; or returns False at once where it is not to ``wait``.
    """
    has_started, background = False, Lanes.without_claims(env)
    try:
        while not stop.is_set():
            try:
                with worker_lock(env) as lease:
                    if lease:
                        if not has_started:
                            on_start()
                        has_started = True
                        _work(DeliverySender(env, clock, jitter), lease, stop, background)
                    elif not wait:
                        return False
            except Exception as error:
                _note(error)
            stop.wait(LOOK)
        return True
    finally:
        background.shut_down()


def drain(
    env: Environment, *, clock: Clock, patience: float = 20.0, jitter: Callable[[], float] = random.random
) -> bool:
    """Works until everything owed has been tried once, or waits for the worker that does; at most ``patience`` seconds.

    True when nothing untried is left. What failed and is to be tried again is left to the next worker or command.
    """
    deadline = time.monotonic() + patience
    while untried(env):
        with worker_lock(env) as lease:
            if lease:
                _work_off(DeliverySender(env, clock, jitter), lease, deadline)
        if time.monotonic() > deadline:
            return not untried(env)
        time.sleep(LOOK / 5)
    return True


def _work(sender: DeliverySender, lease: Duty, stop: Event, background: Lanes) -> None:
    """Works until ``stop``; or until a database that was away is back: the next shift settles what was cut off."""
    worker_run, timer = WorkerRun(sender, lease.owner, stop, background), PeriodicTimer()
    should_look = True
    try:
        while not stop.is_set() and not _unless_troubled(worker_run.begin):
            stop.wait(LOOK)
        while not stop.is_set():
            now = sender.clock()
            _go_round(sender.env, worker_run, timer, now)
            if timer.is_due("pulse", PULSE, now):
                _unless_troubled(partial(_beat, sender.env, lease.owner, now))
            _unless_troubled(partial(_keep, sender.env, lease))
            if worker_run.was_cut_off and _unless_troubled(partial(_reach, sender.env, now)):
                return
            if should_look or worker_run.expects_work(now) or timer.is_due("look", PATIENT, now):
                should_look = not _unless_troubled(worker_run.start_deliveries)
            _unless_troubled(worker_run.start_notifications)
            _unless_troubled(worker_run.start_syncs)
            should_look = lease.presence.wait_for_work(LOOK, stop) or should_look
    finally:
        worker_run.finish()


def _go_round(env: Environment, worker_run: WorkerRun, timer: PeriodicTimer, now: datetime) -> None:
    """What time alone makes due."""
    if timer.is_due("front", RENEW, now):
        worker_run.start_background("front", partial(renew_front, env, now=now))
        worker_run.start_background("forget", partial(cleanup.finish, env, now=now))
        worker_run.start_background("sweep", partial(emails.sweep, env, now))
    if timer.is_due("letters", LETTERS, now):
        _unless_troubled(partial(worker_run.start_emails, now))
    if timer.is_due("plans", PLANS, now):
        _unless_troubled(partial(scheduled.go_out, env, now=now))
        _unless_troubled(partial(update_deadlines.remind, env, now=now))
        _unless_troubled(partial(holding_notice.remind, env, now=now))
    if timer.is_due("facts", PLANS, now):
        _unless_troubled(partial(fact_requests.go_round, env, now=now))
    if timer.is_due("script", SCRIPT, now):
        _unless_troubled(partial(drills.go_on, env, now=now))
    if timer.is_due("summary", SUMMARY, now):
        _unless_troubled(partial(shared_status.renew, env, now=now))
    if timer.is_due("climb", CLIMB, now):
        _unless_troubled(partial(escalation.go_on, env, now=now))
    if env.roster_urls and timer.is_due("rosters", ROSTERS, now):
        worker_run.start_background("rosters", partial(duty.renew, env, now=now))


def _beat(env: Environment, owner: str, now: datetime) -> None:
    with env.database.begin_without_turn() as tx:
        stats.beat(tx, owner, now)


def _keep(env: Environment, lease: Duty) -> None:
    with env.database.translate_errors():
        lease.presence.renew()


def _reach(env: Environment, now: datetime) -> None:
    """Raises while one of the databases does not answer."""
    with env.database.read() as tx:
        stats.last_beat(tx)
    emails.is_email_due(env, now)


def _work_off(sender: DeliverySender, lease: Duty, deadline: float) -> None:
    env, worker_run = sender.env, WorkerRun(sender, lease.owner, sender.stop)
    try:
        worker_run.begin()
        while untried(env) and time.monotonic() < deadline:
            worker_run.start_deliveries()
            worker_run.start_notifications()
            worker_run.start_syncs()
            time.sleep(LOOK / 10)
        worker_run.start_syncs()
    except Busy:
        _log.warning("the database is in use; the queue is left to the next worker")
    finally:
        worker_run.finish()


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
