"""Waits for the lock of a file, but never for ever: a process that was stopped keeps its locks (``flock``)."""

from __future__ import annotations

import fcntl
import time

LOCK_TIMEOUT = 2.0
"""Seconds to wait for a process that holds the lock; each holds it for some milliseconds."""


def lock_in_time(descriptor: int) -> bool:
    """Locks the open file. False if another process still holds the lock after ``LOCK_TIMEOUT``."""
    deadline = time.monotonic() + LOCK_TIMEOUT
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        else:
            return True
