"""Encrypts files for age public keys (https://age-encryption.org/v1), with ``pyrage``, which the extra ``age``
installs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

MAGIC = b"age-encryption.org/v1\n"
"""The first bytes of every such file."""

SECRET_KEY = "AGE-SECRET-KEY-"  # noqa: S105 - how a key begins


class AgeNotInstalled(Exception):
    """The extra ``age`` is not installed."""


class InvalidRecipient(Exception):
    """This is not an age public key; its message is what was given."""


class InvalidIdentity(Exception):
    """There is no age key in this file."""


class WrongIdentity(Exception):
    """The file was encrypted, but not for this key."""


class DamagedFile(Exception):
    """The encrypted file was cut off or changed."""


def check_recipients(recipients: Sequence[str]) -> None:
    """Raises InvalidRecipient or AgeNotInstalled if nothing can be encrypted for one of these public keys."""
    if recipients:
        _recipients(recipients)


def is_encrypted(file: Path) -> bool:
    """Whether this is a file that age encrypted."""
    with file.open("rb") as source:
        return source.read(len(MAGIC)) == MAGIC


def encrypt_file(source: Path, target: Path, recipients: Sequence[str]) -> None:
    """Encrypts ``source``, so that the owner of any of these keys can decrypt it; ``target`` exists already.

    Raises InvalidRecipient, AgeNotInstalled.
    """
    keys = _recipients(recipients)
    with source.open("rb") as plain, target.open("wb") as encrypted:
        _pyrage().encrypt_io(plain, encrypted, keys)


def decrypt_file(source: Path, target: Path, identity: Path) -> None:
    """Decrypts ``source`` with the key in the file ``identity``; ``target`` exists already.

    Raises AgeNotInstalled, InvalidIdentity, WrongIdentity, DamagedFile.
    """
    pyrage = _pyrage()
    keys = _identities(pyrage, identity)
    try:
        with source.open("rb") as encrypted, target.open("wb") as plain:
            pyrage.decrypt_io(encrypted, plain, keys)
    except pyrage.DecryptError as error:
        raise (WrongIdentity if "No matching keys" in str(error) else DamagedFile) from error
    except OSError as error:
        if error.errno:  # of this machine: a full disk, for example
            raise
        raise DamagedFile from error


def _recipients(texts: Sequence[str]) -> list[object]:
    pyrage, keys = _pyrage(), []
    for text in texts:
        try:
            keys.append(pyrage.x25519.Recipient.from_str(text))
        except pyrage.RecipientError as error:
            raise InvalidRecipient(text) from error
    return keys


def _identities(pyrage: ModuleType, file: Path) -> list[object]:
    lines = [line.strip() for line in file.read_text("utf-8", "replace").splitlines()]
    try:
        keys: list[object] = [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith(SECRET_KEY)]
    except pyrage.IdentityError as error:
        raise InvalidIdentity from error
    if not keys:
        raise InvalidIdentity
    return keys


def _pyrage() -> ModuleType:
    try:
        import pyrage
    except ModuleNotFoundError as error:
        raise AgeNotInstalled from error
    module: ModuleType = pyrage
    return module
