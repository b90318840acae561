"""The interface of a remote host, and the order in which files are uploaded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from statuspage.rendering.site import urls

FENCE_FILE = ".statuspage.json"
"""The file at a host that says how new its site is."""

GZIP_SUFFIX = ".gz"


class UploadFailed(Exception):
    """The upload is not complete; everything that was readable at the host before still is.

    ``code`` is a label's key (``host.reason.KEY``); ``detail`` is the other side's message, without secrets.
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
    """Names of files to upload, names to remove after them, and the fence of this state."""

    files: Mapping[str, Path]
    removed: tuple[str, ...]
    fence: int


class Host(Protocol):
    """A host that is synced with the folder on this machine.

    ``gzip_copies``: whether it needs the compressed files too. ``renewal_interval``: how long an update may wait if
    only the front page's time has changed. ``compare`` and ``upload`` raise UploadFailed.
    """

    gzip_copies: bool
    renewal_interval: timedelta

    def compare(self, files: Mapping[str, Path]) -> Difference:
        """The difference from these files, which are the whole site. Changes nothing."""

    def upload(self, batch: UploadBatch) -> int:
        """Uploads the batch: other pages before the front pages, removals last. Returns how many files it changed.

        Never replaces something newer.
        """


def upload_waves(names: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """The names in three groups: pages and images; feeds and other files for programs; the front pages.

    Uploading in this order leaves no dead link.
    """
    groups: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name in sorted(names):
        groups[_wave(name)].append(name)
    return groups


def is_front_page(name: str) -> bool:
    """Whether this is the front page of the site or of a language, which shows when it was last updated."""
    return _wave(name) == len(upload_waves(())) - 1


def is_ours(name: str, keep: Iterable[str]) -> bool:
    """Whether we may change a file at a host: not hidden, except ``security.txt``, and not under ``keep``."""
    top = name.partition("/")[0]
    return (name == urls.SECURITY_TXT or not top.startswith(".")) and top not in keep


def refuse_foreign_files(removed: Iterable[str], fence: int | None) -> None:
    """Raises UploadFailed if there are other files where no site of ours has ever been."""
    foreign = sorted(removed)
    if fence is None and foreign:
        raise UploadFailed("foreign_files", ", ".join(foreign[:3]))


def refuse_newer(remote_fence: int | None, local_fence: int) -> None:
    """Raises UploadFailed if the host has something newer."""
    if remote_fence is not None and remote_fence > local_fence:
        raise UploadFailed("newer", f"{remote_fence} > {local_fence}")


def fence_content(fence: int) -> bytes:
    """The content of the file that says how new the site at the host is."""
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
