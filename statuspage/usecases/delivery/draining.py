"""A command works through the queue itself, or waits for the worker that does."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from statuspage.process_log import Log
from statuspage.storage import stats
from statuspage.storage.engine import DatabaseBusy
from statuspage.usecases.delivery.dispatcher import WorkerRun, has_untried
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.delivery.worker_lock import WorkerLease, worker_lock
from statuspage.usecases.environment import Environment

Clock = Callable[[], datetime]

POLL_SECONDS = 0.5
"""Seconds between two rounds, if the database notifies of nothing before."""

HEARTBEAT_EVERY = timedelta(seconds=15)
"""How often a worker records that it is running."""

FIRST_TURN = 3.0
"""Seconds that a command leaves its notice to a worker seen lately on another machine, which may have died since."""

_log = Log(__name__)


def drain(
    env: Environment,
    *,
    clock: Clock,
    patience: float = 20.0,
    jitter: Callable[[], float] = random.random,
    is_enough: Callable[[], bool] | None = None,
) -> bool:
    """Works until everything queued has been tried once, or waits for the worker that does; up to ``patience`` seconds.

    True if nothing untried is left. Failed deliveries are left to the next worker or command. With ``is_enough`` the
    rest is left to another worker once that is true.
    """
    deadline = time.monotonic() + patience
    first_turn = time.monotonic() + FIRST_TURN
    while has_untried(env.databases.environment):
        with worker_lock(env) as lease:
            is_shared = is_enough is not None and (lease is None or _is_another_running(env, clock()))
            if lease and not (is_shared and time.monotonic() < first_turn):
                _drain_queue(DeliverySender(env, clock, jitter), lease, deadline)
        if is_enough is not None and is_shared and is_enough():
            return False
        if time.monotonic() > deadline:
            return not has_untried(env.databases.environment)
        time.sleep(POLL_SECONDS / 5)
    return True


def has_other_worker(env: Environment, now: datetime) -> bool:
    """Whether another process works through the queue."""
    with worker_lock(env) as lease:
        return lease is None or _is_another_running(env, now)


def _is_another_running(env: Environment, now: datetime) -> bool:
    """Whether another worker has been seen lately, where there may be several."""
    if not env.databases.environment.supports_many_workers:
        return False
    with env.databases.environment.read() as tx:
        last_seen = stats.last_heartbeat(tx)
    return last_seen is not None and now - last_seen < 2 * HEARTBEAT_EVERY


def _drain_queue(sender: DeliverySender, lease: WorkerLease, deadline: float) -> None:
    env, worker_run = sender.env, WorkerRun(sender, lease.owner, sender.stop)
    try:
        worker_run.begin()
        while has_untried(env.databases.environment) and time.monotonic() < deadline:
            worker_run.start_deliveries()
            worker_run.start_notifications()
            worker_run.start_syncs()
            time.sleep(POLL_SECONDS / 10)
        worker_run.start_syncs()
    except DatabaseBusy:
        _log.warning("database busy, queue left to the next worker")
    finally:
        worker_run.finish()
