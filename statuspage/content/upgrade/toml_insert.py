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
    windows = "\r\n" in text
    plain, source = text.replace("\r\n", "\n"), source.replace("\r\n", "\n")
    wanted = [one for one in statements(source) if one.path[: len(path)] == path]
    found = plain
    for one in (one for one in wanted if not one.header and one.table[: len(path)] != path):
        found = _key_into(found, source, one)
    if blocks := [one for one in wanted if one.table[: len(path)] == path]:
        found = _tables_into(found, source, blocks)
    _compare(plain, source, found, path)
    return found.replace("\n", "\r\n") if windows else found


def _key_into(text: str, source: str, wanted: Statement) -> str:
    """One key with its value into its table, which may be written in another way here, or not be there yet."""
    there = list(statements(text))
    before = [one.path for one in statements(source) if one.table == wanted.table and one.start < wanted.start]
    inside = [one for one in there if one.table == wanted.table]
    said = source[wanted.start : wanted.end].rstrip("\n") + "\n"
    if not wanted.table and not inside:
        return said + text
    if inside:
        known = [one for one in inside if one.path in before and not one.header]
        place = known[-1] if known else next((one for one in inside if one.header), None)
        return said + text if place is None else _after(text, place.end, said)
    above = [one for one in there if len(one.table) < len(wanted.table) and not one.header]
    dotted = [one for one in above if one.path[: len(wanted.table)] == wanted.table]
    if dotted and dotted[0].table != wanted.table[: len(dotted[0].table)]:
        raise NotPossible
    if dotted:
        ours = ".".join(map(str, wanted.table[len(dotted[-1].table) :]))
        return _after(text, dotted[-1].end, f"{ours}.{said}")
    return _after(text, len(text), f"\n[{'.'.join(map(str, wanted.table))}]\n{said}")


def _tables_into(text: str, source: str, blocks: list[Statement]) -> str:
    """Whole tables, after the one that stands before them in the source and is here too."""
    first, last = blocks[0], blocks[-1]
    said = source[first.start : last.end].rstrip("\n") + "\n"
    known = {one.table for one in statements(text)}
    before = [one.table for one in statements(source) if one.header and one.start < first.start and one.table in known]
    if not before:
        return _after(text, len(text), f"\n{said}")
    return _after(text, max(one.end for one in statements(text) if one.table == before[-1]), f"\n{said}")


def _after(text: str, position: int, said: str) -> str:
    head = text[:position]
    return f"{head}{'' if head.endswith(chr(10)) or not head else chr(10)}{said}{text[position:]}"


def _compare(before: str, source: str, after: str, path: Path) -> None:
    """What was said is said still, and beside it the new key alone."""
    try:
        ours, found, theirs = (tomllib.loads(one) for one in (before, after, source))
    except tomllib.TOMLDecodeError as error:
        raise NotPossible from error
    expected, value = ours, at(theirs, path)
    if at(found, path) != value or _without(found, path) != _without(expected, path):
        raise NotPossible


def at(table: Mapping[str, Any], path: Path) -> Any:
    """What stands under this key; None where nothing does."""
    found: Any = table
    for part in path:
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    return found


def _without(table: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The table without this key, and without tables that have nothing else in them."""
    name, *rest = path
    inner = table.get(str(name))
    left = {key: value for key, value in table.items() if key != name}
    if rest and isinstance(inner, dict) and (kept := _without(inner, tuple(rest))):
        left[str(name)] = kept
    return left
