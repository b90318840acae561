"""Questions about the files of an instance's content, without reading all of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from statuspage.content.compiled import Lookups
from statuspage.content.loading.folder import ContentFolder
from statuspage.content.loading.language_pack import find_path
from statuspage.content.loading.toml_source import TomlSource
from statuspage.domain import ContentError


def drill_marks(folder: Path, lookups: Lookups | None = None) -> tuple[str, ...]:
    """The marks of a drill in every language there is, also in those that are not in use. ``lookups`` records what is
    looked up.
    """
    content_folder = ContentFolder(folder, lookups=lookups)
    tables = [content_folder.read_table(name).values for name in content_folder.glob("*/drill.toml")]
    keys = ("start_mark", "end_mark", "banner")
    return tuple(str(table[key]).strip() for table in tables for key in keys if table.get(key))


def sample_alert(folder: Path) -> bytes:
    """The alert that a drill fires when none is named: the instance's own, else its starter's."""
    return ContentFolder(folder).read_bytes(SAMPLE_ALERT) or b""


SAMPLE_ALERT = "sample_alert.json"


def has_shipped_words(folder: Path, keys: Collection[tuple[str, str]]) -> bool:
    """Whether the program has its own words for each of these: a file below the instance's, and a key in it."""
    content_folder = ContentFolder(folder, keys)
    return bool(keys) and all(_has_value(content_folder, file, key) for file, key in keys)


def _has_value(folder: ContentFolder, file: str, key: str) -> bool:
    is_own_words = PurePosixPath(file).stem in WORD_FILES and (folder.path / file).is_file()
    if not is_own_words or not folder.exists(file):
        return False
    table = folder.read_table(file).values
    return not key or ".".join(map(str, find_path(table, key))) == key


WORD_FILES = ("phrases", "lists", "labels", "desk", "glossary", "everyday", "drill")
"""Files of a language whose words the program has too."""


def locate_errors(folder: Path, errors: Sequence[ContentError]) -> tuple[ContentError, ...]:
    """Errors that have only file and key, as those of the validation, with the line of the key."""
    content_folder = ContentFolder(folder)
    sources = {name: content_folder.read_table(name).source for name in {error.file for error in errors}}
    return tuple(_locate(sources[error.file], error) for error in errors)


def _locate(source: TomlSource, error: ContentError) -> ContentError:
    path = find_path(source.table, error.key)
    holder = source.holder_of(path)
    return replace(error, file=holder.name, line=holder.find_line(path))
