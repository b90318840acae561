"""What has to be uploaded from a folder to remote hosts, stored beside it, so that a crash loses nothing.

``targets/NAME/owed`` lists the files that changed here and have not been uploaded, one per line; ``*`` means all files.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from statuspage.serialization import from_json_value, to_json_value

ALL_FILES = "*"


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """The state of a host: the time, number of files and fence of its last upload, and failures since then."""

    uploaded_at: datetime | None = None
    files: int = 0
    fence: int = 0
    failures: int = 0
    failed_at: datetime | None = None
    retry_at: datetime | None = None
    code: str = ""
    detail: str = ""


class SyncState:
    """The hosts of the folder ``root``, by name."""

    def __init__(self, root: Path) -> None:
        self._root = root / "targets"

    def folder(self, name: str) -> Path:
        """A host's own folder for its state."""
        return self._root / name

    def set_hosts(self, names: Collection[str]) -> None:
        """Sets the hosts. A new one needs all files; the state of a removed one is deleted."""
        for name in names:
            if not self._pending_path(name).is_file():
                self.folder(name).mkdir(parents=True, exist_ok=True)
                self._pending_path(name).write_text(f"{ALL_FILES}\n")
        for name in set(self._host_names()) - set(names):
            shutil.rmtree(self.folder(name), ignore_errors=True)

    def mark_changed(self, files: Iterable[str]) -> None:
        """Records that these files are about to change, so that every host needs them. Call it inside the folder's
        ``write_lock``."""
        lines = "".join(f"{name}\n" for name in files)
        for name in self._host_names() if lines else ():
            with self._pending_path(name).open("a") as file:
                file.write(lines)

    def pending_files(self, name: str, offset: int = 0) -> tuple[frozenset[str], int]:
        """The files this host needs, recorded after ``offset``; and the new offset for ``mark_uploaded``."""
        try:
            data = self._pending_path(name).read_bytes()
        except FileNotFoundError:
            return frozenset(), 0
        complete = data[: data.rfind(b"\n") + 1]
        return frozenset(complete[offset:].decode().split("\n")) - {""}, len(complete)

    def mark_uploaded(self, name: str, offset: int) -> None:
        """Records that everything up to ``offset`` was uploaded. Call it inside the folder's ``write_lock``."""
        data = self._pending_path(name).read_bytes()[offset:]
        temporary = self._pending_path(name).with_suffix(".new")
        temporary.write_bytes(data)
        temporary.replace(self._pending_path(name))

    def read_status(self, name: str) -> SyncStatus:
        """The state of a host; an empty one if nothing is known yet."""
        try:
            return from_json_value(SyncStatus, json.loads((self.folder(name) / "faring.json").read_text()))
        except (OSError, ValueError):
            return SyncStatus()

    def save_status(self, name: str, status: SyncStatus) -> None:
        """Stores the state of a host."""
        temporary = self.folder(name) / "faring.new"
        temporary.write_text(json.dumps(to_json_value(status)))
        temporary.replace(self.folder(name) / "faring.json")

    @contextmanager
    def try_lock(self, name: str) -> Iterator[bool]:
        """Whether we may upload to this host during the block: one upload at a time for each host."""
        self.folder(name).mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder(name) / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
        except BlockingIOError:
            yield False
        finally:
            os.close(descriptor)

    @contextmanager
    def stage_files(self, name: str) -> Iterator[Stage]:
        """A folder for the files of one batch; cleared before and after."""
        path = self.folder(name) / "stage"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        try:
            yield Stage(path, {})
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def _pending_path(self, name: str) -> Path:
        return self.folder(name) / "owed"

    def _host_names(self) -> list[str]:
        return sorted(path.parent.name for path in self._root.glob("*/owed"))


@dataclass(frozen=True, slots=True)
class Stage:
    """Snapshots of files as they are now, even if they are replaced later; made with hard links, not copies."""

    path: Path
    files: dict[str, Path]

    def add(self, files: Mapping[str, Path]) -> None:
        """Adds these files, replacing earlier ones of the same name. Missing files are left out."""
        for name, path in files.items():
            link = self.files.setdefault(name, self.path / str(len(self.files)))
            link.unlink(missing_ok=True)
            try:
                link.hardlink_to(path)
            except FileNotFoundError:
                del self.files[name]
