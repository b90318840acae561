"""Reads the content, or takes what an earlier run read from the same files."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from statuspage.content.compiled.lookups import Lookups
from statuspage.content.compiled.private_file import read_private_file, write_private_file
from statuspage.content.compiled.program import program_version
from statuspage.domain import Catalog, ContentError

Result = tuple[Catalog | None, tuple[ContentError, ...]]

MOST_KEPT = 8
"""Results in one folder: live and drill, with and without own words that are left out."""

PAUSES = (0.1, 0.2, 0.4, 0.8)
"""Seconds before what had errors is read once more, in case a file was being written."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read: the content of a folder, as ``loading.read_content`` is asked for it."""

    folder: Path
    with_marks: bool = False
    left_out: Collection[tuple[str, str]] = ()

    def key(self, beside: Path) -> str:
        """Tells it from other readings that are kept in this folder, and from those of another program. An instance
        that was copied or moved keeps its keys.
        """
        asked = [os.path.relpath(self.folder, beside), self.with_marks, sorted(self.left_out), program_version()]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def load_content(reading: Reading, cache_folder: Path) -> Result:
    """The catalog, or None with every error, as ``loading.read_content`` returns them.

    It is kept in ``cache_folder`` and used again while all files it was made from are the same. Files that change
    during the reading are read again.
    """
    key = reading.key(cache_folder)
    file = cache_folder / f"content-{key[:16]}"
    result = _kept_result(reading.folder, key, file)
    if result is None:
        result, lookups = _read_unchanged(reading)
        if lookups is not None:
            _keep_result(key, file, result, lookups)
    return result


def _kept_result(folder: Path, key: str, file: Path) -> Result | None:
    content = read_private_file(file)
    if content is None:
        return None
    # Whatever is wrong with a kept result, the files themselves are there to be read.
    with suppress(Exception):
        header, _, values = content.partition(b"\n")
        about = json.loads(header)
        if about["key"] == key and Lookups(folder, about["files"], about["globs"]).still_hold():
            result: Result = _ContentUnpickler(io.BytesIO(values)).load()
            return result
    return None


def _keep_result(key: str, file: Path, result: Result, lookups: Lookups) -> None:
    about = {"key": key, "files": lookups.files, "globs": lookups.globs}
    write_private_file(file, json.dumps(about).encode() + b"\n" + pickle.dumps(result, pickle.HIGHEST_PROTOCOL))
    with suppress(OSError):
        kept = sorted(file.parent.glob("content-*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in kept[MOST_KEPT:]:
            old.unlink(missing_ok=True)


def _read_unchanged(reading: Reading) -> tuple[Result, Lookups | None]:
    """The result, with the lookups if the files were the same before and after it."""
    from statuspage.content import loading

    for pause in PAUSES:
        lookups = Lookups(reading.folder)
        result = loading.read_content(
            reading.folder, with_marks=reading.with_marks, left_out=reading.left_out, lookups=lookups
        )
        if result[1]:
            time.sleep(pause)
        if lookups.still_hold():
            return result, lookups
    return result, None


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
