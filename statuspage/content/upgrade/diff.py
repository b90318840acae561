"""Finds what an instance's content lacks compared with the shipped content, and where it differs."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from statuspage.content.loading import KeyPath, dotted_key
from statuspage.content.upgrade.toml_insert import value_at
from statuspage.domain import OWN_MEDIA

LANGUAGE_FILES = ("phrases", "labels", "lists", "desk")
WHOLE_FOLDERS = ("scenarios", "runbooks")
"""Folders whose files are copied as a whole."""

OPTIONAL_FILES = ("glossary", "everyday")
REQUIRED_FILES = ("phrases", "labels", "desk", "drill")
"""Files in which every key is required; the entries of other files are up to the company."""

LISTS_OF_INCIDENT_TYPES = {"workarounds": "workaround", "current_actions": "current_action", "causes": "cause"}
"""The lists whose entries incident types refer to."""


@dataclass(frozen=True, slots=True)
class ContentKey:
    """A key of a file such as ``ja/phrases.toml``; without a key, the whole file."""

    file: str
    key: KeyPath = ()

    @property
    def language(self) -> str:
        """The language of the file; "" for files without a language."""
        folder, slash, name = self.file.rpartition("/")
        if folder == "drill":
            return name.removesuffix(".toml")
        return folder if slash and folder not in WHOLE_FOLDERS else ""


@dataclass(frozen=True, slots=True)
class MissingContent:
    """Content to copy, in every language at once. ``required``: the program needs it."""

    name: str
    required: bool
    locations: tuple[ContentKey, ...]


@dataclass(frozen=True, slots=True)
class OwnContent:
    """A place where the company's content differs from the shipped one."""

    location: ContentKey
    own_value: object
    program_value: object


@dataclass(frozen=True)
class ContentComparison:
    """The content folders of a company and of the program."""

    own_folder: Path
    program_folder: Path
    _tables: dict[Path, Mapping[str, Any]] = field(default_factory=dict)

    def read_table(self, side: Path, file: str) -> Mapping[str, Any]:
        """One file of one side; empty if it is absent or cannot be read."""
        if (path := side / file) not in self._tables:
            try:
                self._tables[path] = tomllib.loads(path.read_text("utf-8-sig"))
            except (OSError, ValueError):
                self._tables[path] = {}
        return self._tables[path]

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of the page or the desk that are also shipped."""
        site = self.read_table(self.own_folder, "site.toml")
        names = [
            language
            for key in ("languages", "desk_languages")
            for language in site.get(key, ())
            if isinstance(language, str)
        ]
        return tuple(language for language in dict.fromkeys(names) if (self.program_folder / language).is_dir())

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Files compared key by key, without those copied as a whole."""
        staff = self.read_table(self.own_folder, "site.toml").get("desk_languages", self.languages)
        language_files = [
            f"{language}/{name}.toml"
            for language in self.languages
            for name in LANGUAGE_FILES
            if name != "desk" or language in staff
        ]
        return (
            "incident_types.toml",
            "media.toml",
            *language_files,
            *(f"drill/{language}.toml" for language in self.languages),
        )


def find_missing_content(own_folder: Path, program_folder: Path) -> tuple[MissingContent, ...]:
    """What a company's content lacks: first what the program needs, then what is optional."""
    comparison = ContentComparison(own_folder, program_folder)
    missing = sorted(
        [*_missing_keys(comparison), *_missing_incident_types(comparison), *_missing_files(comparison)],
        key=lambda item: (not item.required, item.name),
    )
    return tuple(_merge_same(tuple(group)) for _, group in groupby(missing, key=lambda item: item.name))


def _merge_same(items: tuple[MissingContent, ...]) -> MissingContent:
    locations = tuple(dict.fromkeys(location for item in items for location in item.locations))
    return MissingContent(items[0].name, items[0].required, locations)


def _missing_keys(comparison: ContentComparison) -> Iterator[MissingContent]:
    own_types = comparison.read_table(comparison.own_folder, "incident_types.toml")
    for file in (
        name
        for name in comparison.files
        if name != "incident_types.toml" and (comparison.program_folder / name).is_file()
    ):
        stem = "drill" if file.startswith("drill/") else Path(file).stem
        if not (comparison.own_folder / file).exists():
            yield MissingContent(file, required=True, locations=(ContentKey(file),))
            continue
        for key in _missing_paths(
            comparison.read_table(comparison.program_folder, file),
            comparison.read_table(comparison.own_folder, file),
            ENTRY_DEPTHS.get(stem, MAX_DEPTH),
        ):
            if stem == "phrases" and key[0] == "incident_type" and not _is_used(key, own_types):
                continue
            required = (stem in REQUIRED_FILES and key[0] != "incident_type") or (
                stem == "media" and key[0] in OWN_MEDIA
            )
            yield MissingContent(f"{stem}.{dotted_key(key)}", required, (ContentKey(file, key),))


