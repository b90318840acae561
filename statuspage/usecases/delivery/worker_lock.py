"""Locks that show who may work through an environment's queue, and who still does. They end with their process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from statuspage.storage.engine import PresenceLock
from statuspage.usecases.environment import Environment, open_lock


@dataclass(frozen=True, slots=True)
class WorkerLease:
    """A worker's right to the queue. ``owner`` identifies its claims; its ``presence`` lock is held for the
    duration."""

    owner: str
    presence: PresenceLock


@contextmanager
def worker_lock(env: Environment) -> Iterator[WorkerLease | None]:
    """The worker's lease for the duration of the block; None if only one worker is allowed and another process has
    it."""
    owner = f"{os.getpid()}-{uuid4().hex[:8]}"
    with env.databases.environment.hold_presence(owner) as presence:
        if env.databases.environment.supports_many_workers:
            yield WorkerLease(owner, presence)
            return
        with hold_lock(env.worker_lock) as is_ours:
            yield WorkerLease(owner, presence) if is_ours else None


@contextmanager
def hold_lock(path: Path) -> Iterator[bool]:
    """Whether we hold the lock during the block. It ends with the process, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_lock(path) as file:
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


def lock_holder(path: Path) -> str:
    """The id of the process that last took the lock; "" if none has."""
    return path.read_text() if path.exists() else ""
