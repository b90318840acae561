"""Encrypts secrets with ``cryptography``'s MultiFernet (AES and HMAC): the newest key encrypts, all keys decrypt."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class InvalidKey(Exception):
    """There is no key, or one is not 32 bytes in URL-safe Base64."""


class Cipher:
    """Encrypts values for a name, so that nobody can put one secret in the place of another.

    ``keys`` are Fernet keys, the newest first. Raises InvalidKey.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise InvalidKey from error

    def encrypt(self, name: str, value: str) -> str:
        """The value as a token that only these keys decrypt."""
        return self._fernet.encrypt(json.dumps([name, value], ensure_ascii=False).encode()).decode("ascii")

    def decrypt(self, name: str, token: str) -> str | None:
        """The value that was encrypted for this name; None if no key decrypts it."""
        try:
            encrypted_name, value = json.loads(self._fernet.decrypt(token.encode()))
        except (InvalidToken, ValueError):
            return None
        return str(value) if encrypted_name == name else None


def new_key() -> str:
    """A new key: 32 random bytes in URL-safe Base64."""
    return Fernet.generate_key().decode("ascii")
