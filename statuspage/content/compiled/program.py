"""Tells one state of the program from another, also between two releases."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from statuspage import __version__, bundled


@cache
def program_version() -> str:
    """Changes with the release, with Python, and with any source file or style of this program: the checks and the
    types of content are in them.
    """
    digest = hashlib.blake2b(f"{__version__} {sys.version}".encode(), digest_size=16)
    package = Path(__file__).resolve().parents[2]
    for folder, suffix in ((package, ".py"), (bundled.folder("static"), ".css")):
        for entry in sorted(_files(str(folder), suffix)):
            digest.update(repr(entry).encode())
    return digest.hexdigest()


def _files(folder: str, suffix: str) -> Iterator[tuple[str, int, int]]:
    """Path, time of change in nanoseconds and size of each file below a folder."""
    for entry in os.scandir(folder):
        if entry.name.endswith(suffix):
            status = entry.stat()
            yield entry.path, status.st_mtime_ns, status.st_size
        elif entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
            yield from _files(entry.path, suffix)
