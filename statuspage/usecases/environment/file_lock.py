"""Files that are locks (``flock``): opened by nobody else, and waited for, but never for ever: a process that was
stopped keeps its locks."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

LOCK_TIMEOUT = 2.0
"""Seconds to wait for a process that holds the lock; each holds it for some milliseconds."""


@contextmanager
def open_lock(path: Path) -> Iterator[TextIO]:
    """The file, open for a lock. Others on this machine cannot open it: whoever can read a file can keep its lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o660)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        with suppress(PermissionError):
            os.fchmod(descriptor, os.fstat(descriptor).st_mode & 0o770)
        yield file


def lock_in_time(descriptor: int, seconds: float = LOCK_TIMEOUT) -> bool:
    """Locks the open file. False if another process still holds the lock after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        else:
            return True
