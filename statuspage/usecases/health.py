"""Whether the program can work: its databases, its disk, its worker."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.storage import send_hold, stats
from statuspage.storage.engine import DatabaseBroken, DatabaseBusy
from statuspage.usecases.environment import Environment

WORKER_TIMEOUT = timedelta(seconds=90)
"""A worker without a heartbeat for this long counts as dead: six times its interval."""

MIN_FREE_BYTES = 5_000_000
"""Free space of the instance folder below which this process cannot store and publish."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the program can work. ``worker_age`` is how long ago one was seen, None: none within a day."""

    is_database_up: bool
    is_content_current: bool
    is_on_hold: bool = False
    worker_age: timedelta | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether published notices are delivered. Outdated content and a send hold are reported but do not count,
        because a restart fixes neither."""
        return self.is_database_up and self.worker_age is not None and self.worker_age <= WORKER_TIMEOUT


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether this process can serve people now, whatever the workers do."""

    is_database_up: bool
    is_disk_writable: bool

    @property
    def is_ready(self) -> bool:
        """Whether requests should be sent here."""
        return self.is_database_up and self.is_disk_writable


def check_health(env: Environment, *, now: datetime) -> Health:
    """The health of this environment. If a database does not answer, that is part of the result."""
    is_content_current = not env.content.errors
    with suppress(DatabaseBusy, DatabaseBroken), env.databases.environment.read() as tx:
        last_seen, is_on_hold = stats.last_heartbeat(tx), send_hold.find_hold_start(tx) is not None
        age = None if last_seen is None else max(now - last_seen, timedelta())
        return Health(is_database_up=True, is_content_current=is_content_current, is_on_hold=is_on_hold, worker_age=age)
    return Health(is_database_up=False, is_content_current=is_content_current)


def check_readiness(env: Environment) -> Readiness:
    """Whether the databases of the desk answer, and the instance folder can be written and has room."""
    return Readiness(_do_databases_answer(env), _is_disk_writable(env))


def _do_databases_answer(env: Environment) -> bool:
    try:
        for database in (env.databases.environment, env.databases.accounts):
            with database.read() as tx:
                tx.exec_driver_sql("SELECT 1")
    except (DatabaseBusy, DatabaseBroken):
        return False
    return True


def _is_disk_writable(env: Environment) -> bool:
    try:
        return os.access(env.home, os.W_OK) and shutil.disk_usage(env.home).free >= MIN_FREE_BYTES
    except OSError:
        return False
