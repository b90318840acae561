"""Reads the content, or takes what an earlier run read from the same files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from statuspage.content.compiled.kept_values import Question, answer
from statuspage.content.compiled.lookups import Lookups

if TYPE_CHECKING:
    from statuspage.domain import Catalog, ContentError

# The readers are imported only where something has to be read, and with them the types of content.

Result: TypeAlias = "tuple[Catalog | None, tuple[ContentError, ...]]"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read: the content of a folder, as ``loading.read_content`` is asked for it."""

    folder: Path
    with_marks: bool = False
    left_out: Collection[tuple[str, str]] = ()


def load_content(reading: Reading, cache_folder: Path) -> Result:
    """The catalog, or None with every error, as ``loading.read_content`` returns them.

    It is kept in ``cache_folder``.
    """

    def read(lookups: Lookups) -> Result:
        from statuspage.content import loading

        folder, left_out = reading.folder, reading.left_out
        return loading.read_content(folder, with_marks=reading.with_marks, left_out=left_out, lookups=lookups)

    asked = ("catalog", reading.with_marks, sorted(reading.left_out))
    return answer(Question(reading.folder, asked, read, lambda result: result[1]), cache_folder)


def load_drill_marks(folder: Path, cache_folder: Path) -> tuple[str, ...]:
    """The marks of a drill in every language there is, as ``loading.drill_marks`` returns them; kept likewise."""

    def read(lookups: Lookups) -> tuple[str, ...]:
        from statuspage.content import loading

        return loading.drill_marks(folder, lookups)

    return answer(Question(folder, ("marks",), read), cache_folder)
