"""Records what was looked up in the content's folders, so that it can be seen whether all of it is still so."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from statuspage import bundled

ABSENT, PRESENT, UNREADABLE = "absent", "present", "unreadable"
"""Answers about a file whose bytes were not read."""

CHANGED = "changed"
"""Instead of an answer: there were two different ones."""


class Lookups:
    """The files and patterns that were looked up during one run over the content of ``own``, with what was found.

    A file is known by ``own/NAME``, or ``content/NAME`` if it comes with the program. The own folder may stand
    anywhere, also among the files of the program.
    """

    def __init__(self, own: Path, files: dict[str, str] | None = None, globs: dict[str, str] | None = None) -> None:
        self._roots = {"own": own, "content": bundled.folder("content")}
        self.files = files if files is not None else {}
        self.globs = globs if globs is not None else {}

    def is_file(self, path: Path) -> bool:
        """Whether there is such a file."""
        found = path.is_file()
        self.files.setdefault(self._key(path), PRESENT if found else ABSENT)
        return found

    def read_bytes(self, path: Path) -> bytes:
        """The bytes of a file. Raises OSError."""
        key = self._key(path)
        answer = UNREADABLE
        try:
            content = path.read_bytes()
            answer = _digest(content)
        finally:
            self.files[key] = answer if self._agrees(key, answer) else CHANGED
        return content

    def _agrees(self, key: str, answer: str) -> bool:
        previous = self.files.get(key, PRESENT)
        return previous in (PRESENT, answer) or (previous, answer) == (ABSENT, UNREADABLE)

    def glob(self, folder: Path, pattern: str) -> Sequence[str]:
        """The names of the files of this pattern below a folder, in alphabetical order."""
        names = _matching_names(folder, pattern)
        self.globs[f"{self._key(folder)}:{pattern}"] = _digest("\n".join(names).encode())
        return names

    def still_hold(self) -> bool:
        """Whether every lookup would have the same answer now."""
        return all(_is_still(self._path(key), answer) for key, answer in self.files.items()) and all(
            _digest("\n".join(_matching_names(self._path(key), pattern)).encode()) == answer
            for (key, _, pattern), answer in ((name.partition(":"), answer) for name, answer in self.globs.items())
        )

    def _key(self, path: Path) -> str:
        root = next(name for name, folder in self._roots.items() if path.is_relative_to(folder))
        return f"{root}/{path.relative_to(self._roots[root]).as_posix()}"

    def _path(self, key: str) -> Path:
        root, _, name = key.partition("/")
        return self._roots[root] / name


def _is_still(path: Path, answer: str) -> bool:
    if answer in (ABSENT, PRESENT):
        return path.is_file() == (answer == PRESENT)
    try:
        return _digest(path.read_bytes()) == answer
    except OSError:
        return answer == UNREADABLE


def _matching_names(folder: Path, pattern: str) -> Sequence[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern))


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
