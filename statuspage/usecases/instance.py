"""The folder of an instance: its secret, and who serves it now."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import pwd
import secrets
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from statuspage.settings import INTAKE_SECRET_FILE

LOCK_TRIES, LOCK_PAUSE = 10, 0.05
"""How often, and after how many seconds, a lock is tried again that others hold while they look."""


class InstanceExists(Exception):
    """This folder is already an instance, or contains other files. Nothing was changed."""


class NotAPlainFile(OSError):
    """A link, or something else that is no regular file, is where a database belongs. It was left as it is."""


class OtherUser(Exception):
    """The drill of this instance belongs to another user of this machine, whose name is the message."""


def is_shared(folder: Path) -> bool:
    """Whether the users of a group share this folder: they write to it, and what is made in it is that group's."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return bool(mode & stat.S_ISGID and mode & stat.S_IWGRP)


def make_private(path: Path) -> Path:
    """Makes the file readable by its owner only, in a shared folder by the group too, and returns it; SQLite gives its
    side files the same mode and, in a shared folder, the same group. Whoever shares the folder could put a link to
    another file there: raises NotAPlainFile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = 0o660 if is_shared(path.parent) else 0o600
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, mode)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EISDIR):
            raise NotAPlainFile(error.errno, error.strerror, str(path)) from None
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotAPlainFile(errno.EINVAL, "not a regular file", str(path))
        if mode == 0o660 and status.st_uid == os.geteuid():
            os.fchown(descriptor, -1, path.parent.stat().st_gid)
            os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)
    return path


def refuse_other_user(drill_home: Path) -> None:
    """Raises OtherUser if the drill has a user of its own and this process is another's: its files would be none that
    the drill can write to."""
    if is_shared(drill_home) and (owner := drill_home.stat().st_uid) != os.geteuid():
        raise OtherUser(user_name(owner))


def user_name(uid: int) -> str:
    """The name of this user, else the number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def load_secret(home: Path) -> bytes:
    """The key that signs previews and sessions; created on first use, readable by the owner only, and in a shared
    folder by the group, which backs it up."""
    home.mkdir(parents=True, exist_ok=True)
    return bytes.fromhex(_load_or_create(home / "secret"))


def create_intake_secret(home: Path) -> None:
    """Creates the secret that monitors send with their alerts, unless there is one; readable by the owner only."""
    _load_or_create(home / INTAKE_SECRET_FILE)


def _load_or_create(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640 if is_shared(path.parent) else 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
    return _load_or_create(path)


@contextmanager
def announce_addresses(home: Path, addresses: Mapping[str, str]) -> Iterator[None]:
    """Lets other programs on this machine find out, during the block, where this environment is served. If one of them
    keeps the lock, it is served all the same, and nobody finds out."""
    with (home / "serving.json").open("a+", encoding="utf-8") as file:
        if _is_locked_soon(file.fileno()):
            file.truncate(0)
            file.write(json.dumps(dict(addresses)))
            file.flush()
        yield


def _is_locked_soon(descriptor: int) -> bool:
    """Whether we hold the lock: others look at it for a moment, and one that keeps it is not waited for."""
    for _ in range(LOCK_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(LOCK_PAUSE)
        else:
            return True
    return False


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
