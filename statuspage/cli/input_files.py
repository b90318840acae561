"""Reads files given to commands, up to a maximum size."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import click

LARGEST_FILE = 256 * 1024
"""Maximum bytes of a file, unless a command sets another limit: as many as the desk accepts from a monitor."""


def read_bytes(path: str, largest: int = LARGEST_FILE) -> bytes:
    """The content of the file; standard input for ``-``. A usage error if it exceeds ``largest`` bytes."""
    with nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb") as stream:
        content = stream.read(largest + 1)
    if len(content) > largest:
        raise click.BadParameter(f"{path}: > {largest} bytes")
    return content


def read_text(path: str) -> str:
    """The text of the file. A usage error if it is not text."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{path}: {error.reason}") from error
