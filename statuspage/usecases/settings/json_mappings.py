"""Mappings of generic JSON as the desk sets them up: tried on a pasted message before they are kept."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from statuspage.content.editing import Edit, SetValue, Unset
from statuspage.domain import JsonMapping, MonitorAlert
from statuspage.integrations.monitors import all_monitors
from statuspage.usecases.settings.content_files import ContentStore, FileChange

MAPPINGS_FILE = "alerts.toml"

PATHS = ("id", "title", "summary", "state", "started_at", "ended_at", "url", "alerts")
"""The keys of a mapping that are paths in a message."""

REQUIRED = ("id", "title")

MOST_PATHS = 60
"""The maximum number of values of a message that are offered."""


@dataclass(frozen=True, slots=True)
class TypedMapping:
    """A mapping as typed: its paths by key, the values that mean *over*, separated by commas, and the labels, one
    ``LABEL = PATH`` a line."""

    paths: Mapping[str, str] = field(default_factory=dict)
    resolved_values: str = ""
    labels: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        """The values that mean *over*."""
        return tuple(filter(None, map(str.strip, self.resolved_values.replace("、", ",").split(","))))

    @property
    def label_paths(self) -> dict[str, str]:
        """The path of each label."""
        pairs = (line.partition("=") for line in self.labels.splitlines() if line.strip())
        return {name.strip(): path.strip() for name, _, path in pairs}

    def as_mapping(self, name: str) -> JsonMapping:
        """The mapping that these fields make."""
        return JsonMapping(
            name,
            **{key: self.paths.get(key, "") for key in PATHS},
            resolved_values=tuple(value.lower() for value in self.values),
            labels=self.label_paths,
        )


def own_mappings(store: ContentStore) -> Mapping[str, Any]:
    """The tables of the instance's own monitors, as its file has them."""
    with suppress(tomllib.TOMLDecodeError, UnicodeDecodeError):
        sources = tomllib.loads((store.read(MAPPINGS_FILE) or b"").decode("utf-8-sig")).get("source", {})
        return sources if isinstance(sources, dict) else {}
    return {}


def typed_from(table: Mapping[str, Any]) -> TypedMapping:
    """The fields of a mapping that the file has."""
    labels = table.get("labels", {})
    return TypedMapping(
        {key: str(table.get(key, "")) for key in PATHS},
        ", ".join(map(str, table.get("resolved_values", []))),
        "\n".join(f"{name} = {path}" for name, path in labels.items()) if isinstance(labels, dict) else "",
    )


def try_mapping(name: str, typed: TypedMapping, message: str, now: datetime) -> tuple[MonitorAlert, ...]:
    """What a message becomes. Raises Unreadable."""
    return all_monitors({name: typed.as_mapping(name)})[name].parse(message.encode(), now)


def list_values(message: str, below: str = "") -> tuple[tuple[str, str], ...]:
    """The paths in a message with the value of each, as a mapping names them; empty if it is no JSON. ``below``: in the
    first item of the list at this path."""
    try:
        content = json.loads(message)
    except (ValueError, RecursionError):
        return ()
    for part in filter(None, below.split(".")):
        content = content.get(part) if isinstance(content, dict) else None
    if below and isinstance(content, list):
        content = content[0] if content else None
    return tuple(islice(_walk(content, ""), MOST_PATHS))


def _walk(content: object, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > 8:
        return
    if isinstance(content, dict | list):
        pairs = content.items() if isinstance(content, dict) else enumerate(content)
        for key, value in pairs:
            yield from _walk(value, f"{path}.{key}" if path else str(key), depth + 1)
    elif path and content is not None:
        yield path, json.dumps(content, ensure_ascii=False) if isinstance(content, bool) else str(content)[:80]


def change_mapping(store: ContentStore, name: str, typed: TypedMapping, *, seen: str) -> FileChange:
    """Keeps a mapping: ``[source.NAME]``."""
    before = typed_from(own_mappings(store).get(name, {}))
    edits: list[Edit] = []
    for key in PATHS:
        edits += _edit(("source", name, key), before.paths.get(key, ""), typed.paths.get(key, ""))
    edits += _edit(("source", name, "resolved_values"), before.values, typed.values)
    if before.label_paths != typed.label_paths:
        labels = ("source", name, "labels")
        edits += [Unset(labels), *(SetValue((*labels, label), path) for label, path in typed.label_paths.items())]
    is_new = name not in own_mappings(store)
    return FileChange(
        *({MAPPINGS_FILE: edits}, (MAPPINGS_FILE,), seen, "monitor.mapped", name),
        before=None if is_new else _described(before),
        after=_described(typed),
    )


def remove_mapping(store: ContentStore, name: str, *, seen: str) -> FileChange:
    """Removes a mapping; messages of this name are refused from then on."""
    before = _described(typed_from(own_mappings(store).get(name, {})))
    return FileChange(
        {MAPPINGS_FILE: [Unset(("source", name))]}, (MAPPINGS_FILE,), seen, "monitor.unmapped", name, before, None
    )


def _edit(path: tuple[str, ...], old: object, new: str | tuple[str, ...]) -> list[Edit]:
    if old == new:
        return []
    return [SetValue(path, new) if new else Unset(path)]


def _described(typed: TypedMapping) -> dict[str, object]:
    """The mapping as the audit log shows it."""
    described: dict[str, object] = {key: path for key, path in typed.paths.items() if path}
    described |= {"resolved_values": list(typed.values)} if typed.values else {}
    return described | ({"labels": typed.label_paths} if typed.label_paths else {})
