"""Keeps the desk's compiled templates from one start to the next."""

from __future__ import annotations

import marshal
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

from statuspage.content.compiled import program_version, read_private_file, write_private_file

FILE = "desk-templates"


class KeptTemplates(BytecodeCache):
    """Compiled templates, all in one file of this program; of each, Jinja compares the source."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._version = f"{jinja2.__version__} {program_version()}"
        self._compiled = self._read()
        self._has_new = False

    def load_bytecode(self, bucket: Bucket) -> None:
        """Loads a template's code if it was compiled from the same source."""
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Takes the code of a template that has just been compiled."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()
        self._has_new = True

    def save(self) -> None:
        """Writes the file if anything was compiled. What cannot be written is compiled again next time."""
        if self._has_new:
            write_private_file(self._file, marshal.dumps((self._version, self._compiled)))

    def _read(self) -> dict[str, bytes]:
        with suppress(ValueError, TypeError, EOFError):  # Whatever is wrong with the file, templates can be compiled.
            version, compiled = marshal.loads(read_private_file(self._file) or b"")  # noqa: S302 - only we wrote it
            if version == self._version:
                return dict(compiled)
        return {}
