"""Notices that the books were put back to an older state, and lets them send again when a person says so."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from statuspage.storage import deliveries, send_hold, staff_notifications
from statuspage.storage.engine import Database
from statuspage.usecases.environment.model import Environment

FILE = "last-sent"
"""Beside the books, never in them: the highest number under which something was sent."""


def detect_restored_backup(database: Database, home: Path, *, now: datetime) -> None:
    """Puts the books on hold when something was sent that they know nothing of.

    What they say is still to be sent may have gone out; a person has to look at each.
    """
    last_number = last_sent(home)
    with database.read() as tx:
        if last_number <= send_hold.fence(tx) or send_hold.since(tx) is not None:
            return
    with database.begin() as tx:
        send_hold.put(tx, now)
        deliveries.doubt_all(tx, now)
        staff_notifications.doubt_all(tx, now)


def since(env: Environment) -> datetime | None:
    """Since when nothing goes out; None when everything does."""
    with env.database.read() as tx:
        return send_hold.since(tx)


def go(env: Environment, *, now: datetime) -> bool:
    """A person has looked: what was queued since goes out. False when nothing was on hold."""
    with env.database.begin() as tx:
        if send_hold.since(tx) is None:
            return False
        send_hold.lift(tx, last_sent(env.home))
        deliveries.let_go(tx, now)
    return True


def remember_sent(home: Path, number: int) -> None:
    """Remembers outside the books that something is being sent under this number."""
    with suppress(OSError):  # Where this cannot be written, customers still have to be told.
        descriptor = os.open(home / FILE, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if number > _parsed_number(os.pread(descriptor, 32, 0)):
                os.pwrite(descriptor, b"%020d\n" % number, 0)
        finally:
            os.close(descriptor)


def last_sent(home: Path) -> int:
    """The highest number under which something was sent; 0 when nothing was."""
    try:
        return _parsed_number((home / FILE).read_bytes())
    except OSError:
        return 0


def _parsed_number(content: bytes) -> int:
    return int(content) if content.strip().isdigit() else 0
