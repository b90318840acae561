"""Keeps what was read from files of content, and takes it back while they are the same."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar, cast

from statuspage.content.compiled.lookups import Lookups
from statuspage.content.compiled.private_file import read_private_file, write_private_file
from statuspage.content.compiled.program import program_version

T = TypeVar("T")

MOST_KEPT = 12
"""Values in one folder: of live and drill, with and without own words that are left out."""

PAUSES = (0.1, 0.2, 0.4, 0.8)
"""Seconds before what looks wrong is read once more, in case a file was being written."""


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What is read from the content in ``folder``. ``asked`` tells it from other questions about the same folder.

    ``looks_wrong`` says of an answer that a half-written file may be the reason.
    """

    folder: Path
    asked: tuple[object, ...]
    read: Callable[[Lookups], T]
    looks_wrong: Callable[[T], object] = lambda _: False

    def key(self, beside: Path) -> str:
        """Tells it from other questions whose answers are kept in this folder, and from those of another program. An
        instance that was copied or moved keeps its keys.
        """
        asked = [os.path.relpath(self.folder, beside), *self.asked, program_version()]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def answer(question: Question[T], cache_folder: Path | None) -> T:
    """The answer that was kept in ``cache_folder`` if all files it was made from are the same; else it is read, and
    kept.

    Files that change during the reading are read again. Without a folder nothing is kept.
    """
    if cache_folder is None:
        return _read_unchanged(question)[0]
    key = question.key(cache_folder)
    file = cache_folder / f"content-{key[:16]}"
    kept = _take(question.folder, key, file)
    if kept is not None:
        return cast("T", kept[0])
    value, lookups = _read_unchanged(question)
    if lookups is not None:
        _keep(key, file, value, lookups)
    return value


def _take(folder: Path, key: str, file: Path) -> tuple[object] | None:
    content = read_private_file(file)
    if content is None:
        return None
    # Whatever is wrong with a kept value, the files themselves are there to be read.
    with suppress(Exception):
        header, _, values = content.partition(b"\n")
        about = json.loads(header)
        if about["key"] == key and Lookups(folder, about["files"], about["globs"]).still_hold():
            return (_ContentUnpickler(io.BytesIO(values)).load(),)
    return None


def _keep(key: str, file: Path, value: object, lookups: Lookups) -> None:
    about = {"key": key, "files": lookups.files, "globs": lookups.globs}
    write_private_file(file, json.dumps(about).encode() + b"\n" + pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
    with suppress(OSError):
        kept = sorted(file.parent.glob("content-*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in kept[MOST_KEPT:]:
            old.unlink(missing_ok=True)


def _read_unchanged(question: Question[T]) -> tuple[T, Lookups | None]:
    """The value, with the lookups if the files were the same before and after it."""
    for pause in PAUSES:
        lookups = Lookups(question.folder)
        value = question.read(lookups)
        if question.looks_wrong(value):
            time.sleep(pause)
        if lookups.still_hold():
            return value, lookups
    return value, None


class _ContentUnpickler(pickle.Unpickler):
    """Makes only values of content: a file that somebody else wrote would still run none of their code."""

    def find_class(self, module_name: str, global_name: str) -> object:
        """The types of the domain, and those standard types that occur in them."""
        if module_name.startswith("statuspage.domain.") or (module_name, global_name) in _STANDARD_TYPES:
            found = super().find_class(module_name, global_name)
            if isinstance(found, type):
                return found
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is not content")


_STANDARD_TYPES = frozenset({("builtins", "frozenset"), ("datetime", "date"), ("datetime", "timedelta")})
