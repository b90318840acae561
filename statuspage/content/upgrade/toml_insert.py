"""Inserts keys of one TOML file into another as text, keeping its comments, order and values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from statuspage.content.loading import KeyPath, Statement, iter_statements


class CannotInsert(Exception):
    """The key cannot be inserted, because the file is structured differently. Nothing was changed."""


def insert_key(text: str, source: str, path: KeyPath) -> str:
    """The text with everything that ``source`` has under this key, placed as in ``source``. The text must not have the
    key.

    Raises CannotInsert if the result would not be exactly the union of both.
    """
    has_crlf = "\r\n" in text
    target, source = text.replace("\r\n", "\n"), source.replace("\r\n", "\n")
    new_statements = [candidate for candidate in iter_statements(source) if candidate.path[: len(path)] == path]
    result = target
    for statement in (
        candidate for candidate in new_statements if not candidate.is_header and candidate.table[: len(path)] != path
    ):
        result = _insert_key_value(result, source, statement)
    if blocks := [candidate for candidate in new_statements if candidate.table[: len(path)] == path]:
        result = _insert_tables(result, source, blocks)
    _verify_insert(target, source, result, path)
    return result.replace("\n", "\r\n") if has_crlf else result


def _insert_key_value(text: str, source: str, new_statement: Statement) -> str:
    """Inserts one key with its value into its table, which may be written differently here or be missing."""
    existing = list(iter_statements(text))
    earlier_paths = [
        statement.path
        for statement in iter_statements(source)
        if statement.table == new_statement.table and statement.start < new_statement.start
    ]
    same_table = [statement for statement in existing if statement.table == new_statement.table]
    addition = source[new_statement.start : new_statement.end].rstrip("\n") + "\n"
    if not new_statement.table and not same_table:
        return addition + text
    if same_table:
        preceding = [
            statement for statement in same_table if statement.path in earlier_paths and not statement.is_header
        ]
        anchor = (
            preceding[-1] if preceding else next((statement for statement in same_table if statement.is_header), None)
        )
        return addition + text if anchor is None else _insert_at(text, anchor.end, addition)
    outer = [
        statement
        for statement in existing
        if len(statement.table) < len(new_statement.table) and not statement.is_header
    ]
    dotted_keys = [
        statement for statement in outer if statement.path[: len(new_statement.table)] == new_statement.table
    ]
    if dotted_keys and dotted_keys[0].table != new_statement.table[: len(dotted_keys[0].table)]:
        raise CannotInsert
    if dotted_keys:
        prefix = ".".join(map(str, new_statement.table[len(dotted_keys[-1].table) :]))
        return _insert_at(text, dotted_keys[-1].end, f"{prefix}.{addition}")
    return _insert_at(text, len(text), f"\n[{'.'.join(map(str, new_statement.table))}]\n{addition}")


def _insert_tables(text: str, source: str, blocks: list[Statement]) -> str:
    """Inserts whole tables after the table that precedes them in the source and also exists here."""
    first, last = blocks[0], blocks[-1]
    addition = source[first.start : last.end].rstrip("\n") + "\n"
    known_tables = {statement.table for statement in iter_statements(text)}
    earlier_tables = [
        statement.table
        for statement in iter_statements(source)
        if statement.is_header and statement.start < first.start and statement.table in known_tables
    ]
    if not earlier_tables:
        return _insert_at(text, len(text), f"\n{addition}")
    return _insert_at(
        text,
        max(statement.end for statement in iter_statements(text) if statement.table == earlier_tables[-1]),
        f"\n{addition}",
    )


def _insert_at(text: str, position: int, addition: str) -> str:
    head = text[:position]
    return f"{head}{'' if head.endswith(chr(10)) or not head else chr(10)}{addition}{text[position:]}"


def _verify_insert(original: str, source: str, updated: str, path: KeyPath) -> None:
    """Checks that all old values are unchanged and only the new key is added."""
    try:
        own_table, merged_table, program_table = (tomllib.loads(text) for text in (original, updated, source))
    except tomllib.TOMLDecodeError as error:
        raise CannotInsert from error
    expected, value = own_table, value_at(program_table, path)
    if value_at(merged_table, path) != value or _without_key(merged_table, path) != _without_key(expected, path):
        raise CannotInsert


def value_at(table: Mapping[str, Any], path: KeyPath) -> Any:
    """The value of this key; None if there is none."""
    value: Any = table
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


def _without_key(table: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
    """The table without this key, and without tables that become empty."""
    name, *rest = path
    inner = table.get(str(name))
    remaining = {key: value for key, value in table.items() if key != name}
    if rest and isinstance(inner, dict) and (inner_remaining := _without_key(inner, tuple(rest))):
        remaining[str(name)] = inner_remaining
    return remaining
