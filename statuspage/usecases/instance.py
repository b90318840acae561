"""The folder of an instance: its secret, and who serves it now."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from statuspage.settings import INTAKE_SECRET_FILE


class InstanceExists(Exception):
    """This folder is already an instance, or contains other files. Nothing was changed."""


def load_secret(home: Path) -> bytes:
    """The key that signs previews and sessions; created on first use, readable by the owner only."""
    home.mkdir(parents=True, exist_ok=True)
    return bytes.fromhex(_load_or_create(home / "secret"))


def create_intake_secret(home: Path) -> None:
    """Creates the secret that monitors send with their alerts, unless there is one; readable by the owner only."""
    _load_or_create(home / INTAKE_SECRET_FILE)


def _load_or_create(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
    return _load_or_create(path)


@contextmanager
def announce_addresses(home: Path, addresses: Mapping[str, str]) -> Iterator[None]:
    """Lets other programs on this machine find out, during the block, where this environment is served."""
    with (home / "serving.json").open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.truncate(0)
        file.write(json.dumps(dict(addresses)))
        file.flush()
        yield


def is_served(home: Path) -> bool:
    """Whether a program is serving this environment now."""
    return bool(served_addresses(home))


def served_addresses(home: Path) -> dict[str, str]:
    """The addresses at which this environment is served now; empty if it is not."""
    try:
        with (home / "serving.json").open(encoding="utf-8") as file:
            return {} if _is_unlocked(file.fileno()) else json.load(file)
    except (OSError, ValueError):
        return {}


def public_address(home: Path, address: str) -> str:
    """The address that is set for the page; "" while none is, and this machine alone serves it."""
    return "" if address == served_addresses(home).get("site", "") else address


def _is_unlocked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
