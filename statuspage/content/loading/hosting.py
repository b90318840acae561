"""Reads ``targets.toml``: the places the public page is carried to. A file that many go without."""

from __future__ import annotations

from collections.abc import Mapping

from statuspage.content.loading.site import check_id
from statuspage.content.loading.table_reader import Table
from statuspage.domain import TargetSpec
from statuspage.integrations.hosting import NAME, TYPES, Option


def targets(table: Table) -> dict[str, TargetSpec]:
    """Each target by its name, in the file's order; one that cannot be used as it is written is left out."""
    found = {name: _target(name, one) for name, one in table.each()}
    return {name: spec for name, spec in found.items() if spec.type and _needed(spec.type) <= spec.options.keys()}


def _target(name: str, table: Table) -> TargetSpec:
    check_id(table, name)
    type = table.choice("type", TYPES)
    keep = table.texts("keep")
    for one in keep:
        if not NAME.fullmatch(one):
            table.blame(f"“{one}” is no name of a file or folder at the top of the target.", "keep")
    options = _options(table, TYPES[type].options) if type else {}
    if type:
        table.finish()
    return TargetSpec(name, type, options, keep)


def _needed(type: str) -> set[str]:
    return {key for key, option in TYPES[type].options.items() if option.needed}


def _options(table: Table, known: Mapping[str, Option]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, option in known.items():
        value = table.text(key, None if option.needed else option.default)
        if value and not option.pattern.fullmatch(value):
            table.blame(f"“{value}” cannot be used here; write it as in “{option.example}”.", key)
        elif value:
            found[key] = value
    return found
