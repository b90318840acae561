"""Reads ``hosts.toml`` (optional): the hosts of the public page."""

from __future__ import annotations

from collections.abc import Mapping

from statuspage.content.loading.site import check_id
from statuspage.content.loading.table_reader import Table
from statuspage.domain import HostSpec
from statuspage.integrations.hosting import NAME, TYPES, Option


def read_hosts(table: Table) -> dict[str, HostSpec]:
    """Each host by its name, in the file's order. Hosts with invalid settings are left out."""
    hosts = {name: _read_host(name, entry) for name, entry in table.iter_tables()}
    return {
        name: host for name, host in hosts.items() if host.type and _required_options(host.type) <= host.options.keys()
    }


def _read_host(name: str, table: Table) -> HostSpec:
    check_id(table, name)
    type = table.get_choice("type", TYPES)
    keep = table.get_texts("keep")
    for entry in keep:
        if not NAME.fullmatch(entry):
            table.add_error(f"“{entry}” is not the name of a file or folder at the top level of the host.", "keep")
    options = _read_options(table, TYPES[type].options) if type else {}
    if type:
        table.reject_unknown_keys()
    return HostSpec(name, type, options, keep)


def _required_options(type: str) -> set[str]:
    return {key for key, option in TYPES[type].options.items() if option.required}


def _read_options(table: Table, options: Mapping[str, Option]) -> dict[str, str]:
    values: dict[str, str] = {}
    for key, option in options.items():
        value = table.get_text(key, None if option.required else option.default)
        if value and not option.pattern.fullmatch(value):
            table.add_error(f"“{value}” cannot be used here; write it like “{option.example}”.", key)
        elif value:
            values[key] = value
    return values
