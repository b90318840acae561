"""Reads the content folder into a catalog, finding every fault of every file in one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from statuspage.content.loading.folder import Folder
from statuspage.content.loading.language_pack import place
from statuspage.content.loading.loader import Reading
from statuspage.domain import Catalog, ContentError

__all__ = ["placed", "read_content"]


def read_content(folder: Path, *, with_marks: bool = False) -> tuple[Catalog | None, tuple[ContentError, ...]]:
    """All content of a folder, or None with every fault in it, in the order of files and lines.

    ``marks``: the books carry the marks of a drill. The marks are checked either way.
    """
    reader = Reading(folder)
    catalog = reader.read_catalog(with_marks=with_marks)
    errors = tuple(sorted(set(reader.errors), key=lambda error: (error.file, error.line, error.key, error.message)))
    return (None if errors else catalog), errors


def placed(folder: Path, errors: Sequence[ContentError]) -> tuple[ContentError, ...]:
    """Faults that know only file and key, as those of ``checking``, with the line on which the key stands."""
    content_folder = Folder(folder)
    sources = {name: content_folder.read_table(name).source for name in {error.file for error in errors}}
    pairs = ((error, sources[error.file]) for error in errors)
    return tuple(replace(error, line=source.find_line(place(source.table, error.key))) for error, source in pairs)
