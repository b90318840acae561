"""Detects a database restored to an older state, and ends its send hold when a person says so."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from statuspage.storage import deliveries, send_hold, staff_notifications
from statuspage.storage.engine import Database
from statuspage.usecases.environment.file_lock import lock_in_time
from statuspage.usecases.environment.model import Environment

LAST_SENT_FILE = "last-sent"
"""Beside the database, never in it: the highest number with which something was sent."""


def detect_restored_backup(database: Database, home: Path, *, now: datetime) -> None:
    """Begins a send hold if something was sent that the database does not contain.

    What is still in its queue may already have been sent; a person must check each delivery.
    """
    last_number = last_sent_number(home)
    with database.read() as tx:
        if last_number <= send_hold.current_fence(tx) or send_hold.find_hold_start(tx) is not None:
            return
    with database.begin() as tx:
        send_hold.begin_hold(tx, now)
        deliveries.mark_all_doubtful(tx, now)
        staff_notifications.QUEUE.mark_all_doubtful(tx, now)


def held_since(database: Database) -> datetime | None:
    """Since when sending is on hold; None if it is not."""
    with database.read() as tx:
        return send_hold.find_hold_start(tx)


def lift_hold(env: Environment, *, now: datetime) -> bool:
    """Ends the hold after a person has checked. False if there was none."""
    with env.databases.environment.begin() as tx:
        if send_hold.find_hold_start(tx) is None:
            return False
        send_hold.end_hold(tx, last_sent_number(env.home))
        deliveries.release_held(tx, now)
    return True


def remember_sent(home: Path, number: int) -> None:
    """Records outside the database that something is being sent with this number."""
    with suppress(OSError):  # If this cannot be written, customers must still be told.
        descriptor = os.open(home / LAST_SENT_FILE, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if lock_in_time(descriptor) and number > _parse_number(os.pread(descriptor, 32, 0)):
                os.pwrite(descriptor, b"%020d\n" % number, 0)
        finally:
            os.close(descriptor)


def last_sent_number(home: Path) -> int:
    """The highest number with which something was sent; 0 if nothing was."""
    try:
        return _parse_number((home / LAST_SENT_FILE).read_bytes())
    except OSError:
        return 0


def _parse_number(content: bytes) -> int:
    return int(content) if content.strip().isdigit() else 0
