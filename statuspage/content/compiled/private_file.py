"""Files of which this process makes values. Only what nobody else can have written is read."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH

DIGEST_BYTES = 32


def read_private_file(path: Path) -> bytes | None:
    """The content of a file written by ``write_private_file``; None if it is absent, torn, or not this user's alone."""
    try:
        folder = path.parent.lstat()
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not (stat.S_ISDIR(folder.st_mode) and _is_private(folder)):
                return None
            status = os.fstat(descriptor)
            if not (stat.S_ISREG(status.st_mode) and _is_private(status)):
                return None
            content = file.read()
    except OSError:
        return None
    digest, content = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == digest else None


def write_private_file(path: Path, content: bytes) -> None:
    """Replaces the file at once, so that a reader sees the old one or the new one. Makes its folder, not the folder
    above. What cannot be written is left: it is only made again next time.
    """
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise


def _is_private(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & OTHERS_MAY_WRITE
