"""What remote hosts still need of a folder, stored beside it: nothing is lost in a crash, nothing is read twice.

``targets/NAME/owed`` lists, a line each, files that changed here and have not arrived there; ``*`` stands for all of
them.
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
    """The state of a host: its last upload, how many files, their fence, and failures since."""

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
        """A host's own folder for what it has to remember."""
        return self._root / name

    def set_hosts(self, names: Collection[str]) -> None:
        """Sets the hosts that follow. A new one needs everything; a removed one is forgotten."""
        for name in names:
            if not self._pending_path(name).is_file():
                self.folder(name).mkdir(parents=True, exist_ok=True)
                self._pending_path(name).write_text(f"{ALL_FILES}\n")
        for name in set(self._host_names()) - set(names):
            shutil.rmtree(self.folder(name), ignore_errors=True)

    def mark_changed(self, files: Iterable[str]) -> None:
        """These are about to change: every host needs them. Call it inside the folder's ``write_lock``."""
        lines = "".join(f"{name}\n" for name in files)
        for name in self._host_names() if lines else ():
            with self._pending_path(name).open("a") as file:
                file.write(lines)

    def pending_files(self, name: str, offset: int = 0) -> tuple[frozenset[str], int]:
        """The files this host needs, and the offset for ``mark_uploaded``; only what was noted after ``offset``."""
        try:
            data = self._pending_path(name).read_bytes()
        except FileNotFoundError:
            return frozenset(), 0
        complete = data[: data.rfind(b"\n") + 1]
        return frozenset(complete[offset:].decode().split("\n")) - {""}, len(complete)

    def mark_uploaded(self, name: str, offset: int) -> None:
        """What was noted up to ``offset`` has arrived; the rest is still needed. Call it inside the folder's
        ``write_lock``."""
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
        """Whether we may upload there during the block: one upload at a time for each host."""
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
        """A folder for the files of one batch; it is cleared before and after."""
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
    """Snapshots of files as they are now, whatever replaces them: a hard link for each, no copy."""

    path: Path
    files: dict[str, Path]

    def add(self, files: Mapping[str, Path]) -> None:
        """Adds these too, over earlier ones of the same name. A missing one is left out."""
        for name, path in files.items():
            link = self.files.setdefault(name, self.path / str(len(self.files)))
            link.unlink(missing_ok=True)
            try:
                link.hardlink_to(path)
            except FileNotFoundError:
                del self.files[name]
