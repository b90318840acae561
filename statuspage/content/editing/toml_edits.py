"""Edits of one TOML file as text: only the lines that an edit is about change."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Item

from statuspage.content.loading import KeyPath, Statement, iter_statements

Value: TypeAlias = str | bool | int | float | date | Sequence[str] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SetValue:
    """Sets the value at this path; tables on the way are made. A number in a path counts the tables of a list."""

    path: KeyPath
    value: Value


@dataclass(frozen=True, slots=True)
class Unset:
    """Removes the value or the table at this path, if it is there; also one of a list of tables, by its number.
    Comments stay."""

    path: KeyPath


@dataclass(frozen=True, slots=True)
class AppendTable:
    """Adds a table to the end of a list of tables, ``[[name]]``; a dotted name is that of a list inside a table."""

    name: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class ReorderTables:
    """Puts the tables of a list into this order, each with the comment lines right above it. ``order`` has the present
    number of each table once."""

    name: str
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReorderSections:
    """Puts the tables of the file itself, ``[name]``, into this order, each with the comment lines right above it.
    ``order`` has the name of each once."""

    order: tuple[str, ...]


Edit: TypeAlias = SetValue | Unset | AppendTable | ReorderTables | ReorderSections


class EditFailed(Exception):
    """The file is not valid TOML, or is written in a way that cannot be edited; edit it by hand."""


def apply_edits(content: bytes, edits: Sequence[Edit]) -> bytes:
    """The file with these edits, one after the other. An empty file is ``b""``. Raises EditFailed."""
    mark, text = (_MARK, content[len(_MARK) :]) if content.startswith(_MARK) else (b"", content)
    try:
        edited = text.decode("utf-8")
        for edit in edits:
            edited = _apply_checked(edited, edit)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, TOMLKitError, LookupError, TypeError) as error:
        raise EditFailed(str(error)) from error
    return mark + edited.encode()


_MARK = b"\xef\xbb\xbf"
"""The byte order mark that some editors write."""


def _apply_checked(text: str, edit: Edit) -> str:
    """One edit. What the file then says is compared with what it should say."""
    before = tomllib.loads(text)
    edited = _apply(text, edit)
    if _without_empty(tomllib.loads(edited)) != _without_empty(_expected(before, edit)):
        raise EditFailed("the file is written in a way that cannot be edited here")
    return edited


def _without_empty(table: dict[str, object]) -> dict[str, object]:
    """The table without tables, and lists of tables, in which nothing is: a header alone says nothing."""
    inner = {key: _without_empty(value) if isinstance(value, dict) else value for key, value in table.items()}
    return {key: value for key, value in inner.items() if value not in ({}, [])}


def _apply(text: str, edit: Edit) -> str:
    match edit:
        case SetValue(path, value):
            return _set_value(text, path, value)
        case Unset(path):
            return _unset(text, path)
        case AppendTable(name, values):
            lines, parts = [f"{_key(key)} = {_literal(value)}" for key, value in values.items()], name.split(".")
            return _add_block(text, tuple(parts), [f"[[{'.'.join(map(_key, parts))}]]", *lines])
        case ReorderTables(name, order):
            return _reorder(text, name, order)
        case ReorderSections(names):
            return _reorder_sections(text, names)


def _expected(table: dict[str, object], edit: Edit) -> Any:
    """What the file says after the edit."""
    match edit:
        case SetValue(path, value):
            return _with_value(table, path, _as_read(value))
        case Unset(path):
            return _without_value(table, path)
        case AppendTable(name, values):
            added = {key: _as_read(value) for key, value in values.items()}
            return _with_value(table, tuple(name.split(".")), [*_tables_at(table, name), added])
        case ReorderTables(name, order):
            tables = table[name]
            return {**table, name: [tables[number] for number in order] if isinstance(tables, list) else tables}
        case ReorderSections(_):
            return table


def _tables_at(table: object, name: str) -> list[object]:
    """The list of tables of this name; an empty one if there is none."""
    for part in name.split("."):
        table = table.get(part, []) if isinstance(table, dict) else []
    return table if isinstance(table, list) else []


def _as_read(value: Value) -> object:
    """The value as it is read from a file."""
    return list(value) if isinstance(value, (list, tuple)) else dict(value) if isinstance(value, Mapping) else value


def _with_value(table: Any, path: KeyPath, value: object) -> Any:
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        if not isinstance(table, list):
            raise LookupError("there is no such table")
        return [_with_value(each, rest, value) if number == first else each for number, each in enumerate(table)]
    if not isinstance(table, dict):
        raise LookupError(f"{first} is inside a value")
    return {**table, str(first): _with_value(table.get(first, {}), rest, value) if rest else value}


def _without_value(table: Any, path: KeyPath) -> Any:
    first, rest = path[0], path[1:]
    if isinstance(first, int) and isinstance(table, list):
        if not rest:
            return [each for number, each in enumerate(table) if number != first]
        return [_without_value(each, rest) if number == first else each for number, each in enumerate(table)]
    if not isinstance(table, dict) or first not in table:
        return table
    kept = {key: value for key, value in table.items() if key != first}
    return {**table, str(first): _without_value(table[first], rest)} if rest else kept


def _set_value(text: str, path: KeyPath, value: Value) -> str:
    statements = tuple(iter_statements(text))
    own = next((each for each in statements if each.path == path and not each.is_header), None)
    if own is not None:
        return _replace_line(text, own, (), value)
    inline = next((each for each in statements if not each.is_header and each.path == path[: len(each.path)]), None)
    if inline is not None:
        return _replace_line(text, inline, path[len(inline.path) :], value)
    parent, line = path[:-1], f"{_key(path[-1])} = {_literal(value)}"
    members = [each for each in statements if each.table == parent]
    if members or not parent:
        return _insert_line(text, members[-1].end if members else _before_tables(text, statements), line)
    return _add_block(text, parent, [f"[{'.'.join(map(_key, _names(parent)))}]", line])


def _replace_line(text: str, statement: Statement, inner: KeyPath, value: Value) -> str:
    """The statement with another value, or with another value inside its inline table; its comment stays."""
    document = tomlkit.parse(text[statement.start : statement.end])
    names = (*_names(statement.path[len(statement.table) :]), *_names(inner))
    holder: Any = document
    for name in names[:-1]:
        holder = holder[name]
    holder[names[-1]] = _item(value)
    return text[: statement.start] + document.as_string() + text[statement.end :]


def _unset(text: str, path: KeyPath) -> str:
    for statement in reversed(tuple(iter_statements(text))):
        if statement.path[: len(path)] == path:
            text = text[: statement.start] + text[statement.end :]
    return text


def _before_tables(text: str, statements: Sequence[Statement]) -> int:
    """Where a first key of the file itself stands: before its first table and the comment of that."""
    first = next((each for each in statements if each.is_header), None)
    return _comment_start(text, first.start) if first else len(text)


def _add_block(text: str, path: KeyPath, lines: Sequence[str]) -> str:
    """The text with a new table, behind its nearest relatives, with a blank line before it."""
    line_end = _line_end(text)
    position = _end_of_relatives(text, path)
    before, after = text[:position], text[position:]
    if before and not before.endswith("\n"):
        before += line_end
    is_apart = not before or before.endswith(f"{line_end}{line_end}")
    block = "".join(f"{line}{line_end}" for line in lines)
    gap = line_end if after and not after.startswith(("\n", "\r\n")) else ""
    return f"{before}{'' if is_apart else line_end}{block}{gap}{after}"


def _end_of_relatives(text: str, path: KeyPath) -> int:
    """Behind the last statement that shares the longest beginning of this path; else the end of the file."""
    statements = tuple(iter_statements(text))
    for length in range(len(path), 0, -1):
        related = [each for each in statements if each.path[:length] == path[:length]]
        if related:
            return related[-1].end
    return len(text)


def _insert_line(text: str, position: int, line: str) -> str:
    line_end = _line_end(text)
    before = text[:position]
    gap = line_end if before and not before.endswith("\n") else ""
    return f"{before}{gap}{line}{line_end}{text[position:]}"


def _reorder(text: str, name: str, order: tuple[int, ...]) -> str:
    """The blocks change places; the blank lines between them stay where they are."""
    headers = [each for each in iter_statements(text) if each.is_header]
    starts = [_comment_start(text, each.start) for each in headers]
    blocks: dict[int, tuple[int, int]] = {}
    for header, start, end in zip(headers, starts, [*starts[1:], len(text)], strict=True):
        if header.path[0] == name and len(header.path) == 2 and isinstance(header.path[1], int):
            blocks[header.path[1]] = (start, start + len(text[start:end].rstrip()))
    if sorted(order) != sorted(blocks):
        raise LookupError(f"the tables of {name} are not those that were to be put in order")
    return _rebuild(text, blocks, order)


def _reorder_sections(text: str, order: tuple[str, ...]) -> str:
    """The sections change places, with the tables inside them; the blank lines between them stay where they are."""
    headers = [each for each in iter_statements(text) if each.is_header]
    names = [str(each.path[0]) for each in headers]
    firsts = [place for place, name in enumerate(names) if place == 0 or names[place - 1] != name]
    present = [names[place] for place in firsts]
    if sorted(order) != sorted(present):
        raise LookupError("the tables of the file are not those that were to be put in order")
    starts = [_comment_start(text, headers[place].start) for place in firsts]
    blocks = {
        number: (start, start + len(text[start:end].rstrip()))
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True))
    }
    return _rebuild(text, blocks, tuple(present.index(name) for name in order))


def _rebuild(text: str, blocks: Mapping[int, tuple[int, int]], order: tuple[int, ...]) -> str:
    parts, position = [], 0
    for place, number in enumerate(order):
        start, end = blocks[place]
        parts += [text[position:start], text[slice(*blocks[number])]]
        position = end
    return "".join((*parts, text[position:]))


def _comment_start(text: str, position: int) -> int:
    """Where the comment lines right above this position begin; lines above a blank line belong to the file."""
    start = text.rfind("\n", 0, position) + 1
    while start > 0:
        above = text.rfind("\n", 0, start - 1) + 1
        if not text[above:start].lstrip().startswith("#"):
            return start
        start = above
    return start


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _names(path: KeyPath) -> tuple[str, ...]:
    return tuple(part for part in path if isinstance(part, str))


def _key(part: str | int) -> str:
    return str(part) if _BARE_KEY.fullmatch(str(part)) else tomlkit.key(str(part)).as_string()


_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def _literal(value: Value) -> str:
    return _item(value).as_string()


def _item(value: Value) -> Item:
    """The value as it is written; a table on one line."""
    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        inline.update(value)
        return inline
    return tomlkit.item(list(value) if isinstance(value, (list, tuple)) else value)
