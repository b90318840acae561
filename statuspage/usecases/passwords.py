"""Passwords as argon2id hashes, a few at a time: each takes 64 MB while it is looked at."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PARALLEL_HASHES = 2
"""Passwords checked at once: each takes 64 MB and a processor while it lasts."""

HASH_PATIENCE = 2.0
"""Seconds that an attempt waits for its turn to be checked."""

MAX_WAITING = 4
"""Attempts that may wait for their turn at once: the desk needs its threads for other things too."""

PASSWORD_LENGTH = (12, 256)
"""Shortest and longest password, in characters."""

_hasher = PasswordHasher()
_DUMMY_HASH = _hasher.hash("nobody has this password")
_hash_slots = BoundedSemaphore(PARALLEL_HASHES)
_queue_slots = BoundedSemaphore(PARALLEL_HASHES + MAX_WAITING)


def hash_password(password: str) -> str:
    """The password's argon2id hash."""
    with _hash_slots:
        return _hasher.hash(password)


def is_password(password_hash: str, password: str) -> bool | None:
    """Whether it is this password; None where too many others were looked at meanwhile. Where there is none ("" as
    its hash), the answer is no and takes as long."""
    if not _queue_slots.acquire(blocking=False):
        return None
    try:
        return _verify_hash(password_hash or _DUMMY_HASH, password)
    finally:
        _queue_slots.release()


def _verify_hash(password_hash: str, password: str) -> bool | None:
    if not _hash_slots.acquire(timeout=HASH_PATIENCE):
        return None
    try:
        return _hasher.verify(password_hash, password[: PASSWORD_LENGTH[1] + 1])
    except (VerificationError, InvalidHashError):
        return False
    finally:
        _hash_slots.release()
