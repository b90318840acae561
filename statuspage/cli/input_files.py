"""Reads the files that verbs are given, to a bound."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import click

LARGEST_FILE = 256 * 1024
"""Bytes of a file, where a verb does not say otherwise: as many as the desk's own door takes of a monitor."""


def read_bytes(place: str, largest: int = LARGEST_FILE) -> bytes:
    """What the file holds; standard input for ``-``. Wrong use past ``largest`` bytes."""
    with nullcontext(sys.stdin.buffer) if place == "-" else Path(place).open("rb") as opened:
        found = opened.read(largest + 1)
    if len(found) > largest:
        raise click.BadParameter(f"{place}: > {largest} bytes")
    return found


def read_text(place: str) -> str:
    """The same as text. Wrong use where it is none."""
    try:
        return read_bytes(place).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{place}: {error.reason}") from error
