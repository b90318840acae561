"""Reads one TOML file of the content and records the line of each key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from statuspage.content.loading.toml_syntax import syntax_error
from statuspage.domain import ContentError, has_unreadable_characters

KeyPath = tuple[str | int, ...]
"""The path of a value: table names and keys from the outside in, and numbers for the tables of a list."""


@dataclass(frozen=True, slots=True)
class TomlSource:
    """A file, its values and their lines. ``name`` is relative to the content folder.

    ``lower`` is the same file of the layers below, where the values come from several layers. ``is_shipped``: it comes
    with the program.
    """

    name: str
    table: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    is_readable: bool = True
    is_clean: bool = True
    lower: TomlSource | None = None
    is_shipped: bool = False

    def without(self, keys: Iterable[str]) -> TomlSource:
        """The same file as if these dotted keys were not in it."""
        source = self
        for key in keys:
            path = tuple(key.split("."))
            source = replace(
                source,
                table=_without_path(source.table, path),
                lines={other: line for other, line in source.lines.items() if other[: len(path)] != path},
            )
        return source

    def holder_of(self, path: KeyPath) -> TomlSource:
        """The layer's file that this value comes from; the uppermost one for what none has."""
        source: TomlSource | None = self
        while source is not None:
            if path in source.lines:
                return source
            source = source.lower
        return self.holder_of(path[:-1]) if path else self

    def find_line(self, path: KeyPath) -> int:
        """The line of this key, else of something below it, else of the nearest table around it; 1 if there is none."""
        while path and path not in self.lines:
            inner_lines = [line for inner_path, line in self.lines.items() if inner_path[: len(path)] == path]
            if inner_lines:
                return min(inner_lines)
            path = path[:-1]
        return self.lines.get(path, 1)

    def error_at(self, path: KeyPath, message: str) -> ContentError:
        """An error at this key, in the file of the layer it comes from."""
        holder = self.holder_of(path)
        return ContentError(holder.name, holder.find_line(path), dotted_key(path), message)


def merge_sources(sources: Sequence[TomlSource]) -> TomlSource:
    """One file of several layers, the upper ones first. A table is put together key by key; any other value, also a
    list, is the uppermost layer's.

    It cannot be read if one of them cannot: what that one says otherwise is not known.
    """
    merged = sources[-1]
    for upper in reversed(sources[:-1]):
        merged = TomlSource(
            upper.name,
            _merge_tables(merged.table, upper.table),
            upper.lines,
            upper.is_readable and merged.is_readable,
            upper.is_clean and merged.is_clean,
            merged,
            upper.is_shipped,
        )
    return merged


def _without_path(table: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
    first, *rest = path
    inner = table.get(first)
    if not rest:
        return {key: value for key, value in table.items() if key != first}
    return {**table, first: _without_path(inner, tuple(rest))} if isinstance(inner, dict) else table


def _merge_tables(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _merge_tables(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def dotted_key(path: KeyPath) -> str:
    """``a.b.2.c``: the key as shown to people; lists count from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def parse_toml(name: str, content: bytes) -> tuple[TomlSource, tuple[ContentError, ...]]:
    """One file, with every error in its encoding or syntax. If it cannot be parsed, an empty source."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return TomlSource(name, is_readable=False), (ContentError(name, line, "", _NOT_UTF_8),)
    character_errors = tuple(_find_hidden_characters(name, text))
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return TomlSource(name, is_readable=False), character_errors or (syntax_error(name, text, error),)
    return TomlSource(name, table, _KeyLines(text), is_clean=not character_errors), character_errors


_NOT_UTF_8 = "This line is not UTF-8 text; save the file with the encoding UTF-8."


def _find_hidden_characters(name: str, text: str) -> Iterator[ContentError]:
    for line_number, line in enumerate(text.split("\n") if has_unreadable_characters(text) else (), 1):
        bad_characters = [character for character in line if has_unreadable_characters(character)]
        if bad_characters:
            yield ContentError(
                name,
                line_number,
                "",
                f"{describe_hidden_character(bad_characters[0])} Delete it, or write the line again.",
            )


def describe_hidden_character(character: str) -> str:
    """The name of an invisible character that reverses text or breaks a feed."""
    return f"There is an invisible character here (U+{ord(character):04X}) that breaks feeds or reverses text."


_KEY = r"""(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)"""
_KEYS = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_STATEMENT = re.compile(
    rf"(?P<list>\[\[[ \t]*(?P<list_name>{_KEYS})[ \t]*\]\])"
    rf"|(?P<table>\[[ \t]*(?P<table_name>{_KEYS})[ \t]*\])"
    rf"|(?P<value>(?P<key>{_KEYS})[ \t]*=)"
)
_VALUE = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'|#[^\n]*|[\[\]{}\n]|[^\"'#\[\]{}\n]+",
    re.DOTALL,
)


class _KeyLines(Mapping[KeyPath, int]):
    """The lines of a text's keys, looked for when one is first needed: mostly there is no error to locate."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _lines(self) -> Mapping[KeyPath, int]:
        return dict(_locate_keys(self._text))

    def __getitem__(self, path: KeyPath) -> int:
        return self._lines[path]

    def __iter__(self) -> Iterator[KeyPath]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def _locate_keys(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Every table header and key with its line. The text must be valid TOML."""
    text = text.replace("\r\n", "\n")
    line = position = 0
    for statement in iter_statements(text):
        line, position = line + text.count("\n", position, statement.start), statement.start
        yield statement.path, line + 1


@dataclass(frozen=True, slots=True)
class Statement:
    """A table header (``table`` is then its own path) or a key with its value, from ``start`` to the end of its
    line."""

    path: KeyPath
    table: KeyPath
    start: int
    end: int

    @property
    def is_header(self) -> bool:
        """Whether it is a table header."""
        return self.path == self.table


def iter_statements(text: str) -> Iterator[Statement]:
    """All statements of a text, which must be valid TOML with line feeds as line ends."""
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    position = 0
    while (match := _STATEMENT.search(text, position)) is not None:
        between = text[position : match.start()]
        if "#" in between and "\n" not in between[between.rindex("#") :]:
            position = text.find("\n", match.start()) + 1 or len(text)
            continue
        if match["value"]:
            path: KeyPath = (*table, *_key_parts(match["key"]))
            position = _value_end(text, match.end())
            yield Statement(path, table, match.start(), position)
        else:
            path = table = _header_path(match, counts)
            position = match.end()
            yield Statement(path, table, match.start(), text.find("\n", position) + 1 or len(text))


def _header_path(match: re.Match[str], counts: dict[KeyPath, int]) -> KeyPath:
    """The path of a table; after the name of a list of tables comes the table's number."""
    path: KeyPath = ()
    names = _key_parts(match["list_name"] or match["table_name"])
    for depth, name in enumerate(names, 1):
        path = (*path, name)
        if match["list"] and depth == len(names):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _key_parts(keys: str) -> tuple[str, ...]:
    parts = re.findall(_KEY, keys)
    return tuple(tomllib.loads(f"k = {key}")["k"] if key[0] in "\"'" else key for key in parts)


def _value_end(text: str, position: int) -> int:
    """The end of the value that begins here: the first line feed outside strings and brackets."""
    depth = 0
    while position < len(text):
        match = _VALUE.match(text, position)
        if match is None:
            return len(text)
        lexeme, position = match[0], match.end()
        depth += (lexeme in ("[", "{")) - (lexeme in ("]", "}"))
        if lexeme == "\n" and depth == 0:
            return position
    return position
