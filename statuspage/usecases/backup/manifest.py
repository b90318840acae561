"""The manifest of a backup, and the files that a backup may contain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

FORMAT = 1
"""Increase it when older programs cannot read new backups."""

MANIFEST = "manifest.json"

FOLDERS = ("content", "content-passed", "drill/content-passed", "drill/outbox")
"""Folders included as a whole."""

FILES = ("secret", "intake-secret", "last-sent", "drill/secret", "drill/last-sent")
"""Files included as they are. With the secret, previews and links in emails stay valid on a new machine."""


class InvalidBackup(Exception):
    """The backup cannot be restored. ``code`` says why (``cli.backup_CODE``), ``subject`` names the file or place in
    it."""

    def __init__(self, code: str, subject: str = "") -> None:
        super().__init__(f"{code} {subject}".strip())
        self.code = code
        self.subject = subject


@dataclass(frozen=True, slots=True)
class DatabaseEntry:
    """A database in the backup: a SQLite file with tables at this migration, wherever it was stored before."""

    kind: str
    file: str
    revision: str


@dataclass(frozen=True, slots=True)
class FileChecksum:
    """A file's size in bytes and its SHA-256 checksum."""

    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The list of contents. ``program_version`` is the version that made it; ``settings`` are names without values."""

    format: int
    program_version: str
    created_at: datetime
    databases: Mapping[str, DatabaseEntry]
    files: Mapping[str, FileChecksum]
    settings: tuple[str, ...]


def is_allowed_name(name: str) -> bool:
    """Whether a backup may contain this file: only relative paths inside the instance folder."""
    path = PurePosixPath(name)
    is_safe_path = name == str(path) and not path.is_absolute() and ".." not in path.parts and name.isprintable()
    is_in_folder = any(name.startswith(f"{folder}/") for folder in FOLDERS)
    return is_safe_path and "\\" not in name and (is_in_folder or name in FILES)
