"""Passwords as hashes."""

from __future__ import annotations

from argon2 import PasswordHasher

from statuspage.usecases.passwords import _DUMMY_HASH  # before the tests' own, quicker one


def test_the_hash_for_who_has_no_password_takes_as_long_as_others() -> None:
    assert not PasswordHasher().check_needs_rehash(_DUMMY_HASH)
