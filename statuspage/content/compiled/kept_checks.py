"""Keeps what the check of a part of the content found, until anything in that part is different."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from statuspage.content.compiled.private_file import read_private_file, write_private_file
from statuspage.content.compiled.program import program_version

if TYPE_CHECKING:
    from statuspage.domain import ContentError

# ``--help`` needs this package, and not the types of content.

MOST_KEPT = 48
"""Results in one folder: of every language, and of what was tried in the settings."""

Check = Callable[[], "tuple[ContentError, ...]"]


class KeptChecks:
    """The results of checks that are kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recall(self, part: object, check: Check) -> tuple[ContentError, ...]:
        """What this check found the last time in an equal part; else it is run, and its result kept.

        ``part`` is everything that the check reads: dataclasses, mappings, tuples, sets and plain values.
        """
        from statuspage.domain import ContentError

        file = self._folder / f"checked-{_digest(part)}"
        with suppress(ValueError, TypeError):  # Whatever is wrong with a kept result, the check can be run.
            if (kept := read_private_file(file)) is not None:
                return tuple(ContentError(**error) for error in json.loads(kept))
        errors = check()
        write_private_file(file, json.dumps([asdict(error) for error in errors]).encode())
        self._delete_old()
        return errors

    def _delete_old(self) -> None:
        with suppress(OSError):
            kept = sorted(self._folder.glob("checked-*"), key=lambda path: path.stat().st_mtime, reverse=True)
            for old in kept[MOST_KEPT:]:
                old.unlink(missing_ok=True)


def _digest(part: object) -> str:
    return hashlib.blake2b("\0".join((program_version(), *_atoms(part))).encode(), digest_size=16).hexdigest()


def _atoms(value: object) -> Iterator[str]:
    """The value as a sequence of texts that is the same in every process, and another one for any other value."""
    if isinstance(value, str):
        yield f"s{len(value)}:{value}"
    elif is_dataclass(value):
        yield type(value).__qualname__
        for each in fields(value):
            yield from _atoms(getattr(value, each.name))
    elif isinstance(value, Mapping):
        yield f"m{len(value)}"
        for key, item in value.items():
            yield from _atoms(key)
            yield from _atoms(item)
    elif isinstance(value, set | frozenset):
        yield f"f{len(value)}"
        yield from sorted("\1".join(_atoms(item)) for item in value)
    elif isinstance(value, tuple | list):
        yield f"t{len(value)}"
        for item in value:
            yield from _atoms(item)
    else:
        yield f"{type(value).__qualname__} {value!r}"
