"""Fetches the files of a published page from a URL or a folder, with limits on size, depth and time."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

MAX_FILE_BYTES = (
    20_000_000  # bytes of one file; a part of our archive has some 100,000, a vendor's incidents.json up to 1,000,000
)
MAX_TOTAL_BYTES = 2_000_000_000  # bytes of all files together
MAX_DEPTH = 40
_READ_TIMEOUT = 20.0  # seconds without a byte
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)*\.(?:json|atom|rss)")


class FileMissing(Exception):
    """The file does not exist."""


class UnreadablePage(Exception):
    """The page cannot be read: the ``reason`` as the last part of a label key (``cli.restore_page_KEY``), which
    ``file``, and what was found in it."""

    def __init__(self, reason: str, file: str = "", value: str = "") -> None:
        place = f"{file}:" if file else ""
        super().__init__(" ".join(filter(None, (place, reason, value))))
        self.reason, self.file, self.value = reason, file, value


def _root_of(location: str) -> str:
    """Where the page begins, also if ``location`` is its ``api/v2``."""
    return re.sub(r"(?:^|(?<=/))api/v2$", ".", location).removesuffix("/.") or "/"


class Source:
    """A page at ``location``: a URL or a folder, or its ``api/v2``. ``timeout``: the limit in seconds for all files."""

    def __init__(self, location: str, *, timeout: float) -> None:
        self._location = _root_of(location.rstrip("/"))
        self._deadline = time.monotonic() + timeout
        self._bytes_left = MAX_TOTAL_BYTES
        self._session = requests.Session()
        self._session.trust_env = False

    def read_json(self, name: str) -> Any:
        """The value of a JSON file. Raises FileMissing, UnreadablePage."""
        data = self.read_bytes(name)
        try:
            value = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise UnreadablePage("no_json", name) from error
        if _depth(value) > MAX_DEPTH:
            raise UnreadablePage("too_deep", name)
        return value

    def read_bytes(self, name: str) -> bytes:
        """The content of a file. Raises FileMissing, UnreadablePage."""
        if not _FILE_NAME.fullmatch(name):
            raise UnreadablePage("bad_name", repr(name[:80]))
        data = self._download(name) if re.match(r"https?://", self._location) else self._read_file(name)
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            raise UnreadablePage("all_too_large", name)
        return data

    def _read_file(self, name: str) -> bytes:
        root = Path(self._location).resolve()
        path = (root / name).resolve()
        if root not in path.parents:
            raise UnreadablePage("outside", name)
        if not path.is_file():
            raise FileMissing(name)
        with path.open("rb") as file:
            return self._check_size(name, file.read(MAX_FILE_BYTES + 1))

    def _download(self, name: str) -> bytes:
        with self._open_response(name) as response:
            data = bytearray()
            for chunk in response.iter_content(65_536):
                data += chunk
                if time.monotonic() > self._deadline:
                    raise UnreadablePage("too_long", name)
                self._check_size(name, data)
            return bytes(data)

    @contextmanager
    def _open_response(self, name: str) -> Iterator[requests.Response]:
        if time.monotonic() > self._deadline:
            raise UnreadablePage("too_long", name)
        headers = {"User-Agent": "statuspage-restore"}
        try:
            with self._session.get(
                f"{self._location}/{name}", timeout=_READ_TIMEOUT, stream=True, allow_redirects=False, headers=headers
            ) as response:
                if response.status_code in (404, 410):
                    raise FileMissing(name)
                if response.status_code != requests.codes.ok:
                    raise UnreadablePage("answer", name, str(response.status_code))
                yield response
        except requests.RequestException as error:
            raise UnreadablePage("unreachable", name, type(error).__name__) from error

    def _check_size(self, name: str, data: bytes | bytearray) -> bytes:
        if len(data) > MAX_FILE_BYTES:
            raise UnreadablePage("too_large", name)
        return bytes(data) if isinstance(data, bytes) else b""


def _depth(value: object) -> int:
    """How deeply lists and objects are nested; nothing is checked below ``MAX_DEPTH``."""
    deepest, pending = 0, [(value, 1)]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        if depth > MAX_DEPTH:
            break
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        pending += [(child, depth + 1) for child in children if isinstance(child, dict | list)]
    return deepest
