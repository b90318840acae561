"""The files of an instance's content, each read once, over those of its starter and of the language packs."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from statuspage import bundled
from statuspage.content.compiled import Lookups
from statuspage.content.loading.table_reader import Table, suggest
from statuspage.content.loading.toml_source import TomlSource, merge_sources, parse_toml
from statuspage.domain import ContentError

OWN_FILES = (
    *("site", "services", "incident_types", "contradictions", "contact_needs"),
    *("channels", "alerts", "media", "hosts", "on_call"),
)
"""Files at the top level of the folder."""

LANGUAGE_FILES = ("organisation", "phrases", "lists", "labels", "desk", "glossary", "everyday", "drill", "review")
"""Files of each language."""

STAFF_FILE = "desk"
"""The file that a language of the desk needs."""

LANGUAGES, STARTERS = "languages", "starters"
"""The folders of the layers that come with the program."""


def starters() -> tuple[str, ...]:
    """The names of the starters: that of no trade, then those of more companies before those of fewer."""
    names = sorted(path.name for path in (bundled.folder("content") / STARTERS).iterdir() if path.is_dir())
    return tuple(sorted(names, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER)))


_ORDER = ("general", "saas", "shop", "fitness")


def shipped_languages() -> tuple[str, ...]:
    """The languages whose packs come with the program."""
    packs = (bundled.folder("content") / LANGUAGES).glob("*/phrases.toml")
    return tuple(sorted(path.parent.name for path in packs))


def desk_languages() -> tuple[str, ...]:
    """The languages that the desk can speak."""
    packs = bundled.folder("content") / LANGUAGES
    return tuple(language for language in shipped_languages() if (packs / language / f"{STAFF_FILE}.toml").is_file())


@dataclass(frozen=True, slots=True)
class ShippedLanguage:
    """A language that comes with the program: its own name, and whether a native speaker has read its sentences."""

    id: str
    name: str
    is_reviewed: bool


def describe_languages() -> tuple[ShippedLanguage, ...]:
    """All languages that come with the program."""
    folder = bundled.folder("content") / LANGUAGES
    packs = {id: tomllib.loads((folder / id / "phrases.toml").read_text("utf-8")) for id in shipped_languages()}
    return tuple(ShippedLanguage(id, pack["name"], pack["status"] == "reviewed") for id, pack in packs.items())


WORDLESS_FILES = ("channels.toml", "hosts.toml", "on_call.toml", "alerts.toml")
"""Files on which no sentence depends: where notices and calls go and what monitors send, not what notices say."""

WORDLESS_SUFFIXES = (".ics", "/review.toml")
"""The same for calendars, and for who has read a language."""


class ContentFolder:
    """Reads files of one instance, collecting their errors and a hash of all their bytes.

    ``layers`` are the folders in which a file is looked for, the upper ones first: the instance's own, its starter's
    and the language packs'. What several layers say of one TOML file is put together key by key; the upper one wins.
    ``left_out`` are keys of the instance's own files that are read as if they were not there; the key "" is the file.
    ``lookups`` records what is looked up.
    """

    def __init__(self, path: Path, left_out: Collection[tuple[str, str]] = (), lookups: Lookups | None = None) -> None:
        self.path = path
        self._left_out = left_out
        self._lookups = lookups or Lookups(path)
        self.errors: list[ContentError] = []
        self._sources: dict[str, TomlSource] = {}
        self._layer_sources: dict[Path, TomlSource] = {}
        self._hash, self._wording_hash = hashlib.sha256(), hashlib.sha256()
        self.layers = tuple(self._layers())

    @property
    def version(self) -> str:
        """Changes with any byte of the files read so far."""
        return self._hash.hexdigest()[:16]

    @property
    def wording_version(self) -> str:
        """The same without the files on which no sentence depends."""
        return self._wording_hash.hexdigest()[:16]

    def _layers(self) -> Iterator[Path]:
        """The folders of the layers. A starter that does not exist is an error of ``site.toml``."""
        shipped = bundled.folder("content")
        yield self.path
        starter = self._starter()
        if starter in self._lookups.glob(shipped / STARTERS, "*"):
            yield shipped / STARTERS / starter
        yield shipped / LANGUAGES

    def _starter(self) -> str:
        with suppress(OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            content = self._lookups.read_bytes(self.path / "site.toml")
            return str(tomllib.loads(content.decode("utf-8-sig")).get("starter", ""))
        return ""

    def exists(self, name: str) -> bool:
        """Whether any layer has this file."""
        return bool(self._layers_with(name))

    def _layers_with(self, name: str) -> Sequence[Path]:
        is_left_out = (name, "") in self._left_out
        return [
            layer
            for layer in self.layers
            if self._lookups.is_file(layer / name) and not (is_left_out and layer == self.path)
        ]

    def glob(self, pattern: str) -> Sequence[str]:
        """The names of all files of this pattern in any layer, in alphabetical order."""
        return sorted({name for layer in self.layers for name in self._lookups.glob(layer, pattern)})

    def own_files(self, pattern: str) -> Sequence[str]:
        """The names of the instance's own files of this pattern, in alphabetical order."""
        return self._lookups.glob(self.path, pattern)

    def read_table(self, name: str, *, required: bool = True) -> Table:
        """The content of a file such as ``ja/organisation.toml``; empty if it is absent or cannot be read."""
        if name not in self._sources:
            if not self.exists(name):
                if not required:
                    return Table(TomlSource(name, is_readable=False), self.errors)
                self._sources[name] = self._reject_file(name, "This file is missing; write it.")
            else:
                self._sources[name] = merge_sources(
                    [self._read_source(layer, name) for layer in self._layers_with(name)]
                )
        source = self._sources[name]
        return Table(source, self.errors, (), source.table)

    def proposed_names(self, service: str) -> frozenset[str]:
        """What the starter calls this service, in any language."""
        shipped = [layer for layer in self.layers if layer != self.path]
        files = [(layer, name) for layer in shipped for name in self._lookups.glob(layer, "*/organisation.toml")]
        services = (self._read_source(*file).table.get("services", {}).get(service, {}) for file in files)
        return frozenset(str(words["name"]) for words in services if "name" in words)

    def read_shipped(self, name: str) -> TomlSource:
        """A file of the language packs, whatever the instance says otherwise."""
        return self._read_source(bundled.folder("content") / LANGUAGES, name)

    def _read_source(self, layer: Path, name: str) -> TomlSource:
        """The file of one layer, read once."""
        path = layer / name
        if path not in self._layer_sources:
            self._layer_sources[path] = self._parse_source(layer, name)
        return self._layer_sources[path]

    def _parse_source(self, layer: Path, name: str) -> TomlSource:
        label = self.label(layer, name)
        try:
            content = self._lookups.read_bytes(layer / name)
        except OSError as error:
            return self._reject_file(label, f"This file cannot be read ({error.strerror}); fix its permissions.")
        self._add_to_version(label, content)
        source, errors = parse_toml(label, content)
        self.errors.extend(errors)
        own = source.without(key for file, key in self._left_out if file == label)
        return replace(own, is_shipped=layer != self.path)

    def label(self, layer: Path, name: str) -> str:
        """What a file is called in messages: ``ja/lists.toml``, or ``languages/ja/lists.toml`` of the program's own."""
        return name if layer == self.path else f"{layer.relative_to(bundled.folder('content')).as_posix()}/{name}"

    def read_text(self, name: str) -> str | None:
        """The text of a file that is not TOML, of the uppermost layer; None if it is absent or cannot be read."""
        content = self.read_bytes(name)
        try:
            return None if content is None else content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None

    def read_bytes(self, name: str) -> bytes | None:
        """The bytes of a file that is not TOML, of the uppermost layer; None if it is absent or cannot be read."""
        layer = next((layer for layer in self.layers if self._lookups.is_file(layer / name)), self.path)
        try:
            content = self._lookups.read_bytes(layer / name)
        except OSError:
            return None
        self._add_to_version(self.label(layer, name), content)
        return content

    def _add_to_version(self, label: str, content: bytes) -> None:
        update = f"{label}\0{len(content)}\0".encode() + content
        self._hash.update(update)
        if label not in WORDLESS_FILES and not label.endswith(WORDLESS_SUFFIXES):
            self._wording_hash.update(update)

    def _reject_file(self, name: str, message: str) -> TomlSource:
        self.errors.append(ContentError(name, 1, "", message))
        return TomlSource(name, is_readable=False)

    def find_unknown_files(self, languages: tuple[str, ...]) -> Iterator[ContentError]:
        """The instance's files that are not read by anything, usually because of a mistyped name."""
        for folder, names in (("", OWN_FILES), *((f"{language}/", LANGUAGE_FILES) for language in languages)):
            known_names = [f"{name}.toml" for name in names]
            for file in self.own_files(f"{folder}*.toml"):
                name = file.removeprefix(folder)
                if name not in known_names:
                    yield ContentError(file, 1, "", f"This file is not used; {suggest(name, known_names)}")
