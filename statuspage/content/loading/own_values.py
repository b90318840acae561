"""What an instance says otherwise than the program: its own values over those of its starter and language packs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from statuspage.content.loading.folder import ContentFolder
from statuspage.content.loading.toml_source import KeyPath, TomlSource, dotted_key
from statuspage.domain import ContentError


@dataclass(frozen=True, slots=True)
class LayerValue:
    """A value of one layer. ``file`` is the layer's file, such as ``languages/en/phrases.toml``."""

    file: str
    line: int
    key: str
    value: object


def find_values(folder: Path, key: str, file: str = "") -> tuple[tuple[LayerValue, ...], ...]:
    """The values of this dotted key, for each file that has it (only ``file`` if that is given): the one that counts
    first, then those of the layers below.
    """
    content = ContentFolder(folder)
    names = [name for name in content.glob("**/*.toml") if file in ("", name)]
    found = (tuple(_values_of(content.read_table(name).source, key)) for name in names)
    return tuple(values for values in found if values)


def find_own_values(folder: Path) -> tuple[tuple[LayerValue, LayerValue], ...]:
    """Each value of the instance that replaces one of the program, with that one."""
    content = ContentFolder(folder)
    sources = (content.read_table(name).source for name in content.glob("**/*.toml"))
    return tuple(pair for source in sources for pair in _own_values_of(source))


def known_keys(folder: Path) -> tuple[str, ...]:
    """Every key of every file, in alphabetical order."""
    content = ContentFolder(folder)
    sources = (content.read_table(name).source for name in content.glob("**/*.toml"))
    return tuple(sorted({dotted_key(path) for source in sources for path, _ in _leaves(source.table)}))


def find_stray_keys(source: TomlSource, own_types: Collection[str]) -> Iterator[ContentError]:
    """Keys of the instance's own file of words that no layer below has, so that nothing reads them.

    The sentences of its own incident types are known by them: ``incident_type.ID``.
    """
    if source.lower is None or source.is_shipped:
        return
    shipped = {dotted_key(path) for path, _ in _leaves(source.lower.table)}
    for path in source.lines:
        key = dotted_key(path)
        is_leaf = not isinstance(_value_at(source.table, path), dict)
        if not is_leaf or key in shipped or (path[0] == "incident_type" and path[1:2] and path[1] in own_types):
            continue
        nearest = get_close_matches(key, shipped, n=1, cutoff=0.6)
        hint = f"did you mean “{nearest[0]}”?" if nearest else "delete it."
        yield source.error_at(path, f"“{key}” is not known here; {hint}")


def _values_of(source: TomlSource, key: str) -> Iterator[LayerValue]:
    path = tuple(key.split("."))
    layer: TomlSource | None = source
    while layer is not None:
        if any(own[: len(path)] == path for own in layer.lines):
            yield LayerValue(layer.name, layer.find_line(path), key, _value_at(layer.table, path))
        layer = layer.lower


def _own_values_of(source: TomlSource) -> Iterator[tuple[LayerValue, LayerValue]]:
    if source.lower is None or source.is_shipped:
        return
    for path, value in _leaves(source.table):
        below = _value_at(source.lower.table, path)
        if path in source.lines and below is not None and below != value:
            holder = source.lower.holder_of(path)
            yield (
                LayerValue(source.name, source.find_line(path), dotted_key(path), value),
                LayerValue(holder.name, holder.find_line(path), dotted_key(path), below),
            )


def _leaves(table: Mapping[str, Any], path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _value_at(table: object, path: KeyPath) -> object:
    for part in path:
        if isinstance(part, int):
            table = table[part] if isinstance(table, list) and part < len(table) else None
        else:
            table = table.get(part) if isinstance(table, dict) else None
    return table
