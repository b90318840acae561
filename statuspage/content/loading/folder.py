"""The files of a content folder, each read once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from statuspage.content.loading.table_reader import Table, meant
from statuspage.content.loading.toml_source import Source, parse
from statuspage.domain import ContentError

PLAIN = ("site", "services", "kinds", "channels", "alerts", "media")
"""Files at the top of the folder."""

AT_WILL = ("targets", "duty")
"""Files at the top that an instance may go without."""

SPOKEN = ("house", "phrases", "lists", "labels")
"""Files of each language."""

OPTIONAL = ("glossary", "everyday")
"""Files that a language may go without."""

STAFF = "desk"
"""One more file of each language the desk speaks."""


class Folder:
    """Reads files of one folder, keeping their faults and a hash of all their bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[ContentError] = []
        self._sources: dict[str, Source] = {}
        self._bytes = hashlib.sha256()

    @property
    def version(self) -> str:
        """Changes with any byte of the files read so far."""
        return self._bytes.hexdigest()[:16]

    def table(self, name: str, *, needed: bool = True) -> Table:
        """The whole of one file, ``ja/house.toml``; empty when it is absent or cannot be read."""
        if name not in self._sources:
            if not needed and not (self.path / name).exists():
                return Table(Source(name, readable=False), self.faults)
            self._sources[name] = self._read(name)
        source = self._sources[name]
        return Table(source, self.faults, (), source.table)

    def _read(self, name: str) -> Source:
        try:
            content = (self.path / name).read_bytes()
        except FileNotFoundError:
            return self._refuse(name, "This file is missing; copy it from the sample content.")
        except OSError as error:
            return self._refuse(name, f"This file cannot be read ({error.strerror}); mend its permissions.")
        self._bytes.update(f"{name}\0{len(content)}\0".encode() + content)
        source, faults = parse(name, content)
        self.faults.extend(faults)
        return source

    def text(self, name: str) -> str | None:
        """The whole of a file that is no table; None when it is absent or cannot be read."""
        try:
            content = (self.path / name).read_bytes()
            found = content.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None
        self._bytes.update(f"{name}\0{len(content)}\0".encode() + content)
        return found

    def bytes(self, name: str) -> bytes | None:
        """A file that is no TOML, as it is; None where it is not there or cannot be read."""
        try:
            content = (self.path / name).read_bytes()
        except OSError:
            return None
        self._bytes.update(f"{name}\0{len(content)}\0".encode() + content)
        return content

    def _refuse(self, name: str, message: str) -> Source:
        self.faults.append(ContentError(name, 1, "", message))
        return Source(name, readable=False)

    def strangers(self, languages: tuple[str, ...]) -> Iterator[ContentError]:
        """Files that nothing reads: most often a name typed wrong."""
        for folder, names in (
            ("", (*PLAIN, *AT_WILL)),
            *((f"{language}/", (*SPOKEN, STAFF, *OPTIONAL)) for language in languages),
        ):
            known = [f"{name}.toml" for name in names]
            for path in sorted((self.path / folder).glob("*.toml")):
                if path.name not in known:
                    said = f"Nothing reads this file; {meant(path.name, known)}"
                    yield ContentError(f"{folder}{path.name}", 1, "", said)
