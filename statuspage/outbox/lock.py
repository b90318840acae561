"""The lock that makes one process of a world its worker."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def hold(path: Path) -> Iterator[bool]:
    """Whether the lock is ours for the time of the block; it goes with the process, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        try:
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield True
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def holder(path: Path) -> str:
    """The number of the process that took the lock last; "" when nobody has yet."""
    return path.read_text() if path.exists() else ""
