"""What a backup says about itself, and which files it may contain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

FORMAT = 1
"""Raised when older programs cannot read what is written from then on."""

MANIFEST = "manifest.json"

FOLDERS = ("content", "content-passed", "drill/content-passed", "drill/outbox")
"""Included whole."""

FILES = ("secret", "last-sent", "drill/secret", "drill/last-sent")
"""Included as they are. With the secret, previews, sessions and links in emails stay valid on the new machine."""


class InvalidBackup(Exception):
    """This backup cannot be restored; ``code`` says why (``cli.backup_CODE``), ``subject`` names the place in it."""

    def __init__(self, code: str, subject: str = "") -> None:
        super().__init__(f"{code} {subject}".strip())
        self.code = code
        self.subject = subject


@dataclass(frozen=True, slots=True)
class DatabaseEntry:
    """A database in the backup: a SQLite file with tables after this migration, wherever it was kept before."""

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
    """The whole content. ``program_version`` is the version that made it; ``settings`` are names without values."""

    format: int
    program_version: str
    created_at: datetime
    databases: Mapping[str, DatabaseEntry]
    files: Mapping[str, FileChecksum]
    settings: tuple[str, ...]


def is_allowed_name(name: str) -> bool:
    """Whether a backup may contain this file: only relative paths inside an instance's folder."""
    path = PurePosixPath(name)
    is_safe_path = name == str(path) and not path.is_absolute() and ".." not in path.parts and name.isprintable()
    is_in_folder = any(name.startswith(f"{folder}/") for folder in FOLDERS)
    return is_safe_path and "\\" not in name and (is_in_folder or name in FILES)
