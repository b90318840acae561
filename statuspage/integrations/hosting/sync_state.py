"""What targets still have to get of a folder, kept beside it: nothing is forgotten by a crash, nothing is read twice.

``targets/NAME/owed`` lists, a line each, files that changed here and have not arrived there; ``*`` stands for all
of them.
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

from statuspage.serialization import load, to_json_value

ALL = "*"


@dataclass(frozen=True, slots=True)
class Faring:
    """How a target fares: when it got something last, how many files, how new they were, how often it failed since."""

    carried: datetime | None = None
    files: int = 0
    fence: int = 0
    failures: int = 0
    failed: datetime | None = None
    until: datetime | None = None
    code: str = ""
    detail: str = ""


class Following:
    """The targets of the folder ``root``, by their names."""

    def __init__(self, root: Path) -> None:
        self._root = root / "targets"

    def folder(self, name: str) -> Path:
        """A place of its own for what a target has to remember."""
        return self._root / name

    def follow(self, names: Collection[str]) -> None:
        """From now on these follow. A new one is owed everything; one that is no more is forgotten."""
        for name in names:
            if not self._owed(name).is_file():
                self.folder(name).mkdir(parents=True, exist_ok=True)
                self._owed(name).write_text(f"{ALL}\n")
        for name in set(self._names()) - set(names):
            shutil.rmtree(self.folder(name), ignore_errors=True)

    def note(self, files: Iterable[str]) -> None:
        """These are about to change: every target is owed them. To be called in the folder's turn."""
        lines = "".join(f"{name}\n" for name in files)
        for name in self._names() if lines else ():
            with self._owed(name).open("a") as file:
                file.write(lines)

    def owes(self, name: str, since: int = 0) -> tuple[frozenset[str], int]:
        """What this target is owed, and a number by which ``settle`` knows it again; only what was noted after such a
        number, ``since``."""
        try:
            data = self._owed(name).read_bytes()
        except FileNotFoundError:
            return frozenset(), 0
        whole = data[: data.rfind(b"\n") + 1]
        return frozenset(whole[since:].decode().split("\n")) - {""}, len(whole)

    def settle(self, name: str, number: int) -> None:
        """What was owed then has arrived; what was noted since is still owed. To be called in the folder's turn."""
        data = self._owed(name).read_bytes()[number:]
        fresh = self._owed(name).with_suffix(".new")
        fresh.write_bytes(data)
        fresh.replace(self._owed(name))

    def faring(self, name: str) -> Faring:
        """How it fares; a fresh one where nothing is known yet."""
        try:
            return load(Faring, json.loads((self.folder(name) / "faring.json").read_text()))
        except (OSError, ValueError):
            return Faring()

    def keep(self, name: str, faring: Faring) -> None:
        """Keeps how it fares."""
        fresh = self.folder(name) / "faring.new"
        fresh.write_text(json.dumps(to_json_value(faring)))
        fresh.replace(self.folder(name) / "faring.json")

    @contextmanager
    def turn(self, name: str) -> Iterator[bool]:
        """Whether it is ours to carry something there, for the time of the block: one at a time for each target."""
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
    def staged(self, name: str) -> Iterator[Stage]:
        """A place for the files of one load; it is cleared before and after."""
        path = self.folder(name) / "stage"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        try:
            yield Stage(path, {})
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def _owed(self, name: str) -> Path:
        return self.folder(name) / "owed"

    def _names(self) -> list[str]:
        return sorted(path.parent.name for path in self._root.glob("*/owed"))


@dataclass(frozen=True, slots=True)
class Stage:
    """Files held fast as they are now, whatever takes their place: a second name for each, no copy."""

    path: Path
    files: dict[str, Path]

    def hold(self, files: Mapping[str, Path]) -> None:
        """Holds these too, over earlier ones of the same name. One that is gone is left out."""
        for name, path in files.items():
            held = self.files.setdefault(name, self.path / str(len(self.files)))
            held.unlink(missing_ok=True)
            try:
                held.hardlink_to(path)
            except FileNotFoundError:
                del self.files[name]
