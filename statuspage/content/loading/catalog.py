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


def read_content(folder: Path, *, marks: bool = False) -> tuple[Catalog | None, tuple[ContentError, ...]]:
    """All content of a folder, or None with every fault in it, in the order of files and lines.

    ``marks``: the books carry the marks of a drill. The marks are checked either way.
    """
    reading = Reading(folder)
    catalog = reading.catalog(marks=marks)
    faults = tuple(sorted(set(reading.faults), key=lambda fault: (fault.file, fault.line, fault.key, fault.message)))
    return (None if faults else catalog), faults


def placed(folder: Path, faults: Sequence[ContentError]) -> tuple[ContentError, ...]:
    """Faults that know only file and key, as those of ``checking``, with the line on which the key stands."""
    files = Folder(folder)
    sources = {name: files.table(name).source for name in {fault.file for fault in faults}}
    found = ((fault, sources[fault.file]) for fault in faults)
    return tuple(replace(fault, line=source.line(place(source.table, fault.key))) for fault, source in found)
