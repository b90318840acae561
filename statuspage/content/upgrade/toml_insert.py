"""Puts keys of one TOML file into another, as text: comments, order and words of the other stay as they are."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from statuspage.content.loading import Path, Statement, statements


class NotPossible(Exception):
    """The other file is written in such a way that this key has no place in it. Nothing was changed."""


def inserted(text: str, source: str, path: Path) -> str:
    """The text with all that ``source`` has under this key, of which it has nothing; after what stands before it there.

    Raises NotPossible where the result would say anything else than both together.
    """
    has_crlf = "\r\n" in text
    target, source = text.replace("\r\n", "\n"), source.replace("\r\n", "\n")
    new_statements = [candidate for candidate in statements(source) if candidate.path[: len(path)] == path]
    result = target
    for statement in (candidate for candidate in new_statements if not candidate.is_header and candidate.table[: len(path)] != path):
        result = _key_into(result, source, statement)
    if blocks := [candidate for candidate in new_statements if candidate.table[: len(path)] == path]:
        result = _tables_into(result, source, blocks)
    _compare(target, source, result, path)
    return result.replace("\n", "\r\n") if has_crlf else result


def _key_into(text: str, source: str, new_statement: Statement) -> str:
    """One key with its value into its table, which may be written in another way here, or not be there yet."""
    existing = list(statements(text))
    earlier_paths = [statement.path for statement in statements(source) if statement.table == new_statement.table and statement.start < new_statement.start]
    same_table = [statement for statement in existing if statement.table == new_statement.table]
    addition = source[new_statement.start : new_statement.end].rstrip("\n") + "\n"
    if not new_statement.table and not same_table:
        return addition + text
    if same_table:
        preceding = [statement for statement in same_table if statement.path in earlier_paths and not statement.is_header]
        anchor = preceding[-1] if preceding else next((statement for statement in same_table if statement.is_header), None)
        return addition + text if anchor is None else _after(text, anchor.end, addition)
    outer = [statement for statement in existing if len(statement.table) < len(new_statement.table) and not statement.is_header]
    dotted_keys = [statement for statement in outer if statement.path[: len(new_statement.table)] == new_statement.table]
    if dotted_keys and dotted_keys[0].table != new_statement.table[: len(dotted_keys[0].table)]:
        raise NotPossible
    if dotted_keys:
        prefix = ".".join(map(str, new_statement.table[len(dotted_keys[-1].table) :]))
        return _after(text, dotted_keys[-1].end, f"{prefix}.{addition}")
    return _after(text, len(text), f"\n[{'.'.join(map(str, new_statement.table))}]\n{addition}")


def _tables_into(text: str, source: str, blocks: list[Statement]) -> str:
    """Whole tables, after the one that stands before them in the source and is here too."""
    first, last = blocks[0], blocks[-1]
    addition = source[first.start : last.end].rstrip("\n") + "\n"
    known_tables = {statement.table for statement in statements(text)}
    earlier_tables = [statement.table for statement in statements(source) if statement.is_header and statement.start < first.start and statement.table in known_tables]
    if not earlier_tables:
        return _after(text, len(text), f"\n{addition}")
    return _after(text, max(statement.end for statement in statements(text) if statement.table == earlier_tables[-1]), f"\n{addition}")


def _after(text: str, position: int, addition: str) -> str:
    head = text[:position]
    return f"{head}{'' if head.endswith(chr(10)) or not head else chr(10)}{addition}{text[position:]}"


def _compare(original: str, source: str, updated: str, path: Path) -> None:
    """What was said is said still, and beside it the new key alone."""
    try:
        own_table, merged_table, program_table = (tomllib.loads(text) for text in (original, updated, source))
    except tomllib.TOMLDecodeError as error:
        raise NotPossible from error
    expected, value = own_table, at(program_table, path)
    if at(merged_table, path) != value or _without(merged_table, path) != _without(expected, path):
        raise NotPossible


def at(table: Mapping[str, Any], path: Path) -> Any:
    """What stands under this key; None where nothing does."""
    value: Any = table
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


def _without(table: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The table without this key, and without tables that have nothing else in them."""
    name, *rest = path
    inner = table.get(str(name))
    remaining = {key: value for key, value in table.items() if key != name}
    if rest and isinstance(inner, dict) and (inner_remaining := _without(inner, tuple(rest))):
        remaining[str(name)] = inner_remaining
    return remaining
