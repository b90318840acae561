"""Gets the files of a published page, from an address or from a folder, within limits of size, depth and time."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

LARGEST_FILE = (
    20_000_000  # bytes of one file; a shard of ours has some 100,000, a vendor's incidents.json up to 1,000,000
)
LARGEST_TOTAL = 2_000_000_000  # bytes of all files together
DEEPEST = 40
_EACH = 20.0  # seconds without a byte
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)*\.(?:json|atom|rss)")


class NotThere(Exception):
    """There is no such file."""


class Unfit(Exception):
    """The page cannot be read; the text says which file and why."""


class Source:
    """A page at ``where``: an address, or a folder. ``patience`` are the seconds for all of it."""

    def __init__(self, where: str, *, patience: float) -> None:
        self._where = where.rstrip("/")
        self._until = time.monotonic() + patience
        self._left = LARGEST_TOTAL
        self._session = requests.Session()
        self._session.trust_env = False

    def json(self, name: str) -> Any:
        """What a JSON file holds. Raises NotThere, Unfit."""
        data = self.raw(name)
        try:
            found = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise Unfit(f"{name}: this is no JSON that can be read") from error
        if _depth(found) > DEEPEST:
            raise Unfit(f"{name}: this is nested too deeply")
        return found

    def raw(self, name: str) -> bytes:
        """A whole file. Raises NotThere, Unfit."""
        if not _FILE_NAME.fullmatch(name):
            raise Unfit(f"{name[:80]!r} is no name of a file of such a page")
        fetched = self._fetched(name) if re.match(r"https?://", self._where) else self._read(name)
        self._left -= len(fetched)
        if self._left < 0:
            raise Unfit("all files together are far too large")
        return fetched

    def _read(self, name: str) -> bytes:
        root = Path(self._where).resolve()
        path = (root / name).resolve()
        if root not in path.parents:
            raise Unfit(f"{name} leads out of the folder")
        if not path.is_file():
            raise NotThere(name)
        with path.open("rb") as file:
            return self._small(name, file.read(LARGEST_FILE + 1))

    def _fetched(self, name: str) -> bytes:
        with self._answer(name) as answer:
            data = bytearray()
            for chunk in answer.iter_content(65_536):
                data += chunk
                if time.monotonic() > self._until:
                    raise Unfit(f"{name}: it takes too long")
                self._small(name, data)
            return bytes(data)

    @contextmanager
    def _answer(self, name: str) -> Iterator[requests.Response]:
        if time.monotonic() > self._until:
            raise Unfit(f"{name}: it takes too long")
        about = {"User-Agent": "statuspage-restore"}
        try:
            with self._session.get(
                f"{self._where}/{name}", timeout=_EACH, stream=True, allow_redirects=False, headers=about
            ) as answer:
                if answer.status_code in (404, 410):
                    raise NotThere(name)
                if answer.status_code != requests.codes.ok:
                    raise Unfit(f"{name}: the address answers with {answer.status_code}")
                yield answer
        except requests.RequestException as error:
            raise Unfit(f"{name}: it cannot be fetched ({type(error).__name__})") from error

    def _small(self, name: str, data: bytes | bytearray) -> bytes:
        if len(data) > LARGEST_FILE:
            raise Unfit(f"{name}: it is far too large")
        return bytes(data) if isinstance(data, bytes) else b""


def _depth(value: object) -> int:
    """How deeply lists and objects are nested; what is deeper than ``DEEPEST`` is not looked into."""
    deepest, todo = 0, [(value, 1)]
    while todo:
        one, depth = todo.pop()
        deepest = max(deepest, depth)
        if depth > DEEPEST:
            break
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        todo += [(each, depth + 1) for each in inner if isinstance(each, dict | list)]
    return deepest