MAX_DEPTH = 99
ENTRY_DEPTHS = {"lists": 2, "media": 1}
"""The depth of an entry in a file: an entry of a list, a medium; by default each sentence is one."""


def _missing_paths(
    program_table: Mapping[str, Any], own_table: Mapping[str, Any], depth: int, prefix: KeyPath = ()
) -> Iterator[KeyPath]:
    for name, value in program_table.items():
        key = (*prefix, name)
        if isinstance(value, dict) and (name in own_table or len(key) < depth):
            inner = own_table.get(name, {})
            yield from _missing_paths(value, inner if isinstance(inner, dict) else value, depth, key)
        elif name not in own_table:
            yield key


def _is_used(key: KeyPath, own_types: Mapping[str, Any]) -> bool:
    """Whether the company has the incident type, and the question, to which these texts belong."""
    _, type_id, section, question, *_ = (*map(str, key), "", "", "", "")
    questions = own_types.get(type_id, {}).get("question", [])
    return type_id in own_types and (section != "question" or any(entry.get("id") == question for entry in questions))


def _missing_incident_types(comparison: ContentComparison) -> Iterator[MissingContent]:
    """Missing incident types, with their sentences and the list entries they refer to."""
    program_types = comparison.read_table(comparison.program_folder, "incident_types.toml")
    own_types = comparison.read_table(comparison.own_folder, "incident_types.toml")
    for id in (type_id for type_id in program_types if own_types and type_id not in own_types):
        locations = [ContentKey("incident_types.toml", (id,))]
        for language in comparison.languages:
            locations.append(ContentKey(f"{language}/phrases.toml", ("incident_type", id)))
            lists = comparison.read_table(comparison.own_folder, f"{language}/lists.toml")
            entries = [
                (name, entry)
                for key, name in LISTS_OF_INCIDENT_TYPES.items()
                for entry in program_types[id].get(key, ())
            ]
            locations += [ContentKey(f"{language}/lists.toml", key) for key in entries if value_at(lists, key) is None]
        yield MissingContent(
            f"incident_types.{id}",
            required=False,
            locations=tuple(location for location in locations if _has_key(comparison, location)),
        )


def _has_key(comparison: ContentComparison, location: ContentKey) -> bool:
    return value_at(comparison.read_table(comparison.program_folder, location.file), location.key) is not None


def _missing_files(comparison: ContentComparison) -> Iterator[MissingContent]:
    names = [f"{language}/{name}.toml" for language in comparison.languages for name in OPTIONAL_FILES]
    paths = (
        path
        for folder in WHOLE_FOLDERS
        for path in sorted((comparison.program_folder / folder).rglob("*"))
        if path.is_file()
    )
    for name in (*names, *(path.relative_to(comparison.program_folder).as_posix() for path in paths)):
        if (comparison.program_folder / name).is_file() and not (comparison.own_folder / name).exists():
            yield MissingContent(name, required=False, locations=(ContentKey(name),))


def find_own_content(own_folder: Path, program_folder: Path) -> tuple[OwnContent, ...]:
    """Where a company has changed shipped content; additions are left out."""
    comparison = ContentComparison(own_folder, program_folder)
    return tuple(
        OwnContent(ContentKey(file, key), own_value, program_value)
        for file in comparison.files
        for key, own_value, program_value in _differing_keys(
            comparison.read_table(comparison.own_folder, file), comparison.read_table(comparison.program_folder, file)
        )
    )


def _differing_keys(
    own_table: Mapping[str, Any], program_table: Mapping[str, Any], prefix: KeyPath = ()
) -> Iterator[tuple[KeyPath, object, object]]:
    for name, value in program_table.items():
        if name in own_table and isinstance(value, dict) and isinstance(own_table[name], dict):
            yield from _differing_keys(own_table[name], value, (*prefix, name))
        elif name in own_table and own_table[name] != value:
            yield (*prefix, name), own_table[name], value


def select_missing(
    missing: Collection[MissingContent], names: Collection[str]
) -> tuple[tuple[MissingContent, ...], tuple[str, ...]]:
    """The missing content with these names, and names that match nothing. A name may be a prefix of several
    (``scenarios``, ``lists.cause``)."""
    selected = tuple(item for item in missing if any(_matches_name(item.name, asked) for asked in names))
    return selected, tuple(
        requested for requested in names if not any(_matches_name(new.name, requested) for new in missing)
    )


def _matches_name(name: str, requested: str) -> bool:
    stem = requested.rstrip("/.")
    return name == stem or name.startswith((f"{stem}.", f"{stem}/"))
