"""The interface of a remote host, and the order in which readers may see files change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

FENCE_FILE = ".statuspage.json"
"""The file at a host that says how new the site there is."""

GZIP_SUFFIX = ".gz"


class UploadFailed(Exception):
    """The host has not got everything; what could be read there before still can.

    ``code`` is a label's key (``host.reason.KEY``); ``detail`` what the other side said, without any secret.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.detail = " ".join(detail.split())[:300]


@dataclass(frozen=True, slots=True)
class Difference:
    """How the files at a host differ from ours."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def to_upload(self) -> tuple[str, ...]:
        """The files to upload."""
        return (*self.new, *self.changed)


@dataclass(frozen=True, slots=True)
class UploadBatch:
    """Files to upload, by name, names to remove after them, and the fence of this state."""

    files: Mapping[str, Path]
    removed: tuple[str, ...]
    fence: int


class Host(Protocol):
    """A host that follows the folder on this machine.

    ``gzip_copies``: whether it needs the compressed files too. ``renewal_interval``: how long it may do without the
    renewed time of the front alone. ``compare`` and ``upload`` raise UploadFailed.
    """

    gzip_copies: bool
    renewal_interval: timedelta

    def compare(self, files: Mapping[str, Path]) -> Difference:
        """The difference from these files, which are the whole site; nothing is changed."""

    def upload(self, batch: UploadBatch) -> int:
        """Uploads the batch, leaf pages before the fronts, removals last; returns how many files it changed.

        Never replaces something newer.
        """


def upload_waves(names: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """The same names in three parts: pages and pictures; feeds and other files for programs; the fronts.

    An upload in this order leaves no dead link.
    """
    groups: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name in sorted(names):
        groups[_wave(name)].append(name)
    return groups


def is_front_page(name: str) -> bool:
    """Whether this is the front of the site or of a language, which shows the time of its renewal."""
    return _wave(name) == len(upload_waves(())) - 1


def is_ours(name: str, keep: Iterable[str]) -> bool:
    """Whether a file at a host is ours to change: not hidden, and not under ``keep``."""
    top = name.partition("/")[0]
    return not top.startswith(".") and top not in keep


def refuse_foreign_files(removed: Iterable[str], fence: int | None) -> None:
    """Raises UploadFailed if other files exist at a place where no site of ours has ever been."""
    foreign = sorted(removed)
    if fence is None and foreign:
        raise UploadFailed("foreign_files", ", ".join(foreign[:3]))


def refuse_newer(remote_fence: int | None, local_fence: int) -> None:
    """Raises UploadFailed if the host has something newer."""
    if remote_fence is not None and remote_fence > local_fence:
        raise UploadFailed("newer", f"{remote_fence} > {local_fence}")


def fence_content(fence: int) -> bytes:
    """The content of the file that says how new the site there is."""
    return json.dumps({"fence": fence}).encode() + b"\n"


def parse_fence(data: bytes) -> int:
    """The number in that file; 0 if it is damaged."""
    try:
        value = json.loads(data)
    except ValueError:
        return 0
    fence = value.get("fence") if isinstance(value, dict) else None
    return fence if isinstance(fence, int) else 0


def _wave(name: str) -> int:
    original = name.removesuffix(GZIP_SUFFIX)
    if original.endswith("index.html") and original.count("/") < 2:
        return 2
    return 1 if original.rpartition(".")[2] in ("json", "rss", "atom", "ics", "svg", "js") else 0
