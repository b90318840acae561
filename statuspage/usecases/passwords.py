"""Passwords: which are accepted, and their argon2id hashes. Only a few are computed at a time: each takes 64 MB."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from threading import BoundedSemaphore, Lock

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

MIN_GUESSES = 10**8
"""The number of guesses, as ``zxcvbn`` estimates it, that a password must withstand. Common passwords, dates, keyboard
rows and repetitions need fewer."""

ESTIMATED_LENGTH = 40
"""The characters of a password that are estimated: the time grows steeply with more, and these decide."""

PRODUCT_WORDS = ("statuspage", "status", "incident")
"""Words that anybody would try here first."""

_estimate_lock = Lock()
"""``zxcvbn`` keeps the words of the present call in a table of its module."""


class PasswordProblem(StrEnum):
    """Why a password is not accepted, as the last part of a label key."""

    LENGTH = "length"
    COMMON = "common"


_hasher = PasswordHasher()
_DUMMY_HASH = "$argon2id$v=19$m=65536,t=3,p=4$Hr7WDPtamVjc2tAMgaeJ0Q$zP65JE6oKhY7jjUIhHugYuexVTpGCU1HkHlF12rFd4U"
"""The hash of random bytes that nobody has kept, with the parameters of the hasher, so that it takes as long to verify.
It is no secret; made anew in each process it took a quarter of a second of every command."""

_hash_slots = BoundedSemaphore(PARALLEL_HASHES)
_queue_slots = BoundedSemaphore(PARALLEL_HASHES + MAX_WAITING)


class InvalidPassword(Exception):
    """The password is too short, too long, or easy to guess (``problem``)."""

    def __init__(self, problem: PasswordProblem) -> None:
        shortest, longest = PASSWORD_LENGTH
        too_easy = "This password is easy to guess: it is common, or made of names. Take several unrelated words."
        is_length = problem is PasswordProblem.LENGTH
        super().__init__(f"A password has {shortest} to {longest} characters." if is_length else too_easy)
        self.problem = problem


def hash_valid(password: str, *, words: Collection[str]) -> str:
    """The hash of a password that is accepted (``problem_of``). Raises InvalidPassword."""
    if problem := problem_of(password, words=words):
        raise InvalidPassword(problem)
    return hash_password(password)


def problem_of(password: str, *, words: Collection[str]) -> PasswordProblem | None:
    """Why this password is not accepted; None if it is. ``words`` are names of the person and the company, which make
    it easy to guess."""
    shortest, longest = PASSWORD_LENGTH
    if not shortest <= len(password) <= longest:
        return PasswordProblem.LENGTH
    from zxcvbn import zxcvbn  # Its word lists take longer to load than most commands need otherwise.

    parts = [part for word in words for part in (word, *re.findall(r"\w+", word)) if len(part) > 1]
    with _estimate_lock:
        guesses = zxcvbn(password[:ESTIMATED_LENGTH], user_inputs=[*PRODUCT_WORDS, *parts])["guesses"]
    return PasswordProblem.COMMON if guesses < MIN_GUESSES else None


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
