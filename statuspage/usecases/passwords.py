"""Passwords as argon2id hashes. Only a few are computed at a time, because each takes 64 MB."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PARALLEL_HASHES = 2
"""The number of passwords checked at once; each takes 64 MB and a processor."""

HASH_PATIENCE = 2.0
"""How many seconds an attempt waits for its turn."""

MAX_WAITING = 4
"""How many attempts may wait at once: the desk needs its threads for other requests."""

PASSWORD_LENGTH = (12, 256)
"""Minimum and maximum characters of a password."""

_hasher = PasswordHasher()
_DUMMY_HASH = "$argon2id$v=19$m=65536,t=3,p=4$Hr7WDPtamVjc2tAMgaeJ0Q$zP65JE6oKhY7jjUIhHugYuexVTpGCU1HkHlF12rFd4U"
"""The hash of random bytes that nobody has kept, with the parameters of the hasher, so that it takes as long to verify.
It is no secret; made anew in each process it took a quarter of a second of every command."""

_hash_slots = BoundedSemaphore(PARALLEL_HASHES)
_queue_slots = BoundedSemaphore(PARALLEL_HASHES + MAX_WAITING)


def hash_password(password: str) -> str:
    """The password's argon2id hash."""
    with _hash_slots:
        return _hasher.hash(password)


def is_password(password_hash: str, password: str) -> bool | None:
    """Whether the password is correct; None if too many others were being checked. For the hash "" (no password) the
    answer is no and takes as long."""
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
