"""What a backup says of itself, and what may be in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

FORMAT = 1
"""Raised when a program before it could not read what is written from then on."""

MANIFEST = "manifest.json"

FOLDERS = ("content", "content-passed", "drill/content-passed", "drill/outbox")
"""Carried whole."""

FILES = ("secret", "last-sent", "drill/secret", "drill/last-sent")
"""Carried where they are. With the secret, previews, sessions and links in mails hold on the new machine too."""


class InvalidBackup(Exception):
    """This cannot be restored; ``code`` says why (``cli.backup_CODE``), ``what`` names the place in it."""

    def __init__(self, code: str, subject: str = "") -> None:
        super().__init__(f"{code} {subject}".strip())
        self.code = code
        self.subject = subject


@dataclass(frozen=True, slots=True)
class DatabaseEntry:
    """A set of books in it: a file of SQLite with tables after this migration, wherever they were kept before."""

    kind: str
    file: str
    revision: str


@dataclass(frozen=True, slots=True)
class FileChecksum:
    """A file's size in bytes and its SHA-256."""

    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that is in it. ``program`` is the version that made it; ``settings`` are names without values."""

    format: int
    program: str
    made: datetime
    books: Mapping[str, DatabaseEntry]
    files: Mapping[str, FileChecksum]
    settings: tuple[str, ...]


def is_allowed_name(name: str) -> bool:
    """Whether a backup may have a file of this name, which is a path below an instance's folder and nothing else."""
    path = PurePosixPath(name)
    is_safe_path = name == str(path) and not path.is_absolute() and ".." not in path.parts and name.isprintable()
    is_in_folder = any(name.startswith(f"{folder}/") for folder in FOLDERS)
    return is_safe_path and "\\" not in name and (is_in_folder or name in FILES)
