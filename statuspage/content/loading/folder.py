"""The files of a content folder, each read once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from statuspage.content.loading.table_reader import Table, suggest
from statuspage.content.loading.toml_source import TomlSource, parse_toml
from statuspage.domain import ContentError

TOP_FILES = ("site", "services", "incident_types", "channels", "alerts", "media")
"""Files at the top level of the folder."""

OPTIONAL_TOP_FILES = ("hosts", "on_call")
"""Optional files at the top level."""

LANGUAGE_FILES = ("organisation", "phrases", "lists", "labels")
"""Files of each language."""

OPTIONAL_LANGUAGE_FILES = ("glossary", "everyday")
"""Optional files of a language."""

STAFF_FILE = "desk"
"""One more file for each desk language."""


class ContentFolder:
    """Reads the files of one folder and collects their errors and a hash of all bytes read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.errors: list[ContentError] = []
        self._sources: dict[str, TomlSource] = {}
        self._hash = hashlib.sha256()

    @property
    def version(self) -> str:
        """Changes with any byte of the files read so far."""
        return self._hash.hexdigest()[:16]

    def read_table(self, name: str, *, required: bool = True) -> Table:
        """The content of a file such as ``ja/organisation.toml``; empty if it is absent or cannot be read."""
        if name not in self._sources:
            if not required and not (self.path / name).exists():
                return Table(TomlSource(name, is_readable=False), self.errors)
            self._sources[name] = self._read_source(name)
        source = self._sources[name]
        return Table(source, self.errors, (), source.table)

    def _read_source(self, name: str) -> TomlSource:
        try:
            content = (self.path / name).read_bytes()
        except FileNotFoundError:
            return self._reject_file(name, "This file is missing; copy it from the sample content.")
        except OSError as error:
            return self._reject_file(name, f"This file cannot be read ({error.strerror}); fix its permissions.")
        self._hash.update(f"{name}\0{len(content)}\0".encode() + content)
        source, errors = parse_toml(name, content)
        self.errors.extend(errors)
        return source

    def read_text(self, name: str) -> str | None:
        """The text of a file that is not TOML; None if it is absent or cannot be read."""
        try:
            content = (self.path / name).read_bytes()
            text = content.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None
        self._hash.update(f"{name}\0{len(content)}\0".encode() + content)
        return text

    def read_bytes(self, name: str) -> bytes | None:
        """The bytes of a file that is not TOML; None if it is absent or cannot be read."""
        try:
            content = (self.path / name).read_bytes()
        except OSError:
            return None
        self._hash.update(f"{name}\0{len(content)}\0".encode() + content)
        return content

    def _reject_file(self, name: str, message: str) -> TomlSource:
        self.errors.append(ContentError(name, 1, "", message))
        return TomlSource(name, is_readable=False)

    def find_unknown_files(self, languages: tuple[str, ...]) -> Iterator[ContentError]:
        """Files that are not read by anything, usually because of a mistyped name."""
        for folder, names in (
            ("", (*TOP_FILES, *OPTIONAL_TOP_FILES)),
            *((f"{language}/", (*LANGUAGE_FILES, STAFF_FILE, *OPTIONAL_LANGUAGE_FILES)) for language in languages),
        ):
            known_names = [f"{name}.toml" for name in names]
            for path in sorted((self.path / folder).glob("*.toml")):
                if path.name not in known_names:
                    message = f"This file is not used; {suggest(path.name, known_names)}"
                    yield ContentError(f"{folder}{path.name}", 1, "", message)
