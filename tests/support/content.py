"""The content of the demo company, as it comes with the program, and copies of it to change."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from statuspage import bundled
from statuspage.content import validation
from statuspage.content.loading.loader import read_content
from statuspage.content.validation import wording_check
from statuspage.domain.catalog import Catalog

SHIPPED = bundled.folder("content")
DEMO = SHIPPED / "demo"
"""The demo company's own files."""

STARTER = SHIPPED / "starters" / "fitness"
LANGUAGES = SHIPPED / "languages"
SAMPLE_ALERT = STARTER / "sample_alert.json"

LAYERS = (LANGUAGES, STARTER, DEMO)

MERGED = ("phrases.toml", "lists.toml", "incident_types.toml", "organisation.toml")
"""Files of which several layers have a part."""


@contextmanager
def without_long_check() -> Iterator[None]:
    """Content that is loaded in this block counts as checked. That every sentence of the demo company and of the
    starters can be said and fits is tested by itself, in ``unit/content``.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "check_wording", lambda catalog, *, now, recall: ())
        yield


@contextmanager
def languages_count_as_checked() -> Iterator[None]:
    """As above, and the instance keeps it for each language: a copy of it in which no word was changed, only a channel
    for example, is not checked for half a minute by each program that is started with it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wording_check, "_check_language", lambda part, now: ())
        patch.setattr(validation, "check_wording", wording_check.check_wording)
        yield


@cache
def demo_catalog() -> Catalog:
    """The content of the demo company; nobody changes a catalog."""
    catalog, faults = read_content(DEMO)
    assert catalog is not None, faults
    return catalog


@cache
def drill_catalog() -> Catalog:
    """The same with the marks of a drill."""
    catalog, faults = read_content(DEMO, with_marks=True)
    assert catalog is not None, faults
    return catalog


def whole_copy(folder: Path) -> Path:
    """An instance's content in which every file of every layer is its own, to be changed. Returns the folder."""
    for layer in LAYERS:
        shutil.copytree(layer, folder, dirs_exist_ok=True)
    for name, text in _merged_files().items():
        (folder / name).write_text(text, "utf-8")
    return folder


@cache
def _merged_files() -> Mapping[Path, str]:
    """The files of which several layers have a part, each put together."""
    files = {}
    for name in {path.relative_to(layer) for layer in LAYERS for file in MERGED for path in layer.rglob(file)}:
        parts = [layer / name for layer in LAYERS if (layer / name).exists()]
        if len(parts) > 1:
            merged: dict[str, Any] = {}
            for part in parts:
                merged = _merge(merged, tomllib.loads(part.read_text("utf-8")))
            files[name] = "\n".join(_lines(merged)) + "\n"
    return files


def _merge(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        is_table = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if is_table else value
    return merged


def _lines(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """TOML: the values of a table, then the tables in it."""
    for key, value in table.items():
        if not _is_table(value):
            yield f"{key} = {json.dumps(value, ensure_ascii=False)}"
    for key, value in table.items():
        inner = (*path, key)
        if isinstance(value, dict) and _is_table(value):
            if any(not _is_table(below) for below in value.values()):
                yield f"\n[{'.'.join(inner)}]"
            yield from _lines(value, inner)
        elif _is_table(value):
            for entry in value:
                yield f"\n[[{'.'.join(inner)}]]"
                yield from _inline(entry)


def _inline(entry: Mapping[str, Any]) -> Iterator[str]:
    """The values of a table of a list; a table in it is written inline."""
    for key, value in entry.items():
        if isinstance(value, dict):
            pairs = ", ".join(f"{name} = {json.dumps(inner, ensure_ascii=False)}" for name, inner in value.items())
            yield f"{key} = {{ {pairs} }}"
        else:
            yield f"{key} = {json.dumps(value, ensure_ascii=False)}"


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))
