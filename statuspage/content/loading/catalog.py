"""Reads the content folder into a catalog, finding every error of every file in one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from statuspage.content.loading.folder import ContentFolder
from statuspage.content.loading.language_pack import find_path
from statuspage.content.loading.loader import ContentReader
from statuspage.domain import Catalog, ContentError


def read_content(folder: Path, *, with_marks: bool = False) -> tuple[Catalog | None, tuple[ContentError, ...]]:
    """All content of a folder, or None with every error in it, in the order of files and lines.

    ``with_marks``: the language packs carry the marks of a drill. The marks are checked either way.
    """
    reader = ContentReader(folder)
    catalog = reader.read_catalog(with_marks=with_marks)
    errors = tuple(sorted(set(reader.errors), key=lambda error: (error.file, error.line, error.key, error.message)))
    return (None if errors else catalog), errors


def locate_errors(folder: Path, errors: Sequence[ContentError]) -> tuple[ContentError, ...]:
    """Errors that have only file and key, as those of the validation, with the line of the key."""
    content_folder = ContentFolder(folder)
    sources = {name: content_folder.read_table(name).source for name in {error.file for error in errors}}
    pairs = ((error, sources[error.file]) for error in errors)
    return tuple(replace(error, line=source.find_line(find_path(source.table, error.key))) for error, source in pairs)
